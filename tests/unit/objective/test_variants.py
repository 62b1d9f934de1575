"""What varies within a class, and what of it trains together."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneclass.objective.variants import CenterKind, Variant, grid, stacks


@pytest.mark.parametrize(
    ("norms", "centers", "repetitions"),
    [
        ([1.0, 8.0, 32.0], ["gaussian", "uniform", "ones", "mean_feature"], 3),
        ([1.0], ["gaussian"], 2),
        ([1.0, 2.0], ["ones", "gaussian"], 1),
    ],
)
def test_grid(norms: list[float], centers: list[CenterKind], repetitions: int) -> None:
    variants = grid(norms, 1, centers, repetitions)
    assert len(variants) == len(set(variants)) == repetitions * (len(norms) + len(centers) - 1)
    for n in range(repetitions):
        assert {v.center_norm for v in variants if v.center == "gaussian" and v.repetition == n} == set(norms)
        assert {v.center for v in variants if v.center_norm == 1 and v.repetition == n} == set(centers)
    assert {v.center_norm for v in variants if v.center != "gaussian"} <= {1}


def test_the_other_distributions_stand_at_the_default_norm() -> None:
    assert [v for v in grid([1, 8], 8, ["gaussian", "ones"], 1) if v.center == "ones"] == [Variant("ones", 8, 0)]


def test_the_unscaled_mean_feature_has_no_norm_of_its_own_choice() -> None:
    variants = grid([1, 8], 8, ["gaussian", "mean_feature", "mean_feature_unscaled"], 1)
    assert variants[2:] == [Variant("mean_feature", 8, 0), Variant("mean_feature_unscaled", None, 0)]


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.sampled_from([5, 6, 7]), min_size=1, max_size=6),
    size=st.sampled_from([32, 100, 160, 300]),
    norms=st.integers(1, 6),
    repetitions=st.integers(1, 3),
    memory_mb=st.integers(1, 5),
)
def test_stacks_cover_everything_once_within_the_memory(
    counts: list[int], size: int, norms: int, repetitions: int, memory_mb: int
) -> None:
    images = {str(k): count for k, count in enumerate(counts)}
    variants = grid([float(k + 1) for k in range(norms)], 1, ["gaussian", "ones"], repetitions)
    seen: Counter[tuple[object, ...]] = Counter()
    for runs, pairs in stacks(images, size, variants, memory_mb):
        seen.update((name, n, *pair) for name, n in runs for pair in pairs)
        assert len({images[name] for name, _ in runs}) == 1
        together = len(runs) * len(pairs)
        weights_mb = together * size * (size + 1) * 4 / 2**20
        assert together == 1 or 4 * weights_mb <= memory_mb  # weights, gradient and Adam's two moments
    assert seen == Counter((name, v.repetition, v.center, v.center_norm) for name in images for v in variants)
