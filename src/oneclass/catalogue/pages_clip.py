"""The tables and figures of paper 2 (exposure) on pretrained networks: CLIP and transfer learning."""

from oneclass.catalogue.page import Page
from oneclass.catalogue.shown_exposure import ONE_VS_REST, pretrained

SECTION = "11 Outlier exposure: transfer learning and CLIP"
MINIATURE = (
    "*Miniature CLIP* is a small CLIP trained here on captioned digits, all ten of them; its numbers are not comparable "
    "with those of the real CLIP."
)
READS, SETUP = pretrained()
READS_SMALL, SETUP_SMALL = pretrained(ONE_VS_REST, thumbnails=True)
READS_LARGE, SETUP_LARGE = pretrained(ONE_VS_REST, thumbnails=False)

CLIP_PAGES = (
    Page(
        "exposure_table2",
        "Transfer learning and CLIP",
        SECTION,
        "tables.transfer:methods",
        f"""The paper reports, one-vs-rest, averages of 98.5 (CIFAR10) and 99.88 (ImageNet-30) for CLIP without any
        training, and 99.6 and 99.90 for CLIP fine-tuned with outliers (BCE-CL); from the literature it takes 92.5 for
        DN2, 96.2 and 98.9 for PANDA without and with outliers, and 99.1 for ADIP on CIFAR10. Here are all data sets, of
        any task, on which CLIP was run or an ImageNet backbone was fine-tuned. {MINIATURE}""",
        READS,
        SETUP,
    ),
    Page(
        "exposure_table10",
        "Transfer learning and CLIP by class, 32-pixel images",
        SECTION,
        "tables.transfer:classes",
        f"""One class of 32-pixel images is normal, all others are anomalous, and the network comes with pretrained
        weights. On CIFAR10 the paper reports 97.0 (cat) to 99.7 (ship) for CLIP without training, and 98.8 to 99.9 for
        BCE-CL. Here are the means of every such data set that was run, next to all columns of the paper. {MINIATURE}
        Table 11 has the standard deviations of the same runs.""",
        READS_SMALL,
        lambda plan: SETUP_SMALL(plan) | {"deviations_in": "11"},
    ),
    Page(
        "exposure_table11",
        "Transfer learning and CLIP by class, 32-pixel images, with standard deviations",
        SECTION,
        "tables.transfer:classes",
        f"""The runs of Table 10 with standard deviations over repetitions. The paper's are 0.00 for CLIP, in which
        nothing is random, and 0.01 to 0.04 for BCE-CL over ten seeds on CIFAR10; what it prints for the averages is the
        spread over classes and is left out. {MINIATURE} It has a deviation, as each repetition trains another.""",
        READS_SMALL,
        SETUP_SMALL,
    ),
    Page(
        "exposure_table12",
        "Transfer learning and CLIP by class, larger images",
        SECTION,
        "tables.transfer:classes",
        f"""One class of larger images is normal, all others are anomalous, and the network comes with pretrained
        weights. On ImageNet-30 the paper reports averages of 99.88 for CLIP without training and 99.90 for BCE-CL, and
        for CLIP 100.00 in many classes: little is left to improve. Methods that start from ImageNet weights have seen
        these classes, so the paper leaves them out. {MINIATURE}""",
        READS_LARGE,
        SETUP_LARGE,
    ),
    Page(
        "exposure_clip_prompts",
        "Prompts for CLIP",
        SECTION,
        "figures.prompts:draw",
        f"""Which prompt should CLIP be given? This figure is not in the paper: image AUROC of zero-shot CLIP by class, a
        colour for each template of the normal classes' prompts, in which {{label}} is replaced by the name of a class.
        The other prompt, of everything anomalous, stays the same. To the right of the line is the average over classes.
        Vertical strokes are one standard deviation over repetitions, cut off at 100 %, where there are several.
        {MINIATURE} Which prompts suit it depends on the captions it was trained with. Note the scale of the vertical
        axes.""",
        lambda plan: {"summary": plan.clip.files("prompts", plan.clip.section.datasets)} if plan.clip else None,
    ),
)
