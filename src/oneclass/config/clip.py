"""Paper 2: CLIP, zero-shot and fine-tuned with outliers."""

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from oneclass.config.base import Count, Distinct, Milestones, Name, Positive, Schedule, Section, nearest, require
from oneclass.config.exposure import Augmentation
from oneclass.config.inputs import Inputs, Part
from oneclass.config.models import Miniature, Template
from oneclass.errors import UserError

Side = Literal[32, 224]


class TuningRun(Section):
    """One data set and the pool of its outliers."""

    dataset: str
    pool: str
    learning_rate: Positive | None = Field(None, description="as for all runs where null")
    repetitions: Count | None = Field(None, description="as for all runs where null")


class FineTuning(Schedule):
    """BCE-CL: the image tower trained with outliers, the text tower frozen (Appendix G.2)."""

    runs: Distinct[TuningRun] = Field(min_length=1)
    repetitions: Count = 10
    epochs: Count = 80
    milestones: Milestones = Field([50, 60, 70, 75])
    learning_rate: Positive = 1e-4
    layers: Count | Literal["all"] = Field(
        "all", description="blocks of the image tower that are trained, from its end"
    )
    augmentation: Distinct[Augmentation] = Field(
        list(get_args(Augmentation)), description="of training images, at random"
    )

    def run_on(self, dataset: str) -> TuningRun:
        """The run on ``dataset``, complete."""
        [run] = [run for run in self.runs if run.dataset == dataset]
        own = run.model_dump(exclude_none=True)
        return TuningRun(**{"learning_rate": self.learning_rate, "repetitions": self.repetitions} | own)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [run.dataset for run in self.runs]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"runs: two on {twice[0]}; the table has room for one pool per data set")
        return self


class Clip(Part):
    """Paper 2: what a CLIP model tells normal from anomalous by, zero-shot (Equations 4 and 5) and fine-tuned."""

    model: Name
    datasets: Distinct[str] = Field(min_length=1)
    templates: Distinct[Template] = Field(
        ["a photo of a {label}"], min_length=1, description="of normal classes; the first is that of the tables"
    )
    something: str = Field("a photo of something", description="the text that anomalies are to be closer to")
    class_names: dict[str, str] = Field({}, description="names of classes in prompts, where not the class's own")
    image_sizes: dict[str, Side] = Field(
        {}, description="pixels per side of a data set's images; else 224, or 32 for a miniature"
    )
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    classes_per_job: Count | None = Field(None, description="split the classes of fine-tuning over several jobs")
    fine_tuning: FineTuning | None = None

    def runs(self) -> list[TuningRun]:
        """The runs of fine-tuning, complete."""
        return [self.fine_tuning.run_on(run.dataset) for run in self.fine_tuning.runs] if self.fine_tuning else []

    def check(self, where: str, inputs: Inputs) -> None:
        require(self.model, inputs.clips, where, "CLIP model")
        for name in [*self.datasets, *self.image_sizes]:
            require(name, inputs.datasets, where, "data set")
        for run in self.runs():
            require(run.dataset, self.datasets, f"{where}.fine_tuning.runs", "data set among clip.datasets")
            require(run.pool, inputs.oe_pools, f"{where}.fine_tuning.runs", "pool")
        if miniature := inputs.clips[self.model].miniature:
            self._check_miniature(f"clips.{self.model}.miniature", miniature, inputs)

    def _check_miniature(self, where: str, miniature: Miniature, inputs: Inputs) -> None:
        """Its training images must not be tested: so each data set is split as its own is."""
        require(miniature.dataset, inputs.datasets, where, "data set")
        own = inputs.datasets[miniature.dataset]
        if own.task == "defect":
            raise ValueError(f"{where}: data set '{miniature.dataset}' has task defect; captions need several classes")
        for name in self.datasets:
            other = inputs.datasets[name]
            for key in ("source", "path", "granularity", "test_fraction"):
                if getattr(own, key) != getattr(other, key):
                    raise ValueError(
                        f"{where}: it is trained on '{miniature.dataset}', whose {key} is not that of '{name}': it may "
                        "have seen test images of that data set; take it out of clip.datasets"
                    )
        for run in self.runs():
            if run.repetitions and run.repetitions > miniature.repetitions:
                raise ValueError(
                    f"clip.fine_tuning: {run.repetitions} repetitions on '{run.dataset}' start from as many, "
                    f"{where}.repetitions is {miniature.repetitions}"
                )

    def check_classes(self, where: str, inputs: Inputs) -> None:
        named = {one for dataset in self.datasets for one in inputs.available_classes(dataset)}
        for name in sorted(self.class_names.keys() - named):
            raise UserError(f"{where}.class_names: no class '{name}'{nearest(name, named)}")
