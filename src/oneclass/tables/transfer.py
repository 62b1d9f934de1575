"""The tables of paper 2 (exposure) on transfer learning: DN2, PANDA, the mean-shifted loss, and CLIP.

``summary`` is that of CLIP's runs and of fine-tuned backbones; the rest is as in ``exposure``.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oneclass.catalogue.methods import ORDER
from oneclass.tables import notes
from oneclass.tables.cells import SOURCES, format_cells, pivot
from oneclass.tables.exposure import BY_CLASS, beside, with_deviations
from oneclass.tables.notes import AVERAGE, CITED, LEGEND
from oneclass.tables.render import Table
from oneclass.tables.tidy import class_order, means

TASK = "one_vs_rest"  # of all that the paper prints in these tables
NETWORK = "finetuned"
PRETRAINED = (
    "Methods other than CLIP start from the ImageNet weights of {backbones}; kNN on its frozen features is the paper's "
    "DN2. PANDA: fine-tuned to make normal features compact, for few steps; EWC: held near those weights by elastic "
    "weight consolidation instead; mean-shifted: fine-tuned with the mean-shifted contrastive loss. The paper leaves "
    "such methods out on ImageNet-30, whose classes their weights have seen."
)
TWO_DECIMALS = 2  # as the paper prints them


def methods(summary: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 2: data sets down, methods across; of every task that was run (the paper: one-vs-rest)."""
    tidy = beside(summary, published.assign(task=TASK), number, "task")
    return Table(
        f"{AVERAGE} of each data set.",
        tidy,
        _lay_out(format_cells(means(tidy)), ["dataset", "task"]),
        [LEGEND, CITED, *notes.closing(tidy, setup, NETWORK, PRETRAINED)],
    )


def classes(
    summary: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str], deviations_in: str = ""
) -> Table:
    """Tables 10 to 12: one-vs-rest, data sets and their classes down, methods across.

    ``deviations_in`` is the table that has the deviations, if this one has none.
    """
    tidy = beside(summary, published, number)
    long = format_cells(tidy.assign(std=np.nan)) if deviations_in else format_cells(tidy, TWO_DECIMALS)
    about = [*notes.legend_of_classes(deviations_in), *notes.closing(tidy, setup, NETWORK, PRETRAINED)]
    return Table(BY_CLASS[TASK], tidy, _lay_out(long, ["dataset"], ["class"]), about)


def _lay_out(long: pd.DataFrame, places: list[str], rows: Sequence[str] = ()) -> pd.DataFrame:
    """``pivot`` with ``places``, pools and ``rows`` down; what is shown no outliers is with the first pool."""
    long = with_deviations(long)
    pools = ["pool"] if "pool" in long else []
    if pools:
        first = long.groupby(places, sort=False)["pool"].transform("first")
        long = long.assign(pool=long["pool"].fillna(first))
    order = {"class": class_order(long), "method": ORDER, "source": SOURCES}
    return pivot(long, [*places, *pools, *rows], ["method", "source"], order)
