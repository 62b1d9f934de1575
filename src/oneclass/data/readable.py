"""Which pictures of an index cannot be read: all of them are named where one was met."""

from collections.abc import Iterator
from contextlib import contextmanager

from oneclass.data import images
from oneclass.data.index import Index, Place
from oneclass.data.threads import mapped
from oneclass.errors import listed


def fault(place: Place) -> str:
    """Why a picture file cannot be read, or nothing; what holds many pictures is for its reader to check."""
    try:
        if place.reader == "image":
            images.load(*place)
    except images.UnreadableError as error:
        return str(error)
    return ""


@contextmanager
def naming_all(index: Index, workers: int) -> Iterator[None]:
    """Where the block meets a picture that cannot be read, read all of ``index``, by ``workers`` threads, and name all
    that cannot be: one would otherwise be found in each run. Within another such block, the outer one names them."""
    try:
        yield
    except images.UnreadableError as error:
        faults = list(mapped(fault, index, workers, "checked"))
        names = [place.root / place.path for place, why in zip(index.places(), faults, strict=True) if why]
        if len(names) < 2:
            raise
        raise images.UnreadableError(
            f"{len(names)} pictures cannot be read; replace or remove them, and run again: {listed(names)} (the first: "
            f"{next(filter(None, faults))})"
        ) from error
