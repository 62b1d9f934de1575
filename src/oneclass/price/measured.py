"""What finished jobs in this folder took: their benchmark files correct the speeds of their kind of job.

A job is known by where its log is, so one that ran with other settings counts as if it had run with those planned:
nothing in ``results`` says what a file was made with. The report and docs/price.md say so.
"""

import csv
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from oneclass.price.makers import Job
from oneclass.price.speeds import Range

DEVICES = {"no GPU found": "cpu", "leased cuda": "gpu"}  # what a job's log says of it (oneclass.devices)
RESUMED = "goes on where it was stopped"  # the same (oneclass.training.finished); its benchmark has the last part alone
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
            device = _device(results / "logs" / f"{job.log}.log", gpu)
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


def _device(log: Path, gpu: bool) -> str | None:
    """The device that a job ran on from its start to its end; None where its log does not say."""
    text = ""
    with suppress(OSError, UnicodeDecodeError):
        text = log.read_text(encoding="utf-8")
    if RESUMED in text:
        return None
    return next((device for words, device in DEVICES.items() if words in text), None) if gpu else "cpu"


def _seconds(benchmark: Path) -> float | None:
    """The seconds in a benchmark file of Snakemake's; None for a file that is not there, or is none."""
    with suppress(OSError, UnicodeDecodeError, KeyError, ValueError, StopIteration), benchmark.open() as file:
        return float(next(csv.DictReader(file, delimiter="\t"))["s"])
    return None
