"""What a person is told of an error."""

import errno
import os

import numpy as np
import pytest
import torch

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
