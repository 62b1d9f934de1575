"""Threads that score, and no more requests at once than they can keep up with."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class OverloadError(Exception):
    """All places are taken."""


class Workers:
    """``threads`` that work, and ``places`` for requests that are in work or wait; ``taken`` are not free."""

    def __init__(self, threads: int, places: int) -> None:
        self.pool = ThreadPoolExecutor(threads, "scoring")
        self.places = places
        self.taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for as long as the block lasts; ``OverloadError`` if there is none. For the event loop alone."""
        if self.taken >= self.places:
            raise OverloadError
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def run(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What ``function`` gives in one of the threads. Work that is cancelled before it began never begins."""
        return await asyncio.wrap_future(self.pool.submit(function, *arguments, **named))

    def close(self) -> None:
        """Wait for the threads to end."""
        self.pool.shutdown()
