"""Projection at native resolution is the projection of the concatenated map."""

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from oneclass.objective.localisation import maps
from oneclass.objective.localisation.category import Category


@pytest.mark.parametrize("alignment", ["bilinear", "nearest"])
def test_the_projection_commutes_with_interpolation(
    category: Callable[..., Category], alignment: maps.Alignment
) -> None:
    normal = category(alignment=alignment)
    some = next(iter(normal.source.batches(normal.train)))
    weight, bias = torch.randn(6, 15), torch.randn(6)
    literal = functional.conv2d(maps.align(some), weight[:, :, None, None], bias)
    torch.testing.assert_close(maps.project(some, weight, bias), literal, rtol=1e-4, atol=1e-5)


def test_aligned_channels_keep_the_order_of_the_layers(category: Callable[..., Category]) -> None:
    some = next(iter(category().source.batches(category().train)))
    aligned = maps.align(some)
    assert aligned.shape == (4, 15, 8, 8)
    assert torch.equal(aligned[:, :3], some[0])
    expected = functional.interpolate(some[2], (8, 8), mode="bilinear", align_corners=False)
    assert torch.equal(aligned[:, 8:], expected)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_averages_are_of_neighbours_with_zeros_around(size: int) -> None:
    image = torch.rand(1, 2, 6, 6).half()
    averaged = maps.Aggregation(size).apply([image])[0]
    margin = size // 2
    padded = functional.pad(image.float(), (margin,) * 4)
    literal = padded[:, :, 2 : 2 + size, 3 : 3 + size].mean((2, 3))
    torch.testing.assert_close(averaged[:, :, 2, 3], literal)
    assert averaged.dtype == torch.float32 and averaged.shape == image.shape


def test_nearest_alignment_copies_and_bilinear_blends() -> None:
    coarse = torch.tensor([[0.0, 1.0], [2.0, 3.0]])[None, None]
    levels = [torch.zeros(1, 1, 4, 4), coarse]
    copied = maps.align(maps.Maps(levels, "nearest"))[0, 1]
    assert torch.equal(copied, coarse[0, 0].repeat_interleave(2, 0).repeat_interleave(2, 1))
    assert maps.align(maps.Maps(levels))[0, 1].unique().numel() > 4
