"""Claims about few outliers, and few kinds of them (paper 2, Section 5.2 and Appendix A)."""

from oneclass.claims.claim import LARGEST, SMALLEST, Bar, Claim, Compare, Where
from oneclass.claims.outliers import ALL, END_TO_END, ONE_VS_REST
from oneclass.claims.sources import BENCHMARK, COUNTS, DIVERSITY

COUNT, KINDS = "outlier_count", "outlier_class_count"
HSC: Where = {"method": "hsc"}
BCE: Where = {"method": "bce"}
FEW: Where = {"sweep": "counts"}
MANY: Where = {"sweep": "benchmark", COUNT: ALL}
NEEDS = "one-vs-rest networks trained from scratch with"

FEW_CLAIMS = (
    Claim(
        name="one_outlier",
        title="With one outlier HSC beats the classifier",
        paper="exposure",
        place="Section 5.2, Figure 2",
        statistic="Image AUROC of HSC minus that of BCE, both trained with one and the same random outlier.",
        bar=Bar(low=0),
        sources=(COUNTS,),
        measure=Compare((HSC, BCE), where={**ONE_VS_REST, COUNT: 1.0}),
        needs=f"{NEEDS} one outlier",
        printed_in="no number; BCE is ahead from 8 outliers on CIFAR10 and about 32 on ImageNet-30",
    ),
    Claim(
        name="thirty_two",
        title="From 32 outliers on the classifier is no longer behind",
        paper="exposure",
        place="Section 5.2, Figure 2",
        statistic="Image AUROC of BCE minus that of HSC, both trained with the same 32 random outliers; the claim "
        "allows a point.",
        bar=Bar(low=-1),
        sources=(COUNTS,),
        measure=Compare((BCE, HSC), where={**ONE_VS_REST, COUNT: 32.0}),
        needs=f"{NEEDS} 32 outliers",
        printed_in="no number; BCE is ahead from 8 outliers on CIFAR10 and about 32 on ImageNet-30",
    ),
    Claim(
        name="gap_closes",
        title="With enough outliers the two are level",
        paper="exposure",
        place="Section 5.2, Figure 2; Table 1",
        statistic="Image AUROC of HSC minus that of BCE at the largest number of outliers that was run.",
        bar=Bar(low=-2, high=2),
        sources=(COUNTS,),
        measure=Compare(({**HSC, COUNT: LARGEST}, {**BCE, COUNT: LARGEST}), where=ONE_VS_REST),
        needs=f"{NEEDS} several numbers of outliers",
        printed=Compare(({"method": "HSC"}, {"method": "BCE"}), where={"table": "1"}),
        printed_in="Table 1, all outliers",
    ),
    Claim(
        name="few_suffice",
        title="A few hundred outliers do nearly as well as all",
        paper="exposure",
        place="Section 5.2, Figure 2",
        statistic="Image AUROC of BCE with all outliers minus that with 256; the claim allows six points, which put "
        "256 outliers level with the best method without any (91.6) in the paper.",
        bar=Bar(high=6),
        sources=(COUNTS, BENCHMARK),
        measure=Compare((MANY, {**FEW, COUNT: 256.0}), where={**ONE_VS_REST, **BCE}),
        needs=f"{NEEDS} 256 outliers and with all",
        printed_in="no number but that 256 are above 91.6 on ImageNet-30, where all reach 97.7",
    ),
    Claim(
        name="leave_one_out_needs_more",
        title="With one class left out, more outliers are needed",
        paper="exposure",
        place="Section 5.2, Figure 3",
        statistic="Image AUROC of BCE with all outliers minus that with 32: this difference with one class left out "
        "minus the same with one class normal. Only the inner differences are paired.",
        bar=Bar(low=0),
        sources=(COUNTS, BENCHMARK),
        measure=Compare(
            (MANY, {**FEW, COUNT: 32.0}),
            where={**END_TO_END, **BCE},
            groups=({"task": "leave_one_out"}, {"task": "one_vs_rest"}),
        ),
        needs=f"{NEEDS} 32 outliers and with all, or none with one class left out",
        printed_in="no number",
    ),
    Claim(
        name="defects_number",
        title="On defects the number of outliers hardly matters",
        paper="exposure",
        place="Section 5.2, Figure 4",
        statistic="Image AUROC of HSC on defects at the largest number of outliers that was run minus that with one.",
        bar=Bar(low=-5, high=5),
        sources=(COUNTS,),
        measure=Compare(({COUNT: LARGEST}, {COUNT: 1.0}), where={**END_TO_END, **HSC, "task": "defect"}),
        needs="networks trained from scratch on a data set of defects with several numbers of outliers",
        printed_in="no number",
    ),
    Claim(
        name="kinds_help",
        title="Outliers of more kinds detect better",
        paper="exposure",
        place="Section 5.2, Appendix A, Figure 6",
        statistic="Image AUROC with outliers of the largest number of classes minus that with one class, mean over "
        "HSC and BCE.",
        bar=Bar(low=0),
        sources=(DIVERSITY,),
        measure=Compare(({KINDS: LARGEST}, {KINDS: SMALLEST}), where=ONE_VS_REST, along=("method",)),
        needs=f"{NEEDS} outliers of several numbers of classes",
        printed_in="no number",
    ),
    Claim(
        name="one_kind",
        title="With many outliers of one kind the classifier is not behind",
        paper="exposure",
        place="Appendix A, Figure 6",
        statistic="Image AUROC of BCE minus that of HSC with the outliers of one class; the claim allows a point.",
        bar=Bar(low=-1),
        sources=(DIVERSITY,),
        measure=Compare((BCE, HSC), where={**ONE_VS_REST, KINDS: 1.0}),
        needs=f"{NEEDS} outliers of one class",
        printed_in="no number",
    ),
)
