"""The paper's configurations of a day, of a week and of everything share their results: a larger one goes on with those
of a smaller one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oneclass.pages.catalogue import PAGES


@pytest.mark.parametrize(("smaller", "larger"), [("paper_day", "paper_week"), ("paper_week", "paper")])
def test_what_a_smaller_run_made_is_not_made_again(
    smaller: str, larger: str, snakemake: Callable[..., Any], read: Callable[..., Any], tmp_path: Path
) -> None:
    """Its files are empty here; what Snakemake knows of how they were made, settings and code, is as after a run."""

    def run(name: str, *options: str) -> Any:
        done = read(snakemake(tmp_path, *options, "--configfile", f"configs/{name}.yaml"))
        assert done.code == 0, done.output
        return done

    first = run(smaller, "--dry-run")
    made = {path for _, fields in first.jobs for path in fields["output"].split(", ")}
    for path in made:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    run(smaller, "--touch", "--forceall", "--cores", "1")
    assert not run(smaller, "--dry-run").jobs
    then = run(larger, "--dry-run").jobs
    again = {rule for rule, fields in then if made & set(fields["output"].split(", "))}
    assert again <= {page.name for page in PAGES}  # a page that shows more data sets now
    assert len(then) > len(again)
