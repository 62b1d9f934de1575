"""How the configuration names methods and their options; ``catalogue.methods`` says which there are."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from oneclass.catalogue.methods import of_kind, options
from oneclass.catalogue.records import Comparator, Loss
from oneclass.config.base import nearest, require

Values = Mapping[str, Sequence[str | float]]  # of options, by name
Settings = Mapping[str, Mapping[str, float | str]]  # of options, by method and name


def _is_known(name: str) -> str:
    known = of_kind(Loss)
    if name not in known:
        raise ValueError(f"no method '{name}'{nearest(name, known)}")
    return name


MethodName = Annotated[str, AfterValidator(_is_known)]


def require_options(values: Values, methods: Sequence[str]) -> None:
    """Raise ``ValueError`` if no method has such an option, none of ``methods`` has it, or it cannot have a value."""
    known = options()
    for name, wanted in values.items():
        require(name, known, "options", "option")
        if not any(name in of_kind(Loss)[method].options for method in methods):
            raise ValueError(
                f"options.{name}: none of {', '.join(methods)} has it; remove it, or add a method that has"
            )
        for value in wanted:
            if allowed := known[name].values:
                require(str(value), allowed, f"options.{name}", "value")
            elif isinstance(value, str) or value < 0:
                raise ValueError(f"options.{name}: {value!r} is not a number of at least 0")


def options_of(method: str, values: Values) -> dict[str, Any]:
    """What a sweep needs to know of ``method``: its module, whether it takes outliers, and the values of its options,
    the default alone where ``values`` has none."""
    loss = of_kind(Loss)[method]
    chosen = {name: list(values.get(name, [option.default])) for name, option in loss.options.items()}
    return {"module": loss.module, "outliers": loss.outliers, "options": chosen}


def require_settings(
    given: Settings, known: Mapping[str, Comparator], where: str, kind: Literal["comparator", "method"]
) -> None:
    """Raise ``ValueError`` if a name in ``given`` is not one of ``known`` with options, lacks such an option, or the
    option cannot have that value."""
    with_options = {name: method for name, method in known.items() if method.options}
    for name, values in given.items():
        require(name, with_options, where, f"{kind} with options")
        for option, value in values.items():
            require(option, known[name].options, f"{where}.{name}", "option")
            if allowed := known[name].options[option].values:
                require(str(value), allowed, f"{where}.{name}.{option}", "value")
            elif isinstance(value, str) or not 0 < value < inf:
                raise ValueError(f"{where}.{name}.{option}: {value!r} is not a number above 0")


def settings_of(method: Comparator, given: Settings) -> dict[str, float | str]:
    """The options of ``method`` by name: as ``given``, or its default."""
    chosen = given.get(method.name, {})
    return {name: chosen.get(name, option.default) for name, option in method.options.items()}
