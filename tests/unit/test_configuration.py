"""The page and the schema of the configuration are those of its model, and the shipped files name the schema."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jsonschema import validate

from oneclass import config

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "config.yaml", *sorted((ROOT / "configs").glob("*.yaml"))]


@pytest.mark.parametrize(("name", "schema"), [("config", config.schema), ("extension", config.extension_schema)])
def test_the_schemas_are_in_step(name: str, schema: Callable[[], str]) -> None:
    path = ROOT / "schemas" / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema(), "run `make schema`"


def test_the_page_is_in_step() -> None:
    path = ROOT / "docs" / "configuration.md"
    assert path.read_text(encoding="utf-8") == config.reference(), "run `make schema`"


def test_the_page_says_what_a_key_may_be() -> None:
    lines = config.reference().splitlines()
    assert "| `test_fraction` | number > 0, < 1 | `0.3` | share held out where the source has no split |" in lines
    assert "## exposure.benchmark.runs[]" in lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_configuration_names_its_schema_and_follows_it(path: Path) -> None:
    prefix, _, name = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert prefix == "# yaml-language-server: "
    schema = (path.parent / name).resolve()
    assert schema == ROOT / "schemas" / f"{'extension' if 'extends' in values else 'config'}.schema.json"
    validate(values, json.loads(schema.read_text(encoding="utf-8")))
