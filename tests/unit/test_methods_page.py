"""docs/methods.md: a row for each method of the catalogue, which runs where the row says."""

import re
from pathlib import Path

import pytest
import yaml

from oneclass.catalogue.methods import METHODS


@pytest.fixture(scope="module")
def rows(project: Path) -> list[list[str]]:
    lines = (project / "docs" / "methods.md").read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_method_has_one_row_and_every_row_is_a_method(rows: list[list[str]]) -> None:
    assert sorted(row[0] for row in rows) == sorted(f"`{name}`" for name in METHODS)


def test_no_cell_is_empty(rows: list[list[str]]) -> None:
    assert all(all(row) and len(row) in (3, 7) for row in rows)


def test_what_is_said_to_run_a_method_exists(rows: list[list[str]], project: Path) -> None:
    plans = yaml.safe_load((project / "tests" / "dag" / "plans.yaml").read_text())
    rules = {rule for plan in plans.values() for rule in plan["jobs"]}
    for row in rows:
        named = spans(row[-1]) if len(row) == 3 else spans(row[3])
        known = {*METHODS, *rules, "objective", "localisation", "transfer", "baselines"}
        assert not [name for name in named if name not in known and not (project / name).is_file()], row[0]
