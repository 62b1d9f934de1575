"""The file of distance maps: HDF5, a group per category with ``id`` [T], ``distance`` [V, T, h, w] and ``variants``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from oneclass.files import atomic

Kept = Sequence[tuple[dict[str, Any], NDArray[np.float32]]]  # variants, each with its maps [T, h, w]


def write_maps(
    path: str, maps: Mapping[str, Kept], ids: Mapping[str, NDArray[np.str_]], attributes: Mapping[str, Any]
) -> None:
    """The maps of each category, with ``attributes`` of the whole file."""
    with atomic(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update(attributes)
        for name, variants in maps.items():
            group = file.create_group(name)
            group.create_dataset("id", data=ids[name].tolist(), dtype=h5py.string_dtype())
            group.create_dataset("distance", data=np.stack([distance for _, distance in variants]))
            group.attrs["variants"] = json.dumps([described for described, _ in variants])


def read_maps(path: Path, class_name: str) -> tuple[list[dict[str, Any]], list[str], NDArray[np.float32]]:
    """The variants, image ids and distance maps [V, T, h, w] of a category."""
    with h5py.File(path) as file:
        group = file[class_name]
        variants: list[dict[str, Any]] = json.loads(group.attrs["variants"])
        return variants, group["id"].asstr()[:].tolist(), group["distance"][:]


def classes_in(path: Path) -> list[str]:
    """The categories whose maps a file holds."""
    with h5py.File(path) as file:
        return list(file)


def dataset_of(path: Path) -> str:
    """The data set whose maps a file holds."""
    with h5py.File(path) as file:
        return str(file.attrs["dataset"])
