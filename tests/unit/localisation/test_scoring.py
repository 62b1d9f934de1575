"""Distances against their literal form."""

from collections.abc import Callable

import pytest
import torch

from oneclass.localisation import scoring
from oneclass.localisation.category import Category
from oneclass.localisation.maps import align
from oneclass.objective.projector import Projectors


def test_distances_are_those_of_the_aligned_features(category: Callable[..., Category]) -> None:
    one = category()
    generator = torch.Generator().manual_seed(0)
    projectors = Projectors(*(torch.randn(2, *shape, generator=generator) for shape in ((15, 15), (15,), (15,))))
    scored = scoring.score(projectors, one.source, one.test)
    features = align(next(iter(one.source.batches(one.test, 10))))
    z = torch.einsum("ed,bdhw->behw", projectors.weight[1], features) + projectors.bias[1][:, None, None]
    distance = (z - projectors.center[1][:, None, None]).norm(dim=1)
    torch.testing.assert_close(torch.from_numpy(scored.distance[1]), distance, rtol=1e-4, atol=1e-4)
    place = divmod(int(distance[7].argmax()), 8)
    farthest = z[7, :, place[0], place[1]]
    assert scored.norm[1, 7] == pytest.approx(float(farthest.norm()), rel=1e-4)
    cosine = torch.cosine_similarity(farthest, projectors.center[1], dim=0)
    assert scored.cosine[1, 7] == pytest.approx(float(cosine), abs=1e-4)
