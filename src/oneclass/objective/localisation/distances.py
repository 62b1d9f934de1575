"""The file of distance maps: HDF5, a group per category with ``id`` [T], ``distance`` [V, T, h, w] and ``variants``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oneclass import hdf5
from oneclass.files import atomic

Kept = Sequence[tuple[dict[str, Any], NDArray[np.float32]]]  # variants, each with its maps [T, h, w]


def write_maps(
    path: str, maps: Mapping[str, Kept], ids: Mapping[str, NDArray[np.str_]], attributes: Mapping[str, Any]
) -> None:
    """The maps of each category, with ``attributes`` of the whole file."""
    with atomic(path) as temporary, hdf5.written(temporary) as file:
        hdf5.describe(file, attributes)
        for name, variants in maps.items():
            group = file.create_group(name)
            hdf5.write_texts(group, "id", ids[name].tolist())
            hdf5.write(group, "distance", np.stack([distance for _, distance in variants]))
            hdf5.describe(group, {"variants": json.dumps([described for described, _ in variants])})


def read_maps(path: Path, class_name: str) -> tuple[list[dict[str, Any]], list[str], NDArray[np.float32]]:
    """The variants, image ids and distance maps [V, T, h, w] of a category."""
    with hdf5.opened(path) as file:
        group = file[class_name]
        variants: list[dict[str, Any]] = json.loads(hdf5.attribute(group, "variants"))
        return variants, hdf5.read_texts(group, "id"), group["distance"][:]


def classes_in(path: Path) -> list[str]:
    """The categories whose maps a file holds."""
    with hdf5.opened(path) as file:
        return list(file)


def dataset_of(path: Path) -> str:
    """The data set whose maps a file holds."""
    with hdf5.opened(path) as file:
        return hdf5.attribute(file, "dataset")
