"""How the library hangs together: its layers, and that nothing in it is dead."""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from oneclass.catalogue.methods import METHODS
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import source
from oneclass.pages.catalogue import PAGES
from oneclass.provenance import PACKAGE, sources

ROOT = PACKAGE.parents[1]
MODULES = sorted(PACKAGE.rglob("*.py"))


def package_of(module: Path) -> str:
    """The package, or the module at the top, that a file belongs to."""
    first = module.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def place(name: str) -> Path | None:
    """The file of the module or package called ``name``, if it is one of the library's."""
    folder = PACKAGE.parent.joinpath(*name.split("."))
    return next((file for file in (folder.with_suffix(".py"), folder / "__init__.py") if file in MODULES), None)


@cache
def imports(module: Path) -> frozenset[Path]:
    """The modules of the library that ``module`` itself imports, those inside functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if place(name) else node.module for name in inside}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(file for name in names if (file := place(name)) and file != module)


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({module: imports(module) for module in MODULES}).prepare()


def test_no_package_imports_itself_by_way_of_others() -> None:
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        graph.setdefault(package_of(module), set()).update(
            package for package in map(package_of, imports(module)) if package not in (package_of(module), "__init__")
        )
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(("one", "other"), [("figures", "tables"), ("tables", "figures")])
def test_figures_and_tables_do_not_import_each_other(one: str, other: str) -> None:
    used = {package_of(found) for module in MODULES if package_of(module) == one for found in sources(module)[1:]}
    assert other not in used


def test_the_library_knows_nothing_of_snakemake() -> None:
    assert not [module for module in MODULES if "import snakemake" in module.read_text()]
    assert not [module for module in MODULES if "from snakemake" in module.read_text()]


def test_every_module_is_used() -> None:
    """By a script or the Snakefile, by an entry of a catalogue, or by a command of its own."""
    by_name = {
        source(entry.module) for entry in [*METHODS.values(), *NETWORKS.values()] if getattr(entry, "module", "")
    }
    by_name |= {source(page.module) for page in PAGES}
    by_name |= {source(f"objective.methods.{name}") for name in ("algorithm1", "online")} | {
        source("objective.comparators"),
        source("objective.localisation.baselines"),
    }
    commands = {
        PACKAGE / name
        for name in (
            *("__main__.py", "config/__main__.py", "claims/__main__.py"),
            *("workflow.py", "library.py", "detectors.py"),
        )
    }
    planned = {PACKAGE / "pages" / "plan.py"}
    starts = [*(ROOT / "workflow_scripts").glob("*.py"), *by_name, *commands, *planned]
    used = {file for start in starts for file in sources(start)}
    assert not {module for module in MODULES if module.name != "__init__.py"} - used


@cache
def loads(module: Path) -> frozenset[str]:
    """The packages that importing ``module`` imports, by way of the library too; what a function imports waits."""
    found, ours, unread = set(), set(), list[ast.AST]([ast.parse(module.read_text())])
    while unread:
        node = unread.pop()
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if place(name) else str(node.module) for name in inside]
        else:
            waits = isinstance(node, ast.FunctionDef) or (
                isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            )
            unread += [] if waits else ast.iter_child_nodes(node)
            continue
        found |= {name.split(".")[0] for name in names}
        ours |= {file for name in names if (file := place(name)) and file != module}
    return frozenset(found.union(*map(loads, ours)))


def test_a_job_waits_only_for_libraries_that_it_needs() -> None:
    """They take seconds to import, and most jobs compute no longer than that."""
    scripts = (ROOT / "workflow_scripts").glob("*.py")
    loaded = {script.stem: loads(script) for script in scripts}
    networks = {
        "features",
        "detector",
        "train_transfer",
        "train_baseline",
        "train_clip",
        "embed_clip",
        "fine_tune_clip",
    }
    assert {name for name, found in loaded.items() if found & {"timm", "torchvision", "open_clip"}} == networks
    trainings = {"fit", "similarity", "train_exposure", "search"}
    assert {name for name, found in loaded.items() if "torch" in found} == networks | trainings
    pages = {page.module for page in PAGES if "torch" in loads(source(page.module))}
    assert pages == {"figures.toy"}


def test_no_file_is_too_long_to_hold_in_the_head() -> None:
    product = [*MODULES, *(ROOT / "workflow_scripts").glob("*.py"), *(ROOT / "rules").glob("*.smk")]
    assert max(len(file.read_text().splitlines()) for file in product) <= 300
