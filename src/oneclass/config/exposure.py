"""Paper 2: outlier exposure."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from oneclass.config.base import (
    Count,
    Distinct,
    Method,
    Positive,
    Section,
    require,
    require_before_the_end,
    require_once,
)
from oneclass.config.inputs import Inputs, Part, Place
from oneclass.config.search import Search
from oneclass.exposure.members import CLASSIFIERS
from oneclass.filters import Reading

Network = Literal["lenet", "cbam_resnet18", "head"]
Radial = Literal["norm1", "norm2", "squared", "pseudo_huber"]
Augmentation = Literal["jitter", "flip", "crop", "noise"]
Precision = Literal["float32", "bfloat16"]
Amount = Annotated[int, Field(ge=0)] | Literal["all"]


class Run(Place):
    """One data set, one pool of outliers, one kind of network; ``filters`` act on the pictures the network takes."""

    network: Network = Field(description="lenet: 32-pixel images; cbam_resnet18: 224; head: frozen features")
    outliers: Distinct[Amount] | None = Field(None, min_length=1, description="these five: the sweep's where null")
    augmented: Distinct[bool] | None = Field(None, min_length=1)
    seeds: Count | None = None
    epochs: Count | None = None
    milestones: Distinct[Count] | None = None


class Sweep(Section):
    """Networks that differ in the lists below, one for each combination, class and repetition, on each of ``runs``."""

    runs: Distinct[Run] = Field(min_length=1)
    methods: Distinct[Method] = Field(["hsc", "bce"], min_length=1)
    radials: Distinct[Radial] = Field(["pseudo_huber"], min_length=1, description="radial functions of hsc")
    gammas: Distinct[Annotated[float, Field(ge=0)]] = Field([2], min_length=1, description="exponents of focal")
    outliers: Distinct[Amount] = Field(["all"], min_length=1, description="numbers of outlier images")
    outlier_classes: Distinct[Count] = Field([], description="numbers of pool classes; empty: the whole pool")
    augmented: Distinct[bool] = Field([False], min_length=1, description="with the authors' augmentation, or without")
    seeds: Count = 10
    epochs: Count = 30
    milestones: Distinct[Count] = Field([25], description="epochs at which the learning rate falls to a tenth")
    batch_size: Count = Field(128, description="normal images a batch, and as many outliers")

    def of(self, run: Run) -> Self:
        """The sweep as it is on one of its runs, which may have some settings of its own."""
        own = run.model_dump(exclude=set(Place.model_fields), exclude_none=True)
        return type(self).model_validate(self.model_dump() | {"runs": [run.model_dump()]} | own)

    def schedule(self) -> dict[str, Any]:
        """How training goes on, by the names that ``exposure.training`` knows."""
        return {"epochs": self.epochs, "milestones": tuple(self.milestones), "batch_size": self.batch_size}

    def describe(self) -> str:
        """One line for the notes under a table."""
        milestones = ", ".join(map(str, self.milestones)) or "none"
        return (
            f"{self.epochs} epochs, learning rate lowered at: {milestones}; batches of {self.batch_size} normal images "
            f"and as many outliers; {self.seeds} repetition(s)."
        )

    def largest(self) -> int:
        """The largest number of outliers that are drawn from a pool one by one."""
        return max((count for count in self.outliers if isinstance(count, int)), default=0)

    @model_validator(mode="after")
    def _something_to_learn_from(self) -> Self:
        if self.outliers == [0] and (classifiers := [name for name in self.methods if name in CLASSIFIERS]):
            raise ValueError(f"{classifiers[0]} cannot be trained without outliers; add a number to outliers")
        if self.outlier_classes and self.outliers != ["all"]:
            raise ValueError("outlier_classes takes all images of its classes; leave outliers at [all]")
        for run in self.runs if len(self.runs) > 1 else []:
            self.of(run)
        require_before_the_end(self.milestones, self.epochs)
        require_once([(run.dataset, run.pool, run.network) for run in self.runs])
        return self


class Exposure(Part):
    """Paper 2: one-class methods and classifiers that are shown outliers. A sweep that is left out is not run."""

    backbone: str | None = Field(None, description="frozen features for network: head")
    width: Positive = Field(1, description="factor on the number of kernels and units of every network")
    precision: Precision = Field("float32", description="in which layers multiply: bfloat16 is coarser, and faster")
    learning_rate: Positive = 1e-3
    augmentation: Distinct[Augmentation] = Field(
        list(get_args(Augmentation)), description="parts of the authors' augmentation that are done where it is"
    )
    high_pass: Reading = Field("code", description="size of the square that a high-pass filter removes: 2m, or m")
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    classes_per_job: Count | None = Field(None, description="split a data set's classes over several jobs")
    benchmark: Sweep | None = Field(None, description="every method: Tables 1, 7 to 9 and 13 to 15")
    radial: Sweep | None = Field(None, description="HSC's radial functions: Table 6")
    counts: Sweep | None = Field(None, description="numbers of outliers: Figures 2 to 4 and 14 to 16")
    diversity: Sweep | None = Field(None, description="numbers of outlier classes: Figures 6 and 17")
    frequencies: Sweep | None = Field(None, description="low- and high-pass filters: Figures 8 to 11")
    gamma: Sweep | None = Field(None, description="Focal's gamma: Figure 13")
    search: Search | None = Field(None, description="the best and the worst outlier: Tables 3 to 5 and 16 to 19")

    def describe(self) -> str:
        """The networks, in the notes under a table."""
        return f"networks of width {self.width:g}" + ("" if self.precision == "float32" else f", in {self.precision}")

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
    def _the_benchmark_varies_methods_alone(self) -> Self:
        sweep = self.benchmark
        for one in [sweep.of(run) for run in sweep.runs] if sweep else []:
            lists = one.model_dump(include={"radials", "gammas", "outliers", "augmented"})
            for key, values in (lists | {"filters": one.runs[0].filters}).items():
                if len(values) > 1:
                    raise ValueError(f"benchmark.{key}: the tables have room for one, not {len(values)}")
        return self

    @model_validator(mode="after")
    def _heads_have_features(self) -> Self:
        if self.backbone is None and any(run.network == "head" for run in self.runs()):
            raise ValueError("a run has network: head, and there are no features for it; name a backbone")
        return self


SWEEPS = ("benchmark", "radial", "counts", "diversity", "frequencies", "gamma")
