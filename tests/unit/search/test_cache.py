"""What is known is read from every search's files, and written to one's own."""

from pathlib import Path

import pytest

from oneclass.errors import UserError
from oneclass.search.history import FitnessCache


def test_all_read_what_any_has_written(tmp_path: Path) -> None:
    best, worst = (FitnessCache(tmp_path / "data", writer) for writer in ("best", "worst"))
    assert best.aurocs() == {} and best.population(0) is None
    best.write(0, ["a", "b"], {("a", 0): 0.1 + 0.2, ("b", 1): 50.0})
    worst.write(0, ["c"], {("c", 0): 1 / 3})
    assert best.aurocs() == worst.aurocs() == {("a", 0): 0.1 + 0.2, ("b", 1): 50.0, ("c", 0): 1 / 3}
    assert best.population(0) == ["a", "b"] and worst.population(0) == ["c"] and best.population(1) is None


def test_a_generation_is_written_anew_as_more_is_known(tmp_path: Path) -> None:
    cache = FitnessCache(tmp_path, "best")
    cache.write(0, ["a"], {})
    cache.write(0, ["a"], {("a", 0): 1.0})
    assert cache.aurocs() == {("a", 0): 1.0}
    assert [path.name for path in tmp_path.rglob("*.*")] == ["00000.json"]


def test_what_a_killed_search_left_half_written_is_not_read(tmp_path: Path) -> None:
    cache = FitnessCache(tmp_path, "best")
    cache.write(0, ["a"], {("a", 0): 1.0})
    (tmp_path / "best" / ".partial-12345678-00001.json").write_text('{"outl')
    assert cache.aurocs() == {("a", 0): 1.0} and cache.population(1) is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    cache = FitnessCache(tmp_path, "best")
    cache.write(0, ["a"], {})
    (tmp_path / "best" / "00000.json").write_text("")
    with pytest.raises(UserError, match=r"00000.json: damaged .* delete it and run again"):
        cache.aurocs()
