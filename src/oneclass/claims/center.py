"""Claims about the hypersphere's centre: where it is, and how far out (paper 1)."""

from oneclass.claims.claim import LARGEST, SMALLEST, Bar, Claim, Compare, Where
from oneclass.claims.sources import AGREEMENT, PROJECTED, PROJECTOR, SETTLING, SIMILARITY

PLAIN: Where = {"method": "projector", "centering": "none"}  # the paper's way: trained by Adam on features as they are
GAUSSIAN: Where = {**PLAIN, "center": "gaussian"}
SCALED = ("gaussian", "uniform", "ones", "mean_feature")
NORM = "center_norm"

CENTER_CLAIMS = (
    Claim(
        name="center_kind",
        title="The distribution that the centre is drawn from does not matter",
        paper="objective",
        place="Section 5.2, Table 4; Assertion 1",
        statistic="Image AUROC of the best minus that of the worst of the distributions of the centre that were run "
        "(of N(0, 1), U(0, 1), all ones, feature mean), all scaled to norm 1 and trained from the same first weights.",
        bar=Bar(high=1),
        sources=(PROJECTOR,),
        measure=Compare(each="center", how="spread", where={**PLAIN, "center": SCALED, NORM: 1.0}),
        needs="projectors with several distributions of the centre at norm 1",
        printed=Compare(each="center", how="spread", where={"table": "4"}),
        printed_in="Table 4",
    ),
    Claim(
        name="center_scores",
        title="The centre enters only through its norm",
        paper="beyond",
        place="docs/closed_form.md, What follows",
        statistic="Spearman's correlation between a projector's scores of the test images with a centre from "
        "N(0, 1) and with another distribution of the same norm 1, from the same first weights; the lowest over the "
        "distributions.",
        bar=Bar(low=0.98),
        sources=(AGREEMENT,),
        measure=Compare(({**PLAIN, NORM: 1.0},), how="mean"),
        needs="projectors with several distributions of the centre at norm 1",
        unit="rank correlation",
        decimals=4,
        printed_in="not in the papers; docs/closed_form.md proves it for the average over first weights",
    ),
    Claim(
        name="feature_mean",
        title="The pretrained features' mean, not scaled, is a feasible centre",
        paper="objective",
        place="Sections 1 and 5.3",
        statistic="Image AUROC with the mean feature as it is for a centre minus that with a centre from N(0, 1) of "
        "norm 1; the claim allows a point.",
        bar=Bar(low=-1),
        sources=(PROJECTOR,),
        measure=Compare(({"center": "mean_feature_unscaled"}, {"center": "gaussian", NORM: 1.0}), where=PLAIN),
        needs="projectors whose centre is the mean feature, not scaled",
        printed_in="no number",
    ),
    Claim(
        name="norm_one",
        title="Norm 1 with a Gaussian direction is a good default",
        paper="objective",
        place="Assertion 3; Tables S5 and S6",
        statistic="Image AUROC of the best of all norms that were run, chosen on test images, minus that of norm 1; "
        "the claim allows a point.",
        bar=Bar(high=1),
        sources=(PROJECTOR,),
        measure=Compare(each=NORM, first=1.0, how="regret", where=GAUSSIAN),
        needs="projectors with centres of norm 1 and of others",
        printed=Compare(each=NORM, first=1.0, how="regret", where={"table": ("S5", "S6")}),
        printed_in="Tables S5 and S6",
    ),
    Claim(
        name="norm_degrades",
        title="A large norm of the centre degrades detection",
        paper="objective",
        place="Section 5.3, Figure 3, Tables S5 and S6",
        statistic="Image AUROC at the smallest norm minus that at the largest, with centres from N(0, 1), trained by "
        "Adam as in the paper; whether part of it is Adam's own, claims about the closed form ask.",
        bar=Bar(low=0),
        sources=(PROJECTOR,),
        measure=Compare(({NORM: SMALLEST}, {NORM: LARGEST}), where=GAUSSIAN),
        needs="projectors with centres of several norms",
        printed=Compare(({NORM: SMALLEST}, {NORM: LARGEST}), where={"table": ("S5", "S6")}),
        printed_in="Tables S5 and S6: norms 1 and 32, 1 and 8",
    ),
    Claim(
        name="norm_degrades_alike",
        title="A large norm degrades more where normal and anomalous images are more alike",
        paper="objective",
        place="Assertion 2; Section 5.3, Figure 4",
        statistic="Spearman's correlation, over classes of all data sets, of the mean cosine between normal and "
        "anomalous pretrained features with the fall of image AUROC from the smallest to the largest norm.",
        bar=Bar(low=0),
        sources=(PROJECTOR, SIMILARITY),
        measure=Compare(
            (
                {"sweep": "similarity", "metric": "cosine"},
                {"sweep": "projector", NORM: SMALLEST, **GAUSSIAN},
                {"sweep": "projector", NORM: LARGEST, **GAUSSIAN},
            ),
            how="correlation",
            apart=("backbone",),
        ),
        needs="projectors with centres of several norms on several classes",
        unit="rank correlation",
        printed_in="two data sets: cosine 0.19 and a fall of 2.6 points (CIFAR10), 0.61 and 9.8 (MVTec AD)",
    ),
    Claim(
        name="norm_cosine",
        title="With a large norm, normal and anomalous images grow alike",
        paper="objective",
        place="Sections 3.2 and 5.1, Figures 2 and S4",
        statistic="Mean cosine between normal and anomalous test images after projection at the largest norm less "
        "that at the smallest, pooled features.",
        bar=Bar(low=0),
        sources=(PROJECTED,),
        measure=Compare(({NORM: LARGEST}, {NORM: SMALLEST}), where={**GAUSSIAN, "metric": "cosine"}),
        needs="projectors on pooled features with centres of several norms",
        unit="cosine",
        printed_in="no number",
    ),
    Claim(
        name="norm_first",
        title="Training brings the norm to its value before the angle",
        paper="objective",
        place="Section 3.2, Equations 13 and 14",
        statistic="Epoch from which the angle between two normal training images has settled (within a tenth of its "
        "range of its last value) minus that of their norm, in percent of all epochs; norm 1. A training that ends "
        "before their norm is within a tenth of its range of the centre's has stopped short and is left out.",
        bar=Bar(low=0),
        sources=(SETTLING,),
        measure=Compare(({**GAUSSIAN, NORM: 1.0},), how="mean"),
        needs="projector with a centre of norm 1 whose training went on until its norm was the centre's",
        unit="percent of the epochs",
        printed_in="argued, not measured",
    ),
)
