"""Where installed packages are, found without importing them."""

from importlib.util import find_spec
from pathlib import Path


def folder(package: str) -> Path | None:
    """The folder of the top-level ``package`` or module; None where it is not installed or is not a name."""
    if not package.isidentifier() or package == "__main__":  # a dotted name would import the package before its dot
        return None
    spec = find_spec(package)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin).parent if spec.origin and spec.has_location else None
