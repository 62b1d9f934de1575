"""How the configuration names methods of paper 2 and their options; ``catalogue.methods`` says which there are."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator

from oneclass.catalogue.methods import of_kind, options
from oneclass.catalogue.records import Loss
from oneclass.config.base import nearest, require

Values = Mapping[str, Sequence[str | float]]  # of options, by name


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
