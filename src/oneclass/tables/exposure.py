"""The tables of paper 2 (exposure) that trained networks fill: its own numbers beside those measured here.

``summary`` is a summary of ``tidy`` over the page's runs and, where it shows some, CLIP's; ``published`` is
``published.load("exposure")``, ``number`` that of the table, and ``setup`` says how networks are trained here, one note
each.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oneclass.catalogue.methods import ORDER, of_kind, options, published_names
from oneclass.catalogue.records import Loss
from oneclass.evaluate import MEAN
from oneclass.tables import notes
from oneclass.tables.cells import SOURCES, format_cells, pivot, printed
from oneclass.tables.notes import AVERAGE, CITED, LEGEND
from oneclass.tables.render import Table
from oneclass.tables.tidy import PUBLISHED_STD, SUBJECT, class_order, join_published, means, of_table

NETWORKS = {"cifar10": "lenet", "imagenet30": "cbam_resnet18", "mvtec_ad": "cbam_resnet18"}  # the paper's
CLIP, HEAD = "clip", "head"
KEYS = [*SUBJECT, "network"]
RUN = ["dataset", "network", "pool"]
BY_CLASS = {
    "one_vs_rest": "Image AUROC (%) of each class, which is normal and all others anomalous, and their average.",
    "leave_one_out": "Image AUROC (%) of each class, which is anomalous and all others normal, and their average.",
    "defect": "Image AUROC (%) of normal against anomalous images of each category, and their average.",
}
TWO_ORDERS = (
    "Published values of Deep SAD and Focal rank the classes alike, and so do those of HSC and BCE, but the two pairs "
    "differ (rank correlation about 0.2; on CIFAR10 it is 0.99): the paper probably prints one pair in another order "
    "of classes. The averages do not depend on it."
)
OTHER_NETWORKS = (
    "Network and outliers are those of the methods trained here; results from the literature, CLIP and BCE-CL (CLIP "
    "fine-tuned) have networks and outliers of their own, whatever row they are in."
)
PRETRAINED = (
    "Head on frozen features: a small head trained on frozen ImageNet features ({backbones}). The paper has no such "
    "method, so none of its values is beside it."
)


def methods(summary: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 1: data sets, networks and pools down, methods across."""
    tidy = beside(summary, published, number)
    return Table(
        f"{AVERAGE} of each data set, one class normal and all others anomalous.",
        tidy,
        _lay_out(format_cells(means(tidy)), [], ["method", "source"]),
        [LEGEND, CITED, *_notes(tidy, setup)],
    )


def radial_functions(summary: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 6: with and without augmentation down, HSC's radial functions across."""
    tidy = beside(summary[summary["method"] == "hsc"], published, number, "radial", "augmented")
    return Table(
        f"{AVERAGE} of each data set, by the radial function and with or without augmentation of the training images.",
        tidy,
        _lay_out(format_cells(means(tidy)), ["augmented", "source"], ["radial"]),
        [LEGEND, *_notes(tidy, setup)],
    )


def classes(
    summary: pd.DataFrame,
    published: pd.DataFrame,
    number: str,
    setup: Sequence[str],
    task: str,
    deviations_in: str = "",
) -> Table:
    """Tables 7 to 9 and 13 to 15: runs and their classes down, methods across.

    ``deviations_in`` is the table that has the deviations, if this one has none.
    """
    tidy = beside(summary, published, number)
    long = format_cells(tidy.assign(std=np.nan) if deviations_in else tidy)
    about = [*notes.legend_of_classes(deviations_in), *([TWO_ORDERS] if number == "9" else []), *_notes(tidy, setup)]
    return Table(BY_CLASS[task], tidy, _lay_out(long, ["class"], ["method", "source"]), about)


def beside(ours: pd.DataFrame, published: pd.DataFrame, number: str, *varied: str) -> pd.DataFrame:
    """``ours`` beside a table of the paper, whose methods trained here have the paper's own network.

    So its numbers join networks trained from scratch, and CLIP: a head on frozen features is another method, and so is
    a miniature.
    """
    paper = of_table(published, "exposure", number)
    network = _network(paper["dataset"]).where(paper["method"].isin(of_kind(Loss)))
    network = network.mask(paper["method"].isin(published_names("exposure").values()) & network.isna(), CLIP)
    std = paper["std"].where(paper["class"] != MEAN)
    paper = paper.assign(network=network, **({PUBLISHED_STD: std} if std.notna().any() else {}))
    return join_published(_apart(ours), paper, [*KEYS, *varied])


def _apart(summary: pd.DataFrame) -> pd.DataFrame:
    """``summary`` in which methods of a miniature CLIP have names of their own, which no published number has."""
    small = (summary["network"] == CLIP) & summary["backbone"].fillna("").str.startswith(notes.MINIATURE)
    return summary.assign(method=summary["method"].mask(small, notes.MINIATURE + summary["method"]))


def _network(datasets: pd.Series) -> pd.Series:
    """The network that the paper trains on each of its ``datasets``."""
    return datasets.str.removesuffix("_leave_one_out").map(NETWORKS)


def _lay_out(long: pd.DataFrame, rows: list[str], columns: list[str]) -> pd.DataFrame:
    """``pivot`` with the runs down, before ``rows``.

    A number of the paper for a method that is not trained here is with the paper's network, and any that no run has
    with the first pool of that network, if there is one. So is CLIP, whoever measured it; on a data set that the paper
    does not have it is with the first network.
    """
    own = long["network"] != CLIP
    network = long["network"].where(own & long["network"].notna(), _network(long["dataset"]))
    network = network.fillna(network.groupby(long["dataset"]).transform("first"))
    long = with_deviations(long).assign(network=network, pool=long["pool"].where(own) if "pool" in long else None)
    first = long.groupby(RUN[:2], sort=False)["pool"].transform("first")
    long = long.assign(pool=long["pool"].fillna(first))
    order = {
        **{"class": class_order(long), "method": ORDER, "source": SOURCES, "augmented": ["no", "yes"]},
        **{name: list(option.values) for name, option in options().items()},
    }
    run = [name for name in RUN if not long[name].isna().all()]
    return pivot(long, [*run, *rows], columns, order)


def with_deviations(long: pd.DataFrame) -> pd.DataFrame:
    """Cells in which published numbers have the paper's deviations, where it gives them."""
    if PUBLISHED_STD not in long:
        return long
    shown = (long["source"] == "published") & long[PUBLISHED_STD].notna()
    std = long[PUBLISHED_STD].map(lambda value: f" ± {printed(value, 2)}")
    return long.assign(text=long["text"].where(~shown, long["text"] + std))


def _notes(tidy: pd.DataFrame, setup: Sequence[str]) -> list[str]:
    others = tidy["network"].isna() | (tidy["network"] == CLIP)
    return [*([OTHER_NETWORKS] if others.any() else []), *notes.closing(tidy, setup, HEAD, PRETRAINED)]
