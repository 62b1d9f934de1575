"""Files that are whole or not there."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from oneclass.errors import FULL, UserError


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


@contextmanager
def temporary_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside ``folder``, for what is to be moved there when it is whole.

    It is removed when the block ends, and so are those that killed processes left. Each is locked by the process that
    made it, as another one may live and make the same; where the file system has no locks, they stay.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".partial-{folder.name}-"
    for left in folder.parent.glob(f"{escape(prefix)}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    with TemporaryDirectory(dir=folder.parent, prefix=prefix) as temporary, ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(_locked(Path(temporary)))
        yield Path(temporary)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)


def require_writable(folder: Path, remedy: str = "make room or make it writable, and run again") -> None:
    """Raise ``UserError``, which ends with ``remedy``, unless ``folder`` has room for a megabyte; while it is missing,
    the folder that it would be made in."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    try:
        with TemporaryFile(dir=there) as file:
            file.write(bytes(2**20))
    except OSError as error:
        raise UserError(f"{folder}: cannot be written into ({error.strerror}); {remedy}") from error
