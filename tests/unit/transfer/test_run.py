"""All methods on a small data set: a row for each score, the same whatever runs beside it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from oneclass.data.index import Index
from oneclass.evaluate import evaluate
from oneclass.neighbours import score_vectors
from oneclass.training.finished import Finished
from oneclass.transfer import mean_shifted, panda, tuning
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.run import Methods, run
from oneclass.transfer.tuning import Descent

BRIEF = Descent(2, 3, 0.1, 0.9, 0, 1e-2)


def methods(parts: Split, pixels: Tensor, memory_mb: int = 100, pool: bool = True) -> Methods:
    shown = Images(pixels, 32, parts.front, memory_mb, "cpu")
    other = Images(pixels // 8, 32, parts.front, 100, "cpu") if pool else None
    settings = panda.Settings(BRIEF, 2, 2, 1e4, 3)
    return Methods("toy", parts, shown, other, settings, mean_shifted.Settings(BRIEF, 0.25), 1)


@pytest.fixture(scope="module")
def index(class_index: Callable[[str, list[str], int], Index]) -> Index:
    return class_index("", ["cat", "dog"], 12)


@pytest.fixture(scope="module")
def frame(parts: Split, pixels: Tensor, index: Index, nothing_finished: Callable[[], Finished]) -> pd.DataFrame:
    return run(methods(parts, pixels), index, "one_vs_rest", ["cat", "dog"], 2, nothing_finished(), 2)


def test_a_row_for_each_score(frame: pd.DataFrame) -> None:
    counts = frame.groupby(["method", "outlier_count"], observed=True)["repetition"].nunique()
    assert counts.to_dict() == {
        ("knn", 0): 1,
        ("knn_cosine", 0): 1,
        ("mean_shifted", 0): 2,
        ("panda", 0): 2,
        ("panda_ewc", 0): 2,
        ("panda_oe", np.inf): 2,
    }
    assert len(frame) == (2 + 4 * 2) * 2 * 4 and set(frame["network"]) == {"finetuned"}
    summary, _ = evaluate(frame.assign(dataset="toy", backbone="b"), 20, 1)
    assert len(summary) == 6 * 3


def test_repetitions_differ(frame: pd.DataFrame) -> None:
    scores = frame.set_index(["method", "repetition", "class", "id"])["score"].sort_index()
    for method in ("panda", "panda_ewc", "panda_oe", "mean_shifted"):
        assert not np.array_equal(scores[method, 0], scores[method, 1])


def test_knn_is_that_of_the_frozen_features(
    frame: pd.DataFrame, network: nn.Module, parts: Split, pixels: Tensor
) -> None:
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (parts.front.mean, parts.front.std))
    with torch.no_grad():
        x = (pixels[:, :, 4:36, 4:36] / 255 - mean) / std
        z = network.forward_head(network.forward_features(x), pre_logits=True).numpy()
    cat = frame[(frame["method"] == "knn") & (frame["class"] == "cat")]
    np.testing.assert_allclose(cat["score"], score_vectors(z[[0, 4, 6, 10]], z[[2, 5, 8, 11]]), rtol=1e-3)


def test_the_same_alone_without_memory_or_pool(
    frame: pd.DataFrame, parts: Split, pixels: Tensor, index: Index, nothing_finished: Callable[[], Finished]
) -> None:
    alone = run(methods(parts, pixels, 0, False), index, "one_vs_rest", ["dog"], 1, nothing_finished(), 1)
    expected = frame[(frame["class"] == "dog") & (frame["repetition"] == 0) & (frame["method"] != "panda_oe")]
    texts = dict.fromkeys(frame.columns[frame.dtypes == "category"], str)
    both = alone.astype(texts), expected.reset_index(drop=True).astype(texts)
    pd.testing.assert_frame_equal(*both, rtol=1e-3, check_dtype=False)


@pytest.mark.parametrize("memory_mb", [0, 100])
@pytest.mark.parametrize("after", [1, 4, 13])
def test_a_job_that_was_stopped_goes_on_and_ends_the_same(
    after: int,
    memory_mb: int,
    frame: pd.DataFrame,
    parts: Split,
    pixels: Tensor,
    index: Index,
    nothing_finished: Callable[[], Finished],
    stop: Any,
) -> None:
    """Of its 16 trainings ``after`` are done, then it is stopped; each has an optimiser."""

    def go(finished: Finished, threads: int) -> pd.DataFrame:
        return run(methods(parts, pixels, memory_mb), index, "one_vs_rest", ["cat", "dog"], 2, finished, threads)

    whole, finished = frame if memory_mb else go(nothing_finished(), 2), nothing_finished()
    stop(tuning, "Momentum", after)
    with pytest.raises(KeyboardInterrupt):
        go(finished, 1)
    trained, informed = stop(tuning, "Momentum"), stop(panda, "fisher")
    pd.testing.assert_frame_equal(go(finished, 3), whole, check_exact=True)
    assert len(trained) == 16 - after
    assert len(informed) == (1 if after == 13 else 2), "nobody needs that of a class whose networks are finished"
