"""What the papers print of a claim: the same number, made of their tables."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from oneclass import published
from oneclass.claims.claim import Claim
from oneclass.claims.compare import Run, compare
from oneclass.claims.rows import Rows
from oneclass.evaluate import MEAN
from oneclass.labels import label

LEFT_OUT = "_leave_one_out"  # ends the name of a data set of which one class at a time is left out


def printed(claim: Claim) -> dict[str, float]:
    """The number of ``claim`` by data set (its label), of averages over classes; empty where none is printed."""
    if claim.printed is None:
        return {}
    frame = published.load("exposure" if claim.paper == "exposure" else "objective")
    frame = frame[frame["class"] == MEAN].assign(repetition=0).reset_index(drop=True)
    rows = Rows(frame, frame[["value"]].to_numpy(np.float64))
    measure = replace(claim.printed, apart=(*claim.printed.apart, "protocol", "backbone"))
    groups = [_by_dataset(group) for group in compare(measure, rows).groups]
    shared = [name for name in groups[0] if all(name in group for group in groups)]
    return {label("dataset", name): groups[0][name] - sum(other[name] for other in groups[1:]) for name in shared}


def as_text(claim: Claim) -> str:
    """The same in words, with the place of the numbers: ``CIFAR10 +2.6, MVTec AD +9.8 (Tables S5 and S6)``."""
    numbers = printed(claim)
    if not numbers:
        return claim.printed_in
    return ", ".join(f"{name} {shown(claim, value)}" for name, value in numbers.items()) + f" ({claim.printed_in})"


def shown(claim: Claim, value: float) -> str:
    """A number of ``claim``, without a last zero; with a sign where it may be negative."""
    text = f"{value + 0.0:{'+' if claim.measure.signed else ''}.{claim.decimals}f}"
    return text.removesuffix("0").replace("-", "−")


def _by_dataset(runs: Sequence[Run]) -> dict[str, float]:
    """The mean over ``runs`` of each data set; one with a class left out goes by the name of the whole one."""
    found: dict[str, list[float]] = {}
    for run in runs:
        value = float(run.reduce(run.levels, np.ones((run.levels.shape[1], 1)))[0])
        found.setdefault(run.dataset.removesuffix(LEFT_OUT), []).append(value)
    return {name: float(np.mean(values)) for name, values in found.items()}
