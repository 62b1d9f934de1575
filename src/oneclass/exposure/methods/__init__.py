"""The losses of paper 2, a module each: what a network is trained on, and how far from normal its output is.

To add one, write a class with the interface of ``Method`` and put it in ``make``. ``z`` [B, R] is the network's
output for a batch (R = 1, a logit, where ``classifier`` is true), ``outlier`` [B] is true for outliers.
"""

from collections.abc import Iterable
from typing import Protocol, Self

from torch import Tensor

from oneclass.exposure.methods.bce import BCE
from oneclass.exposure.methods.dsad import DSAD
from oneclass.exposure.methods.dsvdd import DSVDD
from oneclass.exposure.methods.focal import Focal
from oneclass.exposure.methods.hsc import HSC


class Method(Protocol):
    """What a module here provides."""

    classifier: bool

    def start(self, outputs: Iterable[Tensor]) -> Self:
        """The method once it has seen the untrained network's ``outputs`` on batches of normal images."""

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """The loss of each sample, [B]; what is minimised is their mean."""

    def score(self, z: Tensor) -> Tensor:
        """Scores [B] that rise with anomaly, taken before any function that saturates: they do not tie."""


def make(name: str, radial: str, gamma: float) -> Method:
    """The method called ``name``, before training; ``radial`` is HSC's, ``gamma`` Focal's."""
    match name:
        case "hsc":
            return HSC(radial)
        case "dsad":
            return DSAD()
        case "dsvdd":
            return DSVDD()
        case "bce":
            return BCE()
        case "focal":
            return Focal(gamma)
    raise ValueError(f"no method '{name}'")
