"""A file that holds its own checksum."""

import hashlib

import pytest

from oneclass.checksum import EMPTY, seal, verify

CONTENT = b"weights" + EMPTY.encode() + b"more weights"


def test_the_checksum_is_that_of_the_file_with_zeros_in_its_place() -> None:
    checksum = hashlib.sha256(CONTENT).hexdigest()
    sealed = seal(CONTENT)
    assert sealed == b"weights" + checksum.encode() + b"more weights"
    verify(sealed, checksum)


def test_every_flipped_bit_is_found() -> None:
    sealed = seal(CONTENT)
    checksum = sealed.removeprefix(b"weights")[: len(EMPTY)].decode()
    for place in range(8 * len(sealed)):
        damaged = bytearray(sealed)
        damaged[place // 8] ^= 1 << place % 8
        with pytest.raises(ValueError, match="damaged or changed"):
            verify(bytes(damaged), checksum)


@pytest.mark.parametrize("checksum", [None, "", 3, "ab"])
def test_a_file_without_a_checksum(checksum: object) -> None:
    with pytest.raises(ValueError, match="no checksum"):
        verify(CONTENT, checksum)


@pytest.mark.parametrize("content", [b"", CONTENT + CONTENT])
def test_there_is_one_place_for_it(content: bytes) -> None:
    with pytest.raises(ValueError):
        seal(content)
