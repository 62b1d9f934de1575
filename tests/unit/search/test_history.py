"""A search ends the same however often it is stopped and whatever is known before."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass.search.history import FitnessCache, Search
from oneclass.seeds import derive

IDS = np.array([f"image{row:02d}" for row in range(30)])


class StoppedError(Exception):
    pass


class Fake:
    """AUROCs by name, which count how often they are asked for; one that is not given stops the search."""

    def __init__(self, trainings: float = float("inf"), kill: bool = False) -> None:
        self.asked: Counter[tuple[int, int]] = Counter()
        self._left, self._kill = trainings, kill

    def measure(self, wanted: Sequence[tuple[int, int]]) -> Iterator[float]:
        for key in wanted:
            if not self._left:
                if self._kill:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise StoppedError
            self._left -= 1
            self.asked[key] += 1
            yield derive(1, *key) % 10_000 / 100


class Drift:
    """Proposals that depend on the fitness before: the best row's neighbours and repeats of it."""

    generations = 4

    def propose(self, generation: int, before: Sequence[tuple[int, float]]) -> list[int]:
        if generation == 0:
            return [3, 11, 20, 28]
        best = max(before, key=lambda one: one[1])[0]
        return [best, (best + generation) % 30, best, (best + 7) % 30]


def search(folder: Path, fitness: Fake, writer: str = "best") -> pd.DataFrame:
    return Search(Drift(), fitness, IDS, 2, FitnessCache(folder, writer)).run()


def test_a_row_for_each_outlier_of_each_generation(tmp_path: Path) -> None:
    fitness = Fake()
    history = search(tmp_path, fitness)
    assert history.columns.tolist() == ["generation", "individual", "outlier", "fitness", "trained"]
    assert history["generation"].tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    assert history["individual"].tolist() == [0, 1, 2, 3] * 4
    for outlier, value in zip(history["outlier"], history["fitness"], strict=True):
        row = IDS.tolist().index(outlier)
        assert value == pytest.approx(sum(derive(1, row, k) % 10_000 / 100 for k in (0, 1)) / 2)
    first = history.groupby("outlier").head(1).index
    assert history.index[history["trained"]].tolist() == first.tolist() and not history["trained"].all()
    assert set(fitness.asked.values()) == {1} and len(fitness.asked) == 2 * history["trained"].sum()


class Draw:
    """Other rows in each generation."""

    generations = 4

    def propose(self, generation: int, _: Sequence[tuple[int, float]]) -> list[int]:
        return list(range(5 * generation, 5 * generation + 5))


@pytest.mark.filterwarnings("error")
def test_progress_never_comes_to_more_than_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Search(Draw(), Fake(), IDS, 2, FitnessCache(tmp_path, "best")).run()
    assert "generation 4 of 4:  100%" in capsys.readouterr().err


def test_stopped_after_every_training_it_ends_the_same(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole", Fake())
    trainings, stops = 2 * int(whole["trained"].sum()), 0
    asked: Counter[tuple[int, int]] = Counter()
    while True:
        fitness = Fake(1)
        try:
            history = search(tmp_path / "stopped", fitness)
            break
        except StoppedError:
            stops += 1
        finally:
            asked += fitness.asked
    pd.testing.assert_frame_equal(history, whole, check_exact=True)
    assert stops == trainings - 1 and set(asked.values()) == {1}, "each is trained in one of the runs"


def test_killed_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    search(tmp_path / "whole", Fake()).to_parquet(tmp_path / "whole.parquet")
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); "
        "import test_history as t; t.search(Path(sys.argv[2]), t.Fake(13, kill=True))"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "killed")]
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL
    fitness = Fake()
    search(tmp_path / "killed", fitness).to_parquet(tmp_path / "killed.parquet")
    assert (tmp_path / "killed.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert len(fitness.asked) == 2 * pd.read_parquet(tmp_path / "whole.parquet")["trained"].sum() - 13


def test_what_another_search_knows_is_not_trained_and_changes_nothing(tmp_path: Path) -> None:
    alone = search(tmp_path / "alone", Fake())
    search(tmp_path / "both", Fake(), "worst")
    fitness = Fake(0)
    pd.testing.assert_frame_equal(search(tmp_path / "both", fitness), alone, check_exact=True)
