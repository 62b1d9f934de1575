"""Places that are watched: the pictures there that are finished, as they come."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from oneclass.errors import UserError
from oneclass.scoring.pictures import Picture, find
from oneclass.scoring.stopping import Stop

SECONDS = 2.0
"""Between two looks at the places."""

State = tuple[int, int]


def arriving(places: Sequence[str | Path], stop: Stop, seconds: float = SECONDS) -> Iterator[list[Picture]]:
    """The pictures at ``places`` that are new or were changed, until ``stop``; one that is still growing waits.

    A picture is finished if its size and time are those of ``seconds`` before.
    """
    before: dict[Picture, State] = {}
    given: dict[Picture, State] = {}
    while not stop.reason:
        try:
            found = find(places).pictures
        except UserError:  # a folder that was there may come back
            found = []
        now = {picture: state for picture in found if (state := _state(picture.file))}
        ready = [picture for picture, state in now.items() if before.get(picture) == state != given.get(picture)]
        before = now
        given |= {picture: now[picture] for picture in ready}
        if ready:
            yield ready
        stop.wait(seconds)


def _state(file: Path) -> State | None:
    try:
        status = file.stat()
    except OSError:  # removed in between
        return None
    return status.st_size, status.st_mtime_ns
