"""The two-dimensional toy of Figure 1: outliers everywhere (ideal) or on one side (skewed), a half-space or a ball.

The setting is shallow, as the caption asks: points pass through random rectified units that are not trained, and in
their space the supervised method (BCE) fits a hyperplane, the unsupervised one (HSC) a sphere (Section 3.2).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from oneclass.exposure.losses import Method, bce, hsc
from oneclass.metrics import auroc
from oneclass.seeds import derive
from oneclass.training.optimisers import Adam

Name = Literal["ideal", "skewed"]
Floats = NDArray[np.float64]

SIDE = 4.0  # the plane is the square from -SIDE to SIDE
SPREAD = 0.5  # standard deviation of the normal blob around the origin, and of the skewed outliers
CLUSTER = (2.4, 0.0)  # centre of the skewed outliers
TRAIN = 256  # normal points, and as many outliers
TEST = 1000  # normal points, and as many anomalies
UNITS = 64
STEPS = 1000  # of Adam on all points
RATE = 0.01
GRID = 161  # points a side at which the plane is scored

METHODS: dict[str, Method] = {"bce": bce.Loss(), "hsc": hsc.Loss()}
BOUNDARY = {"bce": 0.0, "hsc": math.log(2)}  # the score of probability 1/2


@dataclass(frozen=True)
class Points:
    """Training points ``normal`` and ``outliers`` [TRAIN, 2]; ``test`` [2 TEST, 2], normal before anomalous."""

    normal: Tensor
    outliers: Tensor
    test: Tensor


@dataclass(frozen=True)
class Decision:
    """What a method makes of the plane: scores of the test points [2 TEST] and of the ``grid`` [GRID (y), GRID (x)]."""

    scores: Floats
    grid: Floats
    auroc: float


@dataclass(frozen=True)
class Scenario:
    """A data set, the AUROC of a score that knows the density of the normal points, and both methods' decisions."""

    points: Points
    best: float
    decisions: dict[str, Decision]


def run(seed: int) -> dict[Name, Scenario]:
    """Both scenarios; normal and test points and the random units are the same in them."""
    return {name: _scenario(draw(name, seed), seed) for name in ("ideal", "skewed")}


def draw(name: Name, seed: int) -> Points:
    """The points of a scenario. Test anomalies are uniform over the plane, the blob included, as ideal outliers are."""
    normal = SPREAD * _normal(TRAIN, _generator(seed, "normal"))
    if name == "ideal":
        outliers = _uniform(TRAIN, _generator(seed, "outliers", name))
    else:
        outliers = torch.tensor(CLUSTER) + SPREAD * _normal(TRAIN, _generator(seed, "outliers", name))
    test = _generator(seed, "test")
    return Points(normal, outliers, torch.cat([SPREAD * _normal(TEST, test), _uniform(TEST, test)]))


def axis() -> Floats:
    """Where the grid's points are, in x and in y."""
    return np.linspace(-SIDE, SIDE, GRID)


def fit(name: str, points: Points, seed: int) -> Callable[[Tensor], Tensor]:
    """The trained score, of points [N, 2] to [N].

    With f the random units, the output is a logit f w + b for BCE and (f - w) exp(b) for HSC: its sphere may move and
    grow, but not stretch.
    """
    method, units = METHODS[name], random_units(seed)
    w = torch.zeros(UNITS, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)

    def output(f: Tensor) -> Tensor:
        return (f @ w + b)[:, None] if method.classifier else (f - w) * b.exp()

    outlier = torch.arange(2 * TRAIN) >= TRAIN
    f = units(torch.cat([points.normal, points.outliers]))
    optimiser = Adam([w, b])
    for _ in range(STEPS):
        loss = method.losses(output(f), outlier).mean()
        optimiser.step(torch.autograd.grad(loss, [w, b]), RATE)
    return lambda x: method.score(output(units(x))).detach()


def random_units(seed: int) -> Callable[[Tensor], Tensor]:
    """Rectified units of points [N, 2], [N, UNITS], with PyTorch's default first weights of a linear layer."""
    generator, bound = _generator(seed, "units"), 2**-0.5
    weight, bias = (bound * (2 * torch.rand(k, UNITS, generator=generator, dtype=torch.float64) - 1) for k in (2, 1))
    return lambda x: torch.relu(x @ weight + bias)


def _scenario(points: Points, seed: int) -> Scenario:
    labels = np.repeat([0, 1], TEST)
    grid = torch.from_numpy(np.stack(np.meshgrid(axis(), axis()), axis=-1).reshape(-1, 2))
    decisions = {}
    for name in METHODS:
        score = fit(name, points, seed)
        scores, on_grid = score(points.test).numpy(), score(grid).numpy().reshape(GRID, GRID)
        decisions[name] = Decision(scores, on_grid, auroc(labels, scores))
    # anomalies are uniform: the farther from the blob's centre, the less likely normal
    return Scenario(points, auroc(labels, points.test.norm(dim=1).numpy()), decisions)


def _generator(seed: int, *names: str) -> Generator:
    return Generator().manual_seed(derive(seed, "toy", *names))


def _normal(count: int, generator: Generator) -> Tensor:
    return torch.randn(count, 2, generator=generator, dtype=torch.float64)


def _uniform(count: int, generator: Generator) -> Tensor:
    return SIDE * (2 * torch.rand(count, 2, generator=generator, dtype=torch.float64) - 1)
