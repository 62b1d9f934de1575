"""What a job has finished, kept on disk until its output is written: a job that was killed goes on from there.

The folder lies beside the output. Its name holds a digest of all that the results depend on, so what was computed
from other settings, other code or other images is never taken up.
"""

import hashlib
import io
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oneclass.files import atomic

log = logging.getLogger(__name__)

_DIGEST = 32  # bytes of a SHA-256, at the head of each file
_COMPUTING = {"numpy", "open-clip-torch", "pillow", "scikit-learn", "scipy", "timm", "torch", "torchvision"}


class Finished:
    """Arrays by name, in ``folder``: a file for each, with its digest. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __contains__(self, name: object) -> bool:
        return _read(self._path(name)) is not None

    def get(self, name: object, compute: Callable[[], NDArray]) -> NDArray:
        """The array called ``name`` (by its ``repr``): as it was kept, or computed now, and then kept.

        A file that is damaged counts as none.
        """
        path = self._path(name)
        array = _read(path)
        if array is None:
            array = compute()
            content = io.BytesIO()
            np.save(content, array)
            with atomic(path) as temporary:
                temporary.write_bytes(hashlib.sha256(content.getvalue()).digest() + content.getvalue())
        return array

    def _path(self, name: object) -> Path:
        return self._folder / f"{hashlib.sha256(repr(name).encode()).hexdigest()[:32]}.npy"


@contextmanager
def resumable(
    output: str | Path, inputs: Iterable[str | Path], settings: Mapping[str, Any], device: str
) -> Iterator[Finished]:
    """What the job that writes ``output`` has finished; removed when the block ends well.

    It is of use only to a job with files ``inputs`` of the same content, the same ``settings`` (its code and seed
    among them), the same kind of ``device`` and the same versions of the packages that compute; what another one left
    is removed.
    """
    output = Path(output)
    folder = output.with_name(f".finished-{_digest(inputs, settings, device)}-{output.name}")
    for other in output.parent.glob(f".finished-{'[0-9a-f]' * 16}-{escape(output.name)}"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    if kept := len(list(folder.glob("[0-9a-f]*.npy"))):
        log.info("goes on where it was stopped: %d finished before", kept)
    yield Finished(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _digest(inputs: Iterable[str | Path], settings: Mapping[str, Any], device: str) -> str:
    versions = {package.name.lower().replace("_", "-"): package.version for package in distributions()}
    computing = {name: version for name, version in versions.items() if name in _COMPUTING}
    described = [dict(settings), device.partition(":")[0], computing]
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for path in inputs:
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _read(path: Path) -> NDArray | None:
    """The array in the file ``path``; None if there is none, or not as it was written."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        log.warning("%s is damaged: computed again", path)
        return None
    array: NDArray = np.load(io.BytesIO(content[_DIGEST:]))
    return array
