"""From the scores of trials to the rows of ``tidy``."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.data.tasks import Split
from oneclass.training.trials import Trial


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
