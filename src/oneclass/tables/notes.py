"""What is said under tables of both papers."""

from collections.abc import Sequence

import pandas as pd

from oneclass.evaluate import MEAN
from oneclass.labels import label
from oneclass.tables.tidy import fewer_classes, ordered

LEGEND = (
    "(here): measured by this run, mean ± standard deviation over repetitions (a single one has none); (published): as "
    "the paper prints it; –: no number. 95 % bootstrap intervals are in the CSV."
)
AVERAGE = "Average image AUROC (%) over the classes"

OUTLIERS = (
    "The paper's outliers are 80 Million Tiny Images (CIFAR10) or ImageNet-22k without the classes of ImageNet-1k "
    "(ImageNet-30, MVTec AD); differences between outliers and between set-ups are part of every difference here."
)
SET_UP = (
    "Networks here are trained as listed below, and averages (here) are over the classes that were run. Data sets that "
    "the paper does not have use a smaller set-up than its own: compare the order of the methods there, not their "
    "values."
)
CITED = (
    "*: taken by the paper from the literature, with set-ups of their own, so that none has a difference; (OE): with "
    "outliers, of a method that the paper also lists without."
)
DEVIATIONS = (
    "± (published): over the paper's seeds. With its averages the paper prints the spread over the classes instead, "
    "which is left out; ± of an average (here) is over repetitions, too."
)
LAST = "Every network is scored after its last epoch; no epoch is chosen on test images."

MINIATURE = "mini_"  # begins the name of a method or model that was trained here on captioned digits
SMALL_CLIP = (
    "Miniature CLIP is a small CLIP that was trained here on captioned digits of the same classes: its training images "
    "have captions of all ten digits, those that are anomalous at test included. Its numbers are not comparable with "
    "those of the real CLIP, and none of the paper's is beside them. Miniature BCE-CL: the same, fine-tuned with "
    "outliers."
)
TIES = (
    "float16: scored by the probability itself in float16, as the paper's authors do, where many images may tie. "
    "Columns of CLIP (here) without the word are scored by differences of logits in float32, which do not saturate."
)
CONTROL = (
    "shuffled captions: the control, trained as the miniature is but with the captions of other images. Near 50, as "
    "an average over many classes, it shows that the text does the work."
)


def legend_of_classes(deviations_in: str) -> list[str]:
    """The legend of a table of classes; ``deviations_in`` is the table that has the deviations, if it has none."""
    if not deviations_in:
        return [LEGEND, DEVIATIONS]
    return [
        f"(here): measured by this run, mean over repetitions (their standard deviations: Table {deviations_in}); "
        "(published): as the paper prints it; –: no number. 95 % bootstrap intervals are "
        "in the CSV.",
        CITED,
    ]


def of_fewer_classes(tidy: pd.DataFrame) -> list[str]:
    """What is said of the averages in a table that are over fewer classes than the paper's beside them."""
    tidy = ordered(tidy)
    beside = tidy[(tidy["class"] == MEAN) & tidy["mean"].notna() & tidy["published"].notna()]
    unlike = set(beside["dataset"]) - set(beside.loc[beside["difference"].notna(), "dataset"])
    return [
        f"{label('dataset', name)}: averages (here) are over {count} of the paper's {whole} classes, and have no "
        "difference."
        for name, (count, whole) in fewer_classes(tidy).items()
        if name in unlike
    ]


def of_clip(tidy: pd.DataFrame) -> list[str]:
    """What is said of the CLIP methods that were measured in a table."""
    methods = tidy.loc[tidy["mean"].notna(), "method"].astype(str)
    found = {SMALL_CLIP: MINIATURE, TIES: "_float16", CONTROL: "_shuffled"}
    return [note for note, part in found.items() if methods.str.contains(part).any()]


def closing(tidy: pd.DataFrame, setup: Sequence[str], network: str, pretrained: str) -> list[str]:
    """What is said under every table of paper 2; if it has rows of ``network``, also ``pretrained`` with their
    ``{backbones}``."""
    rows = tidy[tidy["network"] == network]
    backbones = dict.fromkeys(rows["backbone"].dropna()) if "backbone" in rows else {}
    names = ", ".join(label("backbone", name) for name in backbones)
    about = [pretrained.format(backbones=names)] if names else []
    return [OUTLIERS, SET_UP, *of_clip(tidy), *about, *setup, LAST]
