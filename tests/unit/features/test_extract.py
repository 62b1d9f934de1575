"""Extraction: real images through a real network into a store, whatever the batches and the workers."""

import multiprocessing.process
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image

from oneclass import hdf5
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features import store
from oneclass.features.backbone import Backbone
from oneclass.features.decode import to_tensor
from oneclass.features.extract import extract
from oneclass.files import atomic

SETTINGS: dict[str, Any] = {
    "geometry": Geometry(40, 32),
    "layers": [],
    "workers": 1,
    "batch_size": None,
    "device": "cpu",
    "provenance": {"backbone": "tiny", "filter": "none"},
}


@pytest.fixture(scope="module")
def tiny() -> Backbone:
    torch.manual_seed(0)
    network = timm.create_model("test_resnet", num_classes=0).eval().requires_grad_(False)
    return Backbone(network, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), "123")


@pytest.fixture
def folder(tmp_path: Path) -> Index:
    """The index of eleven small pictures."""
    random, names = np.random.default_rng(0), [f"{number:02}.png" for number in range(11)]
    root = tmp_path / "pictures"
    root.mkdir()
    for name in names:
        Image.fromarray(random.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(root / name)
    table = pd.DataFrame({"id": names, "path": names, "item": -1, "reader": "image"})
    return Index(table, "toy", root, "abc")


def literal(index: Index, network: Backbone, geometry: Geometry) -> np.ndarray:
    """Every image on its own."""
    prepared = (to_tensor(geometry.apply(images.load(*place))) for place in index.places())
    return np.concatenate([network.features(image[None], [])[0].numpy() for image in prepared])


def test_a_tensor_has_the_pixels_of_the_image_channel_by_channel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    tensor = to_tensor(Image.fromarray(pixels))
    assert tensor.dtype == torch.uint8
    assert np.array_equal(tensor.numpy(), pixels.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("source", "task", "workers", "caps"),
    [
        ("elpv", "defect", 2, {"train_per_class": 1, "test_per_class": 1}),
        ("mnist5k", "one_vs_rest", 1, {"train_per_class": 1, "test_per_class": 1}),
    ],
)
def test_real_images_in_the_order_of_the_index(
    source: str,
    task: str,
    workers: int,
    caps: dict[str, int],
    real_index: Callable[..., Index],
    lite0: Backbone,
    tmp_path: Path,
) -> None:
    index, path = real_index(source, task, **caps), tmp_path / "none.h5"
    extract(index, lite0, path, **SETTINGS | {"geometry": Geometry(64), "workers": workers, "batch_size": 3})
    with h5py.File(path) as file:
        assert [name.decode() for name in file["id"]] == index.ids().tolist()
        assert hdf5.attribute(file, "index_hash") == index.hash
    expected = literal(index, lite0, Geometry(64))
    np.testing.assert_allclose(store.read_pooled(path, index), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("batch_size", "workers"), [(1, 1), (3, 1), (3, 2), (8, 3), (11, 1), (None, 1)])
def test_neither_batches_nor_workers_matter(
    batch_size: int | None, workers: int, folder: Index, tiny: Backbone, tmp_path: Path
) -> None:
    path = tmp_path / "none.h5"
    extract(folder, tiny, path, **SETTINGS | {"batch_size": batch_size, "workers": workers, "layers": [1, 4]})
    with h5py.File(path) as file:
        np.testing.assert_allclose(file["pooled"][:], literal(folder, tiny, Geometry(40, 32)), rtol=1e-4, atol=1e-5)
        assert file["map1"].shape == (11, 32, 8, 8) and file["map4"].shape == (11, 96, 1, 1)
        assert file["map1"].dtype == file["map4"].dtype == np.float16
        np.testing.assert_allclose(file["map4"][:, :, 0, 0], file["pooled"][:], rtol=1e-2, atol=1e-3)


def test_provenance(folder: Index, tiny: Backbone, tmp_path: Path) -> None:
    extract(folder, tiny, tmp_path / "none.h5", **SETTINGS)
    with h5py.File(tmp_path / "none.h5") as file:
        attributes = {name: hdf5.attribute(file, name) for name in file.attrs}
    assert attributes == {
        "backbone": "tiny",
        "filter": "none",
        "dataset": "toy",
        "index_hash": "abc",
        "weights_sha256": "123",
        "activations": "after",
        "normalisation": "mean (0.5, 0.4, 0.3) std (0.2, 0.3, 0.4)",
        "transform": "resize 40, crop 32",
        "versions": f"torch {torch.__version__}, timm {timm.__version__}",
    }


def extract_atomically(index: Index, network: Backbone, path: Path, **settings: Any) -> None:
    """As the workflow does."""
    with atomic(path) as temporary:
        extract(index, network, temporary, **SETTINGS | settings)


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:200])


@pytest.mark.parametrize(
    ("damage", "workers"), [(_truncate, 2), (_truncate, 1), (Path.unlink, 1), (lambda file: file.write_text("text"), 1)]
)
def test_a_bad_image_is_named_and_nothing_half_written_stays(
    damage: Callable[[Path], Any], workers: int, folder: Index, tiny: Backbone, tmp_path: Path
) -> None:
    damage(folder.root / "07.png")
    path = tmp_path / "features" / "none.h5"
    with pytest.raises(UserError, match=r"07\.png: ") as error:
        extract_atomically(folder, tiny, path, workers=workers, batch_size=2)
    assert "\n" not in str(error.value)
    assert list(path.parent.iterdir()) == []


def test_features_that_are_not_finite_are_refused(folder: Index, tiny: Backbone, tmp_path: Path) -> None:
    broken = Backbone(tiny.network, tiny.mean, (0.2, 0.3, float("nan")), tiny.sha256)
    with pytest.raises(UserError, match="not finite; are these the right weights"):
        extract_atomically(folder, broken, tmp_path / "features" / "none.h5")
    assert list((tmp_path / "features").iterdir()) == []


def test_decoding_starts_no_process(folder: Index, tiny: Backbone, tmp_path: Path, monkeypatch: Any) -> None:
    """Processes need shared memory, of which containers have little, and on macOS they run the script once more."""

    def refused(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refused)
    extract(folder, tiny, tmp_path / "none.h5", **SETTINGS | {"workers": 4, "batch_size": 2})
    assert store.read_pooled(tmp_path / "none.h5", folder).shape[0] == len(folder)
