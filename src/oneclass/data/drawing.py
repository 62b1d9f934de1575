"""A data set of drawn defects, written to disk: to measure localisation where there are no anomalies."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from oneclass.data import images
from oneclass.data.defects import KINDS, Mask, Pixels, draw
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.files import temporary_folder
from oneclass.seeds import derive


def write_dataset(base: Index, classes: Sequence[str], folder: Path, contrast: float, seed: int) -> None:
    """Write ``folder``, whole or not at all: a data set in MVTec AD's layout, with defects on images of ``base``.

    Of each of ``classes``, the normal training images and half of the normal test images of the index ``base`` stay as
    they are: links to the original file, or PNG where that holds many images. The other half gets one defect an image,
    the kinds in turn. The halves and each defect follow from hashes of (seed, base, id). Raises ``UserError`` if a
    class has too few normal images, or one is unreadable.
    """
    with temporary_folder(folder) as temporary:
        content = temporary / "content"
        content.mkdir()  # a folder of its own: the temporary one is readable by its owner only
        for class_name in classes:
            normal = (base.table["class_name"] == class_name) & (base.table["label"] == 0)
            _write_class(base.take(normal.to_numpy()), class_name, content / _as_name(class_name), contrast, seed)
        os.replace(content, folder)


def _write_class(normal: Index, class_name: str, folder: Path, contrast: float, seed: int) -> None:
    dataset, split = normal.name, normal.table["split"].to_numpy()
    train, test = normal.take(split == "train"), normal.take(split == "test")
    if not len(train) or len(test) < 2:
        raise UserError(
            f"data set '{dataset}', class '{class_name}': {len(train)} normal training and {len(test)} normal test "
            "images; to draw defects, 1 and 2 are needed: add some, or change test_fraction or test_per_class"
        )
    rank = [(derive(seed, "untouched", dataset, id), id) for id in test.table["id"]]
    order = sorted(range(len(test)), key=rank.__getitem__)
    half = -(-len(test) // 2)
    untouched, defective = test.take(order[:half]), test.take(order[half:])
    _keep(train, folder / "train" / "good")
    _keep(untouched, folder / "test" / "good")
    kinds = list(KINDS)
    for position, (id, place) in enumerate(zip(defective.table["id"], defective.places(), strict=True)):
        kind = kinds[position % len(kinds)]
        rng = np.random.default_rng(derive(seed, "drawn", dataset, id))
        image = np.asarray(images.load(*place))
        drawn, mask = draw(image, kind, contrast, rng)
        file = _png(folder / "test" / kind, id)
        _save(drawn, file)
        _save(mask, folder / "ground_truth" / kind / f"{file.stem}_mask.png")


def _keep(rows: Index, folder: Path) -> None:
    """Put the images of ``rows`` into ``folder`` as they are."""
    folder.mkdir(parents=True)
    for id, place in zip(rows.table["id"], rows.places(), strict=True):
        if place.reader == "image":
            name = _as_name(id)
            suffix = Path(place.path).suffix
            (folder / (name if name.endswith(suffix) else name + suffix)).symlink_to(place.root / place.path)
        else:
            _save(np.asarray(images.load(*place)), _png(folder, id))


def _as_name(text: str) -> str:
    """``text`` as the name of a file, which ``urllib.parse.unquote`` undoes."""
    return text.replace("%", "%25").replace("/", "%2F")


def _png(folder: Path, id: str) -> Path:
    name = _as_name(id)
    return folder / (name if name.endswith(".png") else f"{name}.png")


def _save(pixels: Pixels | Mask, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)
