"""The paper's configurations of a day, of a week and of everything share their results: a larger one goes on with those
of a smaller one."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from oneclass.pages.catalogue import PAGES

TIERS = ("paper_day", "paper_week", "paper")
# Snakemake without the tenth of a second that it waits after each job that it touches
TOUCH = """
from snakemake import cli
from snakemake.executors import touch

touch.Executor.SLEEPING_TIME = 0
cli.main()
"""


def outputs(fields: dict[str, str]) -> set[str]:
    return set(fields["output"].split(", "))


def test_what_a_smaller_run_made_is_not_made_again(
    snakemake: Callable[..., Any], read: Callable[..., Any], dry_runs: Any, tmp_path: Path, project: Path
) -> None:
    """Its files are empty here; what Snakemake knows of how they were made, settings and code, is as after a run."""
    made: set[str] = set()
    for smaller, larger in pairwise(TIERS):
        made |= {path for _, fields in dry_runs(smaller).jobs for path in outputs(fields)}
        for path in made:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
        options = ["--touch", "--forceall", "--cores", "1", "--configfile", f"configs/{smaller}.yaml"]
        command = [sys.executable, "-c", TOUCH, "--directory", str(tmp_path), *options]
        touched = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert touched.returncode == 0, touched.stderr
        then = read(snakemake(tmp_path, "--dry-run", "--configfile", f"configs/{larger}.yaml"))
        assert then.code == 0, then.output
        again = {rule for rule, fields in then.jobs if made & outputs(fields)}
        # what shows more data sets now
        assert again <= {page.name for page in PAGES} | {"claims", "site"}
        assert len(then.jobs) > len(again)
        new = {path for _, fields in then.jobs for path in outputs(fields)} - made
        assert new == {path for _, fields in dry_runs(larger).jobs for path in outputs(fields)} - made
