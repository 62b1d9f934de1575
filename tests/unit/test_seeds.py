"""Seeds are derived from names, the same everywhere."""

from hypothesis import given
from hypothesis import strategies as st

from oneclass.seeds import derive

names = st.lists(st.text("ab1 é", max_size=5), max_size=4)


def test_the_value_never_changes() -> None:
    """Published results hang on it: SHA-256 of the names, on every machine and Python version."""
    assert derive(1024, "elpv", "mono", "minibatch", 0) == 8896399201352164146


@given(st.integers(), names)
def test_a_seed_fits_every_generator(seed: int, parts: list[str]) -> None:
    assert 0 <= derive(seed, *parts) < 2**63
    assert derive(seed, *parts) == derive(seed, *parts)


@given(st.integers(), names, st.integers(), names)
def test_any_difference_gives_another_seed(seed: int, parts: list[str], other: int, others: list[str]) -> None:
    assert (derive(seed, *parts) == derive(other, *others)) == ((seed, parts) == (other, others))


def test_names_do_not_run_together() -> None:
    assert derive(1, "ab", "c") != derive(1, "a", "bc") != derive(1, "abc")


def test_order_counts() -> None:
    assert derive(1, "a", "b") != derive(1, "b", "a")
