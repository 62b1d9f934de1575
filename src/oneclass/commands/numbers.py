"""Numbers on the command line, checked where the name of their option is known."""

import math
from argparse import ArgumentTypeError
from collections.abc import Callable

PORTS = 65535


def whole(least: int = 1, most: float = math.inf) -> Callable[[str], int]:
    """What reads a whole number from ``least`` to ``most``."""
    limits = f"from {least} up" if math.isinf(most) else f"from {least} to {most:g}"

    def read(text: str) -> int:
        if not (text.removeprefix("-").isdecimal() and least <= int(text) <= most):
            raise ArgumentTypeError(f"{text} is not a whole number {limits}")
        return int(text)

    return read


def share(text: str) -> float:
    """A number between 0 and 1."""
    return _number(text, 0, 1, "a number between 0 and 1")


def positive(text: str) -> float:
    """A number above 0."""
    return _number(text, 0, math.inf, "a number above 0")


def finite(text: str) -> float:
    """Any number but infinity."""
    return _number(text, -math.inf, math.inf, "a number")


def _number(text: str, above: float, below: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not above < value < below:
        raise ArgumentTypeError(f"{text} is not {what}")
    return value
