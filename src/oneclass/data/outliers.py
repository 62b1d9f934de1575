"""Drawing outliers from a pool: without the data set's own test images, in nested subsets."""

import hashlib
import itertools
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from PIL import Image

from oneclass import parquet
from oneclass.data import images
from oneclass.data.index import Index, Place
from oneclass.data.threads import mapped
from oneclass.errors import UserError
from oneclass.seeds import derive

log = logging.getLogger(__name__)


def duplicates(test: Index, pool: Index, workers: int = 1) -> "pd.Series[str]":
    """For each image of the index ``pool`` the id of one in the index ``test`` with the same RGB pixels, else "".

    By SHA-256 of the decoded pixels and their width and height. ``workers`` decode.
    """
    sizes: set[tuple[int, int]] = set()
    known: dict[bytes, str] = {}
    for id, (size, digest) in zip(test.ids().tolist(), mapped(_known, test, workers, "duplicates"), strict=True):
        sizes.add(size)
        known.setdefault(digest, id)

    def twin(place: Place) -> str:
        # an image of another size need not be decoded, and of a file the header tells the size
        return known.get(_digest(images.load(*place)), "") if images.size(*place) in sizes else ""

    found = list(mapped(twin, pool, workers, "duplicates"))
    return pd.Series(found, index=pool.table.index, name="duplicate_of", dtype="str")


def without_duplicates(dataset: Index, pool: Index, workers: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``id`` and ``class_name`` of the images that remain of ``pool``; of those dropped, ``duplicate_of`` as well.

    Dropped are those that are test images of ``dataset`` too. Raises ``UserError`` if nothing remains.
    """
    tested = (dataset.table["split"] == "test").to_numpy()
    twins = duplicates(dataset.take(tested), pool, workers)
    twin, columns = twins != "", pool.table[["id", "class_name"]]
    names = f"pool '{pool.name}', data set '{dataset.name}'"
    log.info("%s: %d of %d images dropped, being test images", names, twin.sum(), len(pool))
    if twin.all():
        raise UserError(f"{names}: every image of the pool is a test image; name another pool")
    return columns[~twin].reset_index(drop=True), columns[twin].assign(duplicate_of=twins[twin]).reset_index(drop=True)


def choose(
    kept: pd.DataFrame, pool: str, dataset: str, class_names: Sequence[str], repetitions: int, largest: int, seed: int
) -> pd.DataFrame:
    """Which outliers each of ``class_names`` of ``dataset`` is trained with, in each of ``repetitions``.

    Columns ``class, repetition, kind, rank, name``: the first n of kind ``image`` (``kept`` of ``pool``, ranks below
    ``largest``) are the subset of n images, the first k of kind ``class`` the subset of k of the pool's classes; so
    smaller subsets are part of larger ones, and neither depends on ``largest``. Raises ``UserError`` if the pool has
    fewer than ``largest`` images.
    """
    if largest > len(kept):
        raise UserError(f"pool '{pool}': {largest} outliers are asked for, but it has {len(kept)}; ask for fewer")
    ids, classes = np.sort(kept["id"].to_numpy(object)), np.sort(kept["class_name"].unique().astype(object))
    parts = []
    for class_name, repetition in itertools.product(class_names, range(repetitions)):
        for kind, choice, names, count in (
            ("image", "outliers", ids, largest),
            ("class", "outlier classes", classes, len(classes)),
        ):
            rng = np.random.default_rng(derive(seed, choice, pool, dataset, class_name, repetition))
            order = rng.permutation(len(names))[:count]
            columns = {"class": class_name, "repetition": repetition, "kind": kind}
            parts.append(pd.DataFrame({**columns, "rank": np.arange(count), "name": names[order]}))
    return pd.concat(parts, ignore_index=True)


def take(pool: Index, kept: pd.DataFrame, count: int | None, dataset: str, section: str, seed: int) -> Index:
    """The part of the index ``pool`` whose images are ``kept``; at random ``count`` of them, if given.

    Raises ``UserError``, which names the ``section`` that asks for them, if there are fewer.
    """
    rows = np.flatnonzero(pool.table["id"].isin(kept["id"]))
    if count is None:
        return pool.take(rows)
    if count > len(rows):
        raise UserError(f"{section}.outliers: pool '{pool.name}' has {len(rows)} images, not {count}; ask for fewer")
    random = np.random.default_rng(derive(seed, f"{section} outliers", pool.name, dataset))
    return pool.take(rows[np.sort(random.permutation(len(rows))[:count])])


def write(table: pd.DataFrame, path: str | Path) -> None:
    """Write the images that are kept, or what was chosen, to the Parquet file ``path``, whole or not at all."""
    parquet.write(pa.Table.from_pandas(table, preserve_index=False), {}, path)


def read(path: str | Path) -> pd.DataFrame:
    """What ``write`` wrote; ``UserError`` if the file is missing or damaged."""
    return parquet.read(path)[0].to_pandas()


def _known(place: Place) -> tuple[tuple[int, int], bytes]:
    image = images.load(*place)
    return image.size, _digest(image)


def _digest(image: Image.Image) -> bytes:
    return hashlib.sha256(b"%dx%d" % image.size + image.tobytes()).digest()
