"""What every section of the configuration is made of."""

import difflib
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


FilterName = Annotated[str, AfterValidator(_is_filter)]
T = TypeVar("T")
Distinct = Annotated[list[T], AfterValidator(_no_duplicates), Field(json_schema_extra={"uniqueItems": True})]


class Section(BaseModel):
    """A part of the configuration; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def require_before_the_end(milestones: Sequence[int], epochs: int) -> None:
    """Raise ``ValueError`` if the learning rate would fall when training is over."""
    if any(milestone >= epochs for milestone in milestones):
        raise ValueError(f"milestones {list(milestones)} must lie before the last of {epochs} epochs")


def require_once(places: Sequence[tuple[str, str, str]]) -> None:
    """Raise ``ValueError`` if two runs have the same data set, pool and network, and so would write the same files."""
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"two runs on {', '.join(place)}; make them one")
