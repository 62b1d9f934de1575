"""The tables of paper 2 (outlier_exposure) that trained networks fill: measured here, its own numbers beside them.

``summary`` is that of ``evaluate.evaluate`` over all runs of the sweep ``benchmark`` (Table 6: ``radial``), in Tables
13 to 15 with that of CLIP's runs, ``published`` is ``published.load("exposure")``, and ``setup`` says how networks are
trained here, a note each.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oneclass.evaluate import MEAN
from oneclass.tables import clip
from oneclass.tables.cells import SOURCES, cells, printed, spread
from oneclass.tables.labels import label
from oneclass.tables.objective import LEGEND
from oneclass.tables.render import Table
from oneclass.tables.tidy import PUBLISHED_STD, SAME, blank, with_published

TRAINED = {**SAME, "DSVDD": "dsvdd"}  # the paper's methods that are trained here from scratch, as there
NETWORKS = {"cifar10": "lenet", "imagenet30": "cbam_resnet18", "mvtec_ad": "cbam_resnet18"}  # the paper's
SMALL = "lenet"  # the network of 32-pixel images
HEAD = "head"
METHODS = [
    *("SVDD*", "DSVDD*", "dsvdd", "GT*", "GT+*", "CSI*", "DN2*", "PANDA*"),  # unsupervised
    *clip.ZERO_SHOT,
    *("GT+* (OE)", "dsad", "hsc"),  # one-class methods that are shown outliers
    *("Focal*", "focal", "bce", "PANDA* (OE)", "ADIP*"),  # classifiers of normal images against outliers
    *clip.FINE_TUNED,
]
RADIALS = ["norm1", "norm2", "squared", "pseudo_huber"]
KEYS = ["dataset", "class", "method", "metric", "network"]
RUN = ["dataset", "network", "pool"]
AVERAGE = "Average image AUROC (%) over the classes of each data set"
BY_CLASS = {
    "one_vs_rest": "Image AUROC (%) of each class, which is normal and all others anomalous, and their average.",
    "leave_one_out": "Image AUROC (%) of each class, which is anomalous and all others normal, and their average.",
    "defect": "Image AUROC (%) of normal against anomalous images of each category, and their average.",
}
CITED = (
    "*: taken by the paper from the literature, with set-ups of their own, so that none has a difference; (OE): with "
    "outliers, of a method that the paper also lists without."
)
DEVIATIONS = (
    "± (published): over the paper's seeds. With its averages the paper prints the spread over the classes instead, "
    "which is left out; ± of an average (here) is over seeds, too."
)
TWO_ORDERS = (
    "Published values of Deep SAD and Focal rank the classes alike, and so do those of HSC and BCE, but the two pairs "
    "differ (rank correlation about 0.2; on CIFAR10 it is 0.99): the paper probably prints one pair in another order "
    "of classes. The averages do not depend on it."
)
OUTLIERS = (
    "The paper's outliers are 80 Million Tiny Images (CIFAR10) or ImageNet-22k without the classes of ImageNet-1k "
    "(ImageNet-30, MVTec AD); differences between outliers and between set-ups are part of every difference here."
)
SET_UP = (
    "Networks here are trained as listed below, and averages (here) are over the classes that were run. Data sets that "
    "the paper does not have use a smaller set-up than its own: compare the order of the methods there, not their "
    "values."
)
OTHER_NETWORKS = (
    "Network and outliers are those of the methods trained here; results from the literature, CLIP and BCE-CL (CLIP "
    "fine-tuned) have networks and outliers of their own, whatever row they stand in."
)
PRETRAINED = (
    "Head on frozen features: a small head trained on frozen ImageNet features ({backbones}). The paper has no such "
    "method, so none of its values stands beside it."
)
LAST = "Every network is scored after its last epoch; no epoch is chosen on test images."
NOTHING = pd.DataFrame({name: pd.Series(dtype="float64") for name in ("mean", "std")}).assign(
    **dict.fromkeys([*KEYS, "task", "backbone", "pool", "radial", "augmented"], "")
)  # the summary of a sweep that is not run


def table1(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 1: data sets, networks and pools down, methods across."""
    ours = summary[summary["task"] == "one_vs_rest"]
    tidy = beside(ours, published, "1")
    return Table(
        "Table 1. Outlier exposure, one-vs-rest",
        f"{AVERAGE}, one class normal and all others anomalous.",
        tidy,
        _lay_out(cells(tidy[tidy["class"] == MEAN]), [], ["method", "source"]),
        [LEGEND, CITED, *_notes(tidy, setup)],
    )


def table6(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 6: with and without augmentation down, HSC's radial functions across."""
    ours = summary[summary["method"] == "hsc"]
    tidy = beside(ours, published, "6", "radial", "augmented")
    return Table(
        "Table 6. Radial functions h(z) of hypersphere classification (HSC)",
        f"{AVERAGE}, by the radial function and with or without augmentation of the training images.",
        tidy,
        _lay_out(cells(tidy[tidy["class"] == MEAN]), ["augmented", "source"], ["radial"]),
        [LEGEND, *_notes(tidy, setup)],
    )


def table7(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 7: one-vs-rest on 32-pixel images, classes down; without deviations."""
    ours = summary[summary["network"] == SMALL]
    notes = [legend_of_means("8"), CITED]
    return _by_class("7", "One-vs-rest by class, 32-pixel images", "one_vs_rest", ours, published, setup, notes)


def table8(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 8: the runs of Table 7 with deviations."""
    ours = summary[summary["network"] == SMALL]
    title = "One-vs-rest by class, 32-pixel images, with standard deviations"
    return _by_class("8", title, "one_vs_rest", ours, published, setup, [LEGEND, DEVIATIONS])


def table9(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 9: one-vs-rest on larger images, classes down."""
    ours = summary[summary["network"] != SMALL]
    notes = [LEGEND, DEVIATIONS, TWO_ORDERS]
    return _by_class("9", "One-vs-rest by class, larger images", "one_vs_rest", ours, published, setup, notes)


def table13(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 13: leave-one-class-out on larger images, classes down."""
    ours = summary[summary["network"] != SMALL]
    title = "Leave-one-class-out by class, larger images"
    return _by_class("13", title, "leave_one_out", ours, published, setup, [LEGEND, DEVIATIONS])


def table14(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 14: leave-one-class-out on 32-pixel images, classes down."""
    ours = summary[summary["network"].isin([SMALL, clip.NETWORK])]
    title = "Leave-one-class-out by class, 32-pixel images"
    return _by_class("14", title, "leave_one_out", ours, published, setup, [LEGEND, DEVIATIONS])


def table15(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 15: defects, categories down."""
    return _by_class("15", "Defects by category", "defect", summary, published, setup, [LEGEND, DEVIATIONS])


def legend_of_means(number: str) -> str:
    """The legend of a table without deviations, which table ``number`` has."""
    return (
        f"(here): measured by this run, mean over seeds (their standard deviations: Table {number}); (published): as "
        "the paper prints it; difference: here − published; –: no number. 95 % bootstrap intervals are in the CSV."
    )


def _by_class(
    number: str,
    title: str,
    task: str,
    summary: pd.DataFrame,
    published: pd.DataFrame,
    setup: Sequence[str],
    notes: Sequence[str],
) -> Table:
    """Runs and their classes down, methods across; with deviations if the paper's table has them."""
    tidy = beside(summary[summary["task"] == task], published, number)
    long = cells(tidy) if PUBLISHED_STD in tidy else cells(tidy.assign(std=np.nan))
    wide = _lay_out(long, ["class"], ["method", "source"])
    return Table(f"Table {number}. {title}", BY_CLASS[task], tidy, wide, [*notes, *_notes(tidy, setup)])


def beside(ours: pd.DataFrame, published: pd.DataFrame, number: str, *varied: str) -> pd.DataFrame:
    """``ours`` beside a table of the paper, whose methods trained here stand with the paper's own network.

    So its numbers join networks trained from scratch, and CLIP: a head on frozen features is another method, and so is
    a miniature.
    """
    paper = published[published["table"] == number].replace({"method": TRAINED | clip.SAME})
    network = _network(paper["dataset"]).where(paper["method"].isin(TRAINED.values()), "")
    network = network.mask(paper["method"].isin(clip.SAME.values()), clip.NETWORK)
    std = paper["std"].where(paper["class"] != MEAN)
    paper = paper.assign(network=network, **({PUBLISHED_STD: std} if std.notna().any() else {}))
    return with_published(clip.apart(ours), paper, [*KEYS, *varied])


def _network(datasets: pd.Series) -> pd.Series:
    """The network that the paper trains on each of its ``datasets``."""
    return datasets.str.removesuffix("_leave_one_out").map(NETWORKS)


def _lay_out(long: pd.DataFrame, rows: list[str], columns: list[str]) -> pd.DataFrame:
    """``spread`` with the runs down, before ``rows``.

    A number of the paper for a method that is not trained here stands with the paper's network, and any that no run
    has with the first pool of that network, if there is one. So does CLIP, whoever measured it; on a data set that the
    paper does not have it stands with the first network.
    """
    own = long["network"] != clip.NETWORK
    network = long["network"].astype(object).where(~blank(long["network"]) & own, _network(long["dataset"]))
    network = network.fillna(network.groupby(long["dataset"], observed=True).transform("first"))
    long = with_deviations(long).assign(network=network, pool=long["pool"].where(~blank(long["pool"]) & own))
    first = long.groupby(RUN[:2], sort=False, observed=True)["pool"].transform("first")
    long = long.assign(pool=long["pool"].fillna(first))
    order = {
        **{"class": class_order(long), "method": METHODS, "source": SOURCES},
        **{"radial": RADIALS, "augmented": ["no", "yes"]},
    }
    run = [name for name in RUN if not blank(long[name]).all()]
    return spread(long, [*run, *rows], columns, order)


def class_order(long: pd.DataFrame) -> list[str]:
    """The classes in their order, then their average."""
    return [*(name for name in dict.fromkeys(long["class"]) if name != MEAN), MEAN]


def with_deviations(long: pd.DataFrame) -> pd.DataFrame:
    """``cells`` in which published numbers have the paper's deviations, where it gives them."""
    if PUBLISHED_STD not in long:
        return long
    shown = (long["source"] == "published") & long[PUBLISHED_STD].notna()
    std = long[PUBLISHED_STD].map(lambda value: f" ± {printed(value, 2)}")
    return long.assign(text=long["text"].where(~shown, long["text"] + std))


def closing_notes(tidy: pd.DataFrame, setup: Sequence[str], network: str, pretrained: str) -> list[str]:
    """What is said under every table; if it has rows of ``network``, ``pretrained`` with their ``{backbones}``, too."""
    rows = tidy[tidy["network"] == network]
    names = ", ".join(label("backbone", name) for name in dict.fromkeys(rows["backbone"]))
    about = [pretrained.format(backbones=names)] if names else []
    return [OUTLIERS, SET_UP, *clip.notes(tidy), *about, *setup, LAST]


def _notes(tidy: pd.DataFrame, setup: Sequence[str]) -> list[str]:
    others = blank(tidy["network"]) | (tidy["network"] == clip.NETWORK)
    return [*([OTHER_NETWORKS] if others.any() else []), *closing_notes(tidy, setup, HEAD, PRETRAINED)]
