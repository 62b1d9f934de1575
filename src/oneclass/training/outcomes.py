"""Trainings side by side in one job, and the rows of ``tidy`` that their scores become."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from oneclass.data.tasks import Split
from oneclass.training.capacity import in_parts
from oneclass.training.trials import Trial

T = TypeVar("T")
CPU = torch.device("cpu")


def side_by_side(jobs: Sequence[Callable[[], T]], threads: int, device: torch.device = CPU) -> Iterator[T]:
    """Yield what each of ``jobs`` returns, in order; on a CPU ``threads`` of them run at a time, each on one core.

    There a small network keeps no two cores busy: one core each is faster than one network after another on all cores,
    and gives the same weights. A GPU has one job after another; raises ``UserError`` if one does not fit its memory.
    """
    if device.type != "cpu":
        yield from in_parts(jobs, 1, lambda some: [job() for job in some])
        return

    def one(job: Callable[[], T]) -> T:
        torch.set_num_threads(1)
        return job()

    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(one, jobs)


def collect(
    outcomes: Iterable[tuple[Trial, NDArray[np.floating]]],
    splits: Mapping[str, Split],
    ids: NDArray[np.str_],
    **columns: str,
) -> pd.DataFrame:
    """A row for each test image of each trial, with further ``columns`` of all of them.

    ``splits`` tells by class which rows of the index are tested, ``ids`` [N] names all rows of the index.
    Raises ``ValueError`` for a trial with a score that is not finite.
    """
    parts = []
    for trial, scores in outcomes:
        require_finite(trial, scores)
        rows = splits[trial.class_name]
        tested = {"id": ids[rows.test], "label": rows.labels, "score": scores.astype(np.float32)}
        parts.append(pd.DataFrame(trial.columns() | tested | columns))
    frame = pd.concat(parts, ignore_index=True)  # categories that differ between parts would be lost
    texts = [name for name, kind in frame.dtypes.items() if kind in (object, "str") and name != "id"]
    return frame.astype(dict.fromkeys(texts, "category"))  # each is one word, as often as there are images


def require_finite(trial: Trial, scores: NDArray[np.floating]) -> None:
    """Raise ``ValueError`` if a score of ``trial`` is not finite."""
    if not np.isfinite(scores).all():
        raise ValueError(f"{trial}: training diverged, a score is not finite; use a smaller learning_rate")
