"""The models of a run: safetensors files with a checksum of themselves."""

import json
from collections.abc import Mapping
from pathlib import Path

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from oneclass.checksum import EMPTY, seal, verify
from oneclass.errors import UserError, shown
from oneclass.files import atomic

Tensors = Mapping[str, NDArray]


def write(tensors: Tensors, metadata: Mapping[str, str], path: str | Path) -> None:
    """Write ``tensors`` with ``metadata`` to the file ``path``, whole or not at all; equal ones give equal bytes."""
    content = _ordered(save(dict(tensors), {**metadata, "sha256": EMPTY}))
    with atomic(path) as temporary:
        temporary.write_bytes(seal(content))


def read(path: str | Path) -> tuple[Tensors, dict[str, str]]:
    """The tensors in the file ``path``, and their metadata. ``UserError`` if they are not as they were written."""
    try:
        content = Path(path).read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        metadata: dict[str, str] = header["__metadata__"]
        verify(content, metadata.pop("sha256"))
        return load(content), metadata
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; run again") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        raise UserError(f"{path}: damaged ({shown(error)}); delete it and run again") from error


def _ordered(content: bytes) -> bytes:
    """The file ``content`` with its metadata in the order of their names; safetensors writes them in a random one."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]
