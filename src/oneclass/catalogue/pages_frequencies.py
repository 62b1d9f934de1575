"""The figures of paper 2 (exposure) on filtered images."""

from oneclass.catalogue.page import Page
from oneclass.catalogue.shown_exposure import Frequencies

SECTION = "10 Outlier exposure: frequencies"
TICKS = "Ticks are spaced evenly; standard deviations over repetitions are in the CSV."
OTHERS = (
    "for the networks that take larger images: those trained on them, and small heads on frozen features, whose "
    "backbone sees filtered images too"
)
HIGH_PASS = (
    "High-pass magnitude m clears a square in the middle of the spectrum: 2m × 2m in the authors' code, the default "
    "here, m × m as the paper writes it, which is a setting."
)

LOW_SMALL, HIGH_SMALL = Frequencies("lpf", small=True), Frequencies("hpf", small=True)
LOW_LARGE, HIGH_LARGE = Frequencies("lpf", small=False), Frequencies("hpf", small=False)

FREQUENCY_PAGES = (
    Page(
        "exposure_fig8",
        "Low-pass filters, 32-pixel images",
        SECTION,
        "figures.frequencies:draw",
        f"""The paper removes high frequencies from all images, normal and anomalous, in training and test: magnitude m
        sets the first and last m rows and columns of the centred spectrum to zero. Each row is a method, each line a
        number of outliers, magnitude 0 the unfiltered images; values are image AUROC, averaged over classes. Under each
        tick is a normal test image as the 32-pixel network sees it, before channels are normalised: filtered images are
        stretched over the full range, as in the authors' code, the unfiltered one is not. {TICKS}""",
        LOW_SMALL.reads,
        LOW_SMALL.settings,
    ),
    Page(
        "exposure_fig9",
        "High-pass filters, 32-pixel images",
        SECTION,
        "figures.frequencies:draw",
        f"""The paper removes low frequencies from all images, normal and anomalous, in training and test. {HIGH_PASS}
        Each row is a method, each line a number of outliers, magnitude 0 the unfiltered images; values are image AUROC,
        averaged over classes. Under each tick is a normal test image as the 32-pixel network sees it, stretched over
        the full range unless it is unfiltered. {TICKS}""",
        HIGH_SMALL.reads,
        HIGH_SMALL.settings,
    ),
    Page(
        "exposure_fig10",
        "Low-pass filters, larger images",
        SECTION,
        "figures.frequencies:draw",
        f"""Figure 8 {OTHERS}. Low-pass magnitude m sets the first and last m rows and columns of the centred spectrum
        to zero. Under each tick is a normal test image as the network sees it, reduced to the size of print; on larger
        images the same magnitude is a smaller share of the spectrum. {TICKS}""",
        LOW_LARGE.reads,
        LOW_LARGE.settings,
    ),
    Page(
        "exposure_fig11",
        "High-pass filters, larger images",
        SECTION,
        "figures.frequencies:draw",
        f"""Figure 9 {OTHERS}. {HIGH_PASS} Under each tick is a normal test image as the network sees it, reduced to the
        size of print, where the finest patterns blur. {TICKS}""",
        HIGH_LARGE.reads,
        HIGH_LARGE.settings,
    ),
)
