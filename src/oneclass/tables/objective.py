"""The tables of paper 1 (one_class_objective): what is measured here in the paper's shape, its own numbers beside it.

``summary`` is that of ``evaluate.evaluate`` over all data sets, ``published`` is ``published.load("objective")``.
Each table's CSV also holds the single classes; the layout shows averages over classes.
"""

from dataclasses import asdict, dataclass

import pandas as pd

from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.tables.cells import SOURCES, cells, spread
from oneclass.tables.labels import HEADINGS, label
from oneclass.tables.render import Table
from oneclass.tables.tidy import VARIANTS, blank, with_published

PROJECTED = ["ours", "ours_moments", "ours_closed_form"]  # the paper's method, trained three ways
METHODS = [*PROJECTED, "ocsvm", "knn", "mahalanobis", "DSVDD", "PANDA", "MS", "IGD", "MRot"]
PARAMETERS = "trainable_parameters"
COSINE = "cosine"
AVERAGE = "Average image AUROC (%) over the classes"
BY_SOURCE = {"source": SOURCES}
KEYS = ["dataset", "class", "method", "metric"]
LEGEND = (
    "(here): measured by this run, mean ± standard deviation over seeds (a single run has none); (published): as the "
    "paper prints it; difference: here − published; –: no number. 95 % bootstrap intervals are in the CSV."
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

    def select(self, summary: pd.DataFrame, free: str = "", metric: str = IMAGE_AUROC) -> pd.DataFrame:
        """The rows of ``metric`` at this setting, ``free`` left to vary; a method that lacks a setting matches any."""
        keep = summary["metric"] == metric
        for name, value in asdict(self).items():
            if name != free:
                keep &= (summary[name] == value) | blank(summary[name])
        return summary[keep]

    def describe(self, varied: str = "") -> str:
        """The note that names the setting."""
        parts = [
            f"{HEADINGS[name].lower()} {'as listed' if name == varied else label(name, value)}"
            for name, value in asdict(self).items()
        ]
        return f"Here: pooled features, {', '.join(parts)}."


def table1(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference, dimension: int) -> Table:
    """Table 1: data sets down, methods across, trainable parameters below (``dimension``: D of the features)."""
    ours = reference.select(summary)
    trained = {method: (dimension**2 + dimension) / 1e6 for method in ("ours", "ours_moments")}
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


def table4(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table 4: distributions of the hypersphere centre down, data sets across."""
    title = "Table 4. Distribution of the hypersphere centre"
    notes = [
        MIXED_BACKBONES,
        "The closed form depends on the centre only through its norm: one row stands for every distribution.",
    ]
    return _ablation(title, summary, _of(published, "4"), reference, "center", notes, decimals=2)


def table_s2(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table S2: backbones down, data sets across."""
    notes = ["The paper's MVTec AD value of Wide ResNet-50-2 is its multi-scale model; here all features are pooled."]
    return _ablation("Table S2. Backbones", summary, _of(published, "S2"), reference, "backbone", notes)


def table_s3(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Table S3: projectors down, data sets across."""
    notes = [
        "On pooled vectors a 1×1 convolution and a linear layer are the same function of the same parameters. "
        "The closed form trains no projector."
    ]
    return _ablation("Table S3. Projectors", summary, _of(published, "S3"), reference, "projector", notes)


def table_s5(summary: pd.DataFrame, published: pd.DataFrame, reference: Reference) -> Table:
    """Tables S5 (CIFAR10) and S6 (MVTec AD), for every data set: norms of the hypersphere centre across."""
    ours = pd.concat([_projected(summary, reference, "norm", metric) for metric in (IMAGE_AUROC, COSINE)])
    tidy = with_published(
        ours[ours["norm"].notna()].reset_index(drop=True), _of(published, "S5", "S6"), [*KEYS, "norm"]
    )
    means = _means(tidy)
    order = {"metric": [IMAGE_AUROC, COSINE], "method": METHODS, "norm": sorted(set(tidy["norm"])), **BY_SOURCE}
    long = pd.concat([cells(means[means["metric"] == IMAGE_AUROC]), cells(means[means["metric"] == COSINE], 2)])
    return Table(
        "Table S5. Norm of the hypersphere centre",
        f"{AVERAGE}, by the norm of the centre; the published values of MVTec AD are those of Table S6. Below, mean "
        "cosine between normal and anomalous test images after projection.",
        tidy,
        spread(long, ["dataset", "metric", "method", "source"], ["norm"], order),
        [LEGEND, reference.describe("norm"), MIXED_BACKBONES],
    )


def _ablation(
    title: str,
    summary: pd.DataFrame,
    paper: pd.DataFrame,
    reference: Reference,
    varied: str,
    notes: list[str],
    decimals: int = 1,
) -> Table:
    """The values of ``varied`` down, data sets across."""
    tidy = with_published(_projected(summary, reference, varied), paper, [*KEYS, varied])
    order = {"method": METHODS, **BY_SOURCE}
    wide = spread(cells(_means(tidy), decimals), [varied, "method"], ["dataset", "source"], order)
    return Table(title, f"{AVERAGE} of each data set.", tidy, wide, [LEGEND, reference.describe(varied), *notes])


def _projected(summary: pd.DataFrame, reference: Reference, free: str, metric: str = IMAGE_AUROC) -> pd.DataFrame:
    rows = reference.select(summary, free, metric)
    return rows[rows["method"].isin(PROJECTED)]


def _means(tidy: pd.DataFrame) -> pd.DataFrame:
    return tidy[tidy["class"] == MEAN]


def _of(published: pd.DataFrame, *tables: str) -> pd.DataFrame:
    """The rows of some of the paper's tables, without the variant columns that they leave empty and the protocol.

    All these tables are of Protocol A, or do not say.
    """
    rows = published[published["table"].isin(tables)].drop(columns="protocol")
    return rows.drop(columns=[name for name in VARIANTS if name in rows and blank(rows[name]).all()])
