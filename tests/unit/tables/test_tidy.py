"""The tidy form: published values beside ours, columns in their order, stable bytes."""

import numpy as np
import pandas as pd
import pytest

from oneclass.tables.tidy import COLUMNS, ordered, to_csv, with_published

KEYS = ["dataset", "class", "method", "metric"]


def ours() -> pd.DataFrame:
    row = {"class": "mean", "metric": "image_auroc", "std": 0.25, "seeds": 3, "norm": 1.0}
    return pd.DataFrame(
        [
            {"dataset": "cifar10", "method": "ours", "mean": 94.5, **row},
            {"dataset": "elpv", "method": "ours", "mean": 90.0, **row},
            {"dataset": "cifar10", "method": "knn", "mean": 91.0, **row, "std": np.nan, "norm": np.nan, "seeds": 1},
        ]
    )


def paper() -> pd.DataFrame:
    row = {"paper": "p", "table": "1", "class": "mean", "metric": "image_auroc", "std": np.nan}
    return pd.DataFrame(
        [
            {"dataset": "cifar10", "method": "Ours", "value": 93.9, "norm": 1.0, **row},
            {"dataset": "cifar10", "method": "PANDA", "value": 96.2, "norm": np.nan, **row},
        ]
    )


def test_published_stands_beside_ours() -> None:
    table = with_published(ours(), paper(), KEYS)
    assert list(table.columns) == [*COLUMNS, "norm"]
    assert table["method"].tolist() == ["ours", "ours", "knn", "PANDA"]
    assert table["mean"].tolist()[:3] == [94.5, 90.0, 91.0] and np.isnan(table["mean"][3])
    np.testing.assert_array_equal(table["published"], [93.9, np.nan, np.nan, 96.2])
    assert table["difference"][0] == pytest.approx(0.6) and table["difference"][1:].isna().all()


def test_a_published_value_belongs_to_its_variant_only() -> None:
    table = with_published(ours().assign(norm=8.0), paper().iloc[:1], [*KEYS, "norm"])
    assert table["published"].tolist()[-1] == 93.9 and table["norm"].tolist() == [8, 8, 8, 1]
    assert table["published"][:3].isna().all()


def test_what_only_other_tables_vary_is_left_out() -> None:
    beside = with_published(ours(), paper().assign(radial="", gamma=np.nan, filter=["", "lpf"]), KEYS)
    assert list(beside.columns) == [*COLUMNS, "norm", "filter"]


def test_ambiguous_published_values_are_refused() -> None:
    with pytest.raises(ValueError, match="not a many-to-one merge"):
        with_published(ours(), pd.concat([paper(), paper()]), KEYS)


def test_csv_bytes() -> None:
    text = to_csv(with_published(ours(), paper(), KEYS))
    assert text == (
        "dataset,class,method,metric,mean,std,seeds,ci_low,ci_high,published,difference,norm\n"
        "cifar10,mean,ours,image_auroc,94.5000,0.2500,3,,,93.9000,0.6000,1\n"
        "elpv,mean,ours,image_auroc,90.0000,0.2500,3,,,,,1\n"
        "cifar10,mean,knn,image_auroc,91.0000,,1,,,,,\n"
        "cifar10,mean,PANDA,image_auroc,,,,,,96.2000,,\n"
    )


def test_variant_columns_come_in_their_order() -> None:
    frame = ours().assign(gamma=0.5, backbone="b")
    assert list(ordered(frame).columns) == [*COLUMNS, "backbone", "norm", "gamma"]
