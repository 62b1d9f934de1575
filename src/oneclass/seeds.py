"""Random choices by name: a result never depends on the order in which jobs or loops happen to run."""

import hashlib


def derive(seed: int, *names: object) -> int:
    """A 63-bit seed for the choice called ``names`` in the run seeded with ``seed``.

    Equal arguments give equal seeds on every machine and Python version; any difference gives an unrelated one.
    """
    text = "\x1f".join(str(name) for name in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
