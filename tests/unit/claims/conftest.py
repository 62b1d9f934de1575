from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oneclass.claims.claim import Bar, Claim, Compare
from oneclass.claims.rows import Rows
from oneclass.claims.sources import COUNTS

RESAMPLES = 300


@pytest.fixture
def rows() -> Callable[..., Rows]:
    """Trainings of a method, a class each, with AUROCs in percent; images shift all methods of a class alike by
    ``images`` times a normal number, which is another in each resample."""

    def make(values: Sequence[float], images: float = 0.0, repetition: int = 0, **columns: Any) -> Rows:
        frame = pd.DataFrame({"class": [f"class {k}" for k in range(len(values))], "repetition": repetition})
        frame = frame.assign(**({"dataset": "digits", "sweep": "counts"} | columns))
        noise = np.array([np.random.default_rng([k, 7]).normal(size=RESAMPLES) for k in range(len(values))])
        drawn = np.asarray(values)[:, None] + images * noise
        return Rows(frame, np.column_stack([values, drawn]))

    return make


@pytest.fixture
def claim() -> Callable[..., Claim]:
    """A claim that HSC is ahead of BCE; other values where they are given."""

    def make(**other: Any) -> Claim:
        told: dict[str, Any] = {
            "name": "made_up",
            "title": "HSC is ahead",
            "paper": "exposure",
            "place": "Section 0",
            "statistic": "AUROC of HSC less that of BCE.",
            "bar": Bar(low=0),
            "sources": (COUNTS,),
            "measure": Compare(({"method": "hsc"}, {"method": "bce"})),
            "needs": "networks",
            "printed_in": "no number",
        }
        return Claim(**(told | other))

    return make
