"""The closed form on maps is that of their aligned features, position by position."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from oneclass.localisation import closed_form
from oneclass.localisation.category import Category
from oneclass.localisation.maps import align
from oneclass.localisation.moments import Centring
from oneclass.localisation.results import Result
from oneclass.objective import closed_form as pooled

Make = Callable[..., Category]
Empty = Callable[[], Result]


def positions(one: Category, centring: Centring, rows: np.ndarray) -> torch.Tensor:
    maps = next(iter(one.centred(centring).batches(rows, len(rows))))
    return align(maps).movedim(1, -1).flatten(0, 2)


@pytest.mark.parametrize("centring", ["none", "channel", "position"])
def test_distances_are_those_of_the_positions_as_vectors(category: Make, empty: Empty, centring: Centring) -> None:
    one = category()
    spectrum = pooled.decompose(positions(one, centring, one.train))
    time = pooled.choose_time(spectrum)
    left = pooled.residual(spectrum, positions(one, centring, one.test), torch.tensor([time], dtype=torch.float64))
    found = empty()
    closed_form.run([one], {centring: [1, 8]}, found)
    assert float(found.models[f"tile.{centring}.time"]) == pytest.approx(time, rel=1e-4)
    for described, distance in found.maps["tile"]:
        expected = left.scores(described["norm"])[0].view(10, 8, 8)
        np.testing.assert_allclose(distance, expected, rtol=1e-3, atol=1e-4)


def test_position_centring_leaves_the_norm_without_effect(category: Make, empty: Empty) -> None:
    """Docs: the constant's direction is then one of the eigenvectors, the same for every position."""
    one = category()
    found = empty()
    closed_form.run([one], {"position": [1, 8, 32]}, found)
    orders = [np.argsort(distance, axis=None) for _, distance in found.maps["tile"]]
    ranks = [np.argsort(order) for order in orders]
    assert np.corrcoef(ranks[0], ranks[1])[0, 1] > 0.999


def test_the_defect_is_found(category: Make, empty: Empty) -> None:
    one = category()
    found = empty()
    closed_form.run([one], {"none": [1]}, found)
    scores = found.scores[0]
    assert scores.loc[scores["label"] == 1, "score"].min() > scores.loc[scores["label"] == 0, "score"].max()
