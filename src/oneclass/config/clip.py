"""Paper 2: CLIP, zero-shot and fine-tuned with outliers."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from oneclass.config.base import Count, Distinct, Name, Positive, Section, nearest, require_before_the_end
from oneclass.config.exposure import Augmentation
from oneclass.errors import UserError


def _has_a_label(template: str) -> str:
    if "{label}" not in template:
        raise ValueError(f"'{template}' has no place for the name of a class; write {{label}} where it goes")
    return template


Template = Annotated[str, AfterValidator(_has_a_label)]
Side = Literal[32, 224]


class Miniature(Section):
    """A small CLIP, trained here on the training images of one data set, which it is then tested on."""

    dataset: Name
    captions: Distinct[Template] = Field(min_length=1, description="captions of an image; {label}: its class")
    neutral: Distinct[str] = Field(min_length=1, description="captions that fit an image of any class")
    epochs: Count = Field(4, description="in one, every image of the smallest class comes once")
    batch_size: Count = Field(8, description="groups a batch; a group is an image of each class and one of any")
    learning_rate: Positive = 1e-3
    seeds: Count = 3
    control: bool = Field(True, description="train one more, with the captions shuffled among the images")


class ClipModel(Section):
    """An open_clip architecture with weights that are downloaded (tag) or local (checkpoint), or a miniature."""

    architecture: str | None = Field(None, description="open_clip's name, such as ViT-B-32-quickgelu")
    tag: str | None = Field(None, description="open_clip's name of the weights, such as openai")
    checkpoint: str | None = Field(None, description="a file with the weights; beside tag: that tag's, fetched by hand")
    miniature: Miniature | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        loaded = self.architecture is not None and (self.tag is not None or self.checkpoint is not None)
        given = [self.architecture, self.tag, self.checkpoint]
        if loaded == (self.miniature is not None) or (self.miniature and any(given)):
            raise ValueError("give either 'architecture' with 'tag' or 'checkpoint', or 'miniature'")
        if self.architecture is not None and self.architecture not in (known := architectures()):
            raise ValueError(f"open_clip has no architecture '{self.architecture}'{nearest(self.architecture, known)}")
        if self.checkpoint is not None and not Path(self.checkpoint).is_file():
            raise ValueError(f"there is no file '{self.checkpoint}'")
        return self

    def repetitions(self) -> list[str]:
        """The trained models, by the names of their files: those of a miniature, or the one that is loaded."""
        if self.miniature is None:
            return ["0"]
        return [*map(str, range(self.miniature.seeds)), *(["shuffled"] if self.miniature.control else [])]


class TuningRun(Section):
    """One data set and the pool of its outliers."""

    dataset: str
    pool: str
    learning_rate: Positive | None = Field(None, description="this and seeds: that of all runs where null")
    seeds: Count | None = None


class FineTuning(Section):
    """BCE-CL: the image tower trained with outliers, the text tower frozen (Appendix G.2)."""

    runs: Distinct[TuningRun] = Field(min_length=1)
    epochs: Count = 80
    milestones: Distinct[Count] = Field([50, 60, 70, 75], description="epochs at which the rate falls to a tenth")
    learning_rate: Positive = 1e-4
    batch_size: Count = Field(128, description="normal images a batch, and as many outliers")
    layers: Count | Literal["all"] = Field(
        "all", description="blocks of the image tower that are trained, from its end"
    )
    augmentation: Distinct[Augmentation] = Field(list(get_args(Augmentation)), description="of training images")
    seeds: Count = 10

    def of(self, dataset: str) -> TuningRun:
        """The run on ``dataset``, complete."""
        [run] = [run for run in self.runs if run.dataset == dataset]
        own = run.model_dump(exclude_none=True)
        return TuningRun(**{"learning_rate": self.learning_rate, "seeds": self.seeds} | own)

    def schedule(self, dataset: str) -> dict[str, Any]:
        """How training goes on, by the names that ``exposure.training`` knows."""
        rate = self.of(dataset).learning_rate
        return {
            "epochs": self.epochs,
            "milestones": tuple(self.milestones),
            "batch_size": self.batch_size,
            "learning_rate": rate,
        }

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        require_before_the_end(self.milestones, self.epochs)
        names = [run.dataset for run in self.runs]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"runs: two on {twice[0]}; the table has room for one pool a data set")
        return self


class Clip(Section):
    """Paper 2: what a CLIP model tells normal from anomalous by, zero-shot (Equations 4 and 5) and fine-tuned."""

    model: Name
    datasets: Distinct[str] = Field(min_length=1)
    templates: Distinct[Template] = Field(
        ["a photo of a {label}"], min_length=1, description="of normal classes; the first stands in the tables"
    )
    something: str = Field("a photo of something", description="the text that anomalies are to be closer to")
    labels: dict[str, str] = Field({}, description="names of classes in prompts, where not the class's own")
    sides: dict[str, Side] = Field(
        {}, description="pixels a side that a data set's images are held in; else 224, miniature: 32"
    )
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    classes_per_job: Count | None = Field(None, description="split the classes of fine-tuning over several jobs")
    fine_tuning: FineTuning | None = None

    def describe(self) -> list[str]:
        """What a reader of a table needs to know of the model and its training."""
        normal = self.templates[0].replace("{label}", "[class]")
        lines = [f"CLIP (here): {self.model}; prompts '{normal}' against '{self.something}'."]
        if tuning := self.fine_tuning:
            trained = "all of" if tuning.layers == "all" else f"the last {tuning.layers} block(s) of"
            lines.append(
                f"BCE-CL (here): {trained} the image tower trained for {tuning.epochs} epochs, learning rate "
                f"{tuning.learning_rate:g}; batches of {tuning.batch_size} normal images and as many outliers."
            )
        return lines

    def runs(self) -> list[TuningRun]:
        """The runs of fine-tuning, complete."""
        return [self.fine_tuning.of(run.dataset) for run in self.fine_tuning.runs] if self.fine_tuning else []


@cache
def architectures() -> frozenset[str]:
    """Names of open_clip's models, read from its files: importing it would cost every parse seconds."""
    spec = find_spec("open_clip")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise UserError("open_clip is not installed; run `make env`")
    return frozenset(file.stem for file in (Path(folders[0]) / "model_configs").glob("*.json"))
