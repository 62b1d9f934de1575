"""The one exception that is meant for the person at the keyboard."""

from collections.abc import Sequence

_LISTED = 10
_LONGEST = 1000  # characters


class UserError(Exception):
    """Something the user can put right; the message says what is wrong, where, and what to do."""


def shown(text: object) -> str:
    """``text`` as a message can have it: on one line, without what a terminal would obey, and no longer than a
    paragraph. Names of files, and what is in them, may hold anything."""
    whole = str(text)
    kept = whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST // 2]} … {whole[-_LONGEST // 2 :]}"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in kept)


def listed(names: Sequence[object]) -> str:
    """The first ten of ``names``, and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(map(shown, names[:_LISTED])) + (f" and {more} more" if more > 0 else "")
