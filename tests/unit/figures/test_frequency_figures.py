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

from oneclass import filters
from oneclass.catalogue.methods import METHODS
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.figures.frequencies import draw, filtered, samples

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
OUTLIERS = [math.inf, 1.0, 16.0]  # sorted by the figures
MAGNITUDES = {"none": [0], "lpf": [14, 8, 2], "hpf": [12, 4]}
MEANS = {"none": 90.0, "lpf": 80.0, "hpf": 70.0}
KINDS = {"mnist5k": ("one_vs_rest", ["3", "5", "mean"]), "elpv": ("defect", ["poly", "mean"])}
RUNS = {("mnist5k", "lenet", None): 0, ("elpv", "lenet", None): 5, ("elpv", "head", "tf_efficientnet_lite0"): 10}
GEOMETRIES = {"elpv": {"resize": 40, "crop": 32}, "mnist5k": {"resize": 32, "crop": None}}
FIGURES = {"8": ("lpf", "lenet"), "9": ("hpf", "lenet"), "10": ("lpf", "head"), "11": ("hpf", "head")}


@pytest.fixture
def summary(conform: Conform) -> pd.DataFrame:
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
    columns = ["dataset", "task", "network", "backbone", "method"]
    columns += ["filter", "magnitude", "outlier_count", "class", "mean"]
    shared = {"pool": "photos", "metric": "image_auroc", "std": 0.5, "repetitions": 2}
    return conform(pd.DataFrame(rows, columns=columns).assign(**shared, ci_low=1.0, ci_high=2.0))


@pytest.fixture(scope="module")
def indexes(real_index: Callable[..., Index]) -> list[Index]:
    sizes = {"train_per_class": 1, "test_per_class": 6}
    return [real_index("elpv", "defect"), real_index("mnist5k", "one_vs_rest", **sizes)]


def drawn(summary: pd.DataFrame, number: str, indexes: list[Index]) -> tuple[Figure, pd.DataFrame]:
    """A figure of the paper, which is of one filter and of networks for images of one size."""
    kind, network = FIGURES[number]
    return draw(summary[summary["network"] == network], indexes, kind, GEOMETRIES, "2m", 1024)


def panels(figure: Figure) -> list[Axes]:
    return figure.findobj(Axes)


def test_lines_by_number_of_outliers(summary: pd.DataFrame, indexes: list[Index], shown: Shown) -> None:
    figure, data = drawn(summary, "8", indexes)
    assert (
        set(data["filter"]) == {"none", "lpf"} and set(data["network"]) == {"lenet"} and set(data["class"]) == {"mean"}
    )
    assert len(data) == 2 * 4 * 2 * 3 and {"std", "repetitions", "ci_low", "ci_high"} <= set(data)
    first, second, *_ = panels(figure)
    lines = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in first.get_lines()}
    assert lines == {
        "1": ([0, 1, 2, 3], pytest.approx([90.1, 80.08, 80.02, 79.96])),
        "16": ([0, 1, 2, 3], pytest.approx([90.2, 80.18, 80.12, 80.06])),
        "all": ([0, 1, 2, 3], pytest.approx([90.0, 79.98, 79.92, 79.86])),
    }
    assert second.get_lines()[2].get_ydata() == pytest.approx([89.0, 78.98, 78.92, 78.86])
    titles = [axis.get_title(loc="left") for axis in panels(figure)]
    assert titles == [METHODS["hsc"].label, METHODS["bce"].label] * 2
    text = shown(figure)
    assert "MNIST (5,000)" in text and "ELPV" in text and "low-pass" in text and "mean image AUROC (%)" in text


def test_each_figure_has_its_filter(summary: pd.DataFrame, indexes: list[Index], shown: Shown) -> None:
    expected = {
        "8": ({"none", "lpf"}, {"mnist5k", "elpv"}, {"lenet"}),
        "9": ({"none", "hpf"}, {"mnist5k"}, {"lenet"}),  # the other run has but unfiltered images
        "10": ({"none", "lpf"}, {"elpv"}, {"head"}),
        "11": ({"none", "hpf"}, {"elpv"}, {"head"}),
    }
    for name, sets in expected.items():
        figure, data = drawn(summary, name, indexes)
        assert tuple(set(data[column]) for column in ("filter", "dataset", "network")) == sets
        assert ("high-pass" in shown(figure)) == (name in ("9", "11"))


def test_every_method_of_the_catalogue_is_drawn_in_its_order(summary: pd.DataFrame, indexes: list[Index]) -> None:
    one = summary[(summary["method"] == "hsc") & (summary["dataset"] == "mnist5k")]
    figure, data = drawn(pd.concat([one.assign(method=name) for name in [*METHODS][::-1]]), "9", indexes)
    assert set(data["method"]) == set(METHODS)
    titles = {axis.get_title(loc="left"): axis._left_title.get_color() for axis in panels(figure)}
    assert list(titles.items()) == [(method.label, method.colour) for method in METHODS.values()]


def test_samples_lie_under_their_ticks(summary: pd.DataFrame, indexes: list[Index]) -> None:
    figure, data = drawn(summary, "8", indexes)
    found = samples(summary, data, indexes, filters.Filter("lpf"), GEOMETRIES, 1024)
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    for axis, dataset in zip(panels(figure)[1::2], data["dataset"].unique(), strict=True):
        assert [text.get_text() for text in axis.get_xticklabels()] == ["0", "2", "8", "14"]
        boxes = [box for box in axis.get_children() if isinstance(box, AnnotationBbox)]
        pictures = [box.offsetbox.get_data() for box in boxes]
        assert all(np.array_equal(one, other) for one, (_, other) in zip(pictures, found[dataset], strict=True))
        extents = [box.offsetbox.get_window_extent(renderer) for box in boxes]
        for place, extent, text in zip(axis.get_xticks(), extents, axis.get_xticklabels(), strict=True):
            x, _ = axis.transData.transform((place, 0))
            assert (extent.x0 + extent.x1) / 2 == pytest.approx(x, abs=1)
            assert extent.y1 <= text.get_window_extent().y0
            assert extent.y0 >= axis.xaxis.label.get_window_extent().y1
        assert all(one.x1 < other.x0 for one, other in pairwise(extents))


@pytest.mark.parametrize("filter", [filters.Filter("lpf"), filters.Filter("hpf"), filters.Filter("hpf", width="m")])
def test_samples_are_what_the_network_sees(filter: filters.Filter, summary: pd.DataFrame, indexes: list[Index]) -> None:
    summary = summary[summary["network"] == "lenet"]
    data = filtered(summary, filter.kind)
    found = samples(summary, data, indexes, filter, GEOMETRIES, 1024)
    assert set(found) == set(data["dataset"])
    for dataset, shown in found.items():
        assert [magnitude for magnitude, _ in shown] == [0, *sorted(MAGNITUDES[filter.kind])]
        (index,) = (index for index in indexes if index.name == dataset)
        normal = (index.table["split"] == "test") & (index.table["label"] == 0)
        places = index.take(normal & index.table["class_name"].isin(KINDS[dataset][1])).places()
        pixels = next(
            picture
            for place in places
            for picture in [Geometry(**GEOMETRIES[dataset]).apply(images.load(*place))]
            if np.array_equal(picture, shown[0][1])
        )
        scaled = torch.from_numpy(np.array(pixels)).permute(2, 0, 1) / 255
        for magnitude, picture in shown[1:]:
            literal = filters.apply(scaled, filters.Filter(filter.kind, magnitude, filter.width))
            assert picture.dtype == np.uint8 and picture.shape == (32, 32, 3)
            assert np.abs(picture - 255 * literal.permute(1, 2, 0).numpy()).max() <= 0.51


def test_the_seed_draws_them(summary: pd.DataFrame, indexes: list[Index]) -> None:
    data = filtered(summary[summary["network"] == "lenet"], "hpf")
    one, again, two = (
        samples(summary, data, indexes, filters.Filter("hpf"), GEOMETRIES, seed)["mnist5k"] for seed in (1, 1, 2)
    )
    assert all(np.array_equal(first, second) for (_, first), (_, second) in zip(one, again, strict=True))
    assert not np.array_equal(one[0][1], two[0][1])
