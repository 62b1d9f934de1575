"""The tables of paper 1 (one_class_objective): what is measured here in the paper's shape, its own numbers beside it.

``summary`` is that of ``evaluate.evaluate`` over all data sets, ``published`` is ``published.load("objective")``.
Each table's CSV also holds the single classes; the layout shows averages over classes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pandas as pd

from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.tables.cells import SOURCES, cells, spread
from oneclass.tables.labels import HEADINGS, label
from oneclass.tables.render import Table
from oneclass.tables.tidy import VARIANTS, blank, with_published

PROJECTED = ["ours", "ours_moments", "ours_closed_form"]  # the paper's method, trained three ways
METHODS = [
    *(*PROJECTED, "ocsvm", "knn", "padim", "patchcore", "mahalanobis"),
    *("DSVDD", "PANDA", "panda", "MS", "mean_shifted", "IGD", "MRot"),
]
FINETUNED = {"PANDA": "panda", "MS": "mean_shifted"}  # the paper's name for a method -> ours, where it is run here
PARAMETERS = "trainable_parameters"
COSINE = "cosine"
AUROCS = [IMAGE_AUROC, "pixel_auroc"]
METRICS = [*AUROCS, "pixel_aupro", "image_ap", "pixel_ap"]
CENTRED = {"none": "", "channel": ", channel-centred", "position": ", position-centred"}
ROWS = [label("method", method) + centred for method in METHODS for centred in CENTRED.values()]
AVERAGE = "Average image AUROC (%) over the classes"
BY_SOURCE = {"source": SOURCES}
KEYS = ["dataset", "class", "method", "metric"]
LEGEND = (
    "(here): measured by this run, mean ± standard deviation over seeds (a single run has none); (published): as the "
    "paper prints it; difference: here − published; –: no number. 95 % bootstrap intervals are in the CSV."
)
FIVE_METRICS = (
    "AUPRO: overlap with each defect, averaged up to a false-positive rate of 0.3; AP: average precision. Only image "
    "AUROC has an interval."
)
COMPARED = (
    "Pixel metrics take all test pixels of a category together. PaDiM, PatchCore and Mahalanobis (here) run on the "
    "same features and splits as ours, published methods on their own."
)
MULTISCALE_99 = (
    "The paper does not say which features its MVTec AD values have; they stand beside multi-scale maps (Protocol B), "
    "whose 99.0 (Table 2) is among them."
)
MIXED_BACKBONES = (
    "The paper's MVTec AD value of 99.0 is its multi-scale model on Wide ResNet-50-2; its pooled ResNet-152 feature, "
    "the counterpart of what is measured here, gives 97.7 (Table S2)."
)


@dataclass(frozen=True)
class Reference:
    """The setting that a table holds fixed, except for what it varies."""

    backbone: str
    norm: float
    center: str = "normal"
    projector: str = "conv1x1"
    centring: str = "none"
    protocol: str = "A"

    def of(self, protocol: str) -> "Reference":
        """The same setting in another protocol."""
        return replace(self, protocol=protocol)

    def select(self, summary: pd.DataFrame, *free: str, metrics: Sequence[str] = (IMAGE_AUROC,)) -> pd.DataFrame:
        """The rows of ``metrics`` at this setting, ``free`` left to vary; a method that lacks a setting matches any.

        Protocol A has neither ``protocol`` nor ``centring``, where its rows stand alone.
        """
        keep = summary["metric"].isin(metrics)
        for name, value in asdict(self).items():
            if name not in free and name in summary:
                keep &= (summary[name] == value) | blank(summary[name])
        return summary[keep]

    def describe(self, varied: str = "") -> str:
        """The note that names the setting."""
        where, features = ("Here", "pooled") if self.protocol == "A" else (f"Protocol {self.protocol}", "multi-scale")
        parts = [
            f"{HEADINGS[name].lower()} {'as listed' if name == varied else label(name, getattr(self, name))}"
            for name in ("backbone", "norm", "center", "projector")
        ]
        return f"{where}: {features} features, {', '.join(parts)}."


@dataclass(frozen=True)
class Finetuned:
    """PANDA and MS measured here: their summary, how many numbers are trained, and a note on the setting."""

    summary: pd.DataFrame
    parameters: int
    note: str


def table1(
    summary: pd.DataFrame,
    published: pd.DataFrame,
    reference: Reference,
    dimension: int,
    finetuned: Finetuned | None = None,
) -> Table:
    """Table 1: data sets down, methods across, trainable parameters below (``dimension``: D of the features)."""
    ours = reference.select(summary)
    trained = {method: (dimension**2 + dimension) / 1e6 for method in ("ours", "ours_moments")}
    if finetuned:
        tuned = finetuned.summary[finetuned.summary["method"].isin(FINETUNED.values())]
        tuned = tuned.reindex(columns=[name for name in ours if name in tuned])  # paper 2's variants are not shown
        ours = pd.concat([ours, reference.select(tuned)], ignore_index=True)
        published = published.replace({"method": FINETUNED})
        trained |= dict.fromkeys(FINETUNED.values(), finetuned.parameters / 1e6)
    parameters = ours[["method"]].drop_duplicates().assign(**{"dataset": "", "class": "", "metric": PARAMETERS})
    parameters["mean"] = [trained.get(method, 0.0) for method in parameters["method"]]
    tidy = with_published(pd.concat([ours, parameters], ignore_index=True), _of(published, "1"), KEYS)
    rows = "Trainable parameters [millions]"
    long = cells(tidy[tidy["class"].isin([MEAN, ""])]).replace({"dataset": {"": rows}})
    order = {"dataset": [*_means(tidy)["dataset"], rows], "method": METHODS, **BY_SOURCE}
    return Table(
        "Table 1. Image one-class classification (Protocol A)",
        f"{AVERAGE} of each data set, and the number of trainable parameters.",
        tidy,
        spread(long, ["dataset"], ["method", "source"], order),
        [
            LEGEND,
            reference.describe(),
            MIXED_BACKBONES,
            "The paper prints its parameters as MB; 3.7 is a count in millions, the mean of D² + D for D = 2048 and "
            f"D = 1792. Here D = {dimension}. The closed form trains nothing (it stores one matrix, of D + 1 rows and "
            "columns); OC-SVM, kNN and Mahalanobis have no parameters trained by gradient.",
            *([finetuned.note] if finetuned else []),
        ],
    )


def table_s1(sizes: pd.DataFrame, published: pd.DataFrame) -> Table:
    """Table S1: the data sets as indexed.

    ``sizes`` has a row per data set: ``dataset, categories, train, test_normal, test_anomalous, min_size, max_size``.
    """
    measured = sizes.assign(test=sizes["test_normal"] + sizes["test_anomalous"])
    ours = measured.melt("dataset", var_name="metric", value_name="mean")
    ours = ours.assign(**{"class": "", "method": ""})
    tidy = with_published(ours, _of(published, "S1"), KEYS)
    long = cells(tidy, 0)
    metrics = ["categories", "train", "test_normal", "test_anomalous", "test", "min_size", "max_size"]
    return Table(
        "Table S1. Data sets",
        "Number of categories, training and test images, and smallest and largest image side in pixels.",
        tidy,
        spread(
            long[long["source"] != "difference"], ["dataset"], ["metric", "source"], {"metric": metrics, **BY_SOURCE}
        ),
        [
            "(here): as indexed by this run, after any limit on images per class; (published): as the paper prints it.",
            "For MVTec AD, MPDD and VisA the paper's Train and Test are the totals of normal and anomalous images, not "
            "the official splits.",
        ],
    )


def table2(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table 2: metrics and methods down, data sets across; the paper gives the two kinds of AUROC."""
    title = "Table 2. Detection and segmentation of defects (Protocol B)"
    return _of_protocol(title, summary, published, "2", reference.of("B"), [])


def table3(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table 3: like Table 2, learned online."""
    title = "Table 3. Online detection and segmentation of defects (Protocol C)"
    notes = [
        "Every normal image is seen once, alone, and not kept. The closed form adds up second moments image by image; "
        "here it is solved after the last."
    ]
    return _of_protocol(title, summary, published, "3", reference.of("C"), notes)


def table4(
    summary: pd.DataFrame, published: pd.DataFrame, reference: Reference, multiscale: Reference | None = None
) -> Table:
    """Table 4: distributions of the hypersphere centre down, data sets across."""
    title = "Table 4. Distribution of the hypersphere centre"
    notes = [
        MULTISCALE_99 if multiscale else MIXED_BACKBONES,
        "The closed form depends on the centre only through its norm: one row stands for every distribution.",
    ]
    return _ablation(title, summary, published, "4", reference, multiscale, "center", notes, decimals=2)


def table_s2(
    summary: pd.DataFrame, published: pd.DataFrame, reference: Reference, multiscale: Reference | None = None
) -> Table:
    """Table S2: backbones down, data sets across."""
    if multiscale:
        note = (
            "The paper does not say which features its MVTec AD values have. That of Wide ResNet-50-2 is the 99.0 of "
            "multi-scale maps (Table 2); those of ResNet-18 and ResNet-152 stand beside pooled features."
        )
    else:
        note = "The paper's MVTec AD value of Wide ResNet-50-2 is its multi-scale model; here all features are pooled."
    return _ablation("Table S2. Backbones", summary, published, "S2", reference, multiscale, "backbone", [note])


def table_s3(
    summary: pd.DataFrame, published: pd.DataFrame, reference: Reference, multiscale: Reference | None = None
) -> Table:
    """Table S3: projectors down, data sets across."""
    where = "On pooled vectors, and at each position of a map," if multiscale else "On pooled vectors"
    notes = [
        f"{where} a 1×1 convolution and a linear layer are the same function of the same parameters. "
        "The closed form trains no projector."
    ]
    notes += [MULTISCALE_99] if multiscale else []
    return _ablation("Table S3. Projectors", summary, published, "S3", reference, multiscale, "projector", notes)


def table_s4(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table S4: the categories down, methods across."""
    reference = reference.of("B")
    ours = reference.select(summary, "centring", metrics=AUROCS)
    tidy = _beside(ours, published, "S4", reference)
    classes = [name for name in dict.fromkeys(tidy["class"]) if name != MEAN]
    order = {"metric": AUROCS, "class": [*classes, MEAN], "method": ROWS, **BY_SOURCE}
    return Table(
        "Table S4. Detection and segmentation of defects by category (Protocol B)",
        "Image and pixel AUROC (%) of each category, and their average; the paper gives image AUROC.",
        tidy,
        spread(_named(cells(tidy)), ["metric", "dataset", "class"], ["method", "source"], order),
        [LEGEND, reference.describe(), COMPARED],
    )


def table_s5(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table S5: norms of the hypersphere centre across, for every data set (the paper: CIFAR10)."""
    ours = _projected(summary, reference, "norm", metrics=[IMAGE_AUROC, COSINE])
    tidy = with_published(ours[ours["norm"].notna()], _of(published, "S5"), [*KEYS, "norm"])
    means = _means(tidy)
    order = {"metric": [IMAGE_AUROC, COSINE], "method": METHODS, "norm": sorted(set(tidy["norm"])), **BY_SOURCE}
    long = pd.concat([cells(means[means["metric"] == IMAGE_AUROC]), cells(means[means["metric"] == COSINE], 2)])
    return Table(
        "Table S5. Norm of the hypersphere centre",
        f"{AVERAGE}, by the norm of the centre. Below, mean cosine between normal and anomalous test images after "
        "projection.",
        tidy,
        spread(long, ["dataset", "metric", "method", "source"], ["norm"], order),
        [LEGEND, reference.describe("norm"), "The paper's norms on MVTec AD are those of multi-scale maps: Table S6."],
    )


def table_s6(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table S6: Table S5 on multi-scale maps (the paper: image AUROC on MVTec AD)."""
    reference = reference.of("B")
    tidy = _beside(_projected(summary, reference, "norm", metrics=AUROCS), published, "S6", reference, "norm")
    order = {"metric": AUROCS, "method": METHODS, "norm": sorted(set(tidy["norm"])), **BY_SOURCE}
    return Table(
        "Table S6. Norm of the hypersphere centre on multi-scale maps",
        "Average image and pixel AUROC (%) over the classes, by the norm of the centre.",
        tidy,
        spread(cells(_means(tidy)), ["dataset", "metric", "method", "source"], ["norm"], order),
        [LEGEND, reference.describe("norm")],
    )


def _of_protocol(
    title: str, summary: pd.DataFrame, published: pd.DataFrame, number: str, reference: Reference, notes: list[str]
) -> Table:
    """Metrics and methods down, data sets across."""
    tidy = _beside(reference.select(summary, "centring", metrics=METRICS), published, number, reference)
    order = {"metric": METRICS, "method": ROWS, **BY_SOURCE}
    return Table(
        title,
        "Average over the categories of each data set; the paper gives image and pixel AUROC.",
        tidy,
        spread(_named(cells(_means(tidy))), ["metric", "method"], ["dataset", "source"], order),
        [LEGEND, reference.describe(), FIVE_METRICS, COMPARED, *notes],
    )


def _ablation(
    title: str,
    summary: pd.DataFrame,
    published: pd.DataFrame,
    number: str,
    reference: Reference,
    multiscale: Reference | None,
    varied: str,
    notes: list[str],
    decimals: int = 1,
) -> Table:
    """The values of ``varied`` down, data sets across; with ``multiscale``, below it the same of Protocol B."""
    settings, paper = [reference], _of(published, number)
    keys, rows, caption = [*KEYS, varied], [varied, "method"], f"{AVERAGE} of each data set."
    if multiscale:
        settings, paper = [reference, multiscale.of("B")], paper.assign(protocol=published["protocol"])
        summary = summary.assign(protocol=summary["protocol"].fillna("A") if "protocol" in summary else "A")
        keys, rows = [*keys, "protocol"], ["protocol", "metric", *rows]
        caption = "Average AUROC (%) over the classes of each data set; of pixels, too, with multi-scale features."
    ours = pd.concat([_projected(summary, setting, varied, metrics=AUROCS) for setting in settings], ignore_index=True)
    tidy = with_published(ours, paper, keys)
    order = {"protocol": ["A", "B"], "metric": AUROCS, "method": METHODS, **BY_SOURCE}
    wide = spread(cells(_means(tidy), decimals), rows, ["dataset", "source"], order)
    return Table(title, caption, tidy, wide, [LEGEND, *(setting.describe(varied) for setting in settings), *notes])


def _projected(summary: pd.DataFrame, reference: Reference, *free: str, metrics: Sequence[str]) -> pd.DataFrame:
    rows = reference.select(summary, *free, metrics=metrics)
    return rows[rows["method"].isin(PROJECTED)]


def _beside(
    ours: pd.DataFrame, published: pd.DataFrame, number: str, reference: Reference, *varied: str
) -> pd.DataFrame:
    """``ours``, on multi-scale maps, beside a table of the paper, which centres no features."""
    paper = _of(published, number).assign(centring="none")
    return with_published(ours, paper, [*KEYS, *varied, "centring"]).assign(protocol=reference.protocol)


def _named(long: pd.DataFrame) -> pd.DataFrame:
    """``cells`` in which centred features make another method; ``ROWS`` are the names in their order."""
    names = zip(long["method"], long["centring"], strict=True)
    return long.assign(method=[label("method", method) + CENTRED[centring] for method, centring in names])


def _means(tidy: pd.DataFrame) -> pd.DataFrame:
    return tidy[tidy["class"] == MEAN]


def _of(published: pd.DataFrame, table: str) -> pd.DataFrame:
    """The rows of one of the paper's tables, without the variant columns that it leaves empty and the protocol.

    Most tables are of one protocol; where ``_ablation`` has two, it takes the protocol back.
    """
    rows = published[published["table"] == table].drop(columns="protocol")
    return rows.drop(columns=[name for name in VARIANTS if name in rows and blank(rows[name]).all()])
