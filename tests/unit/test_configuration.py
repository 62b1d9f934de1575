"""The page and the schema of the configuration are those of its model, and the shipped files name the schema."""

from pathlib import Path

import pytest

from oneclass import config

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "config.yaml", *sorted((ROOT / "configs").glob("*.yaml"))]


def test_the_schema_is_in_step() -> None:
    path = ROOT / "schemas" / "config.schema.json"
    assert path.read_text(encoding="utf-8") == config.schema(), "run `make schema`"


def test_the_page_is_in_step() -> None:
    path = ROOT / "docs" / "configuration.md"
    assert path.read_text(encoding="utf-8") == config.reference(), "run `make schema`"


def test_the_page_says_what_a_key_may_be() -> None:
    lines = config.reference().splitlines()
    assert "| `test_fraction` | number > 0, < 1 | `0.3` | share held out where the source has no split |" in lines
    assert "## exposure.benchmark.runs[]" in lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_configuration_names_the_schema(path: Path) -> None:
    prefix, _, name = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")
    assert prefix == "# yaml-language-server: "
    assert (path.parent / name).resolve() == ROOT / "schemas" / "config.schema.json"
