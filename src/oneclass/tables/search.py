"""The tables of paper 2 on the best and the worst single outlier: found here, its own numbers beside them.

``searches`` are the rows of ``tidy`` of all searches shown, one per individual and generation. ``published`` is
``published.load("exposure")``, ``number`` that of the table, and ``setup`` says how the searches were run.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from oneclass.catalogue.methods import ORDER
from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.filters import KINDS
from oneclass.labels import images, label
from oneclass.tables.cells import SOURCES, format_cells, pivot, signed
from oneclass.tables.exposure import KEYS, NETWORKS, RUN
from oneclass.tables.notes import AVERAGE, OUTLIERS
from oneclass.tables.render import Table
from oneclass.tables.tidy import class_order, join_published, means, of_table

SEARCHED = [*RUN, "task", "method", "filter", "magnitude"]  # what a search is for, besides a class and a direction
ENDS = {"best": "max", "worst": "min"}  # of the fitnesses of a search
MAGNITUDES = {"cifar10": 14, "imagenet30": 110}  # the paper's (its Appendix C)
SINGLE = {"3": ["16", "18"], "4": ["17", "19"]}  # the tables in which the paper prints the classes of an average
VARIED = ["outlier", "filter", "magnitude"]
SLIGHT, STEEP = 2.0, 4.5  # points from which arrows lean and stand
EVOLUTION = "evolution"  # source: what evolution found, beside what random search did

ANALYSIS = (
    "This is an analysis, not the performance of a method: of all outliers tried, the one is chosen whose network has "
    "the highest or the lowest AUROC on the test images, and that AUROC is shown. Nobody can choose so without labels."
)
LEGEND = (
    "(here): found by this run, AUROC of the outlier averaged over its repetitions; (published): as printed; "
    "difference: here − published; –: no number. Averages (here) are over the classes that were searched, published "
    "ones beside them over the same classes, from the paper's Tables 16 to 19. Where these lack one of the classes, "
    "the average over ten is shown, without a difference."
)
ARROWS = (
    "Arrows: change against Table 3, of values as they are shown: → by less than 2 points, ↗ ↘ by less than 4.5, ↑ ↓ "
    "by 4.5 or more. The paper does not say its rule; this one gives all 16 arrows of its Table 4 (the largest change "
    "with → is 1.8, those with ↗ ↘ are 2.1 to 4.3, the smallest with ↑ ↓ is 4.9)."
)
FILTERED = (
    "All images are filtered, in training and test. Low-pass m removes the first and last m rows and columns of an "
    "image's spectrum, high-pass m a square at its middle, 2m × 2m as in their code unless exposure.high_pass_width "
    "says otherwise. The paper's magnitudes are 14 on CIFAR10 and 110 on ImageNet-30."
)
AT_RANDOM = (
    "(here): the best, or the worst, of outliers drawn at random; (evolution, here): that of Tables 3 and 4. The paper "
    "prints the best alone and no single classes: its averages are over ten, and have a difference where the same ten "
    "were searched."
)


def unfiltered(searches: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 3: unfiltered, the best and the worst outlier down, methods across."""
    ours = evolved(searches)
    tidy = _beside(ours, published, number)
    return Table(
        f"{AVERAGE} of each data set: each network is shown one outlier, the best or the worst that evolution found.",
        tidy,
        _lay_out(format_cells(means(tidy)), ["outlier"], ["method", "source"]),
        [ANALYSIS, LEGEND, *_leads(ours), *_notes(searches, setup)],
    )


def filtered(searches: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 4: filtered, with arrows for the change against Table 3, of which ``searches`` has the unfiltered ones."""
    plain = searches["filter"] == "none"
    tidy = _beside(evolved(searches[~plain]), published, number)
    before = _matching_average(tidy, published, "3", ["none"] * len(tidy))
    long = _with_arrows(tidy.assign(published_before=before), evolved(searches[plain]))
    return Table(
        f"{AVERAGE} of each data set: as in Table 3, with filtered images.",
        tidy,
        _lay_out(means(long), ["images", "outlier"], ["method", "source"]),
        [ANALYSIS, LEGEND, ARROWS, FILTERED, *_notes(searches, setup)],
    )


def random(searches: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Table 5: random search, beside evolution."""
    tidy = _beside(at_random(searches), published, number)
    nothing = {"published": np.nan, "difference": np.nan}
    evolution = format_cells(means(evolved(searches)).assign(**nothing)).assign(source=EVOLUTION)
    return Table(
        f"{AVERAGE} of each data set: each network is shown one outlier, the best or the worst of a random search.",
        tidy,
        _lay_out(pd.concat([format_cells(means(tidy)), evolution]), ["images", "outlier"], ["method", "source"]),
        [ANALYSIS, LEGEND, AT_RANDOM, *_trainings(searches), FILTERED, *_notes(searches, setup)],
    )


def classes(searches: pd.DataFrame, published: pd.DataFrame, number: str, setup: Sequence[str]) -> Table:
    """Tables 16 to 19: classes down, the best and the worst outlier and methods across."""
    tidy = _beside(evolved(searches), published, number)
    is_filtered = bool((searches["filter"] != "none").any())
    return Table(
        "Image AUROC (%) of networks that are shown one outlier, the best or the worst that evolution found for each "
        "class, and the average over classes.",
        tidy,
        _lay_out(format_cells(tidy), [*(["images"] if is_filtered else []), "class"], ["outlier", "method", "source"]),
        [ANALYSIS, LEGEND, *([FILTERED] if is_filtered else []), *_notes(searches, setup)],
    )


def evolved(searches: pd.DataFrame) -> pd.DataFrame:
    """The best and the worst outlier that evolution found: as ``found``."""
    return pd.concat([found(searches, end, end) for end in ENDS], ignore_index=True)


def at_random(searches: pd.DataFrame) -> pd.DataFrame:
    """The best and the worst outlier of random searches: as ``found``."""
    return pd.concat([found(searches, "random", end) for end in ENDS], ignore_index=True)


def found(searches: pd.DataFrame, direction: str, end: str) -> pd.DataFrame:
    """The fitness at one ``end`` ("best" or "worst") of each class's search in ``direction``, and their average.

    Columns as of ``evaluate.summarise``, and ``outlier``, which is ``end``. There is one value, and so no deviation;
    ``repetitions`` are those that a fitness averages.
    """
    rows = searches[searches["direction"] == direction]
    each = rows.groupby([*SEARCHED, "class"], sort=False)
    single = each.agg(mean=("fitness", ENDS[end]), repetitions=("repetitions", "first")).reset_index()
    by_run = single.groupby(SEARCHED, sort=False)
    average = by_run.agg(mean=("mean", "mean"), repetitions=("repetitions", "first")).reset_index()
    average = average.assign(**{"class": MEAN})
    both = pd.concat([single, average], ignore_index=True)
    return both.assign(metric=IMAGE_AUROC, std=np.nan, outlier=end)


def arrow(change: float) -> str:
    """The paper's arrow for a ``change`` in points, of values with one decimal (see ``ARROWS``)."""
    size = round(abs(change), 1)
    if size < SLIGHT:
        return "→"
    slight, steep = ("↗", "↑") if change > 0 else ("↘", "↓")
    return slight if size < STEEP else steep


def _beside(ours: pd.DataFrame, published: pd.DataFrame, number: str) -> pd.DataFrame:
    """``ours`` beside a table of the paper, with the networks and magnitudes that it used.

    Averages are over the same classes; where the paper lacks one, its average is as printed and has no difference.
    """
    paper = of_table(published, "exposure", number)
    magnitude = paper["dataset"].map(MAGNITUDES).where(paper["filter"] != "none", 0)
    paper = paper.assign(network=paper["dataset"].map(NETWORKS), magnitude=magnitude.astype(int))
    tidy = join_published(ours, paper, [*KEYS, *VARIED])
    like = _matching_average(tidy, published, number, tidy["filter"])
    average = (tidy["class"] == MEAN) & tidy["published"].notna()
    return tidy.assign(
        published=tidy["published"].mask(average & like.notna(), like),
        difference=tidy["difference"].mask(average, tidy["mean"] - like),
    )


def _matching_average(tidy: pd.DataFrame, published: pd.DataFrame, number: str, kinds: Iterable[str]) -> pd.Series:
    """For each row of ``tidy``, the average in a table of the paper over the classes that were searched here.

    ``kinds`` are the filters of the paper's averages, one a row. An average is as printed if the classes are the
    paper's ten or none was searched, else computed and rounded as printed ones are; NaN if the paper lacks a class.
    """
    shown = pd.concat([of_table(published, "exposure", table) for table in SINGLE.get(number, [number])])
    names = ["dataset", "method", "outlier"]
    printed = {key: rows.set_index("class")["value"] for key, rows in shown.groupby([*names, "filter"])}
    single = published[published["table"].isin(SINGLE["3"]) & (published["class"] != MEAN)]
    ten = {dataset: set(classes) for dataset, classes in single.groupby("dataset")["class"]}
    search = [*SEARCHED, "outlier"]
    measured = tidy[(tidy["class"] != MEAN) & tidy["mean"].notna()]
    searched = {key: set(classes) for key, classes in measured.groupby(search)["class"]}
    averages = []
    rows, searches = (tidy[each].itertuples(index=False, name=None) for each in (names, search))
    for (dataset, *rest), kind, key in zip(rows, kinds, searches, strict=True):
        values, classes = printed.get((dataset, *rest, kind)), searched.get(key)
        if values is None:
            averages.append(np.nan)
        elif classes is None or classes == ten[dataset]:
            averages.append(values[MEAN])
        else:
            averages.append(round(values.reindex(sorted(classes)).mean(skipna=False), 1))
    return pd.Series(averages, tidy.index, dtype="float64")


def _with_arrows(tidy: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Cells of ``tidy``, each number with an arrow for its change against unfiltered images.

    Those are ``before`` for numbers measured here, and in the column ``published_before`` for the paper's.
    """
    keys = ["dataset", "network", "class", "method", "outlier", "pool"]
    tidy = tidy.merge(before[[*keys, "mean"]], on=keys, how="left", suffixes=("", "_before"))
    long = format_cells(tidy)
    here, numbers = long["source"] == "here", long["source"] != "difference"
    now, then = (long[f"mean{when}"].where(here, long[f"published{when}"]) for when in ("", "_before"))
    arrows = (now.round(1) - then.round(1)).where(numbers).map(arrow, na_action="ignore").fillna("")
    return long.assign(text=long["text"] + arrows)


def _lay_out(long: pd.DataFrame, rows: list[str], columns: list[str]) -> pd.DataFrame:
    """``pivot`` with the runs down, before ``rows``; what no run has is with the first pool of its network."""
    first = long.groupby(RUN[:2], sort=False)["pool"].transform("first")
    order_of_images = long.assign(rank=long["filter"].map(KINDS.index)).sort_values(["rank", "magnitude"])
    long = long.assign(pool=long["pool"].fillna(first), images=images(long))
    order = {
        **{"class": class_order(long), "outlier": list(ENDS), "images": list(dict.fromkeys(images(order_of_images)))},
        **{"method": ORDER, "source": [SOURCES[0], EVOLUTION, *SOURCES[1:]]},
    }
    run = [name for name in RUN if not long[name].isna().all()]
    return pivot(long, [*run, *rows], columns, order)


def _leads(ours: pd.DataFrame) -> list[str]:
    """By how much HSC is above BCE here, on both ends; in the paper it is."""
    notes = []
    for where, rows in _runs(means(ours)):
        auroc = dict(zip(zip(rows["outlier"], rows["method"], strict=True), rows["mean"], strict=True))
        leads = [
            f"{end} {signed(auroc[end, 'hsc'] - auroc[end, 'bce'])}"
            for end in ENDS
            if {(end, "hsc"), (end, "bce")} <= auroc.keys()
        ]
        if leads:
            notes.append(f"HSC − BCE (here), {where}: {', '.join(leads)}. In the paper HSC is above BCE on both ends.")
    return notes


def _trainings(searches: pd.DataFrame) -> list[str]:
    """How many outliers the searches tried, so that evolution and random search can be compared."""
    counted = searches.groupby([*SEARCHED, "class", "direction"], sort=False)["trained"].sum()
    counts = []
    for direction, each in counted.groupby("direction", sort=False):
        amount = f"{each.min():,}" if each.min() == each.max() else f"{each.min():,} to {each.max():,}"
        search = "random search" if direction == "random" else f"evolution for the {direction}"
        counts.append(f"{search}: {amount}")
    return [f"Different outliers tried in each search: {'; '.join(counts)}."] if counts else []


def _notes(searches: pd.DataFrame, setup: Sequence[str]) -> list[str]:
    """What is said under every table."""
    classes = [f"Classes searched, {where}: {', '.join(rows['class'].unique())}." for where, rows in _runs(searches)]
    return [OUTLIERS, *classes, *setup]


def _runs(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Data set, network and pool, for a reader, and the rows of each such run."""
    groups = rows.groupby(RUN, sort=False)
    return [(", ".join(map(label, RUN, run)), part) for run, part in groups]
