"""What the smallest configuration measures with outliers: digits 0 and 3, networks an eighth as wide as the paper's."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from oneclass import tidy
from oneclass.catalogue.methods import options
from oneclass.data import index, pixels

TABLES = ["table1", "table7", "table8", "table9"]
SWEEPS = {
    "benchmark": "digits/photos/lenet",
    "counts": "digits/photos/lenet",
    "frequencies": "digits/other_digits/lenet",
}


def table(finished: Path, name: str) -> pd.DataFrame:
    path = finished / f"results/tables/exposure_{name}.csv"
    return pd.read_csv(path, dtype={"class": str, "outlier_count": str}, keep_default_na=False, na_values={"mean": ""})


def scores(finished: Path, sweep: str) -> pd.DataFrame:
    return tidy.read([finished / f"results/scores/exposure/{sweep}/{SWEEPS[sweep]}/0.parquet"], "scores")


def metrics(finished: Path, sweep: str) -> pd.DataFrame:
    return tidy.read([finished / f"results/metrics/exposure/{sweep}/{SWEEPS[sweep]}.parquet"], "summary")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_readable_and_self_contained(finished: Path, name: str) -> None:
    stem = finished / f"results/tables/exposure_{name}"
    assert {"hsc"} <= set(table(finished, name)["method"])
    assert "|" in stem.with_suffix(".md").read_text()
    page = stem.with_suffix(".html").read_text()
    assert "8 epochs" in page
    assert not re.search(r"""(src|href)\s*=|@import|url\(""", page)


def test_a_zero_is_told_from_a_three(finished: Path) -> None:
    rows = metrics(finished, "benchmark").query("`class` == 'mean'").set_index("method")
    assert set(rows.index) == {"dsvdd", "dsad", "hsc", "focal", "bce"}
    assert rows["mean"].between(30, 100).all()
    assert rows.loc["hsc", "mean"] > 75
    assert (rows["repetitions"] == 2).all()


@pytest.mark.parametrize("sweep", SWEEPS)
def test_auroc_is_scikit_learns_on_the_scores(finished: Path, sweep: str) -> None:
    frame = scores(finished, sweep)
    variants = [*options(), "outlier_count", "outlier_class_count", "filter", "magnitude", "augmented"]
    varied = ["class", "method", *(name for name in variants if name in frame)]
    runs = frame.groupby([*varied, "repetition"], observed=True, dropna=False)
    found = {key: 100 * roc_auc_score(part["label"], part["score"]) for key, part in runs}
    values = pd.Series(found).groupby(level=list(range(len(varied))), dropna=False).mean()
    summary = metrics(finished, sweep)
    rows = summary[summary["class"] != "mean"].set_index(varied)["mean"]
    assert len(rows) == len(values)
    np.testing.assert_allclose(np.sort(rows), np.sort(values), atol=1e-4)


def test_scores_do_not_tie(finished: Path) -> None:
    runs = scores(finished, "benchmark").groupby(["class", "method", "repetition"], observed=True)["score"]
    assert (runs.nunique() == runs.size()).all()


def test_every_variant_was_trained(finished: Path) -> None:
    assert set(scores(finished, "counts")["outlier_count"]) == {1, 32, np.inf}
    frequencies = scores(finished, "frequencies")[["filter", "magnitude"]].drop_duplicates()
    assert set(frequencies.itertuples(index=False, name=None)) == {("none", 0), ("lpf", 12)}


def test_the_choice_of_outliers_is_written_down(finished: Path) -> None:
    folder = finished / "results/outliers/digits/photos"
    kept, choice = pd.read_parquet(folder / "pool.parquet"), pd.read_parquet(folder / "choice.parquet")
    images = choice[choice["kind"] == "image"]
    assert len(kept) == 64
    assert set(images["name"]) <= set(kept["id"])
    assert images.groupby(["class", "repetition"])["rank"].apply(list).map(lambda ranks: ranks == [*range(64)]).all()
    assert set(images["repetition"]) == {*range(10)}  # and all images, so that a larger run draws no others
    assert len(pd.read_csv(folder / "dropped.csv")) == 0


def test_stored_pixels_are_the_images(finished: Path) -> None:
    table = index.read(finished / "results/index/digits.parquet")
    stored = pixels.read(finished / "results/pixels/digits/32.h5", table)
    assert stored.shape == (len(table), 3, 32, 32)
    assert (stored[:, 0] == stored[:, 1]).all()
    assert (stored.std((1, 2, 3)) > 10).all()
