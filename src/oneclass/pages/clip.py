"""The tables and figures of paper 2 (exposure) on pretrained networks: CLIP and transfer learning."""

from oneclass.pages.page import Files, Page, Section
from oneclass.pages.shown_exposure import ONE_VS_REST, Pretrained

SECTION = Section(
    "2.4",
    "Transfer learning and CLIP",
    "Networks that were trained before on many other pictures need no outliers: CLIP is asked in words, and ImageNet "
    "networks are fine-tuned on normal images. How good are they?",
)
MINIATURE = (
    "*Miniature CLIP*, where it appears, is a small CLIP trained here on captioned digits, all ten of them; its "
    "numbers do not compare with those of the real CLIP. *Shuffled captions* is its control: the same training with "
    "the captions of other images, so that nothing can be learnt from words: over many classes its average is near "
    "50; single classes, and averages of a few, stray from it by chance."
)
LENGTHS = (
    "MS measures the cosine, kNN and PANDA Euclidean distance. *kNN, cosine* takes MS's distance before any training: "
    "where it is far above kNN, features differ in length for reasons other than anomaly, and most of what MS gains is "
    "the distance's and not the training's."
)
SMALL, LARGE = Pretrained(ONE_VS_REST, thumbnails=True), Pretrained(ONE_VS_REST, thumbnails=False)
MEANS = Pretrained(ONE_VS_REST, thumbnails=True, told={"deviations_in": "11"})
PROMPTS = Files(
    "clip",
    lambda plan: {"summary": plan.clip.metrics_of("prompts", plan.clip.section.datasets)} if plan.clip else None,
)

CLIP_PAGES = (
    Page("exposure_table2", SECTION, "tables.transfer:methods", Pretrained()).about(
        f"""Transfer learning and CLIP
        The table has all data sets, of any task, on which CLIP was run or an ImageNet backbone was fine-tuned. The
        paper has one-vs-rest only, with CLIP at 98.5 on CIFAR10 without any training. {MINIATURE} {LENGTHS}"""
    ),
    Page("exposure_table10", SECTION, "tables.transfer:classes", MEANS).about(
        f"""Transfer learning and CLIP by class, 32-pixel images
        One class is normal, all others are anomalous, and the network comes with pretrained weights. The table has the
        means of every such data set, next to all columns of the paper. {MINIATURE} Table 11 has the standard
        deviations."""
    ),
    Page("exposure_table11", SECTION, "tables.transfer:classes", SMALL).about(
        f"""Transfer learning and CLIP by class, 32-pixel images, with standard deviations
        The runs of Table 10. The paper's deviations are 0.00 for CLIP, in which nothing is random. {MINIATURE} The
        miniature has a deviation, since each repetition trains another one. {LENGTHS}"""
    ),
    Page("exposure_table12", SECTION, "tables.transfer:classes", LARGE).about(
        f"""Transfer learning and CLIP by class, larger images
        One class is normal, all others are anomalous, and the network comes with pretrained weights. Methods that start
        from ImageNet weights have seen the classes of ImageNet-30, so the paper leaves them out. {MINIATURE}
        {LENGTHS}"""
    ),
    Page("exposure_clip_prompts", SECTION, "figures.prompts:draw", PROMPTS).about(
        f"""Prompts for CLIP
        Beyond the paper: image AUROC of zero-shot CLIP by class, a colour for each template of the normal classes'
        prompts, in which {{label}} is replaced by the name of a class. The other prompt, of everything anomalous, stays
        the same. To the right of the line is the average over classes. Vertical strokes are one standard deviation over
        repetitions, where there are several. {MINIATURE} Note the scale of the vertical axes."""
    ),
)
