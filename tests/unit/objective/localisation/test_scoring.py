"""Distances against their literal form, and what is recorded of them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.localisation.scoring import Scored
from oneclass.objective.localisation.smoothing import image_scores
from oneclass.objective.projector import Projectors
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import Variant


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


@pytest.mark.parametrize(("masked", "kept"), [(True, [1, 8]), (False, [1])])
def test_maps_are_kept_where_there_are_masks_and_else_for_figures(
    category: Callable[..., Category], masked: bool, kept: list[float]
) -> None:
    one, random = category(masked=masked), np.random.default_rng(0)
    shapes = ((2, 10, 8, 8), (2, 10), (2, 10))
    scored = Scored(*(random.random(shape).astype(np.float32) for shape in shapes))
    variants, result = [Variant("gaussian", norm, 0) for norm in (1, 8)], Result("B", keeper(1))
    scoring.record(result, one, "projector", variants, scored, 2.0, centering="channel")
    assert [described["center_norm"] for described, _ in result.maps["tile"]] == kept
    assert result.ids["tile"].tolist() == one.ids.tolist()
    for k, frame in enumerate(result.scores):
        assert set(frame["centering"]) == {"channel"} and set(frame["center_norm"]) == {variants[k].center_norm}
        assert frame["score"].tolist() == image_scores(scored.distance[k], 32, 2.0).tolist()
        assert frame["z_norm"].tolist() == scored.norm[k].tolist()
        assert frame["z_cosine"].tolist() == scored.cosine[k].tolist()
        assert frame["label"].tolist() == [0] * 6 + [1] * 4
