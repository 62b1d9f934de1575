"""Which code a result came from."""

import ast
import hashlib
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parent
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def source_hash(script: str | Path, package: Path = PACKAGE) -> str:
    """SHA-256 of what ``script`` and every module of ``package`` that it imports, directly or not, do.

    Imports are read from the sources, those inside functions included, and never run; one that is put together from
    strings at run time is not seen. Comments, layout and docstrings do not count: a changed formula changes the hash,
    a better explanation does not. The templates of a module that loads some count.
    """
    digest = hashlib.sha256()
    for file in sources(script, package):
        name = file.relative_to(package.parent).as_posix() if file.is_relative_to(package) else "script"
        digest.update(f"{name}\n{_read(file, package)[0]}\n".encode())
    return digest.hexdigest()


def sources(script: str | Path, package: Path = PACKAGE) -> list[Path]:
    """``script``, then the files of ``package`` that importing it reads, sorted."""
    found: set[Path] = set()
    unread = {Path(script)}
    while unread:
        found |= unread
        unread = set().union(*(_read(file, package)[1] for file in unread)) - found
    return [Path(script), *sorted(found - {Path(script)})]


@cache
def _read(file: Path, package: Path) -> tuple[str, frozenset[Path]]:
    """The source of ``file`` without comments, layout and docstrings, with the templates that it loads; the files of
    ``package`` that it imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    names: list[str] = []
    templates: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, file, package)
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]  # what is imported may be a module
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("PackageLoader"):
            templates += _templates(ast.literal_eval(node.args[0]), package)
    return "\n".join([ast.unparse(tree), *templates]), frozenset().union(*(_files(name, package) for name in names))


def _templates(name: str, package: Path) -> list[str]:
    """The templates of the package called ``name``, in the order of their names."""
    folder = package.parent.joinpath(*name.split("."), "templates")
    return [file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())]


def _absolute(node: ast.ImportFrom, file: Path, package: Path) -> str:
    """Full name of the module that ``node`` in ``file`` imports from."""
    if not node.level:
        return node.module or ""
    parents = file.relative_to(package.parent).parent.parts
    return resolve_name("." * node.level + (node.module or ""), ".".join(parents))


def _files(name: str, package: Path) -> set[Path]:
    """Files that importing the module ``name`` runs: its own and those of the packages that it is in."""
    parts = name.split(".")
    if parts[0] != package.name:
        return set()
    places = [package.parent.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    candidates = [file for place in places for file in (place / "__init__.py", place.with_suffix(".py"))]
    return {file for file in candidates if file.is_file()}
