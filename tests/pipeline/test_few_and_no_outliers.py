"""What the smallest configuration measures with one outlier and with none: a search, a miniature CLIP, fine-tuning."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

SEARCHES = "results/search/digits/photos/lenet/none/hsc"
SCORED = {
    "clip/digits/mini_clip/zero_shot": "clip/digits/mini_clip/zero_shot",
    "clip/digits/mini_clip/fine_tuned/0": "clip/digits/mini_clip/fine_tuned",
    "transfer/elpv/efficientnet_lite0": "transfer/elpv/efficientnet_lite0",
}


def table(finished: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(finished / f"results/tables/{name}.csv", keep_default_na=False, na_values={"mean": ""})


def history(finished: Path, direction: str) -> pd.DataFrame:
    return pd.read_parquet(finished / SEARCHES / f"3_{direction}.parquet")


@pytest.mark.parametrize("scored", SCORED)
def test_auroc_is_scikit_learns_on_the_scores(finished: Path, scored: str) -> None:
    scores = pd.read_parquet(finished / f"results/scores/{scored}.parquet")
    metrics = pd.read_parquet(finished / f"results/metrics/{SCORED[scored]}.parquet").query("`class` != 'mean'")
    if scores["prompt"].notna().any():
        scores = scores[scores["prompt"] == "a photo of a {label}"]
    runs = scores.groupby(["class", "method", "repetition"], observed=True)
    found = pd.Series({key: 100 * roc_auc_score(part["label"], part["score"]) for key, part in runs})
    expected = found.groupby(level=[0, 1]).mean()
    assert len(metrics) == len(expected) > 0
    np.testing.assert_allclose(metrics.set_index(["class", "method"])["mean"].sort_index(), expected, atol=1e-4)


def test_a_search_tries_each_outlier_once_and_ends_with_its_best(finished: Path) -> None:
    best, worst, random = (history(finished, direction) for direction in ("best", "worst", "random"))
    assert len(best) == len(worst) == 8 and len(random) == 6
    assert random["outlier"].is_unique
    for found in (best, worst):
        assert (found["trained"] == ~found["outlier"].duplicated()).all()
        assert (found.groupby("outlier")["fitness"].nunique() == 1).all()
    rows = table(finished, "exposure_table3").query("dataset == 'digits' and `class` == 'mean'").set_index("outlier")
    assert rows.loc["best", "mean"] == pytest.approx(best["fitness"].max(), abs=1e-4)
    assert rows.loc["worst", "mean"] == pytest.approx(worst["fitness"].min(), abs=1e-4)


def test_all_searches_know_the_same_fitness_of_an_outlier(finished: Path) -> None:
    together = pd.concat([history(finished, direction) for direction in ("best", "worst", "random")])
    assert (together.groupby("outlier")["fitness"].nunique() == 1).all()


def test_the_fitness_is_an_auroc_of_networks_that_learnt(finished: Path) -> None:
    fitness = history(finished, "random")["fitness"]
    assert fitness.between(0, 100).all() and fitness.nunique() > 1


def test_text_tells_a_zero_from_a_three(finished: Path) -> None:
    rows = (
        table(finished, "exposure_table2")
        .query("dataset == 'digits' and `class` == 'mean'")
        .set_index("method")["mean"]
    )
    assert rows["mini_clip"] > 65
    assert rows["mini_clip_float16"] == pytest.approx(rows["mini_clip"], abs=5)
    assert rows["mini_bce_cl"] > 55


def test_every_prompt_was_scored(finished: Path) -> None:
    prompts = pd.read_parquet(finished / "results/metrics/clip/digits/mini_clip/prompts.parquet")
    assert set(prompts["prompt"]) == {"a photo of a {label}", "the digit {label}"}


def test_fine_tuned_backbones_begin_as_nearest_neighbours(finished: Path) -> None:
    """Two steps move little: no method is far from kNN on the frozen features, the same in paper 1's table."""
    rows = pd.read_parquet(finished / "results/metrics/transfer/elpv/efficientnet_lite0.parquet")
    means = rows.query("`class` == 'mono'").set_index("method")["mean"]
    assert set(means.index) == {"knn", "knn_cosine", "panda", "panda_ewc", "mean_shifted"}
    assert (means.drop("knn_cosine") - means["knn"]).abs().max() < 3
    shown = table(finished, "objective_table1").query("dataset == 'elpv' and `class` == 'mono'").set_index("method")
    assert shown.loc["panda", "mean"] == pytest.approx(means["panda"], abs=1e-4)
    assert shown.loc["knn", "mean"] == pytest.approx(means["knn"], abs=1)
