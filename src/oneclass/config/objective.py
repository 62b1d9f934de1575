"""Paper 1: the optimisation objective of one-class classification, and the detector built on it."""

from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Baseline, Comparator, Features, Trained
from oneclass.config.base import Count, Distinct, Positive, Section, require
from oneclass.config.inputs import Inputs, Part
from oneclass.config.methods import require_settings, settings_of
from oneclass.errors import UserError

Center = Literal["gaussian", "uniform", "ones", "mean_feature", "mean_feature_unscaled"]
Alignment = Literal["bilinear", "nearest"]
Centering = Literal["none", "channel", "position"]
DetectorMethod = Literal["nearest", "closed_form", "both"]
PARAMETERS = ("learning_rate", "weight_decay", "radius", "loss_scale", "epochs", "batch_size")


class Projection(Part):
    """What the protocols of paper 1 share: the projector's centres, its training, and what it is compared on."""

    _features: ClassVar[Features]

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str = Field(description="features of every table but S2")
    compared_backbones: dict[str, Distinct[str]] = Field({}, description="Table S2: backbones compared, by data set")
    compared_projectors: Distinct[str] = Field([], description="Table S3: data sets on which projectors are compared")
    figure_classes: dict[str, str] = Field(
        {}, description="class shown in figures of a single one; the first where not given"
    )
    center_norms: Distinct[Positive] = Field([1, 2, 4, 8, 16, 32], min_length=1, description="lengths of the centre")
    figure_norms: Distinct[Positive] | None = Field(
        None, min_length=1, description="norms that Figure S4 shows; the smallest and the largest where null"
    )
    default_center_norm: Positive = Field(1, description="the norm that is held fixed where something else varies")
    centers: Distinct[Center] = Field(
        list(get_args(Center)), min_length=1, description="distributions that the centre is drawn from"
    )
    repetitions: Count = Field(5, description="how often a method with random starts is trained")
    repetitions_by_dataset: dict[str, Count] = Field({}, description="repetitions on a data set, where they differ")
    repetitions_by_method: dict[str, Count] = Field(
        {"full_batch": 1}, description="repetitions of a method, where they differ"
    )
    epochs: Count
    batch_size: Count
    learning_rate: Positive = 1e-4
    weight_decay: float = Field(5e-4, ge=0)
    radius: float = Field(1e-5, ge=0, description="of the hypersphere; a distance up to its square costs nothing")
    loss_scale: Positive = Field(1, description="factor on the loss; Adam's coupled weight decay makes it matter")
    trained: Distinct[str] | None = Field(
        None, description="methods that are trained, the projector among them; null: all there are"
    )
    comparators: Distinct[str] | None = Field(
        None, description="methods beside the projector; null: all that are not trained"
    )
    comparator_options: dict[str, dict[str, float | str]] = Field(
        {}, description="settings of comparators, such as {cfa: {epochs: 5}, padim: {channels: 550}}; docs/numbers.md"
    )
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    memory_mb: Count = Field(512, description="memory for the projectors trained together")
    classes_per_job: Count | None = Field(None, description="split a data set's classes over several jobs")

    def training(self, dataset: str) -> dict[str, Any]:
        """The loss and how it is minimised on ``dataset``, by the names that ``objective.job`` knows."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def repetitions_of(self, method: str, dataset: str) -> int:
        """How often ``method`` is trained on ``dataset``."""
        return self.repetitions_by_method.get(method) or self.repetitions_by_dataset.get(dataset, self.repetitions)

    def trained_run(self) -> dict[str, Trained]:
        """The trained methods that are run, by name."""
        known = of_kind(Trained, self._features)
        return {name: method for name, method in known.items() if self.trained is None or name in self.trained}

    def comparators_run(self) -> dict[str, Comparator]:
        """The comparators that are run, by name."""
        known = of_kind(Comparator, self._features)
        if self.comparators is None:
            return {name: method for name, method in known.items() if not method.trained}
        return {name: known[name] for name in self.comparators}

    def options_of(self, comparator: Comparator) -> dict[str, float | str]:
        """The settings of a comparator, by name."""
        return settings_of(comparator, self.comparator_options)

    def named(self) -> dict[str, list[str]]:
        """The data sets and backbones that are named here."""
        compared = [backbone for backbones in self.compared_backbones.values() for backbone in backbones]
        datasets = (self.datasets, self.repetitions_by_dataset, self.compared_backbones, self.compared_projectors)
        return {
            "data set": [name for names in (*datasets, self.figure_classes) for name in names],
            "backbone": [self.backbone, *compared],
        }

    def check(self, where: str, inputs: Inputs) -> None:
        for what, names in self.named().items():
            for name in names:
                require(name, inputs.datasets if what == "data set" else inputs.backbones, where, what)
        for name in self.comparators or []:
            require(
                name, of_kind(Comparator, self._features), f"{where}.comparators", f"comparator on {self._features}"
            )
        known = of_kind(Comparator, self._features)
        require_settings(self.comparator_options, known, f"{where}.comparator_options", "comparator")
        for name in self.trained or []:
            require(name, of_kind(Trained, self._features), f"{where}.trained", "method that is trained")
        for name in self.repetitions_by_method:
            require(name, of_kind(Trained), f"{where}.repetitions_by_method", "method that is trained")

    def check_classes(self, where: str, inputs: Inputs) -> None:
        for name, wanted in self.figure_classes.items():
            if wanted not in inputs.normal_classes(name):
                raise UserError(f"{where}.figure_classes.{name}: '{wanted}' is not among the classes that are run")

    def norms_shown(self) -> list[float]:
        """The norms that Figure S4 shows."""
        return sorted(self.figure_norms or {min(self.center_norms), max(self.center_norms)})

    @model_validator(mode="after")
    def _reference_is_run(self) -> Self:
        if self.default_center_norm not in self.center_norms:
            raise ValueError(f"default_center_norm {self.default_center_norm:g} is not one of center_norms")
        if unknown := [norm for norm in self.figure_norms or [] if norm not in self.center_norms]:
            raise ValueError(f"figure_norms: {unknown[0]:g} is not one of center_norms")
        if self.trained is not None and "projector" not in self.trained:
            raise ValueError("trained must include 'projector', the paper's method")
        if "gaussian" not in self.centers:
            raise ValueError("centers must include 'gaussian', the paper's default")
        return self


class Objective(Projection):
    """Paper 1, Protocol A: the projector on frozen pooled features, and everything it is compared with."""

    _features: ClassVar[Features] = "vectors"

    epochs: Count = 20
    batch_size: Count = 64
    feasible_auroc: float = Field(90, gt=50, lt=100, description="AUROC (percent) that bounds the feasible domain")


class MultiScale(Section):
    """Feature maps of several levels joined, and the anomaly maps that come of them."""

    layers: Distinct[Count] = Field(
        [1, 2, 3], min_length=1, description="feature levels that are joined; 1 is the first"
    )
    patch_size: Count = Field(3, description="positions per side of the average over neighbours; odd")
    alignment: Alignment = Field("bilinear", description="how coarser levels are brought to the size of the finest")
    sigma: float = Field(4, ge=0, description="pixels of the Gaussian that smooths an anomaly map")

    def aggregation(self) -> dict[str, Any]:
        """How levels are joined, by the names that ``objective.localisation.maps`` knows."""
        return {"patch_size": self.patch_size, "alignment": self.alignment}

    @model_validator(mode="after")
    def _maps_align(self) -> Self:
        if self.layers != sorted(self.layers):
            raise ValueError(f"layers must rise, the finest first: {sorted(self.layers)}")
        if self.patch_size % 2 == 0:
            raise ValueError(f"patch_size {self.patch_size} is even, and would move the map; make it odd")
        return self


class Localisation(Projection, MultiScale):
    """Paper 1, Protocols B and C: the projector on multi-scale feature maps, to find defects and where they are."""

    _features: ClassVar[Features] = "maps"

    centering: Distinct[Centering] = Field(
        ["none"], min_length=1, description="means of the normal images that features are taken relative to"
    )
    epochs: Count = 50
    batch_size: Count = 16
    batch_size_by_dataset: dict[str, Count] = Field({}, description="batch sizes that differ (paper: MPDD 8, VisA 8)")
    online: bool = Field(True, description="Protocol C: one pass, one image at a time")
    cache: bool = Field(True, description="keep the maps in the feature store; if not, every pass computes them anew")
    textures: str | None = Field(None, description="a pool of pictures that DRAEM pastes on normal ones")

    def named(self) -> dict[str, list[str]]:
        names = super().named()
        return names | {"data set": [*names["data set"], *self.batch_size_by_dataset]}

    def check(self, where: str, inputs: Inputs) -> None:
        super().check(where, inputs)
        inputs.require_defects(where, self.datasets)
        if self.textures is not None:
            require(self.textures, inputs.oe_pools, f"{where}.textures", "pool")
        for name, method in self.comparators_run().items():
            if isinstance(method, Baseline) and "textures" in method.needs and self.textures is None:
                raise ValueError(f"{where}.comparators: '{name}' pastes textures; name a pool in {where}.textures")

    def training(self, dataset: str) -> dict[str, Any]:
        return super().training(dataset) | {"batch_size": self.batch_size_by_dataset.get(dataset, self.batch_size)}

    @model_validator(mode="after")
    def _paper_s_centering_is_run(self) -> Self:
        if "none" not in self.centering:
            raise ValueError("centering must include 'none', as in the paper")
        return self


class Detector(MultiScale, Part):
    """Detectors for the user, one per data set: fitted to its normal pictures, with a card and an ONNX file."""

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str
    method: DetectorMethod = Field(
        "nearest", description="nearest normal patch, paper 1's closed form, or both together"
    )
    center_norms: Distinct[Positive] = Field(
        [1, 2, 4, 8, 16, 32], min_length=1, description="closed form: one of them is chosen"
    )
    centering: Centering | None = Field(
        None, description="closed form: means that features are taken relative to; null chooses"
    )
    threshold_quantile: float = Field(
        0.99, gt=0, lt=1, description="share of normal pictures that should be below the threshold"
    )

    def choices(self) -> dict[str, Any]:
        """What is chosen, or given, by the names that ``detector.fit`` knows."""
        return self.model_dump(include={"method", "center_norms", "centering", "sigma", "threshold_quantile"})

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
