"""What a Snakemake run leaves in its folder, and how a run that was killed is told from one that goes on.

``python -m oneclass.workflow`` removes the lock of a run that was killed; it knows Snakemake's ``--directory``.
"""

import argparse
import fcntl
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from oneclass.errors import UserError
from oneclass.files import require_writable

FOLDER = Path(".snakemake")
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]  # of util-linux
KILLED = re.compile(r"died with <Signals\.(SIGKILL|SIGSEGV|SIGABRT|SIGBUS)")
DEFAULT_RATE = 100, 1  # jobs, in so many seconds
SHOWN_LOG = re.compile(r"^Logfile results/logs/\S+:(?: empty file|\n=+\n(.*?)^=+)$", re.MULTILINE | re.DOTALL)
OWN_WORDS = re.compile(r" (?:ERROR|CRITICAL) ")  # of oneclass.logs, for whatever Python raises
ATTEMPTS, PAUSE = 30, 0.1  # what was killed just now takes a moment to die


def mark_running() -> IO[str]:
    """A file that is held, shared, while this process lives, and freed by the kernel when it dies.

    Where the file system has no such locks, nothing is held. Raises ``UserError`` if there can be no such file.
    """
    running = _open()
    with suppress(OSError):
        fcntl.flock(running, fcntl.LOCK_SH)
    return running


def quote_python() -> None:
    """Let the path of Python hold a space: Snakemake hands ``sys.executable`` to a shell as it is."""
    if not sys.executable.startswith("'"):
        sys.executable = shlex.quote(sys.executable)


def prefix_of_jobs() -> str:
    """What a job's command begins with: bash's strict mode, and on Linux, that the job dies with its Snakemake.

    A job that lived on would do the work of the next run once more beside it, on the same GPU.
    """
    with suppress(OSError, subprocess.CalledProcessError):
        subprocess.run([*DIE_WITH_PARENT, "true"], check=True, capture_output=True)
        return f"set -euo pipefail; {shlex.join(DIE_WITH_PARENT)}"
    return "set -euo pipefail;"


def lift_default_rate(scheduler: Any) -> None:
    """Without Snakemake's default limit of 100 jobs a second, which costs more than it saves: with any limit every job
    that starts or ends has the scheduler look at all jobs once a second more until the run ends. Another limit, which
    someone asked for, stays."""
    limit = getattr(scheduler, "job_rate_limiter", None)
    if limit and (limit.max_jobs, limit.timespan) == DEFAULT_RATE:
        scheduler.job_rate_limiter = None


def remove_stale_lock() -> None:
    """Remove what Snakemake leaves when it is killed; raises ``UserError`` while any Snakemake works here.

    Jobs that outlive a killed run (on a cluster) hold nothing and stop nobody: files appear whole or not at all, and
    the same job writes the same bytes.
    """
    if not any((FOLDER / "locks").glob("*")):
        return
    with _open() as running:
        for _ in range(ATTEMPTS):
            try:
                fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(PAUSE)
        else:
            raise UserError(
                "A run is in progress in this folder: wait for its end. If there is none: snakemake --unlock"
            )
        for left in ("locks", "scripts"):  # copies of the scripts that its jobs ran
            shutil.rmtree(FOLDER / left, ignore_errors=True)


def remark(logs: Iterable[str]) -> str:
    """What Snakemake's ``logs`` of a run that failed do not say: why jobs are killed, crash, or end where a library
    ends them, which no log of theirs can say; nothing if none was."""
    text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
    if found := KILLED.search(text):
        how = f"by {found[1]}"
    elif any(not OWN_WORDS.search(shown) for shown in SHOWN_LOG.findall(text)):
        how = "without a word in its log"
    else:
        return ""
    return f"A job ended {how}, as where memory runs out: run again with fewer --cores."


def _open() -> IO[str]:
    require_writable(FOLDER)
    FOLDER.mkdir(exist_ok=True)
    return (FOLDER / "running").open("a")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--directory", "-d", type=Path, default=Path())
    chosen, _ = parser.parse_known_args()
    try:
        if chosen.directory.is_dir():
            os.chdir(chosen.directory)
            remove_stale_lock()
    except UserError as error:
        sys.exit(str(error))
