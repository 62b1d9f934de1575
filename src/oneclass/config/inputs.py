"""What a run works on, by name, and what the other sections ask of it."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from oneclass.catalogue.networks import NETWORKS
from oneclass.config.base import Distinct, FilterName, Name, PathText, Section, nearest, require
from oneclass.config.data import Dataset, OutlierPool
from oneclass.config.models import Backbone, ClipModel
from oneclass.data.sources import SOURCES
from oneclass.errors import UserError
from oneclass.filters import Filter


class Inputs(Section):
    """Data sets, pools of outliers and networks, which the other sections name."""

    seed: int = Field(1024, description="every random choice has a seed of its own, derived from this one by name")
    data_root: PathText = Field("data", description="folder of the data sets that are not installed as packages")
    datasets: dict[Name, Dataset] = Field(min_length=1, description="data sets, by the names that other sections use")
    oe_pools: dict[Name, OutlierPool] = Field({}, description="pools of outliers, by name")
    backbones: dict[Name, Backbone] = Field({}, description="frozen networks, by name")
    clips: dict[Name, ClipModel] = Field({}, description="CLIP models, by name")

    @model_validator(mode="after")
    def _images_exist(self) -> Self:
        for section, sets in (("datasets", self.datasets), ("oe_pools", self.oe_pools)):
            for name, images in sets.items():
                require(images.source, SOURCES, f"{section}.{name}.source", "source")
        if both := self.datasets.keys() & self.oe_pools.keys():
            raise ValueError(f"oe_pools: '{min(both)}' is also the name of a data set; give the pool another")
        for name, dataset in self.datasets.items():
            if dataset.base is not None:
                require(dataset.base, self.datasets, f"datasets.{name}.base", "data set")
                if self.datasets[dataset.base].base is not None:
                    raise ValueError(f"datasets.{name}.base: '{dataset.base}' is drawn itself; name its own base")
        return self

    @model_validator(mode="after")
    def _names_of_clips_tell_them_apart(self) -> Self:
        if both := self.clips.keys() & self.backbones.keys():
            raise ValueError(f"clips: '{min(both)}' is also the name of a backbone; give the model another")
        for name, model in self.clips.items():
            if name.startswith("mini_") != (model.miniature is not None):
                raise ValueError(
                    f"clips.{name}: a name begins with mini_ where the model is a miniature, and only there: tables "
                    "tell it from a real CLIP by that"
                )
        return self

    def require_defects(self, where: str, datasets: list[str]) -> None:
        """Raise ``ValueError`` unless each of ``datasets`` exists and has task defect."""
        for name in datasets:
            require(name, self.datasets, where, "data set")
            if (task := self.datasets[name].task) != "defect":
                raise ValueError(f"{where}.datasets: '{name}' has task {task}; it needs defect")

    def images(self, name: str) -> Dataset | OutlierPool:
        """The data set or pool called ``name``."""
        return self.datasets.get(name) or self.oe_pools[name]

    def normal_classes(self, name: str) -> list[str]:
        """The classes that take their turn as the normal one in data set ``name``."""
        return self.datasets[name].classes or self.available_classes(name)

    def available_classes(self, name: str) -> list[str]:
        """The classes that data set ``name`` is made of (may look into data_root)."""
        dataset = self.datasets[name]
        if dataset.base is not None:
            return self.normal_classes(dataset.base)
        known = self._classes_of_source(name)
        return [known_class for known_class in known if known_class in (dataset.keep or known)]

    def _classes_of_source(self, name: str) -> list[str]:
        dataset = self.datasets[name]
        return SOURCES[dataset.source].classes(dataset.model_dump(), Path(self.data_root))

    def check_classes(self) -> None:
        """Raise ``UserError`` if a class that is asked for is not one the data set has (may look into data_root)."""
        for name, dataset in self.datasets.items():
            available = self.available_classes(name)
            for wanted in dataset.keep or []:
                if wanted not in (known := self._classes_of_source(name)):
                    raise UserError(f"datasets.{name}.keep: no class '{wanted}'{nearest(wanted, known)}")
            for wanted in dataset.classes or []:
                if wanted not in available:
                    raise UserError(f"datasets.{name}.classes: no class '{wanted}'{nearest(wanted, available)}")


class Part(Section):
    """A section that says what is done with the inputs; ``where``: its key."""

    def check(self, where: str, inputs: Inputs) -> None:
        """Raise ``ValueError`` if what it names is not among ``inputs`` or does not go together."""

    def check_classes(self, where: str, inputs: Inputs) -> None:
        """Raise ``UserError`` if a class that it names is not one the data set has (may look into data_root)."""


def _is_network(name: str) -> str:
    if name not in NETWORKS:
        raise ValueError(f"no network '{name}'{nearest(name, NETWORKS)}")
    return name


NetworkName = Annotated[str, AfterValidator(_is_network)]


class Place(Section):
    """One data set, one pool of outliers, one kind of network; ``filters`` act on the pictures the network takes."""

    dataset: str
    pool: str
    network: NetworkName = Field(description="lenet: 32-pixel images; cbam_resnet18: 224; head: frozen features")
    filters: Distinct[FilterName] = Field(["none"], min_length=1, description="none, lpf14 (low-pass), hpf14 (high)")

    def check(self, where: str, inputs: Inputs) -> None:
        """Raise ``ValueError`` if data set or pool do not exist, do not go together, or are too small for a filter."""
        require(self.dataset, inputs.datasets, where, "data set")
        require(self.pool, inputs.oe_pools, where, "pool")
        transform, network = inputs.datasets[self.dataset].transform, NETWORKS[self.network]
        if network.on_features:
            require_same_transform(self.dataset, self.pool, inputs, where)
        for name in self.filters:
            try:
                Filter.parse(name).require_usable(*[network.image_size or transform.crop or transform.resize] * 2)
            except UserError as error:
                raise ValueError(f"{where}: {error}") from None


def require_same_transform(dataset: str, pool: str, inputs: Inputs, where: str) -> None:
    """Raise ``ValueError`` if the ``pool`` that is named at ``where`` does not exist, or its images are made larger or
    smaller in another way than those of ``dataset``."""
    require(pool, inputs.oe_pools, where, "pool")
    if inputs.oe_pools[pool].transform != inputs.datasets[dataset].transform:
        raise ValueError(
            f"{where}: data set '{dataset}' and pool '{pool}' have different transforms, which would tell them apart; "
            "make them equal"
        )
