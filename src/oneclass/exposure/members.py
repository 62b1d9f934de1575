"""What varies in a sweep of paper 2: one member is one network to train. Standard library only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

WHOLE = math.inf  # outliers: the whole pool
UNSUPERVISED = ("dsvdd",)  # methods that take no outliers
CLASSIFIERS = ("bce", "focal")  # methods that cannot do without
SIZES = {"lenet": 32, "cbam_resnet18": 224}  # pixels a side that a network takes; a head stands on features
STORED = {"lenet": 32, "cbam_resnet18": 256}  # and that its images are stored in: it sees a crop where they are more


@dataclass(frozen=True)
class Member:
    """One network: its normal class, repetition, method and data. What does not apply is empty or NaN.

    ``outliers`` counts images (0: none; ``WHOLE``), ``outlier_classes`` the pool's classes they are drawn from.
    """

    class_name: str
    seed: int
    method: str
    radial: str = ""
    gamma: float = math.nan
    outliers: float = WHOLE
    outlier_classes: float = math.nan
    filter: str = "none"
    augmented: bool = False


def grid(sweep: Mapping[str, Any], filters: Sequence[str], classes: Sequence[str]) -> list[Member]:
    """Every member of ``sweep`` (a ``Sweep`` of the config, as a dict) for ``classes``, in a fixed order.

    Radial functions vary for HSC and gamma for Focal; methods without outliers have one member where others have one
    for each number of them.
    """
    members = []
    for seed, name, method, filtered, augmented in product(
        range(sweep["seeds"]), classes, sweep["methods"], filters, sweep["augmented"]
    ):
        radials = sweep["radials"] if method == "hsc" else [""]
        gammas = sweep["gammas"] if method == "focal" else [math.nan]
        for radial, gamma, (count, kinds) in product(radials, gammas, _outliers(sweep, method)):
            members.append(Member(name, seed, method, radial, gamma, count, kinds, filtered, augmented))
    return members


def _outliers(sweep: Mapping[str, Any], method: str) -> list[tuple[float, float]]:
    if method in UNSUPERVISED:
        return [(0.0, math.nan)]
    counts = [WHOLE if count == "all" else float(count) for count in sweep["outliers"]]
    counts = [count for count in counts if count or method not in CLASSIFIERS]
    return list(product(counts, [float(kinds) for kinds in sweep["outlier_classes"]] or [math.nan]))
