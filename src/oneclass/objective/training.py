"""What every trainer of projectors shares: the paper's settings, where training starts, and what is recorded."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.adam import Optimiser
from oneclass.metrics import auroc
from oneclass.objective.classes import Data
from oneclass.objective.projector import Projectors, project
from oneclass.objective.results import Result
from oneclass.objective.starts import batch_orders, initial_projector, make_center
from oneclass.objective.variants import Variant
from oneclass.seeds import derive

TensorData = Data[Tensor]
Keep = Callable[[TensorData, Variant], bool]


def to_device(classes: list[Data[NDArray[np.float32]]], device: str) -> list[TensorData]:
    """The features of ``classes`` as tensors on ``device``."""

    def move(features: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(features).to(device)

    return [Data(d.class_name, move(d.train), move(d.test), d.ids, d.labels) for d in classes]


@dataclass(frozen=True)
class Adam:
    """The loss and its optimiser (Equation 15, Appendix B.1): weight decay is added to the gradient."""

    learning_rate: float
    weight_decay: float
    radius: float
    loss_scale: float

    def over(self, parameters: list[Tensor]) -> Callable[[list[Tensor]], None]:
        """A step along given gradients, which changes ``parameters`` in place."""
        optimiser = Optimiser(parameters, self.weight_decay)
        return lambda gradients: optimiser.step(gradients, self.learning_rate)


@dataclass(frozen=True)
class Seeds:
    """Seeds by name. All norms and centres of a repetition share its weights and orders: they compare in pairs."""

    run: int
    dataset: str

    def of(self, purpose: str, data: TensorData, repetition: int) -> int:
        """The seed of one random choice for a class and repetition."""
        return derive(self.run, purpose, self.dataset, data.class_name, repetition)

    def orders(self, data: TensorData, epochs: int, repetition: int) -> Tensor:
        """The order of the training images in each epoch, [epochs, N]."""
        return batch_orders(len(data.train), epochs, self.of("order", data, repetition))

    def start(self, data: TensorData, variants: list[Variant]) -> Projectors:
        """Untrained projectors, one for each of ``variants``, on the device of ``data``."""
        size, device = data.train.shape[1], data.train.device
        repetitions = {variant.seed for variant in variants}
        starts = {n: initial_projector(size, self.of("init", data, n)) for n in repetitions}
        centers = [
            make_center(v.center, v.norm, data.train, self.of(f"center {v.center}", data, v.seed)) for v in variants
        ]
        return Projectors(
            torch.stack([starts[v.seed][0] for v in variants]).to(device),
            torch.stack([starts[v.seed][1] for v in variants]).to(device),
            torch.stack(centers).to(device),
        )


@dataclass(frozen=True)
class Member:
    """Projector ``k`` of a stack: the class it is trained on and its variant."""

    data: TensorData
    variant: Variant
    k: int


def record_epoch(result: Result, projectors: Projectors, members: list[Member], epoch: int) -> None:
    """Add the AUROC (percent) of every member after ``epoch`` (from 0)."""
    for member in members:
        scores = projectors.part(member.k, member.k + 1).distances(member.data.test)[0]
        value = 100 * auroc(member.data.labels, scores.cpu().numpy())
        result.add_log(member.data, member.variant, epoch + 1, "image_auroc", value)


def record(result: Result, projectors: Projectors, members: list[Member], method: str, keep: Keep) -> None:
    """Add the members' scores, how alike normal and anomalous are after projection, and the models to ``keep``."""
    for member in members:
        data, variant = member.data, member.variant
        anomalous = torch.from_numpy(data.labels == 1).to(data.test.device)
        test = project(projectors, member.k, data.test, anomalous)
        result.add_scores(
            data,
            method,
            variant,
            score=test.score.cpu().numpy(),
            z_norm=test.norm.cpu().numpy(),
            z_cosine=test.cosine.cpu().numpy(),
        )
        result.add_log(data, variant, math.nan, "cosine", test.between)
        result.add_log(data, variant, math.nan, "norm_normal", float(test.norm[~anomalous].mean()))
        result.add_log(data, variant, math.nan, "norm_anomalous", float(test.norm[anomalous].mean()))
        if keep(data, variant):
            for part in ("weight", "bias", "center"):
                name = f"{data.class_name}.{variant.center}.{part}"
                result.models[name] = getattr(projectors, part)[member.k].cpu().numpy()


def keeper(reference_norm: float, figure_class: str = "") -> Keep:
    """Which models to keep: of each class the paper's default, of ``figure_class`` every kind of centre (Figure S6)."""

    def keep(data: TensorData, variant: Variant) -> bool:
        first = variant.seed == 0 and variant.norm == reference_norm
        return first and (variant.center == "normal" or data.class_name == figure_class)

    return keep
