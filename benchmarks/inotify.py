"""What appears in folders, told by Linux at once."""

import ctypes
import os
import select
import struct
from pathlib import Path
from typing import Self

_CREATED = 0x100 | 0x80  # IN_CREATE, IN_MOVED_TO
_HEAD = struct.Struct("iIII")
_LIBC = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Folders that are watched, until the block ends."""

    def __enter__(self) -> Self:
        self._file, self._folders = _LIBC.inotify_init(), dict[int, Path]()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def add(self, folder: Path) -> None:
        number = _LIBC.inotify_add_watch(self._file, bytes(folder), _CREATED)
        if number < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {folder}")
        self._folders[number] = folder

    def wait(self, seconds: float) -> set[Path]:
        """What has appeared, as soon as there is anything; nothing after so many ``seconds``."""
        if not select.select([self._file], [], [], seconds)[0]:
            return set()
        events, found = os.read(self._file, 1 << 16), set()
        while events:
            number, _, _, length = _HEAD.unpack_from(events)
            found.add(self._folders[number] / os.fsdecode(events[_HEAD.size : _HEAD.size + length].rstrip(b"\0")))
            events = events[_HEAD.size + length :]
        return found
