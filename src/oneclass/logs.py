"""Where a job's messages go."""

import logging
import sys
from pathlib import Path
from types import TracebackType

from oneclass.errors import line

log = logging.getLogger(__name__)


def to_file(path: str | Path) -> None:
    """Write this process's log messages, warnings and any uncaught exception to ``path`` and to stderr.

    What the user can put right (``errors.line``) appears as its message alone, everything else with its traceback; the
    process ends with status 1.
    """
    sys.excepthook = _report
    logging.raiseExceptions = False  # a log for which there is no room is no reason to fill the screen
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    screen = logging.StreamHandler()
    screen.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
    logging.captureWarnings(True)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if told := line(error):
        log.error("%s", told)
        sys.unraisablehook = lambda _: None  # without memory libraries fail again as Python ends, and say so at length
    else:
        log.critical("%s: %s", kind.__name__, error, exc_info=(kind, error, trace))
