"""Ctrl-C and SIGTERM while pictures are scored: the picture at hand is finished, then the run ends."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Stop:
    """``reason`` is empty until the run is asked to end."""

    def __init__(self) -> None:
        self.reason = ""

    def wait(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until the run is asked to end."""
        end = time.monotonic() + seconds
        while not self.reason and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler of the signals; the second one ends the run at once."""
        if self.reason:
            raise KeyboardInterrupt
        self.reason = SIGNALS[signal.Signals(number)]


@contextmanager
def stoppable() -> Iterator[Stop]:
    """What tells the block that it is asked to end. Only the main thread hears signals; elsewhere none will come."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
