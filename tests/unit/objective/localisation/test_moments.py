"""Second moments at native resolution are those of the aligned features; centering needs no second pass."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from oneclass.objective.localisation import moments
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Alignment, Maps, align, subtract
from oneclass.objective.localisation.moments import Centering


def literal(maps: Maps) -> Tensor:
    """mean [f; 1][f; 1]ᵀ over the positions of aligned maps."""
    features = align(maps).flatten(2)
    augmented = torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
    return augmented @ augmented.mT / features.shape[2]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=3),
    st.sampled_from(["bilinear", "nearest"]),
    st.integers(0, 100),
)
def test_native_moments_are_those_of_the_aligned_features(
    shapes: list[tuple[int, int, int]], alignment: Alignment, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    height, width = (max(shape[axis] for shape in shapes) for axis in (1, 2))
    sizes = [(shapes[0][0], height, width), *shapes[1:]]  # the first is the finest
    levels = (torch.rand(2, *size, generator=generator, dtype=torch.float64) for size in sizes)
    maps = Maps(levels, alignment)
    torch.testing.assert_close(moments.second_moments(maps), literal(maps), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_statistics_do_not_depend_on_the_batches(category: Callable[..., Category], size: int) -> None:
    one = category()
    found, expected = moments.collect(one.source.batches(one.train, size)), one.statistics
    torch.testing.assert_close(found.moment, expected.moment)
    torch.testing.assert_close(found.mean, expected.mean)


@pytest.mark.parametrize("centering", ["none", "channel", "position"])
def test_centered_moments_are_those_of_centered_maps(category: Callable[..., Category], centering: Centering) -> None:
    one = category()
    images = next(iter(one.source.batches(one.train, len(one.train))))
    centered = subtract(images, one.statistics.offset(centering))
    expected = literal(centered).double().mean(0)
    torch.testing.assert_close(one.statistics.centered(centering), expected, rtol=1e-4, atol=1e-6)
    if centering != "none":
        assert one.statistics.centered(centering)[-1, :-1].abs().max() < 1e-6, "the mean is gone"
