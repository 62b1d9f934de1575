"""HDF5 files whose numbers and structure have checksums, which are checked where they are read.

Numbers have Fletcher's, chunk by chunk; the structure has Jenkins', in the newest format. Text has a fixed length, as
what varies in length lies where HDF5 has no checksum.
"""

import io
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from oneclass.errors import UserError, shown

_CHUNK = 2**20  # bytes
_SAID = ("Unable to", "Can't", "Object visitation", "Link iteration", "Iteration failed")  # by HDF5, where it fails


class _Sink(io.FileIO):
    """What HDF5 writes into. It keeps the first failure as ``error``, and drops what comes after it.

    HDF5 itself must not hear of it: it writes where it is freed, too, where no error is raised, and a file that it
    cannot close crashes it as Python ends. Ctrl-C would be such a failure: ``interrupted`` keeps it.
    """

    error: BaseException | None = None

    def write(self, data: Any) -> int:
        left = memoryview(data)
        try:
            while left and self.error is None:
                left = left[super().write(left) :]
        except OSError as error:
            self.error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:  # a limit on files
            self.error = self.error or error
            return size or 0

    def interrupted(self, *_: Any) -> None:
        """Handle SIGINT: it is the failure, if there was none before."""
        self.error = self.error or KeyboardInterrupt()

    def require_whole(self) -> None:
        """Raise ``error``, if there is one."""
        if self.error is not None:
            raise self.error


class _File(h5py.File):
    """An HDF5 file that asks, before each look into it, whether all was written until now."""

    def __init__(self, sink: _Sink) -> None:
        super().__init__(sink, "w", libver="latest")
        self._sink = sink

    def __getitem__(self, name: Any) -> Any:
        self._sink.require_whole()
        return super().__getitem__(name)


@contextmanager
def written(path: str | Path) -> Iterator[h5py.File]:
    """A new file at ``path``. ``OSError`` if there is no room for it, and ``KeyboardInterrupt`` after Ctrl-C: where the
    file is looked into, or at its end."""
    with _Sink(path, "w+") as sink:
        with _interrupts_by(sink), _File(sink) as file:
            yield file
        sink.require_whole()


@contextmanager
def _interrupts_by(sink: _Sink) -> Iterator[None]:
    """Tell ``sink`` of Ctrl-C, where it is this thread that Python would interrupt."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, sink.interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def opened(path: str | Path) -> Iterator[h5py.File]:
    """The file at ``path``. What cannot be read in the block is a ``UserError`` that names it."""
    try:
        with h5py.File(path, locking=False) as file:  # files appear whole; some file systems have no locks
            yield file
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; run again") from None
    except MemoryError:
        raise UserError(f"{path}: does not fit into memory; run again with fewer --cores, or delete it first") from None
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not str(error).startswith(_SAID):
            raise  # PyTorch's, or Python's own
        raise UserError(f"{path}: damaged ({shown(error)}); delete it and run again") from error


def create(
    group: h5py.Group, name: str, shape: Sequence[int], dtype: Any, chunk: Sequence[int] | None = None, **options: Any
) -> h5py.Dataset:
    """A new data set; a ``chunk`` is what is read at once: by default rows of a megabyte together."""
    row = max(1, int(np.prod(shape[1:])) * np.dtype(dtype).itemsize)
    chunk = chunk or (min(max(1, _CHUNK // row), max(1, shape[0])), *shape[1:])
    return group.create_dataset(name, shape, dtype, chunks=tuple(chunk), fletcher32=True, **options)


def write(group: h5py.Group, name: str, values: NDArray) -> None:
    """A new data set of the numbers ``values``."""
    create(group, name, values.shape, values.dtype)[:] = values


def write_texts(group: h5py.Group, name: str, texts: Sequence[str]) -> None:
    """A new data set of the texts ``texts``, UTF-8, padded with zero bytes."""
    encoded = [text.encode() for text in texts]
    dtype = h5py.string_dtype("utf-8", max([1, *map(len, encoded)]))
    create(group, name, [len(texts)], dtype)[:] = np.array(encoded, dtype)


def read_texts(group: h5py.Group, name: str) -> list[str]:
    """The texts of a data set."""
    texts: list[str] = group[name].asstr()[:].tolist()
    return texts


def describe(group: h5py.Group, attributes: Mapping[str, Any]) -> None:
    """Add ``attributes``, as text."""
    for name, value in attributes.items():
        encoded = str(value).encode()
        group.attrs.create(name, np.bytes_(encoded), dtype=h5py.string_dtype("utf-8", max(1, len(encoded))))


def attribute(group: h5py.Group, name: str) -> str:
    """An attribute, as text."""
    value = group.attrs[name]
    return value.decode() if isinstance(value, bytes) else str(value)
