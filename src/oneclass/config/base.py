"""What every section of the configuration is made of."""

import difflib
from collections.abc import Sequence
from os.path import expanduser
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from oneclass.errors import UserError
from oneclass.filters import Filter

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")]
Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _no_duplicates(values: list[Any]) -> list[Any]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} is listed twice; remove one")
    return values


def _is_filter(name: str) -> str:
    try:
        return Filter.parse(name).name
    except UserError as error:
        raise ValueError(str(error)) from None


def _is_path(text: str) -> str:
    if "\0" in text:
        raise ValueError("no name of a file or folder holds a zero byte; remove it")
    return expanduser(text)  # ~ is the home folder


PathText = Annotated[str, AfterValidator(_is_path)]
FilterName = Annotated[str, AfterValidator(_is_filter)]
T = TypeVar("T")
Distinct = Annotated[list[T], AfterValidator(_no_duplicates), Field(json_schema_extra={"uniqueItems": True})]
Milestones = Annotated[Distinct[Count], Field(description="epochs at which the learning rate falls to a tenth")]


class Section(BaseModel):
    """A part of the configuration; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(Section):
    """How long networks are trained with Adam or by gradient descent, and how often."""

    repetitions: Count
    epochs: Count
    milestones: Milestones
    batch_size: Count = Field(128, description="normal images per batch, and as many outliers")

    def schedule(self, learning_rate: float) -> dict[str, Any]:
        """How training goes on, by the names that ``training.schedule`` knows."""
        times = {"epochs": self.epochs, "milestones": tuple(self.milestones), "batch_size": self.batch_size}
        return times | {"learning_rate": learning_rate}

    @model_validator(mode="after")
    def _rate_falls_before_the_end(self) -> Self:
        if any(milestone >= self.epochs for milestone in self.milestones):
            raise ValueError(f"milestones {list(self.milestones)} must lie before the last of {self.epochs} epochs")
        return self


def nearest(word: str, known: Any) -> str:
    """The end of an error about ``word``: the known name most like it, or else the known names."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there is: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def require(name: str, known: Any, where: str, what: str) -> None:
    """Raise ``ValueError`` unless ``name`` is ``known``; ``where``: the key that names it, ``what``: its kind."""
    if name not in known:
        raise ValueError(f"{where}: no {what} '{name}'{nearest(name, known)}")


def require_once(places: Sequence[tuple[str, str, str]]) -> None:
    """Raise ``ValueError`` if two runs have the same data set, pool and network, and so would write the same files."""
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"two runs on {', '.join(place)}; make them one")
