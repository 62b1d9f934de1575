"""Transfer learning: DN2, PANDA and the mean-shifted contrastive loss, trained here."""

from typing import Any

from pydantic import Field

from oneclass.config.base import Count, Distinct, Positive, Section, require
from oneclass.config.inputs import Inputs, Part, require_same_transform


class Descent(Section):
    """Stochastic gradient descent."""

    batch_size: Count
    learning_rate: Positive
    momentum: float = Field(ge=0, lt=1)
    weight_decay: float = Field(5e-5, ge=0)
    clip: Positive | None = Field(description="largest norm of a gradient; null: any")
    steps: Count

    def schedule(self) -> dict[str, Any]:
        """How training goes on, by the names that ``transfer.tuning`` knows."""
        return {name: getattr(self, name) for name in Descent.model_fields}


class Panda(Descent):
    """PANDA; defaults are the authors' on CIFAR10, whose 5,000 images per class are 157 batches."""

    batch_size: Count = 32
    learning_rate: Positive = 1e-2
    momentum: float = Field(0.9, ge=0, lt=1)
    clip: Positive | None = Field(1e-3, description="largest norm of a gradient; null: any")
    steps: Count = Field(2355, description="batches until early stopping (15 epochs)")
    ewc_steps: Count = Field(7850, description="batches with elastic weight consolidation (50 epochs)")
    oe_steps: Count = Field(11775, description="batches with outliers (75 epochs)")
    ewc: Positive = Field(1e4, description="weight of elastic weight consolidation")
    fisher_images: Count = Field(1000, description="normal images of a class behind its Fisher information, at most")

    def settings(self) -> dict[str, Any]:
        """What ``transfer.panda`` knows besides the schedule."""
        return {name: getattr(self, name) for name in ("ewc_steps", "oe_steps", "ewc", "fisher_images")}


class MeanShifted(Descent):
    """The mean-shifted contrastive loss; defaults are the authors' on CIFAR10."""

    batch_size: Count = 64
    learning_rate: Positive = 1e-5
    momentum: float = Field(0, ge=0, lt=1)
    clip: Positive | None = Field(None, description="largest norm of a gradient; null: any")
    steps: Count = Field(1580, description="batches (20 epochs)")
    temperature: Positive = Field(0.25, description="of the contrastive loss")


class Transfer(Part):
    """ImageNet features fine-tuned on normal images (PANDA, MS) beside frozen ones (DN2)."""

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str
    blocks: Count = Field(2, description="stages of the backbone that are trained, counted from the last")
    pools: dict[str, str] = Field({}, description="outliers for PANDA-OE, by data set; where not given it is not run")
    outliers: Count | None = Field(None, description="number of a pool's images, drawn at random; all of them if null")
    repetitions: Count = Field(3, description="they differ in batches and augmentation")
    panda: Panda = Field(Panda(), description="how PANDA is trained")
    mean_shifted: MeanShifted = Field(MeanShifted(), description="how MS is trained")
    memory_mb: Count = Field(1000, description="memory for the frozen stages' outputs; what does not fit is recomputed")
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")

    def check(self, where: str, inputs: Inputs) -> None:
        require(self.backbone, inputs.backbones, where, "backbone")
        for name in [*self.datasets, *self.pools]:
            require(name, inputs.datasets, where, "data set")
        for dataset, pool in self.pools.items():
            require_same_transform(dataset, pool, inputs, f"{where}.pools.{dataset}")
