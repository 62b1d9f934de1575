"""A file that grows line by line, each whole or not there."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from oneclass.files import atomic


class Lines:
    """The file at ``file``, made if missing. What was added stays, whatever happens to the process afterwards."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._handle = file.open("ab", buffering=0)

    def add(self, line: bytes) -> None:
        """Append ``line`` in one piece; raises ``OSError``, leaving the file as it was, if there is no room for it."""
        size = os.fstat(self._handle.fileno()).st_size
        written = 0
        try:
            written = self._handle.write(line)
            if written < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self._handle.truncate(size)
            raise

    def replace(self, lines: Iterable[bytes]) -> None:
        """Have ``lines`` and no others, all at once."""
        with atomic(self.file) as path, path.open("wb") as new:
            new.writelines(lines)
        self._handle.close()
        self._handle = self.file.open("ab", buffering=0)

    def close(self) -> None:
        self._handle.close()
