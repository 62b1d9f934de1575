"""Claims about how good paper 1's method is, and what it does not depend on."""

from oneclass.claims.center import GAUSSIAN, NORM
from oneclass.claims.claim import Bar, Claim, Compare, Where
from oneclass.claims.sources import COMPARATORS, ONLINE, PIXELS, PROJECTOR, PROJECTORS, TRANSFER

OURS: Where = {**GAUSSIAN, NORM: 1.0}
OFFLINE = ("padim", "patchcore", "mahalanobis")
PLAIN_METHOD: Where = {"centering": "none"}

METHOD_CLAIMS = (
    Claim(
        name="as_good_as_fine_tuning",
        title="The projector is on a par with networks that are fine-tuned whole",
        paper="objective",
        place="Section 4.2, Table 1",
        statistic="Image AUROC of the projector minus that of the better of PANDA and MS on the same data set and "
        "backbone; the claim allows a point.",
        bar=Bar(low=-1),
        sources=(PROJECTOR, TRANSFER),
        measure=Compare(
            ({**OURS, "protocol": "A"}, {"method": "panda"}, {"method": "mean_shifted"}),
            how="lead",
            apart=("task", "network", "pool", "filter", "magnitude", "augmented"),
        ),
        needs="data set on which both a projector and fine-tuned networks were run",
        printed=Compare(({"method": "Ours"}, {"method": "PANDA"}, {"method": "MS"}), how="lead", where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="best_on_defects",
        title="On defects the projector is as good as the best method",
        paper="objective",
        place="Section 4.3, Table 2",
        statistic="Image AUROC of the projector on multi-scale maps minus that of the best of PaDiM, PatchCore and "
        "Mahalanobis distance on the same maps; the claim allows a point.",
        bar=Bar(low=-1),
        sources=(PROJECTOR, COMPARATORS),
        measure=Compare(
            (OURS, *({"method": name} for name in OFFLINE)), how="lead", where={"protocol": "B", **PLAIN_METHOD}
        ),
        needs="PaDiM, PatchCore and Mahalanobis distance beside the projector",
        printed=Compare(each="method", first="Ours", how="lead", where={"table": "2", "metric": "image_auroc"}),
        printed_in="Table 2, against all its methods",
    ),
    Claim(
        name="better_than_padim",
        title="On defects the projector beats PaDiM",
        paper="objective",
        place="Section 4.3, Table 2",
        statistic="Image AUROC of the projector on multi-scale maps minus that of PaDiM on the same maps.",
        bar=Bar(low=0),
        sources=(PROJECTOR, COMPARATORS),
        measure=Compare((OURS, {"method": "padim"}), where={"protocol": "B", **PLAIN_METHOD}),
        needs="PaDiM beside the projector",
        printed=Compare(({"method": "Ours"}, {"method": "PaDiM"}), where={"table": "2", "metric": "image_auroc"}),
        printed_in="Table 2",
    ),
    Claim(
        name="better_than_padim_pixels",
        title="The projector locates defects better than PaDiM",
        paper="objective",
        place="Section 4.3, Table 2",
        statistic="Pixel AUROC of the projector on multi-scale maps minus that of PaDiM on the same maps. Pixels are "
        "not resampled: the interval is over trainings alone.",
        bar=Bar(low=0),
        sources=(PIXELS,),
        measure=Compare((OURS, {"method": "padim"}), where={"protocol": "B", "metric": "pixel_auroc", **PLAIN_METHOD}),
        needs="data set with masks, with PaDiM beside the projector",
        unit="points of pixel AUROC",
        printed=Compare(({"method": "Ours"}, {"method": "PaDiM"}), where={"table": "2", "metric": "pixel_auroc"}),
        printed_in="Table 2",
    ),
    Claim(
        name="online_beats_offline",
        title="Learning online, the projector beats some methods that learn offline",
        paper="objective",
        place="Section 4.4, Table 3",
        statistic="Image AUROC of the projector after one pass, image by image (Protocol C), minus that of PaDiM, "
        "which has all images at hand.",
        bar=Bar(low=0),
        sources=(ONLINE, COMPARATORS),
        measure=Compare(({**OURS, "protocol": "C"}, {"method": "padim", "protocol": "B"}), where=PLAIN_METHOD),
        needs="PaDiM beside the projector in Protocol C",
        printed=Compare(
            ({"method": "Ours", "table": "3"}, {"method": "PaDiM", "table": "2"}), where={"metric": "image_auroc"}
        ),
        printed_in="Tables 2 and 3",
    ),
    Claim(
        name="online_level",
        title="Learning online is nearly level with learning offline",
        paper="objective",
        place="Section 4.4, Tables 2 and 3",
        statistic="Image AUROC of the projector after one pass, image by image (Protocol C), minus that of the "
        "projector trained on all images for all epochs (Protocol B); the claim allows the five points that the "
        "paper loses on average.",
        bar=Bar(low=-5),
        sources=(ONLINE, PROJECTOR),
        measure=Compare(({"protocol": "C"}, {"protocol": "B"}), where=OURS),
        needs="projectors in Protocols B and C",
        printed=Compare(({"table": "3"}, {"table": "2"}), where={"method": "Ours", "metric": "image_auroc"}),
        printed_in="Tables 2 and 3",
    ),
    Claim(
        name="projector_kind",
        title="A linear projector serves as well as a 1×1 convolution",
        paper="objective",
        place="Appendix C.2, Table S3",
        statistic="Image AUROC with a 1×1 convolution minus that with a linear layer, from the same first weights.",
        bar=Bar(low=-2, high=2),
        sources=(PROJECTORS,),
        measure=Compare(({"projector": "conv1x1"}, {"projector": "linear"}), where=OURS),
        needs="projectors of both kinds",
        printed=Compare(({"projector": "conv1x1"}, {"projector": "linear"}), where={"table": "S3"}),
        printed_in="Table S3",
    ),
)
