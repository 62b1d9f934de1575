"""Paper 1: the optimisation objective of one-class classification, and the detector built on it."""

from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from oneclass.config.base import Count, Distinct, Positive, Section, require
from oneclass.config.inputs import Inputs, Part
from oneclass.errors import UserError

Center = Literal["normal", "uniform", "ones", "features"]
Comparator = Literal["ocsvm", "knn", "mahalanobis"]
MapComparator = Literal["padim", "patchcore", "mahalanobis"]
Alignment = Literal["bilinear", "nearest"]
Centring = Literal["none", "channel", "position"]


class Projection(Part):
    """What the protocols of paper 1 share: the projector's centres, its training, and what it is compared on."""

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str = Field(description="features of every table but S2")
    compared_backbones: dict[str, Distinct[str]] = Field({}, description="Table S2: backbones compared, by data set")
    compared_projectors: Distinct[str] = Field([], description="Table S3: data sets on which projectors are compared")
    figure_classes: dict[str, str] = Field(
        {}, description="class shown in figures of a single one; the first where not given"
    )
    norms: Distinct[Positive] = Field([1, 2, 4, 8, 16, 32], min_length=1)
    reference_norm: Positive = 1
    centers: Distinct[Center] = Field(list(get_args(Center)), min_length=1)
    seeds: Count = Field(5, description="repetitions of the paper's mini-batch training")
    seeds_by_dataset: dict[str, Count] = Field({}, description="repetitions of a data set that differ from seeds")
    moments_seeds: Count = Field(1, description="repetitions of the training by second moments")
    epochs: Count
    batch_size: Count
    learning_rate: Positive = 1e-4
    weight_decay: float = Field(5e-4, ge=0)
    radius: float = Field(1e-5, ge=0)
    loss_scale: Positive = Field(1, description="factor on the loss; Adam's coupled weight decay makes it matter")
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    memory_mb: Count = Field(512, description="memory for the projectors trained together")
    classes_per_job: Count | None = Field(None, description="split a data set's classes over several jobs")

    def adam(self) -> dict[str, float]:
        """The loss and its optimiser, by the names that the trainers know."""
        names = ("learning_rate", "weight_decay", "radius", "loss_scale")
        return {name: getattr(self, name) for name in names}

    def repetitions(self, dataset: str) -> int:
        """How often the mini-batch training is repeated on ``dataset``."""
        return self.seeds_by_dataset.get(dataset, self.seeds)

    def reference(self) -> dict[str, str | float]:
        """The setting that a table holds fixed, except for what it varies."""
        return {"backbone": self.backbone, "norm": self.reference_norm}

    def named(self) -> dict[str, list[str]]:
        """The data sets and backbones that are named here."""
        compared = [backbone for backbones in self.compared_backbones.values() for backbone in backbones]
        datasets = (self.datasets, self.seeds_by_dataset, self.compared_backbones, self.compared_projectors)
        return {
            "data set": [name for names in (*datasets, self.figure_classes) for name in names],
            "backbone": [self.backbone, *compared],
        }

    def check(self, where: str, inputs: Inputs) -> None:
        for what, names in self.named().items():
            for name in names:
                require(name, inputs.datasets if what == "data set" else inputs.backbones, where, what)

    def check_classes(self, where: str, inputs: Inputs) -> None:
        for name, wanted in self.figure_classes.items():
            if wanted not in inputs.normal_classes(name):
                raise UserError(f"{where}.figure_classes.{name}: '{wanted}' is not among the classes that are run")

    @model_validator(mode="after")
    def _reference_is_run(self) -> Self:
        if self.reference_norm not in self.norms:
            raise ValueError(f"reference_norm {self.reference_norm:g} is not one of norms")
        if "normal" not in self.centers:
            raise ValueError("centers must include 'normal', the paper's default")
        return self


class Objective(Projection):
    """Paper 1, Protocol A: the projector on frozen pooled features, and everything it is compared with."""

    epochs: Count = 20
    batch_size: Count = 64
    comparators: Distinct[Comparator] = Field(list(get_args(Comparator)))
    feasible_auroc: float = Field(90, gt=50, lt=100, description="AUROC (percent) that bounds the feasible domain")

    def schedule(self) -> dict[str, int]:
        """How long training goes on."""
        return {"epochs": self.epochs, "batch_size": self.batch_size}


class MultiScale(Section):
    """Feature maps of several levels joined, and the anomaly maps that come of them."""

    layers: Distinct[Count] = Field(
        [1, 2, 3], min_length=1, description="feature levels that are joined; 1 is the first"
    )
    pool: Count = Field(3, description="pixels a side of the average over neighbours; odd")
    alignment: Alignment = Field("bilinear", description="how coarser levels are brought to the size of the finest")
    sigma: float = Field(4, ge=0, description="pixels of the Gaussian that smooths an anomaly map")

    def joining(self) -> dict[str, Any]:
        """How levels are joined, by the names that ``localisation.maps`` knows."""
        return {"pool": self.pool, "alignment": self.alignment}

    @model_validator(mode="after")
    def _maps_align(self) -> Self:
        if self.layers != sorted(self.layers):
            raise ValueError(f"layers must rise, the finest first: {sorted(self.layers)}")
        if self.pool % 2 == 0:
            raise ValueError(f"pool {self.pool} is even, and would move the map; make it odd")
        return self


class Localisation(Projection, MultiScale):
    """Paper 1, Protocols B and C: the projector on multi-scale feature maps, to find defects and where they are."""

    centring: Distinct[Centring] = Field(
        ["none"], min_length=1, description="means of the normal images that features are taken relative to"
    )
    epochs: Count = 50
    batch_size: Count = 16
    batch_size_by_dataset: dict[str, Count] = Field({}, description="batch sizes that differ (paper: MPDD 8, VisA 8)")
    online: bool = Field(True, description="Protocol C: one pass, one image at a time")
    cache: bool = Field(True, description="keep the maps in the feature store; if not, every pass computes them anew")
    comparators: Distinct[MapComparator] = Field(list(get_args(MapComparator)))

    def named(self) -> dict[str, list[str]]:
        names = super().named()
        return names | {"data set": [*names["data set"], *self.batch_size_by_dataset]}

    def check(self, where: str, inputs: Inputs) -> None:
        super().check(where, inputs)
        inputs.require_defects(where, self.datasets)

    def schedule(self, dataset: str) -> dict[str, int]:
        """How long training on ``dataset`` goes on."""
        return {"epochs": self.epochs, "batch_size": self.batch_size_by_dataset.get(dataset, self.batch_size)}

    @model_validator(mode="after")
    def _paper_s_centring_is_run(self) -> Self:
        if "none" not in self.centring:
            raise ValueError("centring must include 'none', as in the paper")
        return self


class Detector(MultiScale, Part):
    """Detectors for the user, one a data set: fitted to its normal pictures, with a card and an ONNX file."""

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str
    norms: Distinct[Positive] = Field([1, 2, 4, 8, 16, 32], min_length=1, description="one of them is chosen")
    centring: Centring | None = Field(None, description="means that features are taken relative to; null chooses")
    quantile: float = Field(0.99, gt=0, lt=1, description="share of normal pictures that shall be below the threshold")

    def check(self, where: str, inputs: Inputs) -> None:
        require(self.backbone, inputs.backbones, where, "backbone")
        inputs.require_defects(where, self.datasets)

    def check_classes(self, where: str, inputs: Inputs) -> None:
        for name in self.datasets:
            if len(classes := inputs.normal_classes(name)) != 1:
                raise UserError(
                    f"{where}.datasets: '{name}' has {len(classes)} classes, and a detector is for one; name it in "
                    f"datasets.{name}.classes"
                )
