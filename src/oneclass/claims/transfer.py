"""Claims about pretrained networks (paper 2, Section 5.3)."""

from oneclass.claims.claim import Bar, Claim, Compare, Where
from oneclass.claims.outliers import ALL, SCRATCH, WITH_OUTLIERS
from oneclass.claims.sources import BENCHMARK, CLIP, TRANSFER

PROMPT = ("a photo of a {label}", None)  # the paper's
PRETRAINED = ("backbone", "network", "pool", "augmented")  # in which CLIP and other networks differ
TRAINED: tuple[Where, ...] = tuple(
    {"sweep": "benchmark", "method": name, "network": SCRATCH, "outlier_count": ALL} for name in WITH_OUTLIERS
)
ZERO_SHOT: Where = {"sweep": "clip", "method": "clip", "prompt": PROMPT}

TRANSFER_CLAIMS = (
    Claim(
        name="clip_zero_shot",
        title="CLIP without any training beats every network trained with outliers",
        paper="exposure",
        place="Section 5.3, Table 2",
        statistic="Image AUROC of zero-shot CLIP minus that of the best of Deep SAD, HSC, focal loss and BCE, trained "
        "from scratch with all outliers.",
        bar=Bar(low=0),
        sources=(CLIP, BENCHMARK),
        measure=Compare(
            (ZERO_SHOT, *TRAINED),
            how="lead",
            where={"task": "one_vs_rest"},
            apart=PRETRAINED,
        ),
        needs="data set on which both CLIP and networks from scratch were run",
        printed=Compare(
            (
                {"table": "2", "method": "CLIP"},
                *({"table": "1", "method": name} for name in ("DSAD", "HSC", "Focal", "BCE")),
            ),
            how="lead",
        ),
        printed_in="Tables 1 and 2",
    ),
    Claim(
        name="clip_fine_tuned",
        title="Fine-tuning CLIP with outliers improves it",
        paper="exposure",
        place="Section 5.3, Table 2",
        statistic="Image AUROC of CLIP fine-tuned with outliers (BCE-CL) minus that of zero-shot CLIP.",
        bar=Bar(low=0),
        sources=(CLIP,),
        measure=Compare(({"method": "bce_cl"}, ZERO_SHOT), where={"task": "one_vs_rest"}, apart=PRETRAINED),
        needs="CLIP both zero-shot and fine-tuned",
        printed=Compare(({"method": "BCE-CL"}, {"method": "CLIP"}), where={"table": "2"}),
        printed_in="Table 2",
    ),
    Claim(
        name="pretraining_helps",
        title="Pretrained features without training beat Deep SVDD",
        paper="exposure",
        place="Section 5.3, Tables 1 and 2",
        statistic="Image AUROC of nearest neighbours on pretrained features (DN2) minus that of Deep SVDD, trained "
        "from scratch without outliers.",
        bar=Bar(low=0),
        sources=(TRANSFER, BENCHMARK),
        measure=Compare(
            ({"sweep": "transfer", "method": "knn"}, {"sweep": "benchmark", "method": "dsvdd", "network": SCRATCH}),
            where={"task": "one_vs_rest"},
            apart=PRETRAINED,
        ),
        needs="one-vs-rest data set on which both nearest neighbours and Deep SVDD from scratch were run",
        printed=Compare(({"table": "2", "method": "DN2*"}, {"table": "1", "method": "DSVDD*"})),
        printed_in="Tables 1 and 2",
    ),
    Claim(
        name="panda_outliers",
        title="Outliers help fine-tuned networks, too",
        paper="exposure",
        place="Section 5.3, Table 2",
        statistic="Image AUROC of PANDA with outliers minus that of PANDA without.",
        bar=Bar(low=0),
        sources=(TRANSFER,),
        measure=Compare(({"method": "panda_oe"}, {"method": "panda"}), apart=("pool",)),
        needs="networks fine-tuned by PANDA with outliers and without",
        printed=Compare(({"method": "PANDA* (OE)"}, {"method": "PANDA*"}), where={"table": "2"}),
        printed_in="Table 2",
    ),
)
