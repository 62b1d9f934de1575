"""Activations are the front's, whether all, some or none of them are held."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images


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
