"""What a person is told of an error."""

import errno
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from oneclass import hdf5, parquet, tensors
from oneclass.errors import UserError, line, reason


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_a_line_that_names_the_file(number: int) -> None:
    error = OSError(number, os.strerror(number), "results/a.h5")
    assert line(error) == f"results/a.h5: {os.strerror(number)}; make room and run again"


def test_a_folder_that_may_not_be_written_is_a_line() -> None:
    error = OSError(errno.EROFS, os.strerror(errno.EROFS), "results")
    assert line(error) == "results: Read-only file system; make it writable and run again"


def test_too_little_memory_is_a_line_whoever_notices_it() -> None:
    with pytest.raises(MemoryError) as by_numpy:
        np.empty(2**60, np.uint8)
    with pytest.raises(RuntimeError) as by_torch:
        torch.empty(2**60, dtype=torch.uint8)
    for error in (by_numpy.value, by_torch.value, OSError(errno.ENOMEM, "Cannot allocate memory")):
        assert line(error).startswith("there is not enough memory; run again with fewer jobs")


def test_too_little_memory_is_not_blamed_on_something_else() -> None:
    mistaken = UserError("the backbone does not take pictures of 96 pixels a side")
    mistaken.__cause__ = RuntimeError("could not create a primitive")
    assert line(mistaken).startswith("there is not enough memory")


NO_THREAD = OSError("Unknown error: Failed to launch worker thread: Resource temporarily unavailable")


@pytest.mark.parametrize("error", [NO_THREAD, MemoryError("malloc of size 9 failed")], ids=["no thread", "no memory"])
def test_a_whole_file_that_there_is_no_memory_to_read_is_not_to_be_deleted(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet.write(pa.table({"a": [1]}), {}, tmp_path / "a.parquet")
    tensors.write({"a": np.zeros(1)}, {}, tmp_path / "a.safetensors")

    def refused(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pyarrow.parquet.ParquetFile.read", refused)
    monkeypatch.setattr("oneclass.tensors.load", refused)
    for module, file in ((parquet, "a.parquet"), (tensors, "a.safetensors")):
        with pytest.raises((UserError, MemoryError)) as raised:
            module.read(tmp_path / file)
        assert line(raised.value).startswith("there is not enough memory")


def test_a_whole_store_that_there_is_no_memory_to_read_is_not_to_be_deleted(tmp_path: Path) -> None:
    with hdf5.written(tmp_path / "a.h5") as file:
        file["pooled"] = np.zeros(3)
    with pytest.raises(UserError) as raised, hdf5.opened(tmp_path / "a.h5"):
        raise OSError("Can't synchronously read data (memory allocation failed for raw data chunk)")
    assert line(raised.value).startswith("there is not enough memory")


def test_a_fault_of_the_program_has_no_line() -> None:
    for error in (ValueError("no"), KeyError("a"), RuntimeError("shapes"), OSError("broken data stream")):
        assert line(error) == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a size\nand more"), "a size"),
        (OSError("cut off."), "cut off"),
        (RuntimeError("for:\n  layer 1"), "for"),
        (MemoryError(), "MemoryError"),
        (AssertionError("\n"), "AssertionError"),
        (ValueError("\x1b[2J"), "\\x1b[2J"),
    ],
)
def test_an_error_is_quoted_by_its_first_line_or_its_kind(error: Exception, said: str) -> None:
    assert reason(error) == said
