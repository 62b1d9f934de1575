"""Kill jobs that train many networks whenever one more is finished: they go on with those that are missing.

``benchmarks.kills`` kills a whole run; both use the functions here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

PROJECT = Path(__file__).parents[1]
OWN = {"results", ".snakemake", "data"}  # what a run writes
SEARCHES = "results/search/.scratch"  # what all searches know, for good


def workspace(folder: Path) -> Path:
    """Make ``folder`` a working copy of the project that has results of its own."""
    folder.mkdir(parents=True)
    for item in PROJECT.iterdir():
        if item.name not in OWN:
            (folder / item.name).symlink_to(item)
    return folder


def start(folder: Path, arguments: str) -> subprocess.Popen[bytes]:
    """`make run` in ``folder``, as the leader of a process group; what it prints is added to run.log there."""
    command = ["make", "--old-file=env", "run", f"BIN={Path(sys.executable).parent}", f"ARGS={arguments}"]
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)


def finish(folder: Path, arguments: str) -> None:
    """`make run` in ``folder`` to its end; exit with what it printed if it fails."""
    _ended_well(start(folder, arguments), folder)


def kill(run: subprocess.Popen[bytes]) -> None:
    """SIGKILL ``run`` and every process below it and wait for their end."""
    processes = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
    os.killpg(run.pid, signal.SIGKILL)
    psutil.wait_procs(processes)
    run.wait()


def kill_in_job(folder: Path, arguments: str, output: str, networks: int) -> int:
    """`make run` until the job that makes ``output`` has finished so many ``networks``, then SIGKILL it.

    How many the job has kept; 0 if it came to its end before.
    """
    run = start(folder, arguments)
    while run.poll() is None:
        if kept(folder, output) >= networks:
            kill(run)
            return kept(folder, output)
        time.sleep(0.02)
    _ended_well(run, folder)
    return 0


def kept(folder: Path, output: str) -> int:
    """How many networks the unfinished job that makes ``output`` has kept; of a search, with those of others."""
    path = folder / output
    if path.is_relative_to(folder / "results/search"):
        return sum(len(json.loads(file.read_bytes())["aurocs"]) for file in (folder / SEARCHES).rglob("[0-9]*.json"))
    return len(list(path.parent.glob(f".finished-*-{path.name}/[0-9a-f]*.npy")))


def log_of(folder: Path, output: str) -> str:
    """The log of the job that made ``output``."""
    return (folder / output.replace("/scores/", "/logs/")).with_suffix(".log").read_text()


def results(folder: Path) -> dict[str, bytes]:
    """The tables, and the numbers behind the figures."""
    files = [*folder.glob("results/tables/*"), *folder.glob("results/figures/*.csv")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(files)}


def differences(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """Names of the files that are in one only, or not the same."""
    return [name for name in sorted(expected | found) if expected.get(name) != found.get(name)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("outputs", nargs="+", help="of the jobs, such as results/scores/….parquet")
    parser.add_argument("--kills", type=int, default=20, help="of each job (%(default)s)")
    parser.add_argument("--configfile", default="configs/ci.yaml", help="what is run (%(default)s)")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as temporary:
        folder = workspace(Path(temporary) / "run")
        configuration = f"--configfile {Path(options.configfile).resolve()}"
        finish(folder, f"{' '.join(options.outputs)} {configuration}")
        return not all(
            [_survives(folder, output, f"{output} {configuration}", options.kills) for output in options.outputs]
        )


def _survives(folder: Path, output: str, request: str, kills: int) -> bool:
    """Whether the job that makes ``output`` has made the same bytes each time it came to its end between ``kills``."""
    expected, most, same = (folder / output).read_bytes(), 0, []

    def anew() -> None:
        (folder / output).unlink()
        shutil.rmtree(folder / SEARCHES, ignore_errors=True)

    def ended() -> None:
        finish(folder, request)
        same.append((folder / output).read_bytes() == expected)

    anew()
    before = 0
    for _ in range(kills):
        while not (now := kill_in_job(folder, request, output, before + 1)):
            ended()
            anew()
            before = 0
        before, most = now, max(most, now)
    ended()
    print(
        f"{output}: {kills} kills, up to {most} networks kept; {sum(same)} of {len(same)} times the same bytes.",
        flush=True,
    )
    return all(same)


def _ended_well(run: subprocess.Popen[bytes], folder: Path) -> None:
    if run.wait():
        sys.exit(f"make run failed:\n{(folder / 'run.log').read_text(errors='replace')[-4000:]}")


if __name__ == "__main__":
    sys.exit(main())
