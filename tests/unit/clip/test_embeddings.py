"""Embeddings in a feature store: of the right images, with provenance, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import open_clip
import pandas as pd
import pytest
import torch
from torch import nn

from oneclass import hdf5
from oneclass.clip import embeddings, stored
from oneclass.clip.models import Clip
from oneclass.data.index import Index
from oneclass.errors import UserError

PROMPTS = ["a cat", "a photo of something"]


@pytest.fixture
def clip(tiny: Callable[[str], nn.Module]) -> Clip:
    return Clip(tiny("transformer"), open_clip.SimpleTokenizer(context_length=16), (0.5,) * 3, (0.2,) * 3, "weights")


@pytest.fixture
def index() -> Index:
    return Index(pd.DataFrame({"id": ["a", "b", "c"]}), "toy", Path("nowhere"), "abc")


def pixels(path: Path, size: int) -> np.ndarray:
    images = np.random.default_rng(0).integers(0, 256, (3, 3, size, size), dtype=np.uint8)
    with h5py.File(path, "w") as file:
        file.attrs["index_hash"] = "abc"
        file["pixels"] = images
    return images


@pytest.mark.parametrize(("side", "size"), [(32, 32), (224, 256)])
def test_round_trip(
    side: int, size: int, clip: Clip, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "_BATCH", 2)
    images = torch.from_numpy(pixels(tmp_path / "pixels.h5", size)) / 255
    path = tmp_path / "0.h5"
    embeddings.write(index, tmp_path / "pixels.h5", side, clip, PROMPTS, path, {"clip": "tiny"}, "cpu")
    read = stored.read(path, index)
    border = (size - side) // 2
    seen = clip.inputs(images[:, :, border : size - border, border : size - border])
    expected = clip.network.encode_image(seen, normalize=True)
    np.testing.assert_allclose(read.images, expected.numpy(), atol=1e-5)
    tokens = open_clip.SimpleTokenizer(context_length=16)(PROMPTS)
    np.testing.assert_allclose(read.texts_of(PROMPTS), clip.network.encode_text(tokens, normalize=True), atol=1e-5)
    with h5py.File(path) as file:
        assert hdf5.attribute(file, "weights_sha256") == "weights" and hdf5.attribute(file, "clip") == "tiny"
        assert list(file["id"].asstr()) == ["a", "b", "c"]


def test_pixels_of_another_index(clip: Clip, index: Index, tmp_path: Path) -> None:
    pixels(tmp_path / "pixels.h5", 32)
    other = replace(index, hash="other")
    with pytest.raises(UserError, match=r"pixels.h5: computed for another index of toy; delete it"):
        embeddings.write(other, tmp_path / "pixels.h5", 32, clip, PROMPTS, tmp_path / "0.h5", {}, "cpu")


def test_broken_weights(clip: Clip, index: Index, tmp_path: Path) -> None:
    pixels(tmp_path / "pixels.h5", 32)
    clip.network.visual.proj.fill_(torch.nan)
    with pytest.raises(UserError, match="not finite"):
        embeddings.write(index, tmp_path / "pixels.h5", 32, clip, PROMPTS, tmp_path / "0.h5", {}, "cpu")
