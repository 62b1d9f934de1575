"""The tables and figures of paper 2 (exposure) on networks that are shown outliers."""

from oneclass.catalogue.page import Page
from oneclass.catalogue.shown_exposure import DEFECT, LEAVE_ONE_OUT, ONE_VS_REST, Sweep

METHODS = "8 Outlier exposure: every method"
FEW = "9 Outlier exposure: few outliers"
BAND = "Bands are one standard deviation over repetitions, cut off at 100 %."
BREAKS = (
    'The axis is logarithmic; runs without outliers ("0") and with the whole pool ("all") are past its breaks, and '
    "dotted lines lead to them."
)
SHARED = "Panels of a data set share their axes."
MINIATURE = (
    "*Miniature CLIP*, where it appears, is a small CLIP trained here on captioned digits of the same classes; its "
    "numbers are not comparable with those of the real CLIP."
)

EVERY, RADIAL = Sweep("benchmark", ONE_VS_REST), Sweep("radial", ONE_VS_REST)
SMALL, LARGE = Sweep("benchmark", ONE_VS_REST, small=True), Sweep("benchmark", ONE_VS_REST, small=False)
LEFT_OUT_SMALL = Sweep("benchmark", LEAVE_ONE_OUT, small=True, clip=True)
LEFT_OUT_LARGE = Sweep("benchmark", LEAVE_ONE_OUT, small=False, clip=True)
DEFECTS = Sweep("benchmark", DEFECT, clip=True)

EXPOSURE_PAGES = (
    Page(
        "exposure_fig1",
        "Supervised and unsupervised in two dimensions",
        METHODS,
        "figures.toy:draw",
        """The paper draws two toy data sets: where outliers are everywhere (ideal), a supervised method generalises
        well; where they are on one side (skewed) it does not, and an unsupervised method that uses the same outliers
        does. Here the figure is computed. In both rows the normal points (blue circles), a layer of random rectified
        units that is not trained, and the test points are the same; only the training outliers (orange triangles)
        differ. BCE fits a hyperplane and HSC a sphere in the space of those units; shaded is what each takes for
        normal, at probability 1/2. AUROC is of new normal points against anomalies spread evenly over the square, some
        of which fall among the normal points: (a) and (d) give the AUROC of a score that knows the true density, the
        most that can be expected. In this shallow setting the sphere is compact by construction; nothing follows from
        it for networks whose layers are all trained.""",
        lambda plan: {} if plan.exposure or plan.clip else None,
        lambda plan: {"seed": plan.config.seed},
    ),
    Page(
        "exposure_table1",
        "Outlier exposure, one-vs-rest",
        METHODS,
        "tables.exposure:methods",
        """The paper reports, one-vs-rest on CIFAR10 and ImageNet-30, 94.5 and 96.7 for Deep SAD, 95.9 and 97.3 for HSC,
        95.8 and 97.5 for Focal, and 96.1 and 97.7 for BCE: with outliers, a plain classifier is as good as any method
        for anomaly detection. Here the same losses, and Deep SVDD without outliers, are trained with the configured
        data sets, networks and outliers. Rows of a network trained from scratch on the paper's data have a difference;
        a head on frozen features is another method and has none. *Asterisks* mark what the paper takes from the
        literature.""",
        EVERY.reads,
        EVERY.setup,
    ),
    Page(
        "exposure_table6",
        "Radial functions h(z) of hypersphere classification (HSC)",
        METHODS,
        "tables.exposure:radial_functions",
        """HSC sends normal images to the origin and scores by a radial function h(z). On CIFAR10 the paper finds 90.6
        (‖z‖₁), 92.3 (‖z‖₂), 89.1 (squared) and 91.8 (pseudo-Huber) without augmentation, and 92.5, 94.1, 94.5 and 96.1
        with it: augmentation helps each of them, and with it pseudo-Huber is best. Here all four are trained from the
        same first weights and images. Read along a row for the function and down for the augmentation.""",
        RADIAL.reads,
        RADIAL.setup,
    ),
    Page(
        "exposure_fig13",
        "Focal loss",
        METHODS,
        "figures.outliers:averages",
        f"""Focal loss weighs each image by (1 − p)^γ, p being the probability of its true label; at γ = 0 it is binary
        cross-entropy. The paper finds that γ hardly matters on CIFAR-10 and ImageNet-30. Here is image AUROC against γ
        on the run's own data, averaged over classes. {BAND} Note the scale of the vertical axes.""",
        Sweep("gamma").reads,
        lambda plan: {"number": "gamma"},
    ),
    Page(
        "exposure_table7",
        "One-vs-rest by class, 32-pixel images",
        METHODS,
        "tables.exposure:classes",
        """One class of 32-pixel images is normal, all others are anomalous. With outliers the paper reports 87.4 (Deep
        SAD, cat) to 98.8 (BCE, automobile) on CIFAR10, and for every class its methods are within about three points of
        each other. Here are the means of every data set that was run on a network for 32-pixel images, next to all
        columns of the paper. Table 8 has the standard deviations of the same runs.""",
        SMALL.reads,
        SMALL.settings(task="one_vs_rest", deviations_in="8"),
    ),
    Page(
        "exposure_table8",
        "One-vs-rest by class, 32-pixel images, with standard deviations",
        METHODS,
        "tables.exposure:classes",
        """The runs of Table 7 with standard deviations over repetitions. The paper's, over ten seeds on CIFAR10, are
        0.06 to 0.54 for single classes; most of its differences between HSC, Focal and BCE are of that size. What it
        prints for the averages is the spread over classes (2.7 to 3.3) and is left out.""",
        SMALL.reads,
        SMALL.settings(task="one_vs_rest"),
    ),
    Page(
        "exposure_table9",
        "One-vs-rest by class, larger images",
        METHODS,
        "tables.exposure:classes",
        """One class of larger images is normal, all others are anomalous. The paper reports averages of 96.7 (Deep
        SAD), 97.3 (HSC), 97.5 (Focal) and 97.7 (BCE) on ImageNet-30. Its Deep SAD and Focal find the same classes hard
        (volcano, rotary dial telephone), and so do its HSC and BCE (dumbbell, toaster), but not the same as the other
        two: one pair is probably printed in another order of classes. Heads on frozen features have rows of their own,
        without published values.""",
        LARGE.reads,
        LARGE.settings(task="one_vs_rest"),
    ),
    Page(
        "exposure_table13",
        "Leave-one-class-out by class, larger images",
        METHODS,
        "tables.exposure:classes",
        f"""One class of larger images is anomalous, all others are normal: a harder task, as the normal images are many
        things. The paper reports averages of 49.7 (Deep SVDD), 85.0 (HSC) and 86.0 (BCE) on ImageNet-30, and 97.8 for
        CLIP without any training. Here are all data sets of this task that were run with a network for larger images or
        a head on frozen features. {MINIATURE}""",
        LEFT_OUT_LARGE.reads,
        LEFT_OUT_LARGE.settings(task="leave_one_out"),
    ),
    Page(
        "exposure_table14",
        "Leave-one-class-out by class, 32-pixel images",
        METHODS,
        "tables.exposure:classes",
        f"""One class of 32-pixel images is anomalous, all others are normal. The paper reports averages of 52.2 (Deep
        SVDD), 84.2 (Deep SAD), 84.8 (HSC), 86.4 (Focal) and 86.6 (BCE) on CIFAR10, about ten points below one-vs-rest
        with the same outliers (Table 8), and 92.2 for CLIP without training. Here are all data sets of this task that
        were run on a network for 32-pixel images. {MINIATURE}""",
        LEFT_OUT_SMALL.reads,
        LEFT_OUT_SMALL.settings(task="leave_one_out"),
    ),
    Page(
        "exposure_table15",
        "Defects by category",
        METHODS,
        "tables.exposure:classes",
        f"""Defects are subtle, and random pictures say little about them: with all of ImageNet-22k as outliers the
        paper reports averages of 64.0 (Deep SVDD), 66.1 (Deep SAD), 70.1 (HSC), 65.4 (Focal) and 66.1 (BCE) on MVTec
        AD, where methods made for defects reach 99. Over its two seeds the standard deviation reaches 26 points in one
        category. Here are all defect data that were run with outliers, of any network; Table S4 of the other paper
        shows what frozen features do without outliers. {MINIATURE}""",
        DEFECTS.reads,
        DEFECTS.settings(task="defect"),
    ),
    Page(
        "exposure_fig2",
        "Number of outliers, one-vs-rest",
        FEW,
        "figures.outliers:averages",
        f"""The paper finds HSC ahead of BCE while outliers are few, BCE level or ahead from about 8 outliers on CIFAR-10
        and about 32 on ImageNet-30. Here is image AUROC against the number of outliers in one-vs-rest tasks, averaged
        over classes: a panel for each data set, pool of outliers and network. {BREAKS} {BAND} Panels have vertical axes
        of their own.""",
        Sweep("counts", ONE_VS_REST).reads,
        lambda plan: {"number": "outlier_count"},
    ),
    Page(
        "exposure_fig3",
        "Number of outliers, one class left out",
        FEW,
        "figures.outliers:averages",
        f"""Every class but one is normal. The paper finds that it takes more outliers than with a single normal class
        (Figure 2), and that the methods end up alike. Here is image AUROC against the number of outliers, averaged over
        the classes left out. {BREAKS} {BAND}""",
        Sweep("counts", LEAVE_ONE_OUT).reads,
        lambda plan: {"number": "outlier_count"},
    ),
    Page(
        "exposure_fig4",
        "Number of outliers, defects",
        FEW,
        "figures.outliers:averages",
        f"""The paper finds on MVTec AD that the number of outliers hardly matters, since photographs tell nothing of
        defects, and that HSC is then a little stronger (about 70 to 66 with all of them). Here is image AUROC against
        the number of outliers on the run's own defect data, averaged over categories. {BREAKS} {BAND} With few
        categories this shows cases, not a law.""",
        Sweep("counts", DEFECT).reads,
        lambda plan: {"number": "outlier_count"},
    ),
    Page(
        "exposure_fig14",
        "Figure 2 by class, larger images, first half",
        FEW,
        "figures.outliers:classes",
        f"""Figure 2 class by class, for the networks that take larger images: in the paper the first 15 classes of
        ImageNet-30, here the first half of the classes of each data set. {SHARED} {BREAKS} {BAND}""",
        Sweep("counts", ONE_VS_REST, small=False).reads,
        lambda plan: {"number": "outlier_count", "half": "first"},
    ),
    Page(
        "exposure_fig15",
        "Figure 2 by class, larger images, second half",
        FEW,
        "figures.outliers:classes",
        f"""The rest of Figure 14: the second half of the classes of each data set, in the paper the last 15 of
        ImageNet-30. A data set with a single class has none. {SHARED} {BREAKS} {BAND}""",
        Sweep("counts", ONE_VS_REST, small=False).reads,
        lambda plan: {"number": "outlier_count", "half": "second"},
    ),
    Page(
        "exposure_fig16",
        "Figure 2 by class, 32-pixel images",
        FEW,
        "figures.outliers:classes",
        f"""Figure 2 class by class, for the network that takes 32-pixel images: in the paper the ten classes of
        CIFAR-10. {SHARED} {BREAKS} {BAND} An average over classes can hide that the methods cross early in one class
        and never in another.""",
        Sweep("counts", ONE_VS_REST, small=True).reads,
        lambda plan: {"number": "outlier_count"},
    ),
    Page(
        "exposure_fig6",
        "Number of outlier classes",
        FEW,
        "figures.outliers:averages",
        f"""The paper draws k classes of CIFAR-100 as outliers for CIFAR-10, anew for each seed, and finds that AUROC
        rises with k but is good from the first class on. Here is image AUROC against the number of classes that the
        outliers come from, averaged over normal classes; the axis is logarithmic, its ticks are the run's own numbers,
        and "all" is the whole pool. More classes also bring more outliers, which the figure does not tell apart.
        {BAND}""",
        Sweep("diversity").reads,
        lambda plan: {"number": "outlier_class_count"},
    ),
    Page(
        "exposure_fig17",
        "Figure 6 by class",
        FEW,
        "figures.outliers:classes",
        f"""Figure 6 class by class: image AUROC against the number of classes that the outliers come from, a panel for
        each normal class. {SHARED} The horizontal one is logarithmic. {BAND} Which classes the outliers come from is
        drawn for each repetition.""",
        Sweep("diversity").reads,
        lambda plan: {"number": "outlier_class_count"},
    ),
)
