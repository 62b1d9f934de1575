"""The typed configuration: what a run may contain, checked before anything is computed.

Light on purpose (pydantic and the standard library): the Snakefile imports it on every parse.
"""

import json
from pathlib import Path
from types import UnionType
from typing import Any, Self, get_args, get_origin

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from oneclass.config.base import Name, Section, nearest, require
from oneclass.config.clip import Clip, ClipModel, Miniature
from oneclass.config.data import Backbone, Dataset, Extraction, OutlierPool
from oneclass.config.exposure import Exposure, Run
from oneclass.config.objective import Detector, Localisation, Objective, Projection
from oneclass.config.search import Searched
from oneclass.config.transfer import Transfer
from oneclass.data.sources import SOURCES
from oneclass.errors import UserError
from oneclass.exposure.members import SIZES
from oneclass.filters import Filter


class Config(Section):
    """The whole configuration of a run."""

    seed: int = 1024
    data_root: str = Field("data", description="folder of the data sets that no wheel brings")
    datasets: dict[Name, Dataset] = Field(min_length=1)
    oe_pools: dict[Name, OutlierPool] = Field({})
    backbones: dict[Name, Backbone] = Field(min_length=1)
    clips: dict[Name, ClipModel] = Field({})
    features: Extraction = Extraction()
    objective: Objective | None = None
    localisation: Localisation | None = None
    detector: Detector | None = None
    exposure: Exposure | None = None
    clip: Clip | None = None
    transfer: Transfer | None = None

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for section, projection in self._projections().items():
            for what, names in projection.named().items():
                for name in names:
                    require(name, self.datasets if what == "data set" else self.backbones, section, what)
        if self.localisation and not self.objective:
            raise ValueError("localisation: its tables also show Protocol A; add a section 'objective'")
        if self.detector:
            require(self.detector.backbone, self.backbones, "detector", "backbone")
        for section, places in {"localisation": self.localisation, "detector": self.detector}.items():
            for name in places.datasets if places else []:
                require(name, self.datasets, section, "data set")
                if self.datasets[name].task != "defect":
                    raise ValueError(
                        f"{section}.datasets: '{name}' has task {self.datasets[name].task}; it needs defect"
                    )
        for section, sets in (("datasets", self.datasets), ("oe_pools", self.oe_pools)):
            for name, images in sets.items():
                require(images.source, SOURCES, f"{section}.{name}.source", "source")
        if both := self.datasets.keys() & self.oe_pools.keys():
            raise ValueError(f"oe_pools: '{min(both)}' is also the name of a data set; give the pool another")
        return self

    @model_validator(mode="after")
    def _runs_fit(self) -> Self:
        for name, sweep in (self.exposure.sweeps() if self.exposure else {}).items():
            for run in sweep.runs:
                self._check_run(f"exposure.{name}.runs", run)
        if self.exposure and (search := self.exposure.search):
            for place in search.runs:
                self._check_run("exposure.search.runs", place)
                search.require_images(place.pool, self.oe_pools[place.pool].limit)
        if self.exposure and self.exposure.backbone:
            require(self.exposure.backbone, self.backbones, "exposure", "backbone")
        return self

    @model_validator(mode="after")
    def _clip_fits(self) -> Self:
        if both := self.clips.keys() & self.backbones.keys():
            raise ValueError(f"clips: '{min(both)}' is also the name of a backbone; give the model another")
        for name, model in self.clips.items():
            if name.startswith("mini_") != (model.miniature is not None):
                raise ValueError(
                    f"clips.{name}: a name begins with mini_ where the model is a miniature, and only there: tables "
                    "tell it from a real CLIP by that"
                )
        if self.clip is None:
            return self
        require(self.clip.model, self.clips, "clip", "CLIP model")
        for name in [*self.clip.datasets, *self.clip.sides]:
            require(name, self.datasets, "clip", "data set")
        for run in self.clip.runs():
            require(run.dataset, self.clip.datasets, "clip.fine_tuning.runs", "data set among clip.datasets")
            require(run.pool, self.oe_pools, "clip.fine_tuning.runs", "pool")
        if miniature := self.clips[self.clip.model].miniature:
            self._check_miniature(f"clips.{self.clip.model}.miniature", miniature, self.clip)
        return self

    def _check_miniature(self, where: str, miniature: Miniature, section: Clip) -> None:
        """Its training images must not be tested: so each data set is split as its own is."""
        require(miniature.dataset, self.datasets, where, "data set")
        own = self.datasets[miniature.dataset]
        if own.task == "defect":
            raise ValueError(f"{where}: data set '{miniature.dataset}' has task defect; captions need several classes")
        for name in section.datasets:
            other = self.datasets[name]
            for key in ("source", "path", "labels", "test_fraction"):
                if getattr(own, key) != getattr(other, key):
                    raise ValueError(
                        f"{where}: it is trained on '{miniature.dataset}', whose {key} is not that of '{name}': it may "
                        "have seen test images of that data set; take it out of clip.datasets"
                    )
        for run in section.runs():
            if run.seeds and run.seeds > miniature.seeds:
                raise ValueError(
                    f"clip.fine_tuning: {run.seeds} repetitions on '{run.dataset}' start from as many miniatures, and "
                    f"{where}.seeds is {miniature.seeds}"
                )

    @model_validator(mode="after")
    def _transfer_fits(self) -> Self:
        if (transfer := self.transfer) is None:
            return self
        require(transfer.backbone, self.backbones, "transfer", "backbone")
        for name in [*transfer.datasets, *transfer.pools]:
            require(name, self.datasets, "transfer", "data set")
        for dataset, pool in transfer.pools.items():
            require(pool, self.oe_pools, f"transfer.pools.{dataset}", "pool")
            if self.oe_pools[pool].transform != self.datasets[dataset].transform:
                raise ValueError(
                    f"transfer.pools.{dataset}: data set and pool '{pool}' have different transforms, which would tell "
                    "them apart; make them equal"
                )
        return self

    def _check_run(self, where: str, run: Run | Searched) -> None:
        require(run.dataset, self.datasets, where, "data set")
        require(run.pool, self.oe_pools, where, "pool")
        transform = self.datasets[run.dataset].transform
        if run.network == "head" and self.oe_pools[run.pool].transform != transform:
            raise ValueError(
                f"{where}: data set '{run.dataset}' and pool '{run.pool}' have different transforms, which would tell "
                "their features apart; make them equal"
            )
        for name in run.filters:
            try:
                Filter.parse(name).require_usable(*[SIZES.get(run.network, transform.crop or transform.resize)] * 2)
            except UserError as error:
                raise ValueError(f"{where}: {error}") from None

    @model_validator(mode="after")
    def _bases_hold_pictures(self) -> Self:
        for name, dataset in self.datasets.items():
            if dataset.base is not None:
                require(dataset.base, self.datasets, f"datasets.{name}.base", "data set")
                if self.datasets[dataset.base].base is not None:
                    raise ValueError(f"datasets.{name}.base: '{dataset.base}' is drawn itself; name its own base")
        return self

    def side(self, dataset: str) -> int:
        """Pixels a side of what a CLIP model is shown of ``dataset``."""
        assert self.clip
        return self.clip.sides.get(dataset) or (32 if self.clips[self.clip.model].miniature else 224)

    def images(self, name: str) -> Dataset | OutlierPool:
        """The data set or pool called ``name``."""
        return self.datasets.get(name) or self.oe_pools[name]

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
            for wanted in dataset.keep or []:
                if wanted not in (known := self._classes_of_source(name)):
                    raise UserError(f"datasets.{name}.keep: no class '{wanted}'{nearest(wanted, known)}")
            for wanted in dataset.classes or []:
                if wanted not in available:
                    raise UserError(f"datasets.{name}.classes: no class '{wanted}'{nearest(wanted, available)}")
        for section, projection in self._projections().items():
            for name, wanted in projection.figure_classes.items():
                if wanted not in self.normal_classes(name):
                    raise UserError(
                        f"{section}.figure_classes.{name}: '{wanted}' is not among the classes that are run"
                    )
        if self.clip:
            named = {one for dataset in self.clip.datasets for one in self._available_classes(dataset)}
            for name in sorted(self.clip.labels.keys() - named):
                raise UserError(f"clip.labels: no class '{name}'{nearest(name, named)}")
        for place in self.exposure.search.runs if self.exposure and self.exposure.search else []:
            for wanted in place.classes or []:
                if wanted not in (known := self._available_classes(place.dataset)):
                    where = f"exposure.search.runs: data set '{place.dataset}'"
                    raise UserError(f"{where} has no class '{wanted}'{nearest(wanted, known)}")
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
        known = self._classes_of_source(name)
        return [known_class for known_class in known if known_class in (dataset.keep or known)]

    def _classes_of_source(self, name: str) -> list[str]:
        dataset = self.datasets[name]
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
            message = f"unknown key{nearest(str(location[-1]), _keys_at(location[:-1]))}"
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
