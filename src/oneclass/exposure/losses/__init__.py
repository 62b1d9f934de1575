"""The losses of paper 2, one module each with a class ``Loss``: what a network is trained on, and how far from normal
its output is. ``catalogue.methods`` lists them, with the options that their constructors take.

``z`` [B, R] is the network's output for a batch (R = 1, a logit, where ``classifier`` is true), ``outlier`` [B] is true
for outliers.
"""

from collections.abc import Iterable
from typing import Protocol, Self

from torch import Tensor


class Method(Protocol):
    """What ``Loss`` provides in each module here."""

    classifier: bool

    def start(self, outputs: Iterable[Tensor]) -> Self:
        """The method once it has seen the untrained network's ``outputs`` on batches of normal images."""

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """The loss of each sample, [B]; what is minimised is their mean."""

    def score(self, z: Tensor) -> Tensor:
        """Scores [B] that rise with anomaly, taken before any function that saturates: they do not tie."""


class Fixed:
    """A method that learns nothing from the untrained network; no classifier unless it says so."""

    classifier = False

    def start(self, outputs: Iterable[Tensor]) -> Self:
        """The method as it is."""
        return self
