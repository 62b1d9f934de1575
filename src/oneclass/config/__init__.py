"""The typed configuration: what a run may contain, checked before anything is computed.

Light on purpose (pydantic and the standard library): the Snakefile imports it on every parse.
"""

import json
import reprlib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from oneclass.config import markdown
from oneclass.config.base import nearest
from oneclass.config.baselines import Baselines
from oneclass.config.clip import Clip
from oneclass.config.data import Extraction
from oneclass.config.exposure import Exposure
from oneclass.config.inputs import Inputs, Part
from oneclass.config.objective import Detector, Localisation, Objective
from oneclass.config.renamed import RENAMED, RENAMED_OPTIONS, RENAMED_VALUES
from oneclass.config.transfer import Transfer
from oneclass.config.yaml_files import parsed
from oneclass.errors import UserError, shown

Model = TypeVar("Model", bound=BaseModel)


class Config(Inputs):
    """The whole configuration of a run."""

    extends: str | None = Field(
        None,
        description="another configuration, in the folder of this one, with which it shares all that it does not say; "
        "null takes a section away, a list replaces a list",
    )
    features: Extraction = Extraction()
    objective: Objective | None = None
    localisation: Localisation | None = None
    detector: Detector | None = None
    exposure: Exposure | None = None
    clip: Clip | None = None
    transfer: Transfer | None = None
    baselines: Baselines | None = None

    def _parts(self) -> dict[str, Part]:
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: part for name, part in named.items() if isinstance(part, Part)}

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        for name, part in self._parts().items():
            part.check(name, self)
        if self.localisation and not self.objective:
            raise ValueError("localisation: its tables also show Protocol A; add a section 'objective'")
        return self

    def check_classes(self) -> None:
        super().check_classes()
        for name, part in self._parts().items():
            part.check_classes(name, self)

    def measured_datasets(self) -> set[str]:
        """The data sets on whose anomalous test images something is measured."""
        names: set[str] = set()
        for section in (self.objective, self.localisation):
            names |= set(section.named()["data set"]) if section else set()
        if self.exposure:
            names |= {run.dataset for run in self.exposure.runs()}
            names |= {run.dataset for run in (self.exposure.search.runs if self.exposure.search else [])}
        for model in (self.clip, self.transfer, self.baselines):
            names |= set(model.datasets) if model else set()
        return names

    def clip_image_size(self, dataset: str) -> int:
        """Pixels a side of what a CLIP model is shown of ``dataset``."""
        assert self.clip
        return self.clip.image_sizes.get(dataset) or (32 if self.clips[self.clip.model].miniature else 224)

    def layers(self, dataset: str, backbone: str) -> list[int]:
        """The feature levels whose maps are cached."""
        section = self.localisation
        if section is None or not section.cache or dataset not in section.datasets:
            return self.features.layers
        wanted = [section.backbone, *section.compared_backbones.get(dataset, [])]
        return sorted({*self.features.layers, *(section.layers if backbone in wanted else [])})


def load(values: dict[str, Any], origin: str = "config", folder: Path = Path()) -> Config:
    """Validate ``values`` of a file in ``folder``, with those that it extends; ``UserError`` with one line for each
    mistake, naming its key and a remedy."""
    values = extended(values, folder)
    try:
        config = Config.model_validate(values)
        config.check_classes()
        return config
    except ValidationError as error:
        lines = [f"  {_explain(detail)}" for detail in error.errors()]
        raise UserError("\n".join([f"{origin}: {len(lines)} problem(s)", *lines])) from None
    except UserError as error:
        raise UserError(f"{origin}: {shown(error)}") from None


def checked(kind: type[Model], **values: Any) -> Model:
    """A section of the configuration from ``values``; ``UserError`` with all mistakes in one line."""
    try:
        return kind(**values)
    except ValidationError as error:
        raise UserError("; ".join(_explain(detail, kind) for detail in error.errors())) from None


def read(path: Path) -> Config:
    """The configuration in a file; ``UserError`` if it cannot be read, or as ``load`` raises it."""
    return load(parsed(path), str(path), path.parent)


def extended(values: Mapping[str, Any], folder: Path, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """``values`` upon those of the file in ``folder`` that they extend, which may extend another; section by section.

    Raises ``UserError`` for a file that cannot be read, or was ``seen`` before.
    """
    name = values.get("extends")
    if not isinstance(name, str):
        return dict(values)
    if name in seen:
        raise UserError(f"{folder / name}: extends itself; remove 'extends' from one of {', '.join(seen)}")
    return _upon(extended(parsed(folder / name), folder, (*seen, name)), values)


def _upon(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _upon(under[key], value) if isinstance(value, dict) and isinstance(under.get(key), dict) else value
        for key, value in over.items()
    }
    return {**under, **both}


def _keys_at(kind: Any, location: tuple[int | str, ...]) -> list[str]:
    """The keys of the section at ``location`` in ``kind``, found by walking the annotations."""
    for key in location:
        kind = get_args(kind)[-1] if get_origin(kind) in (dict, list) else kind.model_fields[str(key)].annotation
        if isinstance(kind, UnionType):  # an optional section
            kind = get_args(kind)[0]
    return list(kind.model_fields)


def _explain(detail: ErrorDetails, kind: Any = Config) -> str:
    """One line for one mistake: its key, what is wrong, what to do."""
    location, value = detail["loc"], detail["input"]
    where = ".".join(str(part) for part in location if part != "[key]")
    match detail["type"]:
        case "extra_forbidden":
            message = _unknown(str(location[-1]), _keys_at(kind, location[:-1]))
        case "missing":
            message = "this key is required"
        case "too_short":
            message = "this is empty; name at least one"
        case "model_type" | "dict_type":
            message = f"keys are expected here (got {_got(value)})"
        case "value_error":
            message = detail["msg"].removeprefix("Value error, ")
        case "literal_error" if isinstance(value, str) and value in RENAMED_VALUES:
            message = f"this value is called '{RENAMED_VALUES[value]}' since version 0.2.0; rename it"
        case "string_type" if isinstance(value, int | float):
            message = f"not text; put it in quotes: '{value}'"
        case "string_pattern_mismatch":
            message = "a name is made of letters, digits and _, and starts with a letter or digit"
        case _:
            message = f"{detail['msg']} (got {_got(value)})"
    return shown(f"{where}: {message}" if where else message)


def _got(value: object) -> str:
    """``value`` in short: YAML's aliases make a file of a kilobyte a value of gigabytes."""
    return repr(value) if isinstance(value, str) else reprlib.repr(value)


def _unknown(key: str, known: list[str]) -> str:
    """What to do about a ``key`` that its section, whose keys are ``known``, does not have."""
    for name in RENAMED.get(key, ()):
        if name in known:
            return f"this key is called '{name}' since version 0.2.0; rename it"
    if key in RENAMED_OPTIONS and "options" in known:
        return f"since version 0.2.0 this is written as options: {{{RENAMED_OPTIONS[key]}: [...]}}"
    return f"unknown key{nearest(key, known)}"


def schema() -> str:
    """The JSON schema of the configuration, for editors."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


def extension_schema() -> str:
    """The JSON schema of a configuration that extends another, which has the keys that it lacks."""
    whole = Config.model_json_schema()
    for section in whole["$defs"].values():
        section.pop("required", None)
    return json.dumps(whole | {"required": ["extends"]}, indent=2) + "\n"


def reference() -> str:
    """The page that describes every key, for people."""
    return markdown.write(Config.model_json_schema())
