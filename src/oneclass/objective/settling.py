"""When a curve of training has settled."""

import pandas as pd

TOLERANCE = 0.1  # share of a curve's range


def settled(steps: pd.Series, values: pd.Series) -> float:
    """The first of ``steps`` from which ``values`` stay within ``TOLERANCE`` of their range from the last of them."""
    outside = (values - values.iloc[-1]).abs() > TOLERANCE * (values.max() - values.min())
    return float(steps[~outside[::-1].cummax()[::-1]].iloc[0])


def reached(values: pd.Series, target: float) -> bool:
    """Whether the last of ``values`` is within ``TOLERANCE`` of their range from ``target``."""
    return bool(abs(values.iloc[-1] - target) <= TOLERANCE * (values.max() - values.min()))
