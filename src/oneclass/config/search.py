"""Paper 2: the search for the best and the worst single outlier."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.config.base import Count, Distinct, Milestones, Schedule, nearest, require, require_once
from oneclass.config.inputs import Inputs, Place
from oneclass.config.methods import MethodName
from oneclass.errors import UserError

Direction = Literal["best", "worst", "random"]
Chance = Annotated[float, Field(ge=0, le=1)]


class Searched(Place):
    """One data set, one pool, one kind of network."""

    classes: Distinct[str] | None = Field(None, min_length=1, description="normal classes; the data set's where null")


class Search(Schedule):
    """Algorithm 1 and random search, once per class, method, filter and direction. The defaults are the paper's."""

    runs: Distinct[Searched] = Field(min_length=1)
    methods: Distinct[MethodName] = Field(["hsc", "bce"], min_length=1, description="losses to train with")
    directions: Distinct[Direction] = Field(
        ["best", "worst", "random"], min_length=1, description="what evolution looks for, and random search"
    )
    individuals: Annotated[int, Field(ge=2)] = Field(64, description="outliers in a generation")
    generations: Count = Field(50, description="with the first, which is drawn from the pool")
    tournament: Count = Field(3, description="outliers of which the best is selected")
    mating: Chance = Field(0.05, description="chance of a pair to be replaced by images that look like both")
    mutation: Chance = Field(0.55, description="chance of an outlier to be replaced by one that looks like it")
    candidates: Count = Field(10_000, description="images drawn from the pool to replace one (all if fewer)")
    nearest: Count = Field(
        50, description="candidates most like the outlier (a head: by features), of which one replaces it"
    )
    distance_floor: Annotated[float, Field(ge=0)] = Field(
        0, description="least squared distance of a replacement, for images in [0, 1]; 100 in the authors' code"
    )
    random_outliers: Count = Field(2000, description="different outliers that random search tries")
    figure_classes: dict[str, Distinct[str]] = Field(
        {}, description="classes that Figures 5, 7 and 12 show, by data set; the first two where not given"
    )
    repetitions: Count = Field(2, description="networks trained with each outlier, whose AUROCs are averaged")
    epochs: Count = 30
    milestones: Milestones = Field([25])

    def parameters(self) -> dict[str, Any]:
        """What the search varies and draws, by the names that ``search.evolution`` knows."""
        return self.model_dump(include=set(PARAMETERS))

    def check(self, where: str, inputs: Inputs) -> None:
        for run in self.runs:
            run.check(f"{where}.runs", inputs)
            self._require_images(where, run.pool, inputs.oe_pools[run.pool].limit)
        for name in self.figure_classes:
            require(name, [run.dataset for run in self.runs], f"{where}.figure_classes", "data set")

    def _require_images(self, where: str, pool: str, count: int | None) -> None:
        """Raise ``ValueError`` if ``pool`` is known to have too few images, ``count``."""
        wanted = {"individuals": self.individuals}
        if "random" in self.directions:
            wanted["random_outliers"] = self.random_outliers
        for key, number in wanted.items():
            if count is not None and count < number:
                raise ValueError(f"{where}.{key}: {number}, and pool '{pool}' has {count} images; ask for fewer")

    def check_classes(self, where: str, inputs: Inputs) -> None:
        for run in self.runs:
            for wanted in run.classes or []:
                if wanted not in (known := inputs.available_classes(run.dataset)):
                    raise UserError(
                        f"{where}.runs: data set '{run.dataset}' has no class '{wanted}'{nearest(wanted, known)}"
                    )
            searched = run.classes or inputs.normal_classes(run.dataset)
            for wanted in self.figure_classes.get(run.dataset, []):
                if wanted not in searched:
                    raise UserError(f"{where}.figure_classes.{run.dataset}: '{wanted}' is not among those searched")

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        losses, heads = of_kind(Loss), [name for name, network in NETWORKS.items() if network.on_features]
        if unsupervised := [name for name in self.methods if losses[name].outliers == "none"]:
            raise ValueError(f"methods: {unsupervised[0]} is trained without outliers; remove it")
        if self.distance_floor and (on_features := [run.network for run in self.runs if run.network in heads]):
            raise ValueError(f"distance_floor: of pixels, and {on_features[0]} takes features; leave it at 0")
        if self.candidates < self.nearest:
            raise ValueError(f"candidates: {self.candidates}, and nearest are {self.nearest} of them; raise candidates")
        require_once([(run.dataset, run.pool, run.network) for run in self.runs])
        return self


PARAMETERS = (
    *("individuals", "generations", "tournament", "mating", "mutation"),
    *("candidates", "nearest", "distance_floor", "random_outliers"),
)
