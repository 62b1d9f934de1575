"""Claims about the best and the worst single outlier (paper 2, Section 5.4 and Appendices B, D)."""

from oneclass.claims.claim import Bar, Claim, Compare, Where
from oneclass.claims.few import BCE, COUNT, HSC
from oneclass.claims.outliers import END_TO_END
from oneclass.claims.sources import BENCHMARK, COUNTS, SEARCHES

BEST: Where = {"outlier": "best"}
WORST: Where = {"outlier": "worst"}
EVOLVED: Where = {**END_TO_END, "direction": ("best", "worst")}
PLAIN: Where = {**EVOLVED, "filter": "none"}
FITNESS = "Fitness is the AUROC on test images; images are not resampled."
BRIEF = "A search trains its networks for fewer epochs than a sweep, as in the paper, which weighs against the claim."
NEEDS = "searches for the best outlier by evolution"

SINGLE_CLAIMS = (
    Claim(
        name="best_outlier",
        title="With the best single outlier HSC beats the classifier",
        paper="exposure",
        place="Section 5.4, Table 3",
        statistic=f"Fitness of the best outlier that evolution found for HSC minus that for BCE. {FITNESS}",
        bar=Bar(low=0),
        sources=(SEARCHES,),
        measure=Compare((HSC, BCE), where={**PLAIN, **BEST}),
        needs=NEEDS,
        printed=Compare(({"method": "HSC"}, {"method": "BCE"}), where={"table": "3", **BEST}),
        printed_in="Table 3",
    ),
    Claim(
        name="worst_outlier",
        title="With the worst single outlier HSC still beats the classifier",
        paper="exposure",
        place="Section 5.4, Table 3",
        statistic=f"Fitness of the worst outlier that evolution found for HSC minus that for BCE. {FITNESS}",
        bar=Bar(low=0),
        sources=(SEARCHES,),
        measure=Compare((HSC, BCE), where={**PLAIN, **WORST}),
        needs="searches for the worst outlier by evolution",
        printed=Compare(({"method": "HSC"}, {"method": "BCE"}), where={"table": "3", **WORST}),
        printed_in="Table 3",
    ),
    Claim(
        name="best_beats_none",
        title="One well-chosen outlier beats none",
        paper="exposure",
        place="Section 1; Tables 1 and 3",
        statistic="Fitness of the best outlier that evolution found for HSC less the image AUROC of Deep SVDD, which "
        f"has none, same classes. {FITNESS} {BRIEF}",
        bar=Bar(low=0),
        sources=(SEARCHES, BENCHMARK),
        measure=Compare(
            (
                {"sweep": "searches", "method": "hsc", **BEST, "direction": "best"},
                {"sweep": "benchmark", "method": "dsvdd"},
            ),
            where={**END_TO_END, "task": "one_vs_rest", "filter": "none"},
            apart=("augmented",),
        ),
        needs="searches for the best outlier beside Deep SVDD, same data set, pool and network",
        printed=Compare(
            ({"table": "3", "method": "HSC", **BEST}, {"table": "1", "method": "DSVDD*"}), apart=("filter",)
        ),
        printed_in="Tables 1 and 3",
    ),
    Claim(
        name="best_is_thirty_two",
        title="For HSC the best single outlier is worth about 32 random ones",
        paper="exposure",
        place="Section 5.4",
        statistic=f"Fitness of the best outlier that evolution found for HSC less the image AUROC of HSC with 32 "
        f"random outliers, same classes. {FITNESS} {BRIEF}",
        bar=Bar(low=-5, high=5),
        sources=(SEARCHES, COUNTS),
        measure=Compare(
            ({"sweep": "searches", **BEST, "direction": "best"}, {"sweep": "counts", COUNT: 32.0}),
            where={**END_TO_END, **HSC, "filter": "none"},
            apart=("augmented",),
        ),
        needs="searches for the best outlier beside networks with 32 outliers, same data set, pool and network",
        printed_in="no number; “roughly the same”",
    ),
    Claim(
        name="low_frequencies",
        title="HSC leans on low frequencies",
        paper="exposure",
        place="Section 5.4, Appendix B, Table 4",
        statistic=f"Fitness of the best outlier for HSC on low-pass filtered images minus that on high-pass filtered "
        f"ones. {FITNESS}",
        bar=Bar(low=0),
        sources=(SEARCHES,),
        measure=Compare(({"filter": "lpf"}, {"filter": "hpf"}), where={**EVOLVED, **BEST, **HSC}, apart=("magnitude",)),
        needs="searches on low-pass and on high-pass filtered images",
        printed=Compare(({"filter": "lpf"}, {"filter": "hpf"}), where={"table": "4", **BEST, "method": "HSC"}),
        printed_in="Table 4",
    ),
    Claim(
        name="evolution",
        title="Evolution finds outliers that are no worse than those of random search",
        paper="exposure",
        place="Section 5.4, Appendix D, Table 5",
        statistic="Fitness of the best outlier that evolution found minus that of random search, mean over methods "
        f"and filters; the claim allows a point. {FITNESS}",
        bar=Bar(low=-1),
        sources=(SEARCHES,),
        measure=Compare(
            ({"direction": "best"}, {"direction": "random"}), where={**END_TO_END, **BEST}, along=("method",)
        ),
        needs="searches by evolution and at random",
        printed=Compare(({"table": ("3", "4")}, {"table": "5"}), where=BEST, along=("method",)),
        printed_in="Tables 3 to 5",
    ),
)
