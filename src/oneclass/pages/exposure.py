"""The tables and figures of paper 2 (exposure) on networks that are shown outliers."""

from oneclass.pages.page import Files, Page, Section
from oneclass.pages.shown_exposure import DEFECT, LEAVE_ONE_OUT, ONE_VS_REST, Curves, Frequencies, Sweep

METHODS = Section(
    "2.1",
    "Every method, with outliers",
    "Networks learn from normal images and from outliers: pictures of something else, which are not the anomalies of "
    "the test. Are one-class methods (HSC, Deep SAD) better than plain classifiers (BCE, Focal)?",
)
FEW = Section(
    "2.2",
    "Few outliers",
    "How many outliers does it take, of how many kinds, and which method needs fewer?",
)
FREQUENCIES = Section(
    "2.3",
    "Frequencies",
    "Fine details (high frequencies) or coarse shapes (low ones) are removed from all images. What do networks learn "
    "from what is left?",
)
BAND = "Bands are one standard deviation over repetitions, cut off at 100 %."
BREAKS = (
    'The axis is logarithmic; runs without outliers ("0") and with the whole pool ("all"), where there are any, are '
    "past breaks of the axis, and dotted lines lead to them."
)
MINIATURE = (
    "*Miniature CLIP*, where it appears, is a small CLIP trained here on captioned digits of the same classes; its "
    "numbers are not comparable with those of the real CLIP."
)
LINES = (
    "Each row is a method and each line a number of outliers; magnitude 0 means unfiltered. Values are image AUROC, "
    "averaged over classes. Under each tick is a normal test image as the network sees it, stretched over the full "
    "range unless it is unfiltered. Ticks are spaced evenly; standard deviations over repetitions are in the CSV."
)
LOW = (
    "Low-pass magnitude m sets the first and last m rows and columns of the spectrum, whose lowest frequency is in the "
    "middle, to zero."
)
HIGH = (
    "High-pass magnitude m clears a square in the middle of the spectrum: 2m × 2m as in the authors' code (the default "
    "here), or m × m as the paper writes it (a setting)."
)

TOY = Files(
    "exposure or clip",
    lambda plan: {} if plan.exposure or plan.clip else None,
    lambda plan: {"seed": plan.config.seed},
)
AVERAGES = Sweep("benchmark", ONE_VS_REST, baselines=True)
SMALL = Sweep("benchmark", ONE_VS_REST, small=True, baselines=True, told={"task": "one_vs_rest"})
MEANS = Sweep("benchmark", ONE_VS_REST, small=True, baselines=True, told={**SMALL.told, "deviations_in": "8"})
LARGE = Sweep("benchmark", ONE_VS_REST, small=False, baselines=True, told={"task": "one_vs_rest"})
LEFT_OUT_SMALL = Sweep("benchmark", LEAVE_ONE_OUT, small=True, clip=True, told={"task": "leave_one_out"})
LEFT_OUT_LARGE = Sweep("benchmark", LEAVE_ONE_OUT, small=False, clip=True, told={"task": "leave_one_out"})
DEFECTS = Sweep("benchmark", DEFECT, clip=True, told={"task": "defect"})
COUNTS, KINDS = {"number": "outlier_count"}, {"number": "outlier_class_count"}
HALVES = [Curves("counts", ONE_VS_REST, small=False, told=COUNTS | {"half": half}) for half in ("first", "second")]

EXPOSURE_PAGES = (
    Page("exposure_fig1", METHODS, "figures.toy:draw", TOY).about(
        """Supervised and unsupervised in two dimensions
        The paper draws two toy data sets; here they are computed. In both rows the normal points (blue circles), a
        layer of random rectified units that is not trained, and the test points are the same; only the training
        outliers (orange triangles) differ. BCE fits a hyperplane and HSC a sphere in the space of those units; shaded
        is what each takes for normal, at probability 1/2. AUROC is of new normal points against anomalies spread evenly
        over the square: (a) and (d) give that of a score that knows the true density, the most that can be expected.
        Nothing follows from this shallow setting for networks whose layers are all trained."""
    ),
    Page("exposure_table1", METHODS, "tables.exposure:methods", AVERAGES).about(
        """Outlier exposure, one-vs-rest
        The paper finds that with outliers a plain classifier is as good as any method for anomaly detection. Only a
        network trained from scratch on the paper's own data has a difference to the paper's number; a head on frozen
        features is another method. *Asterisks* mark what the paper takes from the literature."""
    ),
    Page("exposure_table6", METHODS, "tables.exposure:radial_functions", Sweep("radial", ONE_VS_REST)).about(
        """Radial functions h(z) of hypersphere classification (HSC)
        HSC sends normal images to the origin and scores by a radial function h(z). All are trained from the same first
        weights and images. Read along a row for the function and down for the augmentation, which in the paper helps
        each of them."""
    ),
    Page("exposure_fig13", METHODS, "figures.outliers:averages", Curves("gamma", told={"number": "gamma"})).about(
        f"""Focal loss
        Focal loss weighs each image by (1 − p)^γ, p being the probability of its true label; at γ = 0 it is binary
        cross-entropy. The paper finds that γ hardly matters. {BAND} Note the scale of the vertical axes."""
    ),
    Page("exposure_table7", METHODS, "tables.exposure:classes", MEANS).about(
        """One-vs-rest by class, 32-pixel images
        One class of 32-pixel images is normal, all others are anomalous. The table has the means of every data set that
        was run, next to all columns of the paper. Table 8 has the standard deviations of the same runs."""
    ),
    Page("exposure_table8", METHODS, "tables.exposure:classes", SMALL).about(
        """One-vs-rest by class, 32-pixel images, with standard deviations
        The runs of Table 7. The paper's deviations over ten seeds on CIFAR10 are 0.06 to 0.54 for single classes; most
        of its differences between HSC, Focal and BCE are of that size."""
    ),
    Page("exposure_table9", METHODS, "tables.exposure:classes", LARGE).about(
        """One-vs-rest by class, larger images
        One class of larger images is normal, all others are anomalous. Heads on frozen features have rows of their own,
        without published values."""
    ),
    Page("exposure_table13", METHODS, "tables.exposure:classes", LEFT_OUT_LARGE).about(
        f"""Leave-one-class-out by class, larger images
        One class of larger images is anomalous, all others are normal: a harder task, as the normal images are many
        things. {MINIATURE}"""
    ),
    Page("exposure_table14", METHODS, "tables.exposure:classes", LEFT_OUT_SMALL).about(
        f"""Leave-one-class-out by class, 32-pixel images
        One class of 32-pixel images is anomalous, all others are normal. On CIFAR10 the paper is about ten points below
        one-vs-rest with the same outliers (Table 8). {MINIATURE}"""
    ),
    Page("exposure_table15", METHODS, "tables.exposure:classes", DEFECTS).about(
        f"""Defects by category
        Defects are subtle, and random pictures say little about them: the paper's averages are from 64 to 70, where
        methods made for defects reach 99, and over its two seeds the standard deviation reaches 26 points in one
        category. Table S4 of the other paper shows what frozen features do without outliers. {MINIATURE}"""
    ),
    Page("exposure_fig2", FEW, "figures.crossing:draw", Curves("counts", ONE_VS_REST, told=COUNTS)).about(
        f"""Number of outliers, one-vs-rest
        The paper finds HSC ahead of BCE while outliers are few, and BCE level or ahead from about 8 outliers on CIFAR10
        and about 32 on ImageNet-30, where about 256 put BCE above the best method without outliers. Image AUROC,
        averaged over classes: a panel for each data set, pool of outliers and network. The crossing under each is the
        smallest number that was run from which on BCE's average is at least HSC's, whatever their spread; "none" if it
        is below at the largest, and by how many points. {BREAKS} {BAND} Panels have vertical axes of their own."""
    ),
    Page("exposure_fig3", FEW, "figures.outliers:averages", Curves("counts", LEAVE_ONE_OUT, told=COUNTS)).about(
        f"""Number of outliers, one class left out
        Every class but one is normal. The paper finds that it takes more outliers than with a single normal class
        (Figure 2), and that the methods end up alike. {BREAKS} {BAND}"""
    ),
    Page("exposure_fig4", FEW, "figures.outliers:averages", Curves("counts", DEFECT, told=COUNTS)).about(
        f"""Number of outliers, defects
        The paper finds on MVTec AD that the number of outliers hardly matters, since photographs tell nothing of
        defects. {BREAKS} {BAND} A few categories are examples and do not prove a rule."""
    ),
    Page("exposure_fig14", FEW, "figures.outliers:classes", HALVES[0]).about(
        f"""Figure 2 by class, larger images, first half
        Figure 2 for single classes and networks that take larger images. The paper shows the first 15 classes of
        ImageNet-30; here it is the first half of the classes of each data set, whose panels share their axes. {BREAKS}
        {BAND}"""
    ),
    Page("exposure_fig15", FEW, "figures.outliers:classes", HALVES[1]).about(
        f"""Figure 2 by class, larger images, second half
        The other half of the classes of Figure 14; a data set with a single class has none. {BREAKS} {BAND}"""
    ),
    Page("exposure_fig16", FEW, "figures.outliers:classes", Curves("counts", ONE_VS_REST, True, told=COUNTS)).about(
        f"""Figure 2 by class, 32-pixel images
        Figure 2 for single classes and networks that take 32-pixel images; the paper shows the ten classes of CIFAR10.
        {BREAKS} {BAND} An average over classes can hide that the methods cross early in one class and never in
        another."""
    ),
    Page("exposure_fig6", FEW, "figures.outliers:averages", Curves("diversity", told=KINDS)).about(
        f"""Number of outlier classes
        The paper draws k classes of CIFAR100 as outliers for CIFAR10, anew for each seed, and finds that AUROC rises
        with k but is good from the first class on. The axis is logarithmic, and "all" is the whole pool. More classes
        also bring more outliers, which the figure does not tell apart. {BAND}"""
    ),
    Page("exposure_fig17", FEW, "figures.outliers:classes", Curves("diversity", told=KINDS)).about(
        f"""Figure 6 by class
        There is a panel for each normal class; those of a data set share their axes, and the horizontal axis is
        logarithmic. {BAND} Which classes the outliers come from is drawn for each repetition."""
    ),
    Page("exposure_fig8", FREQUENCIES, "figures.frequencies:draw", Frequencies("lpf", small=True)).about(
        f"""Low-pass filters, 32-pixel images
        The paper removes high frequencies from all images, in training and test. {LOW} {LINES}"""
    ),
    Page("exposure_fig9", FREQUENCIES, "figures.frequencies:draw", Frequencies("hpf", small=True)).about(
        f"""High-pass filters, 32-pixel images
        The paper removes low frequencies from all images, in training and test. {HIGH} {LINES}"""
    ),
    Page("exposure_fig10", FREQUENCIES, "figures.frequencies:draw", Frequencies("lpf", small=False)).about(
        f"""Low-pass filters, larger images
        Figure 8 for networks that take larger images and for small heads on frozen features, whose backbone sees
        filtered images too. On larger images the same magnitude is a smaller share of the spectrum. {LINES}"""
    ),
    Page("exposure_fig11", FREQUENCIES, "figures.frequencies:draw", Frequencies("hpf", small=False)).about(
        f"""High-pass filters, larger images
        Figure 9 for networks that take larger images and for small heads on frozen features, whose backbone sees
        filtered images too. {LINES}"""
    ),
)
