"""Files that are whole or not there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from oneclass.errors import FULL


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path to write; it becomes ``path`` when the block ends well and is removed when it does not.

    The temporary file ends like ``path``, for libraries that look at the extension, and is alone in a folder beside it
    (made if missing). That folder has one name, so that what a killed writer left is removed by the next one, without
    a look through a folder that may hold thousands of files; the file has a name of its own, so that a writer that
    still lives (a job whose run was killed) cannot take the half-written file of the next one for its own. Its file is
    gone: it ends with ``FileNotFoundError``, and the last writer wins. The ``OSError`` of a full disk is
    given the name of ``path``.
    """
    path = Path(path)
    folder = path.with_name(f".partial-{path.name}")
    if folder.is_file():  # what version 0.1.0 left
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    temporary = folder / f"{os.urandom(4).hex()}-{path.name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        if error.errno in FULL:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
        with suppress(OSError):  # another writer's file is there
            folder.rmdir()


def probe(folder: Path) -> None:
    """Make ``folder``, if it is missing; ``OSError`` unless it has room for a file."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        file.write(bytes(4096))
