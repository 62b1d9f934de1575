"""The one exception that is meant for the person at the keyboard."""

from collections.abc import Sequence

_LISTED = 10


class UserError(Exception):
    """Something the user can put right; the message says what is wrong, where, and what to do."""


def listed(names: Sequence[object]) -> str:
    """The first ten of ``names``, and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(map(str, names[:_LISTED])) + (f" and {more} more" if more > 0 else "")
