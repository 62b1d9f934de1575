"""Data sets that torchvision knows how to download and check."""

import os
from collections.abc import Iterable
from pathlib import Path

from oneclass.errors import UserError


def fetch(kind: str, home: str, folder: Path, missing: Iterable[str]) -> None:
    """Put the ``missing`` files (relative to ``folder``) in their place, downloaded and hash-checked by torchvision.

    ``kind`` is torchvision's class, whose own folder name is that of ``folder`` by default; ``home`` is the page a
    person would get the data from. Files appear whole or not at all. Raises ``UserError`` if the download fails.
    """
    missing = list(missing)
    if not missing:
        return
    from http.client import HTTPException
    from tempfile import TemporaryDirectory

    from torchvision import datasets  # all slow to import, and most runs have their files

    try:
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            getattr(datasets, kind)(temporary, download=True)
            (own_folder,) = (entry for entry in Path(temporary).iterdir() if entry.is_dir())
            for name in missing:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(own_folder / name, folder / name)
    except (OSError, RuntimeError, HTTPException) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{folder / missing[0]} is missing and {kind} cannot be downloaded ({reason}); "
            f"get the data set from {home} and unpack it so that this file is there"
        ) from error
