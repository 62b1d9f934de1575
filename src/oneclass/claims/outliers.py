"""Claims about training with all outliers (paper 2, Section 5.1 and Appendices E, F)."""

from collections.abc import Sequence
from dataclasses import replace

from oneclass.catalogue.networks import NETWORKS
from oneclass.claims.claim import Bar, Claim, Compare, Where
from oneclass.claims.sources import BENCHMARK, COMPARATORS, GAMMA, RADIAL

# The paper trains networks end to end; a head on frozen features is another method, and none of its claims.
SCRATCH = tuple(name for name, network in NETWORKS.items() if not network.on_features)
HEADS = tuple(name for name, network in NETWORKS.items() if network.on_features)
END_TO_END: Where = {"network": SCRATCH}
ONE_VS_REST: Where = {**END_TO_END, "task": "one_vs_rest"}
ALL = float("inf")  # outliers
WITH_OUTLIERS = ("dsad", "hsc", "focal", "bce")
PRINTED = ("DSAD", "HSC", "Focal", "BCE")
# In which networks from scratch and methods on frozen features differ.
APART = ("task", "protocol", "backbone", "network", "pool", "filter", "magnitude", "augmented")
NEEDS = "one-vs-rest networks trained from scratch with all outliers"


def with_heads(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """``claims``; those that ask for networks from scratch everywhere also tell the number of heads."""
    return tuple(
        replace(claim, aside=replace(claim.measure, where={**claim.measure.where, "network": HEADS}))
        if claim.measure.where.get("network") == SCRATCH
        else claim
        for claim in claims
    )


OUTLIER_CLAIMS = (
    Claim(
        name="outliers_help",
        title="Outliers help",
        paper="exposure",
        place="Section 5.1, Table 1",
        statistic="Image AUROC of hypersphere classification (HSC) with all outliers minus that of Deep SVDD, which "
        "has none.",
        bar=Bar(low=0),
        sources=(BENCHMARK,),
        measure=Compare(({"method": "hsc"}, {"method": "dsvdd"}), where=ONE_VS_REST),
        needs=f"{NEEDS} and without",
        printed=Compare(({"method": "HSC"}, {"method": "DSVDD*"}), where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="outliers_help_much",
        title="Outliers improve detection drastically",
        paper="exposure",
        place="Abstract; Section 5.1, Table 1",
        statistic="Image AUROC of HSC with all outliers minus that of Deep SVDD, which has none; for “drastically” the "
        "claim asks ten points, a third of what the paper gains.",
        bar=Bar(low=10),
        sources=(BENCHMARK,),
        measure=Compare(({"method": "hsc"}, {"method": "dsvdd"}), where=ONE_VS_REST),
        needs=f"{NEEDS} and without",
        printed=Compare(({"method": "HSC"}, {"method": "DSVDD*"}), where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="method_hardly_matters",
        title="With many outliers the method hardly matters",
        paper="exposure",
        place="Section 5.1, Table 1",
        statistic="Image AUROC of the best minus that of the worst of Deep SAD, HSC, focal loss and BCE; the claim "
        "allows two points, as the paper's own methods differ by up to 1.6.",
        bar=Bar(high=2),
        sources=(BENCHMARK,),
        measure=Compare(
            tuple({"method": name} for name in WITH_OUTLIERS),
            how="spread",
            where={**ONE_VS_REST, "outlier_count": ALL},
        ),
        needs=f"{NEEDS}, by all four methods",
        printed=Compare(tuple({"method": name} for name in PRINTED), how="spread", where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="classifier_suffices",
        title="A plain classifier is as good as one-class methods with outliers",
        paper="exposure",
        place="Section 5.1, Table 1",
        statistic="Image AUROC of a classifier (BCE) minus that of the better of Deep SAD and HSC; the claim allows a "
        "point.",
        bar=Bar(low=-1),
        sources=(BENCHMARK,),
        measure=Compare(
            ({"method": "bce"}, {"method": "dsad"}, {"method": "hsc"}),
            how="lead",
            where={**ONE_VS_REST, "outlier_count": ALL},
        ),
        needs=f"{NEEDS}, by BCE, Deep SAD and HSC",
        printed=Compare(({"method": "BCE"}, {"method": "DSAD"}, {"method": "HSC"}), how="lead", where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="hsc_beats_dsad",
        title="Hypersphere classification improves on Deep SAD",
        paper="exposure",
        place="Section 3.2, Table 1",
        statistic="Image AUROC of HSC minus that of Deep SAD, with all outliers.",
        bar=Bar(low=0),
        sources=(BENCHMARK,),
        measure=Compare(({"method": "hsc"}, {"method": "dsad"}), where={**ONE_VS_REST, "outlier_count": ALL}),
        needs=f"{NEEDS}, by HSC and Deep SAD",
        printed=Compare(({"method": "HSC"}, {"method": "DSAD"}), where={"table": "1"}),
        printed_in="Table 1",
    ),
    Claim(
        name="leave_one_out_harder",
        title="Leaving one class out is harder than one against the rest",
        paper="exposure",
        place="Section 5.2, Appendix I.3, Tables 13 and 14",
        statistic="Image AUROC of BCE with all outliers, one class normal, minus that with one class anomalous; means "
        "over classes, which are not the same, so that nothing is paired.",
        bar=Bar(low=0),
        sources=(BENCHMARK,),
        measure=Compare(
            ({"method": "bce"},),
            how="mean",
            where=END_TO_END,
            groups=({"task": "one_vs_rest"}, {"task": "leave_one_out"}),
        ),
        needs=f"{NEEDS}, or with one class left out",
        printed=Compare(({"method": "BCE"},), how="mean", groups=({"table": "1"}, {"table": ("13", "14")})),
        printed_in="Tables 1, 13 and 14",
    ),
    Claim(
        name="defects_hsc",
        title="Where outliers say little, HSC is ahead of the classifier: defects",
        paper="exposure",
        place="Section 5.2, Appendix I.4, Table 15",
        statistic="Image AUROC of HSC minus that of BCE, on defects, with all outliers.",
        bar=Bar(low=0),
        sources=(BENCHMARK,),
        measure=Compare(
            ({"method": "hsc"}, {"method": "bce"}),
            where={**END_TO_END, "task": "defect", "outlier_count": ALL},
        ),
        needs="networks trained from scratch on a data set of defects",
        printed=Compare(({"method": "HSC"}, {"method": "BCE"}), where={"table": "15"}),
        printed_in="Table 15",
    ),
    Claim(
        name="defects_behind",
        title="On defects, outliers do not reach methods made for defects",
        paper="exposure",
        place="Section 5.2, Appendix I.4",
        statistic="Image AUROC of PatchCore, which has no outliers, minus that of HSC with all, on the same defects.",
        bar=Bar(low=0),
        sources=(COMPARATORS, BENCHMARK),
        measure=Compare(
            (
                {"sweep": "comparators", "method": "patchcore"},
                {"sweep": "benchmark", "method": "hsc", "outlier_count": ALL, **END_TO_END},
            ),
            apart=APART,
        ),
        needs="data set of defects on which both PatchCore and networks from scratch were run",
        printed_in="about 99 against 70.1 on MVTec AD",
    ),
    Claim(
        name="pseudo_huber",
        title="The pseudo-Huber loss is the best radial function of HSC",
        paper="exposure",
        place="Section 3.2, Appendix E, Table 6",
        statistic="Image AUROC of HSC with the pseudo-Huber loss minus that of the best of the other three radial "
        "functions, augmented images.",
        bar=Bar(low=0),
        sources=(RADIAL,),
        measure=Compare(each="radial", first="pseudo_huber", how="lead", where={**ONE_VS_REST, "augmented": "yes"}),
        needs="networks trained from scratch with several radial functions and augmentation",
        printed=Compare(each="radial", first="pseudo_huber", how="lead", where={"table": "6", "augmented": "yes"}),
        printed_in="Table 6",
    ),
    Claim(
        name="augmentation_helps",
        title="Augmentation helps even with many outliers",
        paper="exposure",
        place="Appendix E, Table 6",
        statistic="Image AUROC of HSC with augmented images minus that without, mean over the radial functions.",
        bar=Bar(low=0),
        sources=(RADIAL,),
        measure=Compare(({"augmented": "yes"}, {"augmented": "no"}), where=ONE_VS_REST, along=("radial",)),
        needs="networks trained from scratch with augmentation and without",
        printed=Compare(({"augmented": "yes"}, {"augmented": "no"}), where={"table": "6"}, along=("radial",)),
        printed_in="Table 6",
    ),
    Claim(
        name="gamma",
        title="The focal loss's γ hardly matters",
        paper="exposure",
        place="Appendix F, Figure 13",
        statistic="Image AUROC of the best minus that of the worst γ; the claim allows two points.",
        bar=Bar(high=2),
        sources=(GAMMA,),
        measure=Compare(each="gamma", how="spread", where={**ONE_VS_REST, "method": "focal"}),
        needs="one-vs-rest networks trained from scratch by focal loss with several γ",
        printed_in="no number",
    ),
)
