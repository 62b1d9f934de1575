"""What is meant for the person at the keyboard: one exception, and the line for what the machine refuses."""

import errno
from collections.abc import Sequence

_LISTED = 10
_LONGEST = 1000  # characters
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Numbers of an ``OSError``: the disk, the quota, the limit on a file."""
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
# By PyTorch, oneDNN, the C++ library, Python's threads, the loader of libraries, Arrow's threads, HDF5.
_SAID_WITHOUT_MEMORY = (
    *("can't allocate memory", "could not create a primitive", "could not create a memory object", "bad_alloc"),
    *("bad allocation", "can't start new thread", "failed to map segment", "Failed to launch worker thread"),
    "memory allocation failed",
)


class UserError(Exception):
    """Something the user can put right; the message says what is wrong, where, and what to do."""


def shown(text: object) -> str:
    """``text`` as a message can have it: on one line, without what a terminal would obey, and no longer than a
    paragraph. Names of files, and what is in them, may hold anything."""
    whole = str(text)
    kept = whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST // 2]} … {whole[-_LONGEST // 2 :]}"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in kept)


def reason(error: BaseException) -> str:
    """What ``error`` says, for a message that quotes it: its first line, or its kind where it says nothing."""
    first = next(iter(str(error).splitlines()), "").strip().rstrip(".:")
    return shown(first or type(error).__name__)


def listed(names: Sequence[object]) -> str:
    """The first ten of ``names``, and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(map(shown, names[:_LISTED])) + (f" and {more} more" if more > 0 else "")


def line(error: BaseException) -> str:
    """What to tell of ``error`` to someone who can put it right; nothing for a fault of the program.

    That is a ``UserError``, too little memory (also where it made what seems another error), a full disk or a limit on
    files, and a file or folder that may not be written.
    """
    cause = error.__cause__ if isinstance(error, UserError) else error
    if cause is not None and _no_memory(cause):
        return "there is not enough memory; run again with fewer jobs at once (--cores), or less beside it"
    if isinstance(error, UserError):
        return str(error)
    if not isinstance(error, OSError) or error.errno not in (*FULL, *_CLOSED):
        return ""
    remedy = "make room" if error.errno in FULL else "make it writable"
    return f"{shown(error.filename or 'a file')}: {error.strerror}; {remedy} and run again"


def _no_memory(error: BaseException) -> bool:
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or any(text in str(error) for text in _SAID_WITHOUT_MEMORY)
    )
