"""The number of a claim that compares AUROCs: rows of each training side by side, run by run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oneclass.catalogue.methods import METHODS
from oneclass.catalogue.records import Comparator, Trained
from oneclass.claims.claim import LARGEST, SMALLEST, Compare, How, Where
from oneclass.claims.rows import Floats, Rows, selected
from oneclass.labels import images, label

TRAINING = ("class", "repetition")
SAME = ("dataset", "task", "protocol", "backbone", "network", "pool", "filter", "magnitude", "augmented", *TRAINING)
Reduce = Callable[[Floats, Floats], Floats]
MEANS: dict[How, Callable[[Floats], Floats]] = {
    "mean": lambda means: means[0],
    "difference": lambda means: means[0] - means[1],
    "spread": lambda means: means.max(0) - means.min(0),
    "lead": lambda means: means[0] - means[1:].max(0),
    "regret": lambda means: means.max(0) - means[0],
}
FEWEST: dict[How, int] = {"mean": 1, "difference": 2, "spread": 2, "lead": 2, "regret": 2, "correlation": 3}
FIXED = {"clip"} | {  # methods in which nothing is random: they have one repetition, whatever they are compared with
    name
    for name, method in METHODS.items()
    if isinstance(method, Comparator) or (isinstance(method, Trained) and not method.parameters)
}


class AmbiguousError(ValueError):
    """A level picks two rows of one training."""


@dataclass(frozen=True)
class Run:
    """Trainings on one data set, in one setting: ``levels`` [L, U, 1 + R] of U trainings. ``label`` is for readers, and
    so is its ``dataset``.

    ``reduce`` makes a number of them for each resample, given how often each training counts there [U, 1 + R].
    """

    label: str
    dataset: str
    levels: Floats
    reduce: Reduce


@dataclass(frozen=True)
class Measured:
    """What a claim's number is made of: its runs, or those of two groups of which the second is subtracted."""

    groups: Sequence[Sequence[Run]]

    @property
    def trainings(self) -> int:
        """How many trainings there are, in the group that has fewer."""
        return min(sum(run.levels.shape[1] for run in group) for group in self.groups)


def compare(measure: Compare, rows: Rows) -> Measured:
    """See ``Compare``."""
    groups = [_runs(measure, rows.where({**measure.where, **group})) for group in measure.groups]
    return Measured([_joined(runs) if runs and measure.how == "correlation" else runs for runs in groups])


def _joined(runs: Sequence[Run]) -> list[Run]:
    """One run without a label, of the trainings of all, whose number is their correlation."""
    return [Run("", "", np.concatenate([run.levels for run in runs], axis=1), _correlation)]


def _correlation(levels: Floats, weights: Floats) -> Floats:
    """Spearman's, of the first level with the second less the third."""
    other = levels[1] - levels[2]
    found = np.empty(weights.shape[1])
    for place, counts in enumerate(weights.T.astype(int)):
        pair = np.repeat(np.stack([levels[0][:, place], other[:, place]]), counts, axis=1)
        ranks = pd.DataFrame(pair.T).rank().to_numpy(copy=True)
        ranks -= ranks.mean(0)
        scale = np.sqrt((ranks**2).sum(0).prod())
        found[place] = ranks.prod(1).sum() / scale if scale else 0
    return found


def by_means(how: How) -> Reduce:
    """``how`` the levels' means over trainings become one number."""

    def reduce(levels: Floats, weights: Floats) -> Floats:
        total = weights.sum(0)
        means = (levels * weights).sum(1) / np.where(total > 0, total, 1)  # a run without trainings counts nothing
        return MEANS[how](means)

    return reduce


def _runs(measure: Compare, rows: Rows) -> list[Run]:
    varied = {measure.each} | {column for level in measure.levels for column in level}
    same = [column for column in (*SAME, *measure.along) if column not in varied | set(measure.apart)]
    setting = [column for column in same if column not in TRAINING]
    frame = rows.frame.reindex(columns=list(dict.fromkeys([*rows.frame.columns, *same])))
    reduce, found = by_means(measure.how), []
    for _, part in frame.groupby(setting, sort=False, dropna=False):
        levels = _levels(measure, part)
        different = {tuple(sorted(level.items(), key=str)) for level in levels}
        if len(different) < len(levels) or len(levels) < FEWEST[measure.how]:
            continue
        picked = _picked([_trainings(part, level) for level in levels])
        if picked.size:
            first = part.iloc[[0]]
            found.append(Run(_label(first, setting), first["dataset"].iloc[0], rows.draws[picked], reduce))
    return found


def _levels(measure: Compare, part: pd.DataFrame) -> list[Where]:
    """The levels in a run: the smallest and the largest value looked up, or each value that there is."""
    if measure.each:
        values = sorted(set(part[measure.each].dropna()))
        if measure.first is None:
            return [{measure.each: value} for value in values]
        rest = [{measure.each: value} for value in values if value != measure.first]
        return [{measure.each: measure.first}, *rest] if measure.first in values else []
    return [_resolved(level, part) for level in measure.levels]


def _resolved(level: Where, part: pd.DataFrame) -> Where:
    plain = {column: value for column, value in level.items() if value not in (SMALLEST, LARGEST)}
    here = part[selected(part, plain)]
    ends = {SMALLEST: "min", LARGEST: "max"}
    return plain | {column: here[column].agg(ends[str(level[column])]) for column in level if column not in plain}


def _trainings(part: pd.DataFrame, level: Where) -> pd.Series:
    """Where the row of each training (class and repetition) is; raises ``AmbiguousError`` if ``level`` picks two."""
    here = part[selected(part, level)]
    if here.duplicated([*TRAINING]).any():
        raise AmbiguousError(", ".join(f"{label(column, value)}" for column, value in level.items()))
    if set(here["method"].dropna()) <= FIXED:
        return pd.Series(here.index, here["class"])
    return pd.Series(here.index, pd.MultiIndex.from_frame(here[[*TRAINING]]))


def _picked(levels: Sequence[pd.Series]) -> np.ndarray:
    """Places [L, U] of the U trainings that all levels have; those of a fixed method belong to every repetition."""
    trained = [level for level in levels if level.index.nlevels == 2]
    if not trained:  # nothing random: one training for each class
        units = pd.Index(sorted(set.intersection(*(set(level.index) for level in levels))))
        return np.stack([level.reindex(units).to_numpy(int) for level in levels])
    units = trained[0].index
    for level in trained[1:]:
        units = units.intersection(level.index, sort=False)
    for level in levels:
        if level.index.nlevels == 1:
            units = units[units.get_level_values(0).isin(level.index)]
    classes = units.get_level_values(0)
    return np.stack([level.reindex(units if level.index.nlevels == 2 else classes).to_numpy(int) for level in levels])


def _label(first: pd.DataFrame, setting: Sequence[str]) -> str:
    row = first.iloc[0]
    shown = [label("dataset", row["dataset"])]
    if "protocol" in setting and row["protocol"] in ("A", "B"):
        shown.append(f"Protocol {row['protocol']}")
    shown += [
        label(column, row[column]) for column in ("pool", "network") if column in setting and pd.notna(row[column])
    ]
    if "filter" in setting and row["filter"] in ("lpf", "hpf"):
        shown += images(first)
    return " / ".join(shown)
