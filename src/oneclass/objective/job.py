"""What a method of paper 1 is asked to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from oneclass.objective.localisation.moments import Centering
from oneclass.objective.result import Result
from oneclass.objective.variants import Variant
from oneclass.training.optimisers import Adam
from oneclass.training.trials import Seeds


@dataclass(frozen=True)
class Training:
    """The loss of Equation 15 and how it is minimised (Appendix B.1): Adam, whose weight decay is added to the
    gradient, over ``epochs`` of batches of ``batch_size`` images."""

    learning_rate: float
    weight_decay: float
    radius: float
    loss_scale: float
    epochs: int
    batch_size: int

    def stepper(self, parameters: list[Tensor]) -> Callable[[list[Tensor]], None]:
        """A step of Adam along given gradients, which changes ``parameters`` in place."""
        optimiser = Adam(parameters, self.weight_decay)
        return lambda gradients: optimiser.step(gradients, self.learning_rate)


@dataclass(frozen=True)
class Job:
    """``variants`` are to be trained, by what features are centred on ("none", "channel", "position"; of vectors
    "none"); ``default_center_norm`` is the paper's norm, ``comparators`` the modules of those that are run, by name,
    ``options`` their settings by name, ``needed`` what those that are trained on images take besides them.
    ``memory_mb`` bounds what is held for the projectors that train together, ``sigma`` (pixels) smooths anomaly maps.
    What is found is added to ``result``."""

    seeds: Seeds
    training: Training
    variants: Mapping[Centering, list[Variant]]
    default_center_norm: float
    memory_mb: int
    result: Result
    comparators: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    needed: Mapping[str, Any] = field(default_factory=dict)
    sigma: float = 0

    def center_norms(self, centering: Centering) -> list[float]:
        """The norms that centres are scaled to among the variants, each once."""
        norms = (variant.center_norm for variant in self.variants[centering])
        return list(dict.fromkeys(norm for norm in norms if norm is not None))
