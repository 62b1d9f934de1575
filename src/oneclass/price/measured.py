"""What finished jobs in this folder took: their benchmark files correct the speeds of their kind of job."""

import csv
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from oneclass.price.makers import Job
from oneclass.price.speeds import Range

DEVICES = {"no GPU found": "cpu", "leased cuda": "gpu"}  # what a job's log says of it (oneclass.devices)
Kind = tuple[str, str]  # of a job, and a device


class Measured:
    """``factors`` by kind of job and device: measured over modelled seconds, of all ``jobs`` that are finished here."""

    def __init__(
        self, jobs: Iterable[tuple[Job, str, bool]], seconds: Callable[[Job, str], Range], results: Path
    ) -> None:
        """``jobs`` come with their kind, and whether they use a GPU if there is one."""
        self.jobs = 0
        sums: dict[Kind, list[float]] = {}
        for job, kind, gpu in jobs:
            device = _device(results / "logs" / f"{job.log}.log") if gpu else "cpu"
            took = _seconds(results / "benchmarks" / f"{job.log}.tsv")
            if took is None or device is None:
                continue
            self.jobs += 1
            modelled = seconds(job, device)
            total = sums.setdefault((kind, device), [0, 0])
            total[0] += took
            total[1] += (modelled.low + modelled.high) / 2
        self.factors = {key: took / modelled for key, (took, modelled) in sums.items()}

    def corrected(self, kind: str, device: str, modelled: Range) -> Range:
        """``modelled`` seconds as they are, or, where some of the ``kind`` were measured, in proportion to those."""
        factor = self.factors.get((kind, device))
        if factor is None:
            return modelled
        middle = factor * (modelled.low + modelled.high) / 2
        return Range(middle, middle)


def _device(log: Path) -> str | None:
    """The device a job ran on; None where its log does not say."""
    with suppress(OSError, UnicodeDecodeError):
        text = log.read_text(encoding="utf-8")
        return next((device for words, device in DEVICES.items() if words in text), None)
    return None


def _seconds(benchmark: Path) -> float | None:
    """The seconds in a benchmark file of Snakemake's; None for a file that is not there, or is none."""
    with suppress(OSError, UnicodeDecodeError, KeyError, ValueError, StopIteration), benchmark.open() as file:
        return float(next(csv.DictReader(file, delimiter="\t"))["s"])
    return None
