"""Figures 8 to 11 of paper 2, and the sample images under them."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox
from numpy.typing import NDArray

from oneclass import filters
from oneclass.data import images
from oneclass.data.geometry import squeeze
from oneclass.errors import UserError
from oneclass.figures.frequencies import draw, filtered, samples
from oneclass.tables.labels import label

Shown = Callable[[Figure], str]
OUTLIERS = [math.inf, 1.0, 16.0]  # sorted by the figures
MAGNITUDES = {"none": [0], "lpf": [14, 8, 2], "hpf": [12, 4]}
MEANS = {"none": 90.0, "lpf": 80.0, "hpf": 70.0}
KINDS = {"mnist5k": ("one_vs_rest", ["3", "5", "mean"]), "elpv": ("defect", ["poly", "mean"])}
RUNS = {("mnist5k", "lenet", ""): 0, ("elpv", "lenet", ""): 5, ("elpv", "head", "tf_efficientnet_lite0"): 10}


@pytest.fixture
def summary() -> pd.DataFrame:
    """AUROC tells run, method, number of outliers, filter and magnitude; the second run has no high-pass filter."""
    rows = []
    for (dataset, network, backbone), less in RUNS.items():
        for kind, magnitudes in MAGNITUDES.items():
            if (kind, less) == ("hpf", 5):
                continue
            for magnitude in magnitudes:
                for method in ("hsc", "bce"):
                    for outliers in OUTLIERS:
                        mean = MEANS[kind] - less - (method == "bce") + OUTLIERS.index(outliers) / 10 - magnitude / 100
                        task, classes = KINDS[dataset]
                        described = (dataset, task, network, backbone, method, kind, magnitude, outliers)
                        rows += [(*described, name, mean if name == "mean" else 1.0) for name in classes]
    columns = ["dataset", "task", "network", "backbone", "method", "filter", "magnitude", "outliers", "class", "mean"]
    shared = {"pool": "photos", "metric": "image_auroc", "std": 0.5, "seeds": 2}
    return pd.DataFrame(rows, columns=columns).assign(**shared, ci_low=1.0, ci_high=2.0)


def pictures(summary: pd.DataFrame, figure: str) -> dict[str, list[tuple[int, NDArray[np.uint8]]]]:
    """One grey for each magnitude."""
    return {
        dataset: [(m, np.full((32, 32, 3), 10 * m, np.uint8)) for m in sorted(rows["magnitude"].unique())]
        for dataset, rows in filtered(summary, figure).groupby("dataset")
    }


def panels(figure: Figure) -> list[Axes]:
    return figure.findobj(Axes)


def test_lines_by_number_of_outliers(summary: pd.DataFrame, shown: Shown) -> None:
    figure, data = draw(summary, "figure8", pictures(summary, "figure8"))
    assert (
        set(data["filter"]) == {"none", "lpf"} and set(data["network"]) == {"lenet"} and set(data["class"]) == {"mean"}
    )
    assert len(data) == 2 * 4 * 2 * 3 and {"std", "seeds", "ci_low", "ci_high"} <= set(data)
    first, second, *_ = panels(figure)
    lines = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in first.get_lines()}
    assert lines == {
        "1": ([0, 1, 2, 3], pytest.approx([90.1, 80.08, 80.02, 79.96])),
        "16": ([0, 1, 2, 3], pytest.approx([90.2, 80.18, 80.12, 80.06])),
        "all": ([0, 1, 2, 3], pytest.approx([90.0, 79.98, 79.92, 79.86])),
    }
    assert second.get_lines()[2].get_ydata() == pytest.approx([89.0, 78.98, 78.92, 78.86])
    titles = [axis.get_title(loc="left") for axis in panels(figure)]
    assert titles == [label("method", "hsc"), label("method", "bce")] * 2
    text = shown(figure)
    assert "MNIST (5,000)" in text and "ELPV" in text and "low-pass" in text and "mean image AUROC (%)" in text


def test_each_figure_has_its_filter_and_networks(summary: pd.DataFrame, shown: Shown) -> None:
    expected = {
        "figure8": ({"none", "lpf"}, {"mnist5k", "elpv"}, {"lenet"}),
        "figure9": ({"none", "hpf"}, {"mnist5k"}, {"lenet"}),  # the other run has but unfiltered images
        "figure10": ({"none", "lpf"}, {"elpv"}, {"head"}),
        "figure11": ({"none", "hpf"}, {"elpv"}, {"head"}),
    }
    for name, sets in expected.items():
        figure, data = draw(summary, name, pictures(summary, name))
        assert tuple(set(data[column]) for column in ("filter", "dataset", "network")) == sets
        assert ("high-pass" in shown(figure)) == (name in ("figure9", "figure11"))


def test_what_was_not_run_is_named(summary: pd.DataFrame) -> None:
    with pytest.raises(UserError, match=r"^figure 9 needs the sweep 'frequencies' with filter hpf and network lenet"):
        filtered(summary[summary["filter"] != "hpf"], "figure9")
    with pytest.raises(UserError, match=r"^figure 10 .* a network other than lenet"):
        filtered(summary[summary["network"] == "lenet"], "figure10")


def test_samples_lie_under_their_ticks(summary: pd.DataFrame) -> None:
    figure, _ = draw(summary, "figure8", pictures(summary, "figure8"))
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    for axis in panels(figure)[1::2]:
        assert [text.get_text() for text in axis.get_xticklabels()] == ["0", "2", "8", "14"]
        boxes = [box for box in axis.get_children() if isinstance(box, AnnotationBbox)]
        assert [int(np.max(box.offsetbox.get_data())) for box in boxes] == [0, 20, 80, 140]
        extents = [box.offsetbox.get_window_extent(renderer) for box in boxes]
        for place, extent, text in zip(axis.get_xticks(), extents, axis.get_xticklabels(), strict=True):
            x, _ = axis.transData.transform((place, 0))
            assert (extent.x0 + extent.x1) / 2 == pytest.approx(x, abs=1)
            assert extent.y1 <= text.get_window_extent().y0
            assert extent.y0 >= axis.xaxis.label.get_window_extent().y1
        assert all(one.x1 < other.x0 for one, other in pairwise(extents))


@pytest.fixture(scope="module")
def indexes(real_index: Callable[..., pd.DataFrame]) -> list[pd.DataFrame]:
    sizes = {"train_per_class": 1, "test_per_class": 6}
    return [real_index("elpv", "defect"), real_index("mnist5k", "one_vs_rest", **sizes)]


def test_samples_are_what_the_network_sees(summary: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    sides = {"elpv": (40, 32), "mnist5k": (32, None)}
    for name, kind, reading in (("figure8", "lpf", "code"), ("figure9", "hpf", "code"), ("figure9", "hpf", "paper")):
        found = samples(summary, name, indexes, sides, reading, 1024)
        assert set(found) == set(filtered(summary, name)["dataset"])
        for dataset, shown in found.items():
            assert [magnitude for magnitude, _ in shown] == [0, *sorted(MAGNITUDES[kind])]
            (index,) = (index for index in indexes if index.attrs["dataset"] == dataset)
            classes = KINDS[dataset][1]
            normal = index[(index["split"] == "test") & (index["label"] == 0) & index["class_name"].isin(classes)]
            pixels = next(
                picture
                for row in normal.itertuples()
                for picture in [
                    squeeze(images.load(index.attrs["root"], row.path, row.item, row.reader), *sides[dataset])
                ]
                if np.array_equal(picture, shown[0][1])
            )
            scaled = torch.from_numpy(np.array(pixels)).permute(2, 0, 1) / 255
            for magnitude, picture in shown[1:]:
                literal = filters.apply(scaled, filters.Filter.parse(f"{kind}{magnitude}"), reading=reading)
                assert picture.dtype == np.uint8 and picture.shape == (32, 32, 3)
                assert np.abs(picture - 255 * literal.permute(1, 2, 0).numpy()).max() <= 0.51


def test_the_seed_draws_them(summary: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    sides = {"elpv": (32, None), "mnist5k": (32, None)}
    one, again, two = (samples(summary, "figure9", indexes, sides, "code", seed)["mnist5k"] for seed in (1, 1, 2))
    assert all(np.array_equal(first, second) for (_, first), (_, second) in zip(one, again, strict=True))
    assert not np.array_equal(one[0][1], two[0][1])
