"""The tables of paper 2 (outlier_exposure) on transfer learning: DN2, PANDA, the mean-shifted loss, and CLIP.

``summary`` is that of ``evaluate.evaluate`` over CLIP's runs and those of fine-tuned backbones, ``published`` is
``published.load("exposure")``, and ``setup`` says how they were run here, a note each.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oneclass.evaluate import MEAN
from oneclass.tables import clip
from oneclass.tables.cells import SOURCES, cells, spread
from oneclass.tables.exposure import (
    AVERAGE,
    BY_CLASS,
    CITED,
    DEVIATIONS,
    beside,
    class_order,
    closing_notes,
    legend_of_means,
    with_deviations,
)
from oneclass.tables.objective import LEGEND
from oneclass.tables.render import Table
from oneclass.tables.tidy import blank

TASK = "one_vs_rest"  # of all that the paper prints in these tables
NETWORK = "finetuned"
METHODS = [
    *("DN2*", "knn", "PANDA*", "panda", "panda_ewc", "mean_shifted", *clip.ZERO_SHOT),  # unsupervised
    *("PANDA* (OE)", "panda_oe", "ADIP*", *clip.FINE_TUNED),  # shown outliers
]
PRETRAINED = (
    "Methods other than CLIP start from the ImageNet weights of {backbones}; kNN on its frozen features is the paper's "
    "DN2. PANDA: fine-tuned to make normal features compact, for few steps; EWC: held near those weights by elastic "
    "weight consolidation instead; mean-shifted: fine-tuned with the mean-shifted contrastive loss. The paper leaves "
    "such methods out on ImageNet-30, whose classes their weights have seen."
)
TWO_DECIMALS = 2  # as the paper prints them


def table2(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 2: data sets down, methods across; of every task that was run (the paper: one-vs-rest)."""
    tidy = beside(summary, published.assign(task=TASK), "2", "task")
    return Table(
        "Table 2. Transfer learning and CLIP",
        f"{AVERAGE}.",
        tidy,
        _lay_out(cells(tidy[tidy["class"] == MEAN]), ["dataset", "task"]),
        [LEGEND, CITED, *closing_notes(tidy, setup, NETWORK, PRETRAINED)],
    )


def table10(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 10: one-vs-rest on 32-pixel images, classes down; without deviations."""
    title = "Transfer learning and CLIP by class, 32-pixel images"
    return _by_class("10", title, summary, published, setup, [legend_of_means("11"), CITED])


def table11(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 11: the runs of Table 10 with deviations."""
    title = "Transfer learning and CLIP by class, 32-pixel images, with standard deviations"
    return _by_class("11", title, summary, published, setup, [LEGEND, DEVIATIONS])


def table12(summary: pd.DataFrame, published: pd.DataFrame, setup: Sequence[str]) -> Table:
    """Table 12: one-vs-rest on larger images, classes down."""
    title = "Transfer learning and CLIP by class, larger images"
    return _by_class("12", title, summary, published, setup, [LEGEND, DEVIATIONS])


def _by_class(
    number: str,
    title: str,
    summary: pd.DataFrame,
    published: pd.DataFrame,
    setup: Sequence[str],
    notes: Sequence[str],
) -> Table:
    """Data sets and their classes down, methods across; with deviations but in Table 10."""
    tidy = beside(summary[summary["task"] == TASK], published, number)
    long = cells(tidy.assign(std=np.nan)) if number == "10" else cells(tidy, TWO_DECIMALS)
    wide = _lay_out(long, ["dataset"], ["class"])
    notes = [*notes, *closing_notes(tidy, setup, NETWORK, PRETRAINED)]
    return Table(f"Table {number}. {title}", BY_CLASS[TASK], tidy, wide, notes)


def _lay_out(long: pd.DataFrame, places: list[str], rows: Sequence[str] = ()) -> pd.DataFrame:
    """``spread`` with ``places``, pools and ``rows`` down; what is shown no outliers stands with the first pool."""
    pool = long["pool"].where(~blank(long["pool"]))
    first = pool.groupby([long[name] for name in places], sort=False, observed=True).transform("first")
    long = with_deviations(long).assign(pool=pool.fillna(first))
    pools = [] if blank(long["pool"]).all() else ["pool"]
    order = {"class": class_order(long), "method": METHODS, "source": SOURCES}
    return spread(long, [*places, *pools, *rows], ["method", "source"], order)
