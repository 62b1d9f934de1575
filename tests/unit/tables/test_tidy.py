"""The tidy form: published values beside ours, columns in their order, stable bytes."""

import numpy as np
import pandas as pd
import pytest

from oneclass.published import class_counts
from oneclass.tables.notes import of_fewer_classes
from oneclass.tables.tidy import COLUMNS, SUBJECT, join_published, of_table, ordered, to_csv


def ours() -> pd.DataFrame:
    row = {"class": "mean", "metric": "image_auroc", "std": 0.25, "repetitions": 3, "center_norm": 1.0}
    return pd.DataFrame(
        [
            {"dataset": "cifar10", "method": "projector", "mean": 94.5, **row},
            {"dataset": "elpv", "method": "projector", "mean": 90.0, **row},
            {
                "dataset": "cifar10",
                "method": "knn",
                "mean": 91.0,
                **row,
                "std": np.nan,
                "center_norm": np.nan,
                "repetitions": 1,
            },
        ]
    )


def paper() -> pd.DataFrame:
    """A table of the paper on the objective, with our names for methods that are run here."""
    row = {"paper": "objective", "table": "1", "class": "mean", "metric": "image_auroc", "std": np.nan}
    rows = pd.DataFrame(
        [
            {"dataset": "cifar10", "method": "Ours", "value": 93.9, "center_norm": 1.0, **row},
            {"dataset": "cifar10", "method": "PANDA", "value": 96.2, "center_norm": np.nan, **row},
        ]
    )
    return of_table(rows, "objective", "1")


def test_published_stands_beside_ours() -> None:
    table = join_published(ours(), paper(), SUBJECT)
    assert list(table.columns) == [*COLUMNS, "center_norm"]
    assert table["method"].tolist() == ["projector", "projector", "knn", "panda"]
    assert table["mean"].tolist()[:3] == [94.5, 90.0, 91.0] and np.isnan(table["mean"][3])
    np.testing.assert_array_equal(table["published"], [93.9, np.nan, np.nan, 96.2])
    assert table["difference"][0] == pytest.approx(0.6) and table["difference"][1:].isna().all()


def test_an_average_over_fewer_classes_has_no_difference_and_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneclass.tables.tidy.class_counts", class_counts)
    digits = [ours()[:1].assign(**{"class": name}) for name in [*"0123456789", "mean"]]
    for run, known in ((pd.concat(digits[7:]), False), (pd.concat(digits), True)):
        table = join_published(run, paper(), SUBJECT)
        assert table["difference"].notna().sum() == known
        assert table["published"].notna().sum() == 2
        said = (
            [] if known else ["CIFAR10: averages (here) are over 3 of the paper's 10 classes, and have no difference."]
        )
        assert of_fewer_classes(table) == said


def test_a_published_value_belongs_to_its_variant_only() -> None:
    table = join_published(ours().assign(center_norm=8.0), paper().iloc[:1], [*SUBJECT, "center_norm"])
    assert table["published"].tolist()[-1] == 93.9 and table["center_norm"].tolist() == [8, 8, 8, 1]
    assert table["published"][:3].isna().all()


def test_what_only_other_tables_vary_is_left_out() -> None:
    beside = join_published(ours(), paper().assign(radial=None, gamma=np.nan, filter=[None, "lpf"]), SUBJECT)
    assert list(beside.columns) == [*COLUMNS, "center_norm", "filter"]


def test_rows_that_lack_the_same_thing_belong_together() -> None:
    """A count of parameters is of no data set and no class."""
    counts = {"dataset": None, "class": None, "metric": "trainable_parameters"}
    table = join_published(ours()[:1].assign(**counts), paper()[:1].assign(**counts), SUBJECT)
    assert table[["mean", "published"]].to_numpy().tolist() == [[94.5, 93.9]]


def test_a_table_has_our_names_for_methods_that_are_the_papers() -> None:
    rows = pd.DataFrame({"table": ["1", "2", "1"], "method": ["DSVDD", "DSVDD", "PANDA*"]})
    assert of_table(rows, "exposure", "1")["method"].tolist() == ["dsvdd", "PANDA*"]
    assert of_table(rows, "objective", "1")["method"].tolist() == [
        "deep_svdd",
        "PANDA*",
    ]  # the other paper runs another


def test_ambiguous_published_values_are_refused() -> None:
    with pytest.raises(ValueError, match="not a many-to-one merge"):
        join_published(ours(), pd.concat([paper(), paper()]), SUBJECT)


def test_csv_bytes() -> None:
    text = to_csv(join_published(ours(), paper(), SUBJECT))
    assert text == (
        "dataset,class,method,metric,mean,std,repetitions,ci_low,ci_high,published,difference,center_norm\n"
        "cifar10,mean,projector,image_auroc,94.5000,0.2500,3,,,93.9000,0.6000,1\n"
        "elpv,mean,projector,image_auroc,90.0000,0.2500,3,,,,,1\n"
        "cifar10,mean,knn,image_auroc,91.0000,,1,,,,,\n"
        "cifar10,mean,panda,image_auroc,,,,,,96.2000,,\n"
    )


def test_variant_columns_come_in_their_order() -> None:
    frame = ours().assign(gamma=0.5, backbone="b")
    assert list(ordered(frame).columns) == [*COLUMNS, "backbone", "center_norm", "gamma"]
