"""The hash of a script changes with what it computes, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from oneclass.provenance import source_hash, sources

FILES = {
    "__init__.py": '"""A package."""\n',
    "metrics.py": 'def auroc(x):\n    """Area."""\n    return x * 2  # exact\n',
    "errors.py": "class UserError(Exception):\n    pass\n",
    "plots.py": "import os\nCOLOUR = 'blue'\n",
    "data/__init__.py": "",
    "data/index.py": "from . import images\nfrom ..errors import UserError\n",
    "data/images.py": "import oneclass.data.index\nSIZE = 224\n",
    "train/__init__.py": "RATE = 1e-4\n",
    "train/loop.py": "EPOCHS = 20\n",
    "train/lazy.py": "def run():\n    from oneclass.metrics import auroc\n    return auroc(1)\n",
}
SCRIPT = "import numpy\nfrom oneclass.train import lazy, RATE\nimport oneclass.data.index as index\nprint(index)\n"
USED = [
    "__init__.py",
    "data/__init__.py",
    "data/images.py",
    "data/index.py",
    "errors.py",
    "metrics.py",
    "train/__init__.py",
    "train/lazy.py",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "before"
    write(folder / "script.py", SCRIPT)
    for name, text in FILES.items():
        write(folder / "oneclass" / name, text)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def digest(project: Path) -> str:
    return source_hash(project / "script.py", project / "oneclass")


def edited(project: Path, name: str, old: str, new: str) -> str:
    """The hash of a copy of ``project`` in which ``old`` became ``new`` in the file ``name``."""
    copy = shutil.copytree(project, project.with_name("after"))
    text = (copy / name).read_text()
    assert old in text
    (copy / name).write_text(text.replace(old, new))
    return digest(copy)


def test_every_module_on_the_way_is_found(project: Path) -> None:
    """Absolute, relative, inside functions, packages' own files, through a cycle; and no others."""
    script, *found = sources(project / "script.py", project / "oneclass")
    assert script == project / "script.py"
    assert [file.relative_to(project / "oneclass").as_posix() for file in found] == USED


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("script.py", "print(index)", "print(index, 1)"),
        ("oneclass/metrics.py", "x * 2", "x * 3"),
        ("oneclass/data/images.py", "224", "225"),
        ("oneclass/train/__init__.py", "1e-4", "1e-3"),
        ("oneclass/errors.py", "Exception", "ValueError"),
        ("oneclass/__init__.py", '"""A package."""', "import sys"),
    ],
)
def test_a_changed_formula_changes_the_hash(project: Path, name: str, old: str, new: str) -> None:
    assert edited(project, name, old, new) != digest(project)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("oneclass/plots.py", "blue", "red"),
        ("oneclass/train/loop.py", "20", "30"),
        ("oneclass/metrics.py", "# exact", "# by ranks, exact"),
        ("oneclass/metrics.py", "Area.", "Area under the curve."),
        ("oneclass/metrics.py", '    """Area."""\n', ""),
        ("oneclass/metrics.py", "x * 2", "(x*2)"),
        ("oneclass/__init__.py", '"""A package."""\n', ""),
        ("script.py", "import numpy\n", "# about\n\nimport numpy\n"),
    ],
)
def test_what_is_not_used_or_does_not_compute_leaves_it(project: Path, name: str, old: str, new: str) -> None:
    assert edited(project, name, old, new) == digest(project)


def test_it_does_not_depend_on_where_the_project_stands(project: Path) -> None:
    assert edited(project, "script.py", "", "") == digest(project)


def test_a_module_moved_to_another_name_counts(project: Path) -> None:
    shutil.move(project / "oneclass/metrics.py", project / "oneclass/scores.py")
    before = digest(project)
    assert before != edited(project, "oneclass/train/lazy.py", "metrics", "scores")


def test_the_projects_own_modules_are_read(tmp_path: Path) -> None:
    write(tmp_path / "script.py", "from oneclass.config import load\n")
    found = [path.name for path in sources(tmp_path / "script.py")]
    assert {"script.py", "base.py", "errors.py", "__init__.py"} <= set(found)
    assert len(source_hash(tmp_path / "script.py")) == 64


@pytest.mark.parametrize(("loaded", "changes"), [("data", True), ("train", False)])
def test_a_changed_template_changes_the_hash_of_what_loads_it(project: Path, loaded: str, changes: bool) -> None:
    write(project / "oneclass/data/index.py", f"import jinja2\nLOADER = jinja2.PackageLoader('oneclass.{loaded}')\n")
    for name in ("data", "train"):
        write(project / f"oneclass/{name}/templates/page.html", "<p>{{ text }}</p>")
    assert (edited(project, "oneclass/data/templates/page.html", "<p>", "<p class='x'>") != digest(project)) == changes
