"""Memory that does not grow with the number of threads, however large the pictures are."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

PIXELS = 64_000_000
"""Pixels that are decoded at a time, by all threads together; a larger picture is decoded alone."""
MMAP_THRESHOLD, MEBIBYTE = -3, 2**20  # the first is the number of the option in glibc's malloc.h


def return_freed_memory() -> None:
    """Have this process hand large blocks back to the system when they are freed.

    Otherwise glibc keeps them for the thread that had them: ten pictures of 50 megapixels, one decoded at a time by 64
    threads, took 4.8 GB in place of 0.7. Other C libraries have no such option and need none.
    """
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is not None:
        option(MMAP_THRESHOLD, MEBIBYTE)


class Gate:
    """Lets in work of at most ``limit`` at a time, or one piece that is larger."""

    def __init__(self, limit: int) -> None:
        self.limit, self.inside = limit, 0
        self._changed = Condition()

    @contextmanager
    def passed(self, amount: int) -> Iterator[None]:
        """Wait until ``amount`` fits in; it leaves when the block ends."""
        amount = min(amount, self.limit)
        with self._changed:
            self._changed.wait_for(lambda: self.inside + amount <= self.limit)
            self.inside += amount
        try:
            yield
        finally:
            with self._changed:
                self.inside -= amount
                self._changed.notify_all()
