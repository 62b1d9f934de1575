import pytest

from oneclass.objective.variants import CenterKind, Variant, grid


@pytest.mark.parametrize(
    ("norms", "centers", "seeds"),
    [
        ([1.0, 8.0, 32.0], ["normal", "uniform", "ones", "features"], 3),
        ([1.0], ["normal"], 2),
        ([1.0, 2.0], ["ones", "normal"], 1),
    ],
)
def test_grid(norms: list[float], centers: list[CenterKind], seeds: int) -> None:
    variants = grid(norms, 1, centers, seeds)
    assert len(variants) == len(set(variants)) == seeds * (len(norms) + len(centers) - 1)
    for seed in range(seeds):
        assert {v.norm for v in variants if v.center == "normal" and v.seed == seed} == set(norms)
        assert {v.center for v in variants if v.norm == 1 and v.seed == seed} == set(centers)
    assert {v.norm for v in variants if v.center != "normal"} <= {1}


def test_the_other_distributions_stand_at_the_reference_norm() -> None:
    assert [v for v in grid([1, 8], 8, ["normal", "ones"], 1) if v.center == "ones"] == [Variant("ones", 8, 0)]
