"""A checksum inside the file that it is of, so that one file can be verified by itself.

It is the SHA-256, in hexadecimal digits, of the file with as many zeros in its place.
"""

import hashlib

EMPTY = "0" * 64
"""What is in its place until it is known."""


def seal(content: bytes) -> bytes:
    """``content`` with its checksum where it has ``EMPTY``; ``ValueError`` unless that is at one place."""
    before, after = content.split(EMPTY.encode())
    return before + hashlib.sha256(content).hexdigest().encode() + after


def verify(content: bytes, checksum: object) -> None:
    """Raise ``ValueError`` unless ``checksum`` is that of ``content``, which holds it."""
    if not isinstance(checksum, str) or len(checksum) != len(EMPTY):
        raise ValueError("it has no checksum; make it anew")
    if hashlib.sha256(content.replace(checksum.encode(), EMPTY.encode())).hexdigest() != checksum:
        raise ValueError("its checksum is another: it was damaged or changed; copy it again, or make it anew")
