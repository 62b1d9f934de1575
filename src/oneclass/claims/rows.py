"""The numbers of a run that claims are tested on: one for each training, and the same on resampled images."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass import tidy
from oneclass.claims.claim import Value, Where
from oneclass.claims.readers import READERS
from oneclass.evaluate import resampled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """A row of ``frame`` for each number: which it is (columns of ``tidy``, and ``sweep``, the source's name).

    ``draws`` [rows, 1 + R] has the number itself, then that on each resample of the test images; equal where images
    are not resampled.
    """

    frame: pd.DataFrame
    draws: Floats

    def where(self, wanted: Where) -> "Rows":
        """The rows that ``wanted`` asks for."""
        keep = selected(self.frame, wanted)
        return Rows(self.frame[keep].reset_index(drop=True), self.draws[keep])


def selected(frame: pd.DataFrame, wanted: Where) -> NDArray[np.bool_]:
    """Which rows of ``frame`` are as ``wanted``, by column; a column that it lacks applies to none."""
    keep = np.ones(len(frame), bool)
    for column, value in wanted.items():
        values: tuple[Value, ...] = value if isinstance(value, tuple) else (value,)
        named = [one for one in values if one is not None]
        here = frame[column] if column in frame else pd.Series(np.nan, frame.index)
        keep &= (here.isin(named) | (here.isna() & (None in values))).to_numpy()
    return keep


def read(name: str, kind: str, paths: Iterable[str | Path], resamples: int, seed: int) -> Rows:
    """The numbers in ``paths``, the files of the source ``name``: of scores (``auroc``) AUROC in percent and its
    bootstrap over images, of other kinds what their reader makes.

    File by file: a sweep of the paper's size does not fit into memory at once.
    """
    parts = [_read(kind, path, resamples, seed) for path in paths]
    frames = [part.frame.astype(dict.fromkeys(part.frame.select_dtypes("category"), object)) for part in parts]
    return Rows(pd.concat(frames, ignore_index=True).assign(sweep=name), np.concatenate([part.draws for part in parts]))


def joined(parts: Iterable[Rows]) -> Rows:
    """All rows of ``parts``."""
    parts = list(parts)
    return Rows(pd.concat([part.frame for part in parts], ignore_index=True), np.concatenate([p.draws for p in parts]))


def _read(kind: str, path: str | Path, resamples: int, seed: int) -> Rows:
    if kind == "auroc":
        metrics, draws = resampled(tidy.read([path], "scores"), resamples, seed)
        return Rows(metrics, np.column_stack([metrics["value"], draws]))
    of, reader = READERS[kind]
    frame = reader(tidy.read([path], of))
    return Rows(frame, np.repeat(frame[["value"]].to_numpy(np.float64), 1 + resamples, axis=1))
