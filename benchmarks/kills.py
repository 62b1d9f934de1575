"""Kill a run again and again, start it again each time, and compare every file it makes with those of a run left alone.

Kills are of five kinds: SIGKILL of Snakemake alone, of one job alone and of the whole process group, SIGTERM to
Snakemake, and SIGINT to the group, as Ctrl-C sends it. Some are aimed: at the moment at which the shortest job of each
of the slowest rules begins to write its output. The others come at random moments of the run's work. After each kill,
all that is new under its final name is compared at once, so that each difference is told with the kill that made it.
"""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.inotify import Watch
from benchmarks.kill_test import PROJECT, start, workspace
from benchmarks.reference import Job, Reference, named, work

KINDS = ("SIGKILL, Snakemake", "SIGKILL, a job", "SIGKILL, all", "SIGTERM, Snakemake", "SIGINT, all")
ABRUPT = tuple(kind for kind in KINDS if "SIGTERM" not in kind)  # SIGTERM waits until what is written is whole
DELAY = 10.0  # seconds: a random kill comes up to so much later than the work that it waits for
WRITING = -4, -0.5  # powers of ten: seconds from the first byte of an aimed file to the kill
LONGEST = 120.0  # seconds that a job may have a folder without a file
PAUSE = 0.2  # seconds between looks at what is done


@dataclass(frozen=True)
class Aim:
    """A rule, and an output of the job that is to be hit while it writes it."""

    rule: str
    output: str

    def begins(self, folder: Path) -> Path:
        """The folder that appears when it is begun; the file is written there."""
        path = folder / self.output
        return path.with_name(f".partial-{path.name}")

    def wait(self, folder: Path) -> None:
        """Wait until the file is there, or has come and gone."""
        given_up = time.monotonic() + LONGEST
        with suppress(FileNotFoundError):
            while not os.listdir(self.begins(folder)) and time.monotonic() < given_up:
                time.sleep(0.0005)


@dataclass(frozen=True)
class Kill:
    """A kill to come: of a kind, when so much ``work`` is done and ``delay`` later, or when ``aim`` writes."""

    kind: str
    delay: float
    work: float = 0.0
    aim: Aim | None = None


def schedule(jobs: list[Job], aimed: list[Job], kills: int, each: int, seed: int) -> list[Kill]:
    """``each`` kills aimed at each of the jobs ``aimed``, the rest at random moments of ``jobs``; kinds take turns."""
    drawn = random.Random(seed)
    aims = [Aim(job.rule, drawn.choice(job.outputs)) for _ in range(each) for job in aimed][:kills]
    to_aim = [
        Kill(ABRUPT[number % len(ABRUPT)], 10 ** drawn.uniform(*WRITING), aim=aim) for number, aim in enumerate(aims)
    ]
    moments = sorted(drawn.uniform(0, work(jobs)) for _ in range(kills - len(aims)))
    return to_aim + [
        Kill(KINDS[number % len(KINDS)], drawn.uniform(0, DELAY), moment) for number, moment in enumerate(moments)
    ]


class Disturbed:
    """A run in a folder of its own, and what became of each kill."""

    def __init__(self, folder: Path, reference: Reference, request: str, jobs: list[Job], kills: list[Kill]) -> None:
        self._folder, self._reference, self._request = folder, reference, request
        self._jobs, self._to_come = jobs, list(kills)
        self._compared = time.time()
        self.tried: Counter[str] = Counter()
        self.continued: Counter[str] = Counter()
        self.writing: Counter[str] = Counter()
        self.wrong: dict[str, set[str]] = defaultdict(set)
        self._last: list[str] = []  # kinds since the run was started

    def through(self) -> bool:
        """Start the run and disturb it; whether it came to its end."""
        run = start(self._folder, self._request)
        began, due, snakemake = time.monotonic(), 0.0, 0
        with Watch() as watch:
            self._aim(watch)
            while run.poll() is None:
                begun = watch.wait(PAUSE)
                snakemake = snakemake or snakemake_of(run.pid)
                if not snakemake:
                    continue
                hit = next(
                    (kill for kill in self._to_come if kill.aim and kill.aim.begins(self._folder) in begun), None
                )
                if hit and hit.aim:
                    hit.aim.wait(self._folder)
                    time.sleep(hit.delay)
                    self._kill(hit, run, snakemake)
                    continue
                upcoming = next((kill for kill in self._to_come if not kill.aim), None)
                if upcoming and work(self._jobs, self._folder) >= upcoming.work:
                    due = due or time.monotonic() + upcoming.delay
                    if time.monotonic() >= due:
                        self._kill(upcoming, run, snakemake)
                        due = 0.0
        return self._ended(run.returncode, time.monotonic() - began)

    def _aim(self, watch: Watch) -> None:
        for kill in self._to_come:
            if kill.aim:
                folder = kill.aim.begins(self._folder).parent
                folder.mkdir(parents=True, exist_ok=True)
                watch.add(folder)

    def _kill(self, kill: Kill, run: subprocess.Popen[bytes], snakemake: int) -> None:
        """Do it, wait for the end of what was killed, and compare."""
        jobs = jobs_of(snakemake)
        if "job" in kill.kind and not jobs:
            return
        writing = bool(kill.aim and any(kill.aim.begins(self._folder).glob("*")))
        with suppress(ProcessLookupError):
            match kill.kind.split(", "):
                case ["SIGKILL", "Snakemake"]:
                    os.kill(snakemake, signal.SIGKILL)
                case ["SIGKILL", "a job"]:
                    os.kill(writer(jobs, kill.aim), signal.SIGKILL)
                case ["SIGKILL", _]:
                    os.killpg(run.pid, signal.SIGKILL)
                case ["SIGTERM", _]:
                    os.kill(snakemake, signal.SIGTERM)
                case _:
                    os.killpg(run.pid, signal.SIGINT)
        self._to_come.remove(kill)
        self._last.append(kill.kind)
        self.tried[kill.kind] += 1
        self.writing[kill.kind] += writing
        if "job" not in kill.kind:
            run.wait()
        different = self.compare()
        self.wrong[kill.kind] |= set(different)
        what = f"{kill.aim.output} of {kill.aim.rule}" if kill.aim else "at random"
        done = f"{work(self._jobs, self._folder) / work(self._jobs):.1%} done"
        self._note(kill.kind, what, "while it wrote" if writing else "", f"{len(jobs)} jobs", done, *different)

    def _ended(self, code: int, seconds: float) -> bool:
        """Judge an end: one that no kill explains is a run that did not go on."""
        kinds, self._last = self._last, []
        if not kinds and code:
            self._note("FAILED", f"exit status {code}", f"after {seconds:.0f} s: see run.log")
            raise SystemExit(f"make run failed by itself: see {self._folder / 'run.log'}")
        self.continued.update(kinds)
        return code == 0

    def compare(self) -> list[str]:
        """Which files that are new since the last look are not, byte for byte, those of the reference."""
        since, self._compared = self._compared, time.time()
        return self._reference.differences(self._folder, since)

    def _note(self, *cells: str) -> None:
        with (self._folder / "kills.csv").open("a", newline="") as file:
            csv.writer(file).writerow([time.strftime("%H:%M:%S"), *cells])


def snakemake_of(leader: int) -> int:
    """Snakemake's process, of the run whose first process is ``leader``; 0 if there is none yet, or no longer."""
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(leader).children(recursive=True):
            if any(part.endswith("/snakemake") for part in process.cmdline()[:3]):
                return process.pid
    return 0


def jobs_of(snakemake: int) -> list[int]:
    """The processes of its jobs, read as fast as can be: what an aimed job writes may be whole in a millisecond."""
    jobs = []
    for children in Path(f"/proc/{snakemake}/task").glob("*/children"):
        with suppress(OSError):
            jobs += [child for child in children.read_text().split() if b"/scripts/" in command(child)]
    return [int(job) for job in jobs]


def command(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def writer(jobs: list[int], aim: Aim | None) -> int:
    """The job that has the file open at which is aimed; the first one, if none has."""
    if aim:
        part = f"/.partial-{Path(aim.output).name}/"
        for job in jobs:
            with suppress(psutil.Error):
                if any(part in file.path for file in psutil.Process(job).open_files()):
                    return job
    return jobs[0]


def left_behind(folder: Path) -> list[str]:
    """Temporary files, locks and marks of jobs that did not end."""
    found = list(folder.glob("results/**/.partial-*")) + list(folder.glob("results/**/.finished-*"))
    for name in ("locks", "incomplete", "scripts"):
        found += (folder / ".snakemake" / name).glob("*")
    return sorted(path.relative_to(folder).as_posix() for path in found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a new one, or one to go on with: the run, run.log and kills.csv")
    parser.add_argument("reference", type=Path, help="where the same commit and configuration were run, and left alone")
    parser.add_argument("--configfile", default="config.yaml", help="what is run (%(default)s)")
    parser.add_argument("--slowest", action="store_true", help="run only the jobs that are aimed at and what they need")
    parser.add_argument("--kills", type=int, default=100, help="how often (%(default)s)")
    parser.add_argument(
        "--rules", type=int, default=15, help="how many of the slowest rules are aimed at (%(default)s)"
    )
    parser.add_argument("--each", type=int, default=2, help="how often each of them (%(default)s)")
    parser.add_argument("--seed", type=int, default=1024, help="of kinds and moments (%(default)s)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background processes are deaf to it
    reference = Reference(options.reference)
    folder = options.folder if options.folder.exists() else workspace(options.folder)
    aimed = list(reference.shortest_of_the_slowest(options.rules))
    targets = [job.outputs[0] for job in aimed] if options.slowest else []
    jobs = reference.behind(targets)
    kills = schedule(jobs, aimed, options.kills, options.each, options.seed)
    request = " ".join([*targets, f"--configfile {(PROJECT / options.configfile).resolve()}"])
    run = Disturbed(folder, reference, request, jobs, kills)
    while not run.through():
        pass
    missing = {name for job in jobs for name in job.outputs if not (folder / name).exists()}
    different, left = sorted({*reference.differences(folder), *missing}), left_behind(folder)
    print("kind | tried | of them while it wrote | continued | files that differed after it")
    for kind in KINDS:
        print(f"{kind} | {run.tried[kind]} | {run.writing[kind]} | {run.continued[kind]} | {len(run.wrong[kind])}")
    print(f"At the end {len(different)} of {len(dict(named(folder)))} files differ: {', '.join(different) or 'none'}.")
    print(f"Left behind: {', '.join(left) or 'nothing'}.")
    return bool(different or left or any(run.wrong.values()))


if __name__ == "__main__":
    sys.exit(main())
