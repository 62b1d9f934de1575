"""A store is whole, or nobody takes it for one."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oneclass import hdf5
from oneclass.files import atomic


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C as in a terminal: a shell's background processes are deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def interrupting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C as soon as HDF5 writes, which it may do where no error is raised: as it frees what it holds."""
    written = hdf5._Sink.write

    def write(sink: Any, data: Any) -> int:
        signal.raise_signal(signal.SIGINT)
        return written(sink, data)

    monkeypatch.setattr(hdf5._Sink, "write", write)


@pytest.mark.usefixtures("interrupting")
def test_ctrl_c_while_hdf5_writes_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic(tmp_path / "x.h5") as path, hdf5.written(path) as file:
        hdf5.create(file, "numbers", (4096, 256), np.float32, (64, 256))
        file["numbers"][:] = 1.0
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_the_work_at_the_next_look_into_the_file(tmp_path: Path) -> None:
    looks = 0
    with pytest.raises(KeyboardInterrupt), hdf5.written(tmp_path / "x.h5") as file:
        hdf5.write(file, "numbers", np.zeros(3))
        for looks in range(5):
            file["numbers"][:] = looks
            if looks == 2:
                signal.raise_signal(signal.SIGINT)
    assert looks == 3


def test_ctrl_c_is_python_s_own_again_after_it(tmp_path: Path) -> None:
    with hdf5.written(tmp_path / "x.h5") as file:
        hdf5.write(file, "numbers", np.zeros(3))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_of_its_own_may_write_one(tmp_path: Path) -> None:
    def work() -> None:
        with hdf5.written(tmp_path / "x.h5") as file:
            hdf5.write(file, "numbers", np.arange(3))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    with hdf5.opened(tmp_path / "x.h5") as file:
        assert file["numbers"][:].tolist() == [0, 1, 2]
