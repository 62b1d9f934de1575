"""What is made of scores, histories and searches, besides AUROC."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oneclass import tidy
from oneclass.claims.readers import READERS
from oneclass.claims.rows import read, selected
from oneclass.evaluate import evaluate

ADAM = {"dataset": "d", "class": "a", "method": "projector", "backbone": "b", "centering": "none", "protocol": "A"}


def scores(center: str, values: Sequence[float], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"id": [f"{k:02d}" for k in range(len(values))], "score": values})
    frame["label"] = [0, 1] * (len(values) // 2)
    return frame.assign(**(ADAM | {"center": center, "center_norm": 1.0, "repetition": 0} | columns))


def of(kind: str, frame: pd.DataFrame, tmp_path: Path) -> pd.DataFrame:
    """The rows that the source's reader makes of a file."""
    tidy.write(frame, READERS[kind][0], tmp_path / "file.parquet")
    return read("made_up", kind, [tmp_path / "file.parquet"], 10, 1).frame


def test_two_centres_agree_as_their_worst_pair_does(tmp_path: Path) -> None:
    plain = [1.0, 5.0, 3.0, 9.0]
    parts = [("gaussian", plain), ("ones", [2 * value for value in plain]), ("uniform", [-value for value in plain])]
    found = of("agreement", pd.concat([scores(*part) for part in parts]), tmp_path)
    assert found["value"].tolist() == [pytest.approx(-1)]
    found = of("agreement", pd.concat([scores(*part) for part in parts[:2]]), tmp_path)
    assert found["value"].tolist() == [pytest.approx(1)]


def test_a_centre_alone_agrees_with_nothing(tmp_path: Path) -> None:
    assert of("agreement", scores("gaussian", [1, 2, 3, 4]), tmp_path).empty


def test_centres_of_other_norms_or_centred_features_are_not_compared(tmp_path: Path) -> None:
    others = [scores("ones", [4, 3, 2, 1], center_norm=8.0), scores("ones", [4, 3, 2, 1], centering="position")]
    unscaled = scores("mean_feature_unscaled", [4, 3, 2, 1], center_norm=np.nan)
    assert of("agreement", pd.concat([scores("gaussian", [1, 2, 3, 4]), *others, unscaled]), tmp_path).empty


def test_how_much_later_the_angle_settles(tmp_path: Path) -> None:
    epochs = np.arange(11)
    norm = np.where(epochs < 2, 9.0, 1.0)  # settled at 2
    angle = np.where(epochs < 7, 60.0, 5.0)  # settled at 7
    lines = {"training_norm": norm, "training_cosine": np.cos(np.radians(angle)), "image_auroc": 50 + epochs}
    parts = [pd.DataFrame({"step": epochs, "metric": name, "value": line}) for name, line in lines.items()]
    found = of("settling", pd.concat(parts).assign(**ADAM, center="gaussian", center_norm=1.0, repetition=0), tmp_path)
    assert found["value"].tolist() == [pytest.approx(50)]


def test_a_training_that_ends_before_the_norm_is_the_centres_is_left_out(tmp_path: Path) -> None:
    epochs = np.arange(11)
    for last, counted in ((1.8, 1), (1.9, 0)):
        lines = {"training_norm": np.where(epochs < 2, 10.0, last), "training_cosine": np.cos(epochs / 10)}
        parts = [pd.DataFrame({"step": epochs, "metric": name, "value": line}) for name, line in lines.items()]
        frame = pd.concat(parts).assign(**ADAM, center="gaussian", center_norm=1.0, repetition=0)
        assert len(of("settling", frame, tmp_path)) == counted


def test_the_auroc_where_the_rule_stops_stands_beside_the_best(tmp_path: Path) -> None:
    rows = [
        (0.1, "image_auroc", 80.0),
        (1, "image_auroc", 91.0),
        (9, "image_auroc", 85.0),
        (2, "image_auroc_chosen", 90.5),
    ]
    frame = pd.DataFrame(rows, columns=["step", "metric", "value"]).assign(**ADAM, center_norm=1.0, repetition=0)
    assert of("stopping", frame, tmp_path).set_index("stopped")["value"].to_dict() == {"best": 91, "rule": 90.5}
    better = frame.assign(value=[80, 90, 85, 90.5])
    assert of("stopping", better, tmp_path).set_index("stopped")["value"].to_dict() == {"best": 90, "rule": 90.5}
    assert of("stopping", frame.iloc[:0].assign(value=np.nan), tmp_path).empty


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("best", {"best": 90.0}), ("worst", {"worst": 40.0}), ("random", {"best": 90.0, "worst": 40.0})],
)
def test_a_search_found_what_is_at_its_end(direction: str, expected: dict[str, float], tmp_path: Path) -> None:
    frame = pd.DataFrame({"generation": [0, 0, 1], "individual": [0, 1, 0], "fitness": [60.0, 90.0, 40.0]})
    frame = frame.assign(dataset="d", **{"class": "a"}, method="hsc", direction=direction, outlier=list("xyz"))
    found = of("searches", frame.assign(trained=True, repetitions=1), tmp_path)
    assert dict(zip(found["outlier"], found["value"], strict=True)) == expected


def test_aurocs_and_their_resamples_are_those_of_the_tables(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    frame = pd.concat([scores(center, generator.normal(size=40)) for center in ("gaussian", "ones")])
    tidy.write(frame, "scores", tmp_path / "file.parquet")
    found = read("made_up", "auroc", [tmp_path / "file.parquet"], 100, 7)
    summary, metrics = evaluate(tidy.read([tmp_path / "file.parquet"], "scores"), 100, 7)
    assert found.draws[:, 0].tolist() == metrics["value"].tolist()
    assert found.draws.shape == (2, 101)
    low = np.percentile(found.draws[:, 1:], 2.5, axis=1)
    assert low.tolist() == summary.loc[summary["class"] == "a", "ci_low"].tolist()


def test_files_of_one_class_have_the_same_images_in_each_resample(tmp_path: Path) -> None:
    """So methods whose scores are in different files may be compared in pairs."""
    values = np.random.default_rng(1).normal(size=40)
    for name, methods in (("one", ["projector"]), ("two", ["padim", "closed_form"])):
        parts = [scores("gaussian", values, method=method) for method in methods]
        tidy.write(pd.concat(parts), "scores", tmp_path / f"{name}.parquet")
    one, two = (read("x", "auroc", [tmp_path / f"{name}.parquet"], 50, 7).draws for name in ("one", "two"))
    assert np.array_equal(one[0], two[0]) and np.array_equal(one[0], two[1]) and len(set(one[0])) > 10


def test_rows_are_selected_by_value_by_several_and_by_none() -> None:
    frame = pd.DataFrame({"method": ["hsc", "bce", None], "center_norm": [1.0, 8.0, np.nan]})
    assert selected(frame, {"method": "hsc"}).tolist() == [True, False, False]
    assert selected(frame, {"center_norm": (1.0, None)}).tolist() == [True, False, True]
    assert selected(frame, {"method": None}).tolist() == [False, False, True]
    assert selected(frame, {"pool": None}).all() and not selected(frame, {"pool": "photos"}).any()
