"""From scores to AUROC averaged over repetitions and classes, with intervals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass import tidy
from oneclass.errors import UserError
from oneclass.evaluate import evaluate, summarise
from oneclass.metrics import auroc, bootstrap_auroc
from oneclass.seeds import derive

VARIANT = {"backbone": "b", "projector": "conv1x1", "center": "gaussian"}


def scores(classes: tuple[str, ...] = ("cat", "dog"), repetitions: int = 3) -> pd.DataFrame:
    """Two variants of paper 1's method, repeated, and a comparator, which is not."""
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], [25, 15]).astype(np.int8)
    rows = []
    for name in classes:
        ours = [{"method": "projector", **VARIANT, "center_norm": norm} for norm in (1.0, 8.0)]
        runs = [(variant, repetition) for variant in ours for repetition in range(repetitions)]
        runs.append(({"method": "knn", "backbone": "b", "projector": None, "center": None, "center_norm": np.nan}, 0))
        for variant, repetition in runs:
            image = {"id": [f"{name}{i:02d}" for i in range(40)], "label": label}
            value = (rng.normal(size=40) + label).astype(np.float32)
            described = {"dataset": "pets", "class": name, **variant, "repetition": repetition}
            rows.append(pd.DataFrame({**described, **image, "score": value}))
    return pd.concat(rows, ignore_index=True)


def pick(frame: pd.DataFrame, name: str, method: str, norm: float | None = None) -> pd.Series:
    rows = frame[(frame["class"] == name) & (frame["method"] == method)]
    rows = rows if norm is None else rows[rows["center_norm"] == norm]
    assert len(rows) == 1
    return rows.iloc[0]


def matrix(table: pd.DataFrame, name: str, norm: float) -> tuple[np.ndarray, np.ndarray]:
    rows = table[(table["class"] == name) & (table["center_norm"] == norm)]
    wide = rows.pivot(index="repetition", columns="id", values="score")
    return rows.drop_duplicates("id").sort_values("id")["label"].to_numpy(), wide.to_numpy()


def test_summary_is_the_literal_one() -> None:
    table = scores()
    summary, metrics = evaluate(table, 200, 7)
    draws, values = {}, {}
    for name in ("cat", "dog"):
        labels, runs = matrix(table, name, 8.0)
        values[name] = 100 * auroc(labels, runs)
        draws[name] = 100 * bootstrap_auroc(labels, runs, 200, derive(7, "bootstrap", "pets", name)).mean(axis=0)
    values["mean"] = (values["cat"] + values["dog"]) / 2
    draws["mean"] = (draws["cat"] + draws["dog"]) / 2
    for name in values:
        row = pick(summary, name, "projector", 8.0)
        assert row["metric"] == "image_auroc" and row["repetitions"] == 3
        assert row["mean"] == pytest.approx(values[name].mean())
        assert row["std"] == pytest.approx(values[name].std(ddof=1))
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(np.percentile(draws[name], [2.5, 97.5]))
    assert len(metrics) == 2 * 7 and len(summary) == 3 * 3


def test_a_single_run_has_no_deviation_but_an_interval() -> None:
    row = pick(evaluate(scores(), 100, 7)[0], "mean", "knn")
    assert np.isnan(row["std"]) and row["repetitions"] == 1 and row["ci_low"] < row["mean"] < row["ci_high"]


def test_order_and_grouping_change_nothing() -> None:
    table = scores()
    whole, _ = evaluate(table, 50, 7)
    shuffled, _ = evaluate(table.sample(frac=1, random_state=0), 50, 7)
    only, _ = evaluate(table[(table["class"] == "dog") & (table["center_norm"] == 8.0)], 50, 7)
    numbers = ["mean", "std", "ci_low", "ci_high"]
    assert pick(whole, "dog", "projector", 8.0)[numbers].equals(pick(only, "dog", "projector", 8.0)[numbers])
    for name in ("dog", "mean"):
        expected, found = (pick(frame, name, "projector", 1.0)[numbers].astype(float) for frame in (whole, shuffled))
        assert found.to_numpy() == pytest.approx(expected.to_numpy())


def test_further_variant_columns_are_kept_apart() -> None:
    table = scores().assign(filter="none")
    twice = pd.concat([table, table.assign(filter="lpf4", score=-table["score"])], ignore_index=True)
    summary, _ = evaluate(twice, 20, 7)
    none, low = (
        pick(summary[summary["filter"] == name], "mean", "projector", 1.0)["mean"] for name in ("none", "lpf4")
    )
    assert none + low == pytest.approx(100)


def test_columns_that_apply_to_no_row_tell_nothing_apart() -> None:
    """Nor do those of an image: the norm of what it is projected to, and its cosine."""
    table = scores()
    image = {name: np.random.default_rng(1).random(len(table)) for name in ("z_norm", "z_cosine")}
    more = table.assign(filter=None, magnitude=np.nan, **image)
    for found, expected in zip(evaluate(more, 20, 7), evaluate(table, 20, 7), strict=True):
        pd.testing.assert_frame_equal(found, expected)


def test_a_table_from_a_file_gives_the_same(tmp_path: Path) -> None:
    """There text is categorical, and what does not apply to a row is null."""
    table = scores()
    tidy.write(table, "scores", tmp_path / "scores")
    stored = tidy.read([tmp_path / "scores"], "scores")
    for found, expected in zip(evaluate(stored, 50, 7), evaluate(table, 50, 7), strict=True):
        null = {"projector": "", "center": ""}
        frames = (frame[expected.columns].fillna(null) for frame in (found, expected))
        pd.testing.assert_frame_equal(*frames, check_dtype=False)


def test_data_sets_are_averaged_apart_and_the_average_follows_its_classes() -> None:
    table = pd.concat([scores(), scores(("a",)).assign(dataset="letters")])
    summary, _ = evaluate(table, 20, 7)
    assert list(dict.fromkeys(zip(summary["dataset"], summary["class"], strict=True))) == [
        ("pets", "cat"),
        ("pets", "dog"),
        ("pets", "mean"),
        ("letters", "a"),
        ("letters", "mean"),
    ]


@pytest.mark.parametrize("what", ["missing", "twice", "labels", "nan"])
def test_runs_that_do_not_compare_are_refused(what: str) -> None:
    table = scores()
    if what == "missing":
        table = table.drop(index=3)
    elif what == "twice":
        table = pd.concat([table, table.iloc[:1]])
    elif what == "labels":
        table.loc[0, "label"] = 1
    else:
        table.loc[0, "score"] = np.nan
    with pytest.raises(ValueError, match="scores of pets, class cat: "):
        evaluate(table, 10, 7)


def measured(values: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [
        {"dataset": "d", "class": c, "method": "m", "repetition": n, "metric": "cosine", "value": v}
        for (c, n), v in values.items()
    ]
    return pd.DataFrame(rows)


def test_summarise_by_hand() -> None:
    summary = summarise(measured({("a", 0): 1.0, ("a", 1): 3.0, ("b", 0): 5.0, ("b", 1): 5.0}))
    assert list(summary.columns) == ["dataset", "class", "method", "metric", "mean", "std", "repetitions"]
    assert summary["class"].tolist() == ["a", "b", "mean"]
    assert summary["mean"].tolist() == [2, 5, 3.5]
    assert summary["std"].tolist() == pytest.approx([2**0.5, 0, 0.5**0.5])
    assert summary["repetitions"].tolist() == [2, 2, 2]


def test_summarise_refuses_what_would_not_average() -> None:
    with pytest.raises(ValueError, match="lacks a class"):
        summarise(measured({("a", 0): 1.0, ("b", 0): 1.0, ("b", 1): 2.0}))
    with pytest.raises(ValueError, match="twice"):
        summarise(pd.concat([measured({("a", 0): 1.0})] * 2))
    with pytest.raises(UserError, match="must not be called 'mean'"):
        summarise(measured({("mean", 0): 1.0}))
