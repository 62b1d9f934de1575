"""What the programs share: sides that take turns within one run, their fastest time, memory, and a table to print."""

import resource
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

Key = TypeVar("Key")
T = TypeVar("T")


@dataclass(frozen=True)
class Timed(Generic[T]):
    """What one side returned, and the seconds it took."""

    seconds: float
    result: T


def compare(sides: Mapping[Key, Callable[[], T]], rounds: int) -> dict[Key, Timed[T]]:
    """The fastest of ``rounds`` of each side: other work on the machine, and the first call, only ever add time."""
    turns = [{name: _timed(side) for name, side in sides.items()} for _ in range(rounds)]
    return {name: min((turn[name] for turn in turns), key=lambda timed: timed.seconds) for name in sides}


def _timed(side: Callable[[], T]) -> Timed[T]:
    _finish()
    start = time.perf_counter()
    result = side()
    _finish()
    return Timed(time.perf_counter() - start, result)


def _finish() -> None:
    """Wait for the GPU, which works on after a call returns."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


@dataclass(frozen=True)
class Spent:
    """Seconds that passed, and those that this process's threads computed, which other programs hardly change."""

    seconds: float
    processor: float


def clock() -> Callable[[], Spent]:
    """Start a clock; what it gives is what was spent since."""
    begun = time.perf_counter(), time.process_time()
    return lambda: Spent(time.perf_counter() - begun[0], time.process_time() - begun[1])


def peak_memory() -> float:
    """The most that this process has held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def parse(parser: ArgumentParser, arguments: Sequence[str] | None, rounds: int) -> Namespace:
    """The arguments, with the number of rounds and of torch's threads, which is set."""
    parser.add_argument("--rounds", type=int, default=rounds, help="times that each side takes its turn (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="torch's threads (%(default)s)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    return options


def table(rows: list[dict[str, object]]) -> str:
    """``rows`` of equal keys in Markdown; floating-point numbers with four digits."""
    cells = [[f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    lines = [list(rows[0]), ["---"] * len(rows[0]), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
