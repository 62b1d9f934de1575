"""Take room, permission, memory, locks, shared memory or the right time from jobs, and damage the files that they read.

The jobs are drawn from a finished run of configs/ci.yaml. Each is made again under the fault: either it ends as it
was, or it fails with a line that says what to do, leaves nothing behind, and ends as it was once the fault is gone.
Needs Linux and root, for a small disk (tmpfs) that is mounted and filled.
"""

import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from resource import RLIMIT_AS
from tempfile import TemporaryDirectory

import psutil

PROJECT = Path(__file__).parents[1]
CONFIG = PROJECT / "configs" / "ci.yaml"
SAID = {
    "room": "make room|No space left",
    "read-only": "make it writable|Read-only file system",
    "memory": "not enough memory|as where memory runs out",
    "killed": "A job ended by SIGKILL, as where memory runs out",
    "clock": "could indicate a clock skew problem",
}
NO_LOCKS = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>
static int refused(void) { errno = ENOLCK; return -1; }
int flock(int file, int operation) { return refused(); }
int fcntl(int file, int command, ...) {
    va_list rest; va_start(rest, command); void *value = va_arg(rest, void *); va_end(rest);
    return command == F_SETLK || command == F_SETLKW ? refused() : syscall(SYS_fcntl, file, command, value);
}
int fcntl64(int file, int command, ...) {
    va_list rest; va_start(rest, command); void *value = va_arg(rest, void *); va_end(rest);
    return command == F_SETLK || command == F_SETLKW ? refused() : syscall(SYS_fcntl, file, command, value);
}
"""
NO_SHARED_MEMORY = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o ro none /dev/shm && exec "$@"', "sh"]


@dataclass(frozen=True)
class Job:
    """A job of the finished run."""

    rule: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    log: str
    seconds: float


def jobs(folder: Path) -> list[Job]:
    """The jobs of a run, by what Snakemake keeps of them."""
    found: dict[str, Job] = {}
    for file in sorted((folder / ".snakemake/metadata").rglob("*")):
        if file.is_file():
            record = json.loads(file.read_text())
            output, [log] = base64.b64decode(file.name).decode(), record["log"]
            outputs = found[log].outputs if log in found else frozenset()
            seconds = record["endtime"] - record["starttime"]
            inputs = frozenset(name for name in record["input"] if name.startswith("results/"))
            found[log] = Job(record["rule"], inputs, outputs | {output}, log, seconds)
    return [job for job in found.values() if job.rule != "site"]  # its page of jobs tells times


@dataclass(frozen=True)
class Workspace:
    """A copy of the finished run, on a disk that can be filled."""

    finished: Path
    folder: Path

    def start(self, outputs: Sequence[str], before: Sequence[str] = (), **environment: str) -> subprocess.Popen[str]:
        """Snakemake, to make ``outputs``; not what is older or was made by other code."""
        snakemake = [sys.executable, "-m", "snakemake", *outputs, "--cores", "1", "--rerun-triggers", "mtime"]
        return subprocess.Popen(
            [*before, *snakemake, "--configfile", str(CONFIG), "--directory", str(self.folder)],
            cwd=PROJECT,
            env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, chosen: Sequence[Job], before: Sequence[str] = (), **environment: str) -> tuple[int, str]:
        """Make the outputs of ``chosen``: the exit status, and what was printed."""
        process = self.start([output for job in chosen for output in sorted(job.outputs)], before, **environment)
        printed, _ = process.communicate()
        return process.returncode, printed

    def remove(self, job: Job) -> None:
        """Remove what ``job`` wrote."""
        for name in (*job.outputs, job.log):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def restore(self, names: Sequence[str]) -> None:
        """Put back what the finished run has."""
        for name in names:
            source, path = self.finished / name, self.folder / name
            shutil.rmtree(path, ignore_errors=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, path, symlinks=True)
            else:
                shutil.copy2(source, path)

    def same(self, job: Job) -> bool:
        """Whether its outputs are those of the finished run."""
        return all(contents(self.folder / name) == contents(self.finished / name) for name in job.outputs)

    def untouched(self, job: Job) -> bool:
        """Whether nothing is there that is not whole: each output as it was or not there, no temporary file."""
        there = [name for name in job.outputs if (self.folder / name).exists()]
        whole = all(contents(self.folder / name) == contents(self.finished / name) for name in there)
        return whole and not any(self.folder.glob("results/**/.partial-*"))


def contents(path: Path) -> dict[str, bytes]:
    """The bytes of a file, or of all files in a folder."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    timestamps = ".snakemake_timestamp"
    kept = [file for file in files if file.name != timestamps]
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in kept}


def judged(space: Workspace, job: Job, status: int, printed: str, kind: str) -> str:
    """What became of ``job`` under a fault: ``same``, ``line``, or what is wrong."""
    if status == 0:
        return "same" if space.same(job) else "WRONG: other bytes"
    if "Traceback" in printed:
        return "WRONG: a traceback"
    if kind not in SAID:
        return "WRONG: it failed"
    if not re.search(SAID[kind], printed):
        return "WRONG: no line"
    return "line" if space.untouched(job) else "WRONG: something half-written"


def trial(space: Workspace, job: Job, kind: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """One fault while ``job`` works, and how it went on; and in what it consisted."""
    space.remove(job)
    detail = ""
    if kind == "room":
        extra = int(10 ** chance.uniform(3, 6.3))
        detail, disk = f"{extra} bytes left", shutil.disk_usage(space.folder)
        remount(space, f"size={disk.used + extra}")
        status, printed = space.run([job])
        found = judged(space, job, status, printed, kind)
        remount(space, "size=2g")
    elif kind == "read-only":
        remount(space, "ro")
        status, printed = space.run([job])
        found = judged(space, job, status, printed, kind)
        remount(space, "rw")
    elif kind in ("memory", "killed"):
        extra = int(chance.uniform(0, 2e8))
        detail = f"{extra} bytes more" if kind == "memory" else ""
        status, printed = starved(space, job, extra if kind == "memory" else None)
        found = judged(space, job, status, printed, kind)
    elif kind == "clock":
        days = chance.choice([-10_000, -1, 1, 10_000])
        detail = f"inputs are {days} days from now"
        for name in sorted(job.inputs):
            os.utime(space.folder / name, times=(time.time() + 86_400 * days,) * 2)
        status, printed = space.run([job])
        found = judged(space, job, status, printed, kind)
        space.restore(sorted(job.inputs))
    else:
        with shim() as library:
            fault = {"locks": {"LD_PRELOAD": library}}.get(kind, {})
            status, printed = space.run([job], NO_SHARED_MEMORY if kind == "shared memory" else (), **fault)
        found = judged(space, job, status, printed, kind)
    if found == "line":
        status, printed = space.run([job])
        if status or not space.same(job):
            found = "WRONG: it does not go on"
    if found.startswith("WRONG"):
        print(printed, file=sys.stderr)
    space.restore([*job.outputs, *job.inputs])
    yield found, f"{job.rule}: {detail}"


def starved(space: Workspace, job: Job, extra: int | None) -> tuple[int, str]:
    """Run ``job``; once it works, it may have ``extra`` bytes more, or is killed, as the system does."""
    process = space.start(sorted(job.outputs))
    while process.poll() is None and not (space.folder / job.log).exists():
        time.sleep(0.01)
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            if any(".snakemake/scripts" in part for part in child.cmdline()[1:2]):
                if extra is None:
                    child.kill()
                else:
                    child.rlimit(RLIMIT_AS, (child.memory_info().vms + extra, -1))
    printed, _ = process.communicate()
    return process.returncode, printed


def damage(space: Workspace, all_jobs: Sequence[Job], chance: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Change ``count`` files, and make with each, and nothing else that is changed, the quickest job that reads it."""
    readers: dict[str, Job] = {}
    for job in sorted(all_jobs, key=lambda job: job.seconds, reverse=True):
        readers |= dict.fromkeys(job.inputs, job)
    makers = {output: job for job in all_jobs for output in job.outputs}

    @cache
    def behind(job: Job) -> frozenset[str]:
        """What it makes and reads, and what that was made of."""
        return frozenset(job.outputs | job.inputs).union(*(behind(makers[name]) for name in job.inputs & makers.keys()))

    names, chosen = list(readers), dict[str, Job]()
    chance.shuffle(names)
    for name in names:
        job = readers[name]
        touched = {name, *job.outputs}
        apart = all(
            not touched & behind(other) and not behind(job) & {file, *other.outputs} for file, other in chosen.items()
        )
        if apart and len(chosen) < count:
            chosen[name] = job
    how = {name: spoil(space.folder / name, chance) for name in chosen}
    for job in chosen.values():
        space.remove(job)
    _, printed = space.run(list(chosen.values()))
    for name, job in chosen.items():
        log = space.folder / job.log
        said = log.read_text() if log.exists() else printed
        named = [line for line in said.splitlines() if name in line and re.search("run again|anew|restore", line)]
        if all((space.folder / output).exists() for output in job.outputs):
            found = "same" if space.same(job) else "WRONG: other bytes"
        else:
            found = "line" if named and "Traceback" not in said and space.untouched(job) else f"WRONG: {said[-600:]}"
        yield found, f"{job.rule}: {name} {how[name]}"
    space.restore([*chosen, *(output for job in chosen.values() for output in job.outputs)])


def spoil(path: Path, chance: random.Random) -> str:
    """Change a bit of the file ``path``, or of one in it, cut it or empty it; it keeps its time. What was done."""
    if path.is_dir():
        path = chance.choice(sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink()))
    times, content = path.stat(), bytearray(path.read_bytes())
    how, place = chance.choice(["changed", "cut", "emptied"]), chance.randrange(max(1, len(content)))
    if how == "changed" and content:
        content[place] ^= 1 << chance.randrange(8)
    else:
        del content[place if how == "cut" else 0 :]
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return f"{path.name} {how} at {place}"


def remount(space: Workspace, option: str) -> None:
    """Give the disk of ``space`` another size, or make it read-only."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(space.folder)], check=True)


@contextmanager
def shim() -> Iterator[str]:
    """A library that refuses locks as a file system without them does."""
    with TemporaryDirectory() as folder:
        library = Path(folder, "nolocks.so")
        compiler = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
        subprocess.run(compiler, input=NO_LOCKS, text=True, check=True)
        yield str(library)


@contextmanager
def disk(finished: Path) -> Iterator[Workspace]:
    """A copy of the run in ``finished`` on a disk of its own."""
    with TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "faults", folder], check=True)
        try:
            for name in ("results", ".snakemake"):
                shutil.copytree(finished / name, Path(folder, name), symlinks=True)
            yield Workspace(finished, Path(folder))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


KINDS = ("room", "read-only", "memory", "killed", "locks", "shared memory", "clock")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--finished", type=Path, default=Path("runs/faults"), help="a finished run, made if missing")
    parser.add_argument("--kinds", nargs="+", choices=(*KINDS, "damage"), default=[*KINDS, "damage"])
    parser.add_argument("--trials", type=int, default=10, help="of each kind (%(default)s)")
    parser.add_argument("--batch", type=int, default=20, help="files that are damaged in one run (%(default)s)")
    parser.add_argument("--seed", type=int, default=1024, help="of jobs, places and amounts (%(default)s)")
    options = parser.parse_args(arguments)
    if os.geteuid():
        parser.error("only root can mount a small disk")
    finished = options.finished.resolve()
    finished.mkdir(parents=True, exist_ok=True)
    if not (finished / "results/index.html").exists() and Workspace(finished, finished).run([])[0]:
        parser.error(f"the run in {finished} fails; see its logs")
    counts: dict[str, Counter[str]] = {}
    with disk(finished) as space:
        for kind in options.kinds:
            chance, done = random.Random(f"{options.seed} {kind}"), 0
            while done < options.trials:
                if kind == "damage":
                    results = damage(space, jobs(finished), chance, min(options.batch, options.trials - done))
                else:
                    results = trial(space, chance.choice(jobs(finished)), kind, chance)
                for found, detail in results:
                    done += 1
                    counts.setdefault(kind, Counter())[found.partition(":")[0]] += 1
                    print(f"{kind} | {found} | {detail}", flush=True)
    print("| fault | tried | told in a line | as it was | wrong |\n|---|---|---|---|---|")
    for kind, count in counts.items():
        print(f"| {kind} | {count.total()} | {count['line']} | {count['same']} | {count['WRONG']} |")
    return int(any(count["WRONG"] for count in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
