"""Paper 2: outlier exposure."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.config.base import (
    Count,
    Distinct,
    Milestones,
    Positive,
    Schedule,
    require,
    require_once,
)
from oneclass.config.inputs import Inputs, Part, Place
from oneclass.config.methods import MethodName, options_of, require_options
from oneclass.config.search import Search
from oneclass.filters import Width

Augmentation = Literal["jitter", "flip", "crop", "noise"]
AUGMENTATIONS = get_args(Augmentation)
Normalization = Literal["dataset", "image"]
Precision = Literal["float32", "bfloat16"]
Amount = Annotated[int, Field(ge=0)] | Literal["all"]
INHERITED = "as in the sweep where null"


class Run(Place):
    """One data set, one pool of outliers, one kind of network; ``filters`` act on the pictures the network takes."""

    outlier_counts: Distinct[Amount] | None = Field(None, min_length=1, description=INHERITED)
    augmented: Distinct[bool] | None = Field(None, min_length=1, description=INHERITED)
    repetitions: Count | None = Field(None, description=INHERITED)
    epochs: Count | None = Field(None, description=INHERITED)
    milestones: Distinct[Count] | None = Field(None, description=INHERITED)
    augmentation: Distinct[Augmentation] | None = Field(
        None, description="parts of augmentation, where augmented is true; as for all of exposure where null"
    )
    normalization: Normalization = Field(
        "dataset",
        description="by each channel's mean and deviation on normal images, or first each image by its own contrast",
    )


PICTURES = {"augmentation", "normalization"}  # keys of a run that its sweep does not have


class Sweep(Schedule):
    """Networks that differ in the lists below, one for each combination, class and repetition, on each of ``runs``."""

    runs: Distinct[Run] = Field(min_length=1)
    methods: Distinct[MethodName] = Field(["hsc", "bce"], min_length=1, description="losses to train with")
    options: dict[str, Distinct[str | float]] = Field(
        {},
        description="value to train with, by option (hsc has radial, focal gamma), the default where none is given; "
        "several only in the sweep of that name: to compare others, run each with a --directory of its own",
    )
    outlier_counts: Distinct[Amount] = Field(["all"], min_length=1, description="numbers of outlier images")
    outlier_class_counts: Distinct[Count] = Field([], description="numbers of pool classes; empty: the whole pool")
    augmented: Distinct[bool] = Field([False], min_length=1, description="with the authors' augmentation, or without")
    repetitions: Count = 10
    epochs: Count = 30
    milestones: Milestones = Field([25])

    def for_run(self, run: Run) -> Self:
        """The sweep as it is on one of its runs, which may have some settings of its own."""
        own = run.model_dump(exclude={*Place.model_fields, *PICTURES}, exclude_none=True)
        return type(self).model_validate(self.model_dump() | {"runs": [run.model_dump()]} | own)

    def methods_run(self) -> dict[str, dict[str, Any]]:
        """The methods, by name, as ``training.trials`` and ``exposure.training`` know them."""
        return {name: options_of(name, self.options) for name in self.methods}

    def largest(self) -> int:
        """The largest number of outliers that are drawn from a pool one by one."""
        return max((count for count in self.outlier_counts if isinstance(count, int)), default=0)

    @model_validator(mode="after")
    def _something_to_learn_from(self) -> Self:
        losses = of_kind(Loss)
        if self.outlier_counts == [0] and (needy := [m for m in self.methods if losses[m].outliers == "required"]):
            raise ValueError(f"{needy[0]} cannot be trained without outliers; add a number to outlier_counts")
        if self.outlier_class_counts and self.outlier_counts != ["all"]:
            raise ValueError("outlier_class_counts takes all images of its classes; leave outlier_counts at [all]")
        require_options(self.options, self.methods)
        for run in self.runs if len(self.runs) > 1 else []:
            self.for_run(run)
        require_once([(run.dataset, run.pool, run.network) for run in self.runs])
        return self


class Exposure(Part):
    """Paper 2: one-class methods and classifiers that are shown outliers. A sweep that is left out is not run."""

    backbone: str | None = Field(None, description="frozen features for network: head")
    width: Positive = Field(1, description="factor on the number of kernels and units of every network")
    precision: Precision = Field("float32", description="in which layers multiply: bfloat16 is coarser, and faster")
    stacked: bool | None = Field(
        None, description="train small networks as one stack, not one by one, to the same weights; null: on a GPU"
    )
    learning_rate: Positive = 1e-3
    augmentation: Distinct[Augmentation] | None = Field(
        None,
        description="parts of augmentation, where augmented is true; null: the authors', all at 32 pixels, flip and "
        "crop at 224",
    )
    high_pass_width: Width = Field("2m", description="width of the square that a high-pass filter removes: 2m, or m")
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    classes_per_job: Count | None = Field(None, description="split a data set's classes over several jobs")
    benchmark: Sweep | None = Field(None, description="every method: Tables 1, 7 to 9 and 13 to 15")
    radial: Sweep | None = Field(None, description="HSC's radial functions: Table 6")
    counts: Sweep | None = Field(None, description="numbers of outliers: Figures 2 to 4 and 14 to 16")
    diversity: Sweep | None = Field(None, description="numbers of outlier classes: Figures 6 and 17")
    frequencies: Sweep | None = Field(None, description="low- and high-pass filters: Figures 8 to 11")
    gamma: Sweep | None = Field(None, description="Focal's gamma: Figure 13")
    search: Search | None = Field(
        None, description="the best and the worst outlier: Tables 3 to 5 and 16 to 19, Figures 5, 7, 12 and 18 to 23"
    )

    def sweeps(self) -> dict[str, Sweep]:
        """The sweeps that are run, by name."""
        named = {name: getattr(self, name) for name in SWEEPS}
        return {name: sweep for name, sweep in named.items() if sweep is not None}

    def runs(self) -> list[Run]:
        """The runs of all sweeps."""
        return [run for sweep in self.sweeps().values() for run in sweep.runs]

    def check(self, where: str, inputs: Inputs) -> None:
        for name, sweep in self.sweeps().items():
            for run in sweep.runs:
                run.check(f"{where}.{name}.runs", inputs)
        if self.search:
            self.search.check(f"{where}.search", inputs)
        if self.backbone:
            require(self.backbone, inputs.backbones, where, "backbone")

    def check_classes(self, where: str, inputs: Inputs) -> None:
        if self.search:
            self.search.check_classes(f"{where}.search", inputs)

    @model_validator(mode="after")
    def _sweeps_of_an_option_have_its_method(self) -> Self:
        for name, sweep in self.sweeps().items():
            owners = [loss.name for loss in of_kind(Loss).values() if name in loss.options]
            if owners and sweep.methods != owners:
                raise ValueError(
                    f"{name}.methods: the pages of this sweep compare values of {name}, which only {owners[0]} has; "
                    f"take [{owners[0]}] in place of [{', '.join(sweep.methods)}]"
                )
        return self

    @model_validator(mode="after")
    def _sweeps_vary_what_their_pages_show(self) -> Self:
        for name, sweep in self.sweeps().items():
            for key, count in [pair for run in sweep.runs for pair in _varied(sweep.for_run(run)).items()]:
                if count > 1 and key.removeprefix("options.") not in SWEEPS[name]:
                    raise ValueError(
                        f"{name}.{key}: the pages of this sweep have room for one, not {count}; run the others from "
                        "copies of the configuration, each with a --directory of its own"
                    )
        return self

    @model_validator(mode="after")
    def _augmentation_is_of_use(self) -> Self:
        used = False
        for name, sweep in self.sweeps().items():
            for run in sweep.runs:
                on_features, augmented = NETWORKS[run.network].on_features, True in sweep.for_run(run).augmented
                used |= augmented and run.augmentation is None
                where = f"{name}.runs: {run.network} on '{run.dataset}'"
                if on_features and (augmented or run.normalization != "dataset"):
                    raise ValueError(f"{where} takes features: set augmented: [false], and leave out normalization")
                if run.augmentation is not None and not augmented:
                    raise ValueError(f"{where} has an augmentation and is not augmented; set augmented: [true]")
        if self.augmentation is not None and not used:
            raise ValueError("augmentation: no run uses it; leave it out, or set augmented: [true] in a sweep or run")
        return self

    @model_validator(mode="after")
    def _heads_have_features(self) -> Self:
        places = [*self.runs(), *(self.search.runs if self.search else [])]
        if self.backbone is None and any(NETWORKS[place.network].on_features for place in places):
            raise ValueError("a run is on frozen features; name their backbone")
        return self


def _varied(sweep: Sweep) -> dict[str, int]:
    """How many values ``sweep``, as it is on one run, has of all that may vary besides the method, by key."""
    lists = sweep.model_dump(include={"outlier_counts", "outlier_class_counts", "augmented"})
    lists |= {"filters": sweep.runs[0].filters} | {f"options.{name}": values for name, values in sweep.options.items()}
    return {key: len(values) for key, values in lists.items()}


SWEEPS: dict[str, set[str]] = {  # by name: of what their pages show several values, besides methods
    "benchmark": set(),
    "radial": {"radial", "augmented"},
    "counts": {"outlier_counts"},
    "diversity": {"outlier_class_counts"},
    "frequencies": {"outlier_counts", "filters"},
    "gamma": {"gamma"},
}
