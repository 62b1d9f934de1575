"""Zero-shot scores against Equations 4 and 5 as they are written."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from oneclass import tidy
from oneclass.clip import scores, stored
from oneclass.clip.prompts import Prompts
from oneclass.clip.stored import Embeddings
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.evaluate import evaluate
from oneclass.features.store import Writer
from oneclass.training.trials import Trial

PROMPTS = Prompts(["a photo of a {label}", "a {label}"], "a photo of something", {})


def equation(images: NDArray, texts: NDArray) -> NDArray[np.float64]:
    """Equation 5 in float64; Equation 4 where there are two texts. The last is "something"."""
    powers = np.exp(images.astype(np.float64) @ texts.T.astype(np.float64) * 100)
    return powers[:, -1] / powers.sum(1)


def unit(array: NDArray) -> NDArray[np.float32]:
    return (array / np.linalg.norm(array, axis=-1, keepdims=True)).astype(np.float32)


def random_unit(seed: int, *shape: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=shape))


@given(st.integers(0, 10_000), st.integers(1, 9), st.floats(0.01, 0.3))
def test_images_are_ranked_as_by_the_equations(seed: int, normal: int, spread: float) -> None:
    """Where these do not saturate: what they tell apart by more than rounding has the same order."""
    centre = random_unit(seed, 8)
    images = unit(centre + spread * random_unit(seed + 1, 30, 8))
    texts = unit(centre + spread * random_unit(seed + 2, normal + 1, 8))
    product = scores.logits(images, texts)
    found = scores.difference(product[:, :-1], product[:, -1])
    literal = equation(images, texts)
    assert found.dtype == np.float32
    clear = (literal > 1e-12) & (literal < 1 - 1e-12)
    expected = np.log(literal[clear]) - np.log1p(-literal[clear])
    np.testing.assert_allclose(found[clear], expected, atol=2e-3)
    order = np.argsort(expected)
    apart = np.diff(expected[order]) > 4e-3
    assert (np.diff(found[clear][order])[apart] > 0).all()


@given(arrays.arrays(np.float32, (5, 3), elements=st.floats(-100, 100, width=32)))
def test_differences_are_finite_and_rise_with_something(product: NDArray[np.float32]) -> None:
    normal, something = product[:, :-1], product[:, -1]
    found = scores.difference(normal, something)
    assert np.isfinite(found).all()
    assert (scores.difference(normal, something + 1) > found).all()


def test_far_from_tied_the_difference_still_tells_images_apart() -> None:
    """There the probability is exactly 1 in 32 bits, and in 16 bits so is much more."""
    normal, something = np.array([[0.0], [0.0]], np.float32), np.array([40.0, 41.0], np.float32)
    probability = np.exp(something) / (np.exp(something) + np.exp(normal[:, 0]))
    assert probability[0] == probability[1] == 1
    assert np.diff(scores.difference(normal, something)) == 1


def test_half_precision_is_the_equation_rounded_and_ties() -> None:
    images, texts = random_unit(0, 200, 16), random_unit(1, 3, 16)
    found = scores.half_probability(images, texts)
    assert (found == found.astype(np.float16)).all()
    np.testing.assert_allclose(found, equation(images, texts), atol=0.02)
    assert len(np.unique(found)) < len(images)


def toy(task: str) -> tuple[Index, dict[str, Embeddings]]:
    """Images that point where the prompt of their class does; those of the control at random."""
    classes = ["cat", "dog", "owl"]
    table = pd.DataFrame({"id": [f"i{k}" for k in range(24)], "class_name": [classes[k % 3] for k in range(24)]})
    table["split"] = np.where(np.arange(24) < 9, "train", "test")
    table["label"] = (np.arange(24) >= 18).astype(int) if task == "defect" else 0
    texts = PROMPTS.texts(classes)
    directions = random_unit(3, len(texts), 16)
    near = unit(directions[np.arange(24) % 3] + 0.1 * random_unit(4, 24, 16))
    of = dict(zip(texts, directions, strict=True))
    return Index(table, "toy", Path("nowhere"), "abc"), {
        "0": Embeddings(near, of),
        "1": Embeddings(near, of),
        "shuffled": Embeddings(random_unit(5, 24, 16), of),
    }


@pytest.mark.parametrize("task", ["one_vs_rest", "leave_one_out", "defect"])
def test_a_row_for_every_test_image_and_variant(task: str) -> None:
    index, stores = toy(task)
    table = index.table
    frame = scores.run(index, task, ["cat", "owl"], stores, PROMPTS)
    tested = 5 if task == "defect" else 15
    counts = frame.groupby(["method", "prompt", "repetition"]).size() / 2
    first, second = PROMPTS.templates
    assert (counts == tested).all()
    assert set(counts.index) == {
        *((method, first, repetition) for method in ("clip", "clip_float16") for repetition in (0, 1)),
        *(("clip", second, repetition) for repetition in (0, 1)),
        ("clip_shuffled", first, 0),
    }
    row = frame[(frame["class"] == "owl") & (frame["method"] == "clip") & (frame["prompt"] == second)].iloc[-1]
    position = int(row["id"][1:])
    prompts = ["a cat", "a dog"] if task == "leave_one_out" else ["a owl"]
    texts = stores["1"].texts_of([*prompts, "a photo of something"])
    literal = equation(stores["1"].images[position : position + 1], texts)[0]
    assert row["score"] == pytest.approx(np.log(literal) - np.log1p(-literal), abs=1e-3)
    label = (
        table["label"][position]
        if task == "defect"
        else (table["class_name"][position] == "owl") != (task != "leave_one_out")
    )
    assert row["label"] == label


def test_what_is_reported_has_the_columns_of_fine_tuning(tmp_path: Path) -> None:
    index, stores = toy("one_vs_rest")
    frame = scores.run(index, "one_vs_rest", ["cat", "dog", "owl"], stores, PROMPTS)
    own = {"prompt", "network", "task", "id", "label", "score"}
    tuned = set(Trial("cat", 0, "bce_cl").columns())
    assert set(frame.columns) - own == tuned - {"outlier_class_count"}, "which does not apply"
    tidy.write(frame.assign(dataset="toy", backbone="tiny"), "scores", tmp_path / "scores.parquet")
    summary, metrics = evaluate(tidy.read([tmp_path / "scores.parquet"], "scores"), 20, 0)
    tables, prompts = scores.parts(summary, PROMPTS.templates[0])
    assert set(tables["method"]) == {"clip", "clip_float16", "clip_shuffled"}
    assert "prompt" not in tables and not tables.duplicated(["class", "method"]).any()
    assert set(prompts["prompt"]) == set(PROMPTS.templates) and set(prompts["method"]) == {"clip"}
    found = tables[tables["class"] == "mean"].set_index("method")["mean"]
    assert found["clip"] == 100 > found["clip_shuffled"]
    assert len(scores.parts(metrics, PROMPTS.templates[0])[0]) == 3 * 5


def test_embeddings_with_their_texts(tmp_path: Path) -> None:
    index, stores = toy("one_vs_rest")
    images, texts = stores["0"].images, stores["0"].texts

    def write(path: Path, add: Callable[[h5py.File], None]) -> Path:
        with h5py.File(path, "w") as file:
            Writer(file, index.ids().tolist(), {"index_hash": "abc"}).add(images, {})
            add(file)
        return path

    whole = write(tmp_path / "0.h5", lambda file: stored.add_texts(file, list(texts), np.stack([*texts.values()])))
    read = stored.read(whole, index)
    assert (read.images == images).all()
    assert (read.texts_of(["a owl", "a cat"]) == np.stack([texts["a owl"], texts["a cat"]])).all()
    with pytest.raises(UserError, match="holds no texts; delete it"):
        stored.read(write(tmp_path / "1.h5", lambda file: None), index)
