"""Files that are whole or not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path to write; it becomes ``path`` when the block ends well and is removed when it does not.

    The temporary file is in the same folder (made if missing) and ends like ``path``, for libraries that look at
    the extension. One writer per file at a time: what a killed one left behind has the name that the next one takes,
    and is removed first, without a look through a folder that may hold thousands of files.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".partial-{path.name}")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
