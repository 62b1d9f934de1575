"""The tables of paper 1 (objective) on defects: multi-scale maps, Protocols B and C. See ``objective``."""

from collections.abc import Sequence

import pandas as pd

from oneclass.catalogue.methods import ORDER
from oneclass.labels import label
from oneclass.tables.cells import format_cells, pivot
from oneclass.tables.notes import LEGEND
from oneclass.tables.objective import AUROCS, BY_SOURCE, Setting, Settings, projected
from oneclass.tables.render import Table
from oneclass.tables.tidy import SUBJECT, class_order, join_published, means, of_table

METRICS = [*AUROCS, "pixel_aupro", "image_ap", "pixel_ap"]
CENTERED = {"none": "", "channel": ", channel-centred", "position": ", position-centred"}
FIVE_METRICS = (
    "AUPRO: overlap with each defect, averaged up to a false-positive rate of 0.3; AP: average precision. Only image "
    "AUROC has an interval."
)
CENTRING = (
    "Centred rows, which the paper does not have: the mean of the normal images' features is subtracted first, at each "
    "position (position-centred) or over all positions (channel-centred)."
)
COMPARED = (
    "Pixel metrics take all test pixels of a category together. Methods beside the projector (here) have its splits, "
    "and its features or the images themselves; published methods have their own."
)


def methods(
    summary: pd.DataFrame,
    published: pd.DataFrame,
    number: str,
    settings: Settings,
    protocol: str,
    training: Sequence[str] = (),
) -> Table:
    """Tables 2 (Protocol B) and 3 (Protocol C): metrics and methods down, data sets across; the paper gives the two
    kinds of AUROC. ``training`` says how comparators are trained."""
    setting = Setting(**settings[0]).in_protocol(protocol)
    tidy = _beside(setting.select(summary, "centering", metrics=METRICS), published, number, setting)
    order = {"metric": METRICS, "method": _rows(), **BY_SOURCE}
    return Table(
        "Average over the categories of each data set; the paper gives image and pixel AUROC.",
        tidy,
        pivot(_named(format_cells(means(tidy))), ["metric", "method"], ["dataset", "source"], order),
        [LEGEND, setting.describe(), FIVE_METRICS, COMPARED, *training, *_centring(tidy)],
    )


def categories(
    summary: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings, training: Sequence[str] = ()
) -> Table:
    """Table S4: the categories down, methods across; ``training`` as in ``methods``."""
    setting = Setting(**settings[0])
    tidy = _beside(setting.select(summary, "centering", metrics=AUROCS), published, number, setting)
    order = {"metric": AUROCS, "class": class_order(tidy), "method": _rows(), **BY_SOURCE}
    return Table(
        "Image and pixel AUROC (%) of each category, and their average; the paper gives image AUROC.",
        tidy,
        pivot(_named(format_cells(tidy)), ["metric", "dataset", "class"], ["method", "source"], order),
        [LEGEND, setting.describe(), COMPARED, *training],
    )


def norms(summary: pd.DataFrame, published: pd.DataFrame, number: str, settings: Settings) -> Table:
    """Table S6: norms of the hypersphere centre across (the paper: image AUROC on MVTec AD)."""
    setting = Setting(**settings[0])
    ours = projected(summary, setting, "center_norm", metrics=AUROCS)
    tidy = _beside(ours, published, number, setting, "center_norm")
    order = {"metric": AUROCS, "method": ORDER, "center_norm": sorted(set(tidy["center_norm"])), **BY_SOURCE}
    return Table(
        "Average image and pixel AUROC (%) over the classes, by the norm of the centre.",
        tidy,
        pivot(format_cells(means(tidy)), ["dataset", "metric", "method", "source"], ["center_norm"], order),
        [LEGEND, setting.describe("center_norm")],
    )


def _beside(ours: pd.DataFrame, published: pd.DataFrame, number: str, setting: Setting, *varied: str) -> pd.DataFrame:
    """``ours`` beside a table of the paper, which centres no features."""
    printed = of_table(published, "objective", number).drop(columns="protocol").assign(centering="none")
    joined = join_published(ours, printed, [*SUBJECT, *varied, "centering"])
    return joined.assign(protocol=setting.protocol)


def _centring(tidy: pd.DataFrame) -> list[str]:
    """What is said of a table that has centred rows."""
    return [CENTRING] if (tidy["centering"].dropna() != "none").any() else []


def _rows() -> list[str]:
    """The names of methods on features that are centred in each way, in their order."""
    return [label("method", method) + centered for method in ORDER for centered in CENTERED.values()]


def _named(long: pd.DataFrame) -> pd.DataFrame:
    """Cells in which centred features make another method."""
    names = zip(long["method"], long["centering"], strict=True)
    return long.assign(method=[label("method", method) + CENTERED[centering] for method, centering in names])
