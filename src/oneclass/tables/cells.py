"""From tidy numbers to the cells of a table in the paper's shape, each marked as measured here or published."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from oneclass.evaluate import MEAN
from oneclass.labels import HEADINGS, LABELS, label
from oneclass.tables.notes import MINIATURE

Key = tuple[Hashable, ...]

DASH = "–"
SOURCES = ["here", "published", "difference"]
SHOWN = {"here": "(here)", "published": "(published)", "difference": "difference", **LABELS["source"]}  # in headings
BETTER = {"image_auroc", "pixel_auroc", "pixel_aupro", "image_ap", "pixel_ap"}  # metrics of which more is better
# Numbers that differ in one of these are of different questions, and none of them is the better one.
APART = ["source", "dataset", "task", "class", "network", "pool", "protocol", "metric", "images", "outlier"]


class Best(str):
    """The text of the best of several numbers."""

    __slots__ = ()


def cell(mean: float, std: float = float("nan"), decimals: int = 1) -> str:
    """``95.4 ± 0.2``, the mean alone where there is no deviation, a dash where there is no mean."""
    if np.isnan(mean):
        return DASH
    return f"{mean:.{decimals}f}" + ("" if np.isnan(std) else f" ± {std:.{decimals}f}")


def printed(value: float, decimals: int = 1) -> str:
    """A published number with the digits the paper gave it, at least ``decimals`` of them after the point."""
    return DASH if np.isnan(value) else np.format_float_positional(value, min_digits=decimals).removesuffix(".")


def signed(difference: float, decimals: int = 1) -> str:
    """``+0.5`` or ``-0.5``; nothing is left of a difference that rounds to zero but ``+0.0``."""
    return DASH if np.isnan(difference) else f"{round(difference, decimals) + 0.0:+.{decimals}f}"


def format_cells(tidy: pd.DataFrame, decimals: int = 1) -> pd.DataFrame:
    """A row per number of a tidy table: its columns plus ``source`` (one of ``SOURCES``) and the formatted ``text``."""
    texts = {
        "here": [cell(mean, std, decimals) for mean, std in zip(tidy["mean"], tidy["std"], strict=True)],
        "published": [printed(value, decimals) for value in tidy["published"]],
        "difference": [signed(value, decimals) for value in tidy["difference"]],
    }
    long = pd.concat([tidy.assign(source=source, text=text) for source, text in texts.items()], ignore_index=True)
    return long[long["text"] != DASH]


def pivot(
    long: pd.DataFrame, rows: list[str], columns: list[str], order: Mapping[str, Sequence[Hashable]] | None = None
) -> pd.DataFrame:
    """Lay out ``format_cells``: the values of ``rows`` down (they become the index), those of ``columns`` across.

    Values are in the order given for their column, else as they first appear; a combination without a number gets a
    dash. An average over one class, which says the same, is left out. The best of several numbers that answer one
    question (``APART``) is a ``Best``. Raises ``ValueError`` if two numbers would share a cell.
    """
    names = [*rows, *columns]
    keys = long[names].astype(object).where(long[names].notna(), "")
    ranks = {name: _rank(keys[name], (order or {}).get(name)) for name in names}
    texts = [Best(text) if best else text for text, best in zip(long["text"], _is_best(long, keys), strict=True)]
    found = dict(zip(keys.itertuples(index=False, name=None), texts, strict=True))
    if len(found) != len(long):
        raise ValueError(f"two numbers for one cell of a table by {', '.join(names)}")
    across = _sorted({key[len(rows) :] for key in found}, columns, ranks)
    down = _sorted({key[: len(rows)] for key in found}, rows, ranks)
    if "class" in rows:
        down = _telling(
            down, rows.index("class"), {key: [found.get((*key, *column)) for column in across] for key in down}
        )
    index = pd.MultiIndex.from_arrays(
        [[label(name, key[level]) for key in down] for level, name in enumerate(rows)],
        names=[HEADINGS.get(name, name) for name in rows],
    )
    body = [[found.get((*row, *column), DASH) for column in across] for row in down]
    return pd.DataFrame(body, index=index, columns=[_heading(columns, column) for column in across], dtype=object)


def apart(heading: str) -> tuple[str, str]:
    """What a column's ``heading`` names, and the source of its numbers; empty where it has none."""
    for source, shown in SHOWN.items():
        if heading.endswith(f" {shown}"):
            return heading.removesuffix(f" {shown}"), source
    return heading, ""


def _is_best(long: pd.DataFrame, keys: pd.DataFrame) -> pd.Series:
    """Which numbers, as they are printed, are the best of several that answer one question.

    A miniature CLIP does not compete: it was trained on the classes that are anomalous at test, too. Nor do methods
    with the worst outlier of a search: which of them is least harmed is no contest.
    """
    if "metric" not in long or long.empty:
        return pd.Series(False, index=long.index)
    rivals = long["metric"].isin(BETTER) & (long["source"] != "difference")
    rivals &= ~long["method"].fillna("").str.startswith(MINIATURE)
    if "outlier" in long:
        rivals &= long["outlier"] != "worst"
    values = long["text"].str.extract(r"^([\d.]+)")[0].astype(float).where(rivals)
    question = [
        keys[name] if name in keys else long[name] for name in APART if name in keys or name in ("metric", "source")
    ]
    by_question = values.groupby(question, dropna=False)
    return rivals & (values == by_question.transform("max")) & (by_question.transform("count") > 1)


def _telling(down: list[Key], place: int, texts: Mapping[Key, Sequence[str | None]]) -> list[Key]:
    """Rows without averages that repeat the one class that they are of; classes are at ``place`` of a row's key."""
    classes: dict[Key, list[Key]] = {}
    for key in down:
        if key[place] != MEAN:
            classes.setdefault((*key[:place], *key[place + 1 :]), []).append(key)

    def repeats(key: Key) -> bool:
        of = classes.get((*key[:place], *key[place + 1 :]), [])
        return key[place] == MEAN and len(of) == 1 and texts[key] == texts[of[0]]

    return [key for key in down if not repeats(key)]


def _rank(values: pd.Series, order: Sequence[Hashable] | None) -> dict[Hashable, int]:
    return {value: place for place, value in enumerate(dict.fromkeys([*(order or ()), *values]))}


def _sorted(keys: set[Key], names: list[str], ranks: dict[str, dict[Hashable, int]]) -> list[Key]:
    return sorted(keys, key=lambda key: [ranks[name][part] for name, part in zip(names, key, strict=True)])


def _heading(names: list[str], key: Key) -> str:
    """``kNN (here)``, ``CIFAR10 difference``, ``norm 8``: no number has a heading without its source."""
    parts = {name: label(name, part) for name, part in zip(names, key, strict=True)}
    return " ".join(SHOWN.get(part, part) if name != "center_norm" else f"norm {part}" for name, part in parts.items())
