"""A function of every picture of an index, several at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tqdm import tqdm

from oneclass.data.index import Index, Place

T = TypeVar("T")
_BATCH = 4096  # pictures that wait at once: an index may have millions


def mapped(function: Callable[[Place], T], index: Index, workers: int, what: str) -> Iterator[T]:
    """``function`` of the place of each picture of ``index``, in its order, by ``workers``; ``what`` is being done."""
    with (
        ThreadPoolExecutor(workers) as pool,
        tqdm(total=len(index), unit="img", desc=f"{index.name}, {what}", delay=1) as progress,
    ):
        for start in range(0, len(index), _BATCH):
            places = index.take(slice(start, start + _BATCH)).places()
            yield from pool.map(function, places)
            progress.update(len(places))
