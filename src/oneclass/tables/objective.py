"""The tables of paper 1 (objective) on the projector: its own numbers beside those measured here.

``summary`` is a summary of ``tidy`` over all data sets, ``published`` is ``published.load("objective")``, ``number``
that of the table, and ``settings`` are those of Protocols A and B, as far as they are run, as dicts (``Setting``). Each
table's CSV also holds the single classes; the layout shows averages over classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from oneclass import parquet
from oneclass.catalogue.methods import ORDER, of_kind
from oneclass.catalogue.records import Baseline, Trained
from oneclass.data import images
from oneclass.data.index import Index
from oneclass.evaluate import IMAGE_AUROC, MEAN, summarise
from oneclass.features import store
from oneclass.labels import HEADINGS, label
from oneclass.tables.cells import SOURCES, format_cells, pivot
from oneclass.tables.notes import AVERAGE, LEGEND
from oneclass.tables.render import Table
from oneclass.tables.tidy import SUBJECT, join_published, means, of_table


@dataclass(frozen=True)
class Setting:
    """Values of the columns of ``tidy`` that are held fixed."""

    backbone: str
    center_norm: float
    protocol: str
    center: str = "gaussian"
    projector: str = "conv1x1"
    centering: str = "none"

    def in_protocol(self, protocol: str) -> "Setting":
        """The same setting in another protocol."""
        return replace(self, protocol=protocol)

    def select(self, summary: pd.DataFrame, *free: str, metrics: Sequence[str] = (IMAGE_AUROC,)) -> pd.DataFrame:
        """The rows of ``metrics`` at this setting, ``free`` left to vary; a method that lacks a setting matches any."""
        keep = summary["metric"].isin(metrics)
        for name, value in asdict(self).items():
            if name not in free:
                keep &= (summary[name] == value) | summary[name].isna()
        return summary[keep]

    def describe(self, varied: str = "") -> str:
        """The note that names the setting."""
        features = "pooled" if self.protocol == "A" else "multi-scale"
        parts = [
            f"{HEADINGS[name].lower()} {'as listed' if name == varied else label(name, getattr(self, name))}"
            for name in ("backbone", "center_norm", "center", "projector")
        ]
        return f"Protocol {self.protocol}: {features} features, {', '.join(parts)}."


PARAMETERS = "trainable_parameters"
COSINE = "cosine"
AUROCS = [IMAGE_AUROC, "pixel_auroc"]
BY_SOURCE = {"source": SOURCES}
FINETUNED = "finetuned"  # network of the rows of fine-tuned backbones
FINE_TUNING_ONLY = [
    *("task", "network", "pool", "outlier_count", "outlier_class_count", "filter", "magnitude", "augmented", "prompt"),
]
MULTISCALE_99 = (
    "The paper does not say which features its MVTec AD values have; they are beside multi-scale maps (Protocol B), "
    "whose 99.0 (Table 2) is among them."
)
MIXED_BACKBONES = (
    "The paper's MVTec AD value of 99.0 is its multi-scale model on Wide ResNet-50-2; its pooled ResNet-152 feature, "
    "the counterpart of what is measured here, gives 97.7 (Table S2)."
)
Settings = Sequence[Mapping[str, Any]]


def methods(
    summary: pd.DataFrame,
    features: list[Path],
    published: pd.DataFrame,
    number: str,
    settings: Settings,
    training: list[str],
    sizes: Sequence[Path] = (),
) -> Table:
    """Table 1: data sets down, methods across, trainable parameters below.

    ``features`` is a store that tells their dimension; ``sizes`` a file that tells how many numbers are fine-tuned by
    the methods that ``summary`` also holds, and ``training`` says how these and systems from scratch are trained.
    """
    setting, dimension = Setting(**settings[0]), store.dimension(features[0])
    printed = of_table(published, "objective", number).drop(columns="protocol")
    ours = setting.select(summary)
    ours = ours[(ours["network"] != FINETUNED) | ours["method"].isin(printed["method"])]
    parameters = _parameters(ours, dimension, sizes)
    ours = ours.assign(**dict.fromkeys(FINE_TUNING_ONLY))  # paper 2's variants are not shown
    tidy = join_published(pd.concat([ours, parameters], ignore_index=True), printed, SUBJECT)
    tidy.loc[tidy["metric"] == PARAMETERS, "difference"] = float("nan")  # of unlike networks
    rows = "Trainable parameters [millions]"
    long = format_cells(tidy[(tidy["class"] == MEAN) | tidy["class"].isna()]).fillna({"dataset": rows})
    order = {"dataset": [*means(tidy)["dataset"], rows], "method": ORDER, **BY_SOURCE}
    return Table(
        f"{AVERAGE} of each data set, and the number of trainable parameters.",
        tidy,
        pivot(long, ["dataset"], ["method", "source"], order),
        [
            LEGEND,
            setting.describe(),
            MIXED_BACKBONES,
            "The paper prints its parameters as MB; 3.7 is a count in millions, the mean of D² + D for D = 2048 and "
            f"D = 1792. Here D = {dimension}: networks differ, so that parameters have no difference. The closed form "
            "trains nothing (it stores one matrix, of D + 1 rows and columns); OC-SVM, kNN and Mahalanobis have no "
            "parameters trained by gradient; those of systems that are trained from scratch on images are not counted.",
            *training,
        ],
    )


def datasets(indexes: list[Index], published: pd.DataFrame, number: str, classes: Mapping[str, list[str]]) -> Table:
    """Table S1: the data sets as indexed, with those of their ``classes`` that are run."""
    sizes = pd.DataFrame([_sizes(index, classes[index.name]) for index in indexes])
    measured = sizes.assign(test=sizes["test_normal"] + sizes["test_anomalous"])
    ours = measured.melt("dataset", var_name="metric", value_name="mean")
    tidy = join_published(
        ours.assign(**{"class": None, "method": None}), of_table(published, "objective", number), SUBJECT
    )
    long = format_cells(tidy, 0)
    metrics = ["categories", "train", "test_normal", "test_anomalous", "test", "min_size", "max_size"]
    return Table(
        "Number of categories, training and test images, and smallest and largest image side in pixels.",
        tidy,
        pivot(
            long[long["source"] != "difference"], ["dataset"], ["metric", "source"], {"metric": metrics, **BY_SOURCE}
        ),
        [
            "(here): as indexed by this run, after any limit on images per class; (published): as the paper prints it.",
            "For MVTec AD, MPDD and VisA the paper's Train and Test are the totals of normal and anomalous images, not "
            "the official splits.",
        ],
    )


def centers(summary: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings) -> Table:
    """Table 4: distributions of the hypersphere centre down, data sets across."""
    notes = [
        MULTISCALE_99 if len(settings) > 1 else MIXED_BACKBONES,
        "The closed form depends on the centre only through its norm: one row holds for every distribution.",
        "The feature mean that is not scaled has a norm of its own (Figure 4).",
    ]
    return _ablation(summary, published, number, settings, "center", notes, decimals=2)


def backbones(summary: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings) -> Table:
    """Table S2: backbones down, data sets across."""
    if len(settings) > 1:
        note = (
            "The paper does not say which features its MVTec AD values have. That of Wide ResNet-50-2 is the 99.0 of "
            "multi-scale maps (Table 2); those of ResNet-18 and ResNet-152 are beside pooled features."
        )
    else:
        note = "The paper's MVTec AD value of Wide ResNet-50-2 is its multi-scale model; here all features are pooled."
    return _ablation(summary, published, number, settings, "backbone", [note])


def projectors(summary: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings) -> Table:
    """Table S3: projectors down, data sets across."""
    where = "On pooled vectors, and at each position of a map," if len(settings) > 1 else "On pooled vectors"
    notes = [
        f"{where} a 1×1 convolution and a linear layer are the same function of the same parameters. "
        "The closed form trains no projector."
    ]
    notes += [MULTISCALE_99] if len(settings) > 1 else []
    return _ablation(summary, published, number, settings, "projector", notes)


def norms(
    summary: pd.DataFrame, history: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings
) -> Table:
    """Table S5: norms of the hypersphere centre across, for every data set (the paper: CIFAR10).

    ``history`` tells how alike normal and anomalous images are after projection.
    """
    setting = Setting(**settings[0])
    alike = history[history["metric"] == COSINE].drop(columns="step").dropna(axis=1, how="all")
    both = pd.concat([summary, summarise(alike.assign(projector=setting.projector))], ignore_index=True)
    ours = projected(both, setting, "center_norm", metrics=[IMAGE_AUROC, COSINE])
    printed = of_table(published, "objective", number).drop(columns="protocol")
    tidy = join_published(ours[ours["center_norm"].notna()], printed, [*SUBJECT, "center_norm"])
    order = {
        **{"metric": [IMAGE_AUROC, COSINE], "method": ORDER},
        **{"center_norm": sorted(set(tidy["center_norm"])), **BY_SOURCE},
    }
    rows, decimals = means(tidy), {IMAGE_AUROC: 1, COSINE: 2}
    long = pd.concat([format_cells(rows[rows["metric"] == name], places) for name, places in decimals.items()])
    return Table(
        f"{AVERAGE}, by the norm of the centre. Below, mean cosine between normal and anomalous test images after "
        "projection.",
        tidy,
        pivot(long, ["dataset", "metric", "method", "source"], ["center_norm"], order),
        [
            LEGEND,
            setting.describe("center_norm"),
            "The paper's norms on MVTec AD are those of multi-scale maps: Table S6.",
        ],
    )


def _ablation(
    summary: pd.DataFrame,
    published: pd.DataFrame,
    number: str,
    settings: Settings,
    varied: str,
    notes: list[str],
    decimals: int = 1,
) -> Table:
    """The values of ``varied`` down, data sets across; with two settings, Protocol B below Protocol A."""
    protocols = [Setting(**setting) for setting in settings]
    both = len(protocols) > 1
    ours = [projected(summary, setting, varied, metrics=AUROCS) for setting in protocols]
    printed = of_table(published, "objective", number)
    printed = printed if both else printed.drop(columns="protocol")
    keys = [*SUBJECT, varied, *(["protocol"] if both else [])]
    tidy = join_published(pd.concat(ours, ignore_index=True), printed, keys)
    order = {"protocol": ["A", "B"], "metric": AUROCS, "method": ORDER, **BY_SOURCE}
    rows = [*(["protocol", "metric"] if both else []), varied, "method"]
    wide = pivot(format_cells(means(tidy), decimals), rows, ["dataset", "source"], order)
    values = f"{AVERAGE} of each data set."
    if both:
        values = "Average AUROC (%) over the classes of each data set; of pixels, too, with multi-scale features."
    return Table(values, tidy, wide, [LEGEND, *(setting.describe(varied) for setting in protocols), *notes])


def projected(summary: pd.DataFrame, setting: Setting, *free: str, metrics: Sequence[str]) -> pd.DataFrame:
    """The rows of the methods that learn a projection."""
    rows = setting.select(summary, *free, metrics=metrics)
    return rows[rows["method"].isin(of_kind(Trained))]


def _parameters(ours: pd.DataFrame, dimension: int, sizes: Sequence[Path]) -> pd.DataFrame:
    """How many parameters each method trains, in millions; of systems from scratch they are not counted."""
    projector = (dimension**2 + dimension) / 1e6
    counts = {name: projector for name, method in of_kind(Trained).items() if method.parameters}
    for size in sizes:
        fine_tuned = parquet.read(size)[0][PARAMETERS][0].as_py() / 1e6
        counts |= dict.fromkeys(ours.loc[ours["network"] == FINETUNED, "method"], fine_tuned)
    rows = ours.loc[~ours["method"].isin(of_kind(Baseline)), ["method"]].drop_duplicates()
    return rows.assign(metric=PARAMETERS, mean=[counts.get(method, 0.0) for method in rows["method"]])


def _sizes(index: Index, classes: Sequence[str]) -> dict[str, object]:
    """Categories run, training and test images, and the smallest and largest image side in pixels.

    In classification data an image is normal or anomalous only once a class is chosen: all count as normal here.
    """
    test = index.table[index.table["split"] == "test"]
    sides = [side for place in index.places() for side in images.size(*place)]
    return {
        "dataset": index.name,
        "categories": len(classes),
        "train": int((index.table["split"] == "train").sum()),
        "test_normal": int((test["label"] == 0).sum()),
        "test_anomalous": int((test["label"] == 1).sum()),
        "min_size": min(sides),
        "max_size": max(sides),
    }
