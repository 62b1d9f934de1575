"""Kill `make run` at random moments, again and again: its tables must be, byte for byte, those of a run left alone.

Every other kill takes the whole process group; the others take make and Snakemake only, and the jobs live on. With
--job, a job that trains many networks is killed in the middle, and has to go on with those that are missing.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

PROJECT = Path(__file__).parents[1]
OWN = {"results", ".snakemake", "data"}  # what a run writes


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


def kill(run: subprocess.Popen[bytes], spare_jobs: bool = False) -> list[psutil.Process]:
    """SIGKILL ``run`` and every process below it and wait for their end; the jobs among them if they are spared."""
    processes = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
    spared = [process for process in processes if spare_jobs and _is_job(process)]
    doomed = [process for process in processes if process not in spared]
    if not spare_jobs:
        os.killpg(run.pid, signal.SIGKILL)
    for process in doomed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed)
    run.wait()
    return spared


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
    """How many networks the unfinished job that makes ``output`` has kept."""
    path = folder / output
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
    parser.add_argument("--kills", type=int, default=20, help="how often (%(default)s)")
    parser.add_argument("--configfile", default="configs/ci.yaml", help="what is run (%(default)s)")
    parser.add_argument("--target", default="", help="a part of it, such as objective_table4")
    parser.add_argument("--job", help="its output, results/scores/….parquet: kill this job in the middle")
    parser.add_argument("--seed", type=int, default=1024, help="of the moments (%(default)s)")
    options = parser.parse_args(arguments)
    request = f"{options.job or options.target} --configfile {Path(options.configfile).resolve()}"
    if options.job:
        return _kill_job(options.job, request, options.kills)
    with TemporaryDirectory() as temporary, _ended() as spared:
        alone, killed = workspace(Path(temporary) / "alone"), workspace(Path(temporary) / "killed")
        began = time.monotonic()
        finish(alone, request)
        duration = time.monotonic() - began
        expected = results(alone)
        print(f"A run left alone takes {duration:.0f} s and makes {len(expected)} files.", flush=True)
        moments = random.Random(options.seed)
        wrong: list[str] = []
        for number in range(options.kills):
            seconds = moments.uniform(0, duration)
            while not _killed_after(seconds, killed, request, spared if number % 2 else None):
                wrong += differences(expected, results(killed))  # it was through before: compare, and begin again
                shutil.rmtree(killed / "results")
            print(f"Kill {number + 1} after {seconds:.0f} s{', jobs live on' if number % 2 else ''}.", flush=True)
        finish(killed, request)
        wrong += differences(expected, results(killed))
    print(f"After {options.kills} kills {len(wrong)} files differ{': ' if wrong else ''}{', '.join(wrong)}.")
    return bool(wrong)


def _kill_job(output: str, request: str, kills: int) -> int:
    """Kill the job whenever one more network is finished, and compare its ``output`` each time that it gets there."""
    with TemporaryDirectory() as temporary:
        folder = workspace(Path(temporary) / "run")
        finish(folder, request)
        expected, resumed, same = (folder / output).read_bytes(), 0, []

        def ended() -> None:
            finish(folder, request)
            same.append((folder / output).read_bytes() == expected)
            (folder / output).unlink()

        (folder / output).unlink()
        for number in range(kills):
            before = kept(folder, output)
            while not (now := kill_in_job(folder, request, output, before + 1)):
                ended()
                before = 0
            resumed += f"stopped: {before} finished" in log_of(folder, output)
            print(f"Kill {number + 1}: {before} networks were finished before, {now} are now.", flush=True)
        ended()
    print(
        f"{kills} kills, {resumed} of a job that went on; {sum(same)} of {len(same)} times the same bytes at the end."
    )
    return not all(same)


def _killed_after(seconds: float, folder: Path, request: str, spared: list[psutil.Process] | None) -> bool:
    """Run for ``seconds``, then kill (and add the jobs to ``spared``, if a list is given); False if it ended before."""
    run = start(folder, request)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        jobs = kill(run, spare_jobs=spared is not None)
        if spared is not None:
            spared += jobs
        return True
    _ended_well(run, folder)
    return False


def _ended_well(run: subprocess.Popen[bytes], folder: Path) -> None:
    if run.wait():
        sys.exit(f"make run failed:\n{(folder / 'run.log').read_text(errors='replace')[-4000:]}")


def _is_job(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(".snakemake/scripts" in part for part in process.cmdline())
    return False


@contextmanager
def _ended() -> Iterator[list[psutil.Process]]:
    """A list of processes; those that still live at the end are ended."""
    processes: list[psutil.Process] = []
    try:
        yield processes
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()


if __name__ == "__main__":
    sys.exit(main())
