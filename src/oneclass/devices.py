"""Which device a job computes on, when several jobs share a machine's GPUs."""

import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from oneclass.errors import UserError

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2


def present(files: Path = Path("/dev")) -> bool:
    """Whether this machine has a GPU that may be used, by the device ``files`` of its driver.

    It costs nothing, where importing PyTorch would cost seconds; a job asks PyTorch, which has the last word.
    """
    hidden = _visible() in ("", "-1")
    return not hidden and any(file for name in ("nvidia[0-9]*", "kfd") for file in files.glob(name))


def cuda_devices() -> int:
    """Number of CUDA devices this process can see."""
    import torch  # seconds to import, and not needed by a job that asks for no GPU

    return torch.cuda.device_count()


@contextmanager
def lease(gpu: int, count: Callable[[], int] = cuda_devices) -> Iterator[str]:
    """Yield the torch device of a job that asked for ``gpu`` GPUs (0 or 1): "cpu", or "cuda:i" for itself alone.

    Each device has a lock file, which the kernel frees when the holder dies; when all are taken, wait.
    CUDA_VISIBLE_DEVICES limits the choice; where it names no more than was asked for (Slurm), it is taken as it is.
    On a machine without a GPU the job computes on the CPU and the log says so: one command serves both.
    ``count`` gives the number of visible devices.
    """
    available = count() if gpu else 0
    if gpu and not available:
        log.warning("no GPU found: this job computes on the CPU")
    if not available:
        yield "cpu"
    elif _visible() is not None and available <= gpu:
        log.info("leased cuda:0")  # in the same words: by them a price knows where a job ran (price.measured)
        yield "cuda:0"
    else:
        names = (_visible() or ",".join(map(str, range(available)))).split(",")
        index, lock = _take([name.strip() for name in names[:available]])
        log.info("leased cuda:%d", index)
        try:
            yield f"cuda:{index}"
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)  # closing alone would not free it while a forked worker lives
            os.close(lock)


def _visible() -> str | None:
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def _take(names: list[str]) -> tuple[int, int]:
    """Position in ``names`` of the first device that comes free, and the descriptor of its lock."""
    folder = Path(tempfile.gettempdir()) / f"oneclass-gpu-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    waiting = False
    while True:
        for index, name in enumerate(names):
            lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return index, lock
            except BlockingIOError:
                os.close(lock)
            except OSError as error:
                raise UserError(
                    f"{folder}: GPUs cannot be shared out ({error.strerror}); set TMPDIR to a folder of this machine, "
                    "or CUDA_VISIBLE_DEVICES to one GPU"
                ) from error
        if not waiting:
            log.info("all %d GPUs are leased: waiting for one", len(names))
            waiting = True
        time.sleep(POLL_SECONDS)
