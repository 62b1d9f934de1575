"""What training leaves of a feature is a projection; its distances, against matrix exponentials."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from oneclass.objective.closed_form import choose_time, decompose
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.closed_form import Projection, project_residual, score, spectrum_of
from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.projector import augment

Make = Callable[..., Category]


def positions(maps: Maps) -> torch.Tensor:
    return align(maps).movedim(1, -1).flatten(0, 2).double()


def first(category: Category) -> Maps:
    return next(iter(category.source.batches(category.test, 4)))


def test_the_spectrum_of_moments_is_that_of_the_positions(category: Make) -> None:
    one = category()
    found = spectrum_of(one.statistics.moment)
    expected = decompose(torch.cat([positions(maps) for maps in one.source.batches(one.train)]))
    values = expected.values.flip(0)  # 16, from the largest
    torch.testing.assert_close(found.values, values, rtol=1e-4, atol=1e-6)
    rebuilt = found.vectors * found.values @ found.vectors.T
    torch.testing.assert_close(rebuilt, one.statistics.moment, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("time", [0.0, 0.1, 1.0])
def test_the_projection_is_what_the_flow_leaves(category: Make, time: float) -> None:
    one = category()
    spectrum = spectrum_of(one.statistics.moment)
    projection = project_residual(spectrum, time)
    shifted = one.statistics.moment - spectrum.values.min() * torch.eye(16)  # a common factor, which ranks nothing
    left = augment(positions(first(one))) @ torch.linalg.matrix_exp(-2 * time * shifted)
    z = positions(first(one)).float() @ projection.weight.T + projection.bias
    torch.testing.assert_close(z.square().sum(1).double(), left.square().sum(1), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close((z @ projection.last).square().double(), left[:, -1].square(), rtol=1e-3, atol=1e-5)
    norms = torch.tensor([0.5, 4.0])
    literal = (left.square().sum(1) / 3 + norms[:, None] ** 2 * left[:, -1].square()).sqrt()
    distances = projection.distances(first(one), norms)
    assert distances.shape == (2, 4, 8, 8)
    torch.testing.assert_close(distances.flatten(1), literal.float(), rtol=1e-3, atol=1e-5)


def test_an_offset_is_subtracted_first(category: Make) -> None:
    one = category()
    projection = project_residual(spectrum_of(one.statistics.moment), 0.1)
    offset = one.statistics.offset("position")
    centered = Projection(projection.weight, projection.bias, projection.last, offset)
    norms = torch.tensor([1.0])
    expected = projection.distances(next(iter(one.centered("position").batches(one.test, 4))), norms)
    torch.testing.assert_close(centered.distances(first(one), norms), expected)
    double = centered.to(torch.zeros(1, dtype=torch.float64))
    assert {part.dtype for part in (double.weight, double.bias, double.last, *double.offset)} == {torch.float64}


def test_a_score_is_the_distance_of_every_image(category: Make) -> None:
    one = category()
    spectrum = spectrum_of(one.statistics.moment)
    time = choose_time(spectrum)
    scored = score(spectrum, time, [1, 8], one.source, one.test)
    maps = next(iter(one.source.batches(one.test, 10)))
    expected = project_residual(spectrum, time).distances(maps, torch.tensor([1.0, 8.0]))
    np.testing.assert_allclose(scored.distance, expected, rtol=1e-5)
    assert scored.norm.shape == scored.cosine.shape == (2, 10)
    assert np.isnan(scored.norm).all() and np.isnan(scored.cosine).all()
