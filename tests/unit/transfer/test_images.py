"""Activations are the front's, whether all, some or none of them are held."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import Tensor

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images, load


def expected(parts: Split, pixels: Tensor, rows: Tensor) -> Tensor:
    return parts.front.features(pixels[rows][:, :, 4:36, 4:36], [])[0]


@pytest.mark.parametrize("held", [[], [3], [0, 5, 3], list(range(12))])
def test_activations(parts: Split, pixels: Tensor, images: Images, held: list[int]) -> None:
    rows = torch.tensor([5, 3, 11, 5])
    with ThreadPoolExecutor(2) as workers:
        if held:
            images.hold(torch.tensor(held), workers)
    torch.testing.assert_close(images.activations(rows), expected(parts, pixels, rows))
    torch.testing.assert_close(torch.cat(list(images.batches(rows))), expected(parts, pixels, rows))


def test_no_more_is_held_than_there_is_memory_for(parts: Split, pixels: Tensor, images: Images) -> None:
    one = images.activations(torch.tensor([0])).nbytes
    small = Images(pixels, 32, parts.front, 0, "cpu")
    small._bytes = 3 * one + 1
    assert images.fit() and not small.fit()
    with ThreadPoolExecutor(1) as workers:
        small.hold(torch.arange(12).flip(0), workers)
    assert len(small._held) == 3 and (small._slot >= 0).nonzero().flatten().tolist() == [9, 10, 11]
    torch.testing.assert_close(small.activations(torch.arange(12)), expected(parts, pixels, torch.arange(12)))


def test_an_index_is_decoded_whole_and_its_middle_is_seen(parts: Split, tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(256, size=(3, 40, 40, 3), dtype=np.uint8)
    names = [f"{k}.png" for k in range(3)]
    for name, value in zip(names, values, strict=True):
        Image.fromarray(value).save(tmp_path / name)
    index = Index(pd.DataFrame({"path": names, "item": -1, "reader": "image"}), "toy", tmp_path, "")
    found = load(index, parts.front, Geometry(40, 32), workers=1, memory_mb=1, device="cpu")
    pixels = torch.from_numpy(values).permute(0, 3, 1, 2)
    assert torch.equal(found.pixels, pixels) and found.size == 32
    torch.testing.assert_close(found.activations(torch.arange(3)), expected(parts, pixels, torch.arange(3)))
