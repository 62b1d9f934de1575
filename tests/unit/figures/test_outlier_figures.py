"""Figures 2 to 4, 6 and 13 to 17 of paper 2, drawn from summaries of AUROC."""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.catalogue.methods import METHODS
from oneclass.errors import UserError
from oneclass.figures import outliers

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
Drawn = tuple[Figure, pd.DataFrame]
COUNTS = [16.0, 1.0, math.inf, 4.0, 0.0]  # sorted by the figures
CLASSES = ["3", "5", "7", "8", "9", "mean"]
RUNS = {
    ("mnist5k", "one_vs_rest", "lenet", None): 90.0,
    ("mnist5k", "one_vs_rest", "head", "tf_efficientnet_lite0"): 80.0,
    ("fashion_mnist", "leave_one_out", "lenet", None): 70.0,
    ("elpv", "defect", "cbam_resnet18", None): 60.0,
}
HSC, BCE, FOCAL = (METHODS[name].label for name in ("hsc", "bce", "focal"))


def frame(methods: Iterable[str], number: str, values: list[float], classes: list[str] = CLASSES) -> pd.DataFrame:
    """AUROC is the run's number, 1 less for BCE, a tenth more a step in ``values``, 2 less for single classes."""
    rows = []
    for (dataset, task, network, backbone), level in RUNS.items():
        for name in classes:
            for method in methods:
                for step, value in enumerate(values):
                    mean = level - (method == "bce") + step / 10 - 2 * (name != "mean")
                    rows.append((dataset, name, method, task, network, backbone, value, mean))
    columns = ["dataset", "class", "method", "task", "network", "backbone", number, "mean"]
    others = {"outlier_count": [math.inf], "outlier_class_count": np.nan, "gamma": np.nan}
    numbers = pd.DataFrame(others).drop(columns=number)
    data = pd.DataFrame(rows, columns=columns).merge(numbers, how="cross")
    shared = {"pool": "photos", "filter": "none", "magnitude": 0, "augmented": "no", "repetitions": 2}
    data = data.assign(**shared, metric="image_auroc", std=0.5)
    return data.assign(ci_low=data["mean"] - 1, ci_high=data["mean"] + 1)


@pytest.fixture
def counts(conform: Conform) -> pd.DataFrame:
    """BCE has no run without outliers; another metric is not shown."""
    data = frame(["hsc", "bce"], "outlier_count", COUNTS)
    data = data[(data["method"] == "hsc") | (data["outlier_count"] > 0)]
    return conform(pd.concat([data, data.assign(metric="pixel_auroc", mean=12.0)], ignore_index=True))


@pytest.fixture
def diversity(conform: Conform) -> pd.DataFrame:
    return conform(frame(["hsc", "bce"], "outlier_class_count", [2.0, 1.0, np.nan]))


def figure2(counts: pd.DataFrame, task: str = "one_vs_rest") -> Drawn:
    """Figures 3 and 4 are those of other tasks."""
    return outliers.averages(counts[counts["task"] == task], "outlier_count")


def by_class(counts: pd.DataFrame, network: str, half: str = "") -> Drawn:
    """Figures 14 and 15 are the halves of a network for larger images, 16 is of one for 32-pixel images."""
    shown = (counts["task"] == "one_vs_rest") & (counts["network"] == network)
    return outliers.classes(counts[shown], "outlier_count", half)


def figure16(counts: pd.DataFrame) -> Drawn:
    return by_class(counts, "lenet")


def panels(figure: Figure) -> list[Axes]:
    return [axis for axis in figure.findobj(Axes) if axis.get_visible()]


def series(axis: Axes) -> dict[str, tuple[list[float], list[float]]]:
    """Lines with a name; those without join the points or stroke the axis."""
    lines = {str(line.get_label()): line for line in axis.get_lines() if not str(line.get_label()).startswith("_")}
    return {name: (list(line.get_xdata()), list(line.get_ydata())) for name, line in lines.items()}


def ticks(axis: Axes) -> dict[float, str]:
    return dict(zip(axis.get_xticks(), [text.get_text() for text in axis.get_xticklabels()], strict=True))


def test_figure2_has_a_panel_for_each_run(counts: pd.DataFrame, shown: Shown) -> None:
    figure, data = figure2(counts)
    assert set(data["class"]) == {"mean"} and set(data["method"]) == {"hsc", "bce"}
    assert set(data["task"]) == {"one_vs_rest"} and len(data) == 2 * (5 + 4)
    assert {"outlier_count", "mean", "std", "repetitions", "ci_low", "ci_high"} <= set(data)
    assert [series(axis)[HSC][1] for axis in panels(figure)] == [
        pytest.approx([90.4, 90.1, 90.3, 90.0, 90.2]),
        pytest.approx([80.4, 80.1, 80.3, 80.0, 80.2]),
    ]
    assert series(panels(figure)[0])[BCE][1] == pytest.approx([89.1, 89.3, 89.0, 89.2])
    text = shown(figure)
    assert text.count("MNIST (5,000)") == 2 and text.count("tf_efficientnet_lite0") == 1
    assert "mean image AUROC (%)" in text and "number of outliers" in text


def test_numbers_lie_on_doublings_and_none_and_all_are_broken_off(counts: pd.DataFrame) -> None:
    figure, _ = figure2(counts)
    axis = panels(figure)[0]
    x, _ = series(axis)[HSC]
    assert x[1:4] == [0, 2, 4] and x[0] <= -1 and x[4] >= 5
    assert list(ticks(axis).items()) == list(zip(x, ["0", "1", "4", "16", "all"], strict=True))
    solid = [list(line.get_xdata()) for line in axis.get_lines() if line.get_linestyle() == "-" and line.get_clip_on()]
    assert solid == [[0, 2, 4], [0, 2, 4]]
    strokes = [np.mean(line.get_xdata()) for line in axis.get_lines() if line.get_linestyle() == "None"]
    assert strokes == [pytest.approx((x[0] + x[1]) / 2), pytest.approx((x[3] + x[4]) / 2)]


def test_axes_without_0_or_all_are_whole(counts: pd.DataFrame) -> None:
    figure, _ = figure2(counts[counts["outlier_count"].isin([1, 4, 16])])
    assert ticks(panels(figure)[0]) == {0: "1", 2: "4", 4: "16"}
    assert not [line for line in panels(figure)[0].get_lines() if not line.get_clip_on()]


@pytest.mark.parametrize("only", [[4.0], [math.inf], [0.0, math.inf]])
def test_few_numbers(counts: pd.DataFrame, only: list[float], shown: Shown) -> None:
    figure, data = figure2(counts[counts["outlier_count"].isin(only)])
    assert list(ticks(panels(figure)[0]).values()) == [outliers.count(value) for value in only]
    assert set(data["outlier_count"]) == set(only)
    shown(figure)


def test_bands_are_of_one_standard_deviation(counts: pd.DataFrame) -> None:
    for std, spread in ((0.5, 0.5), (np.nan, 0.0)):  # a single repetition has none
        figure, _ = figure2(counts.assign(std=std))
        x, means = series(panels(figure)[0])[HSC]
        area = panels(figure)[0].collections[0].get_paths()[0].vertices
        for place, mean in zip(x, means, strict=True):
            heights = area[area[:, 0] == place, 1]
            assert (heights.min(), heights.max()) == pytest.approx((mean - spread, mean + spread))


def test_figures_3_and_4_are_of_other_tasks(counts: pd.DataFrame, shown: Shown) -> None:
    for task, level, title in (("leave_one_out", 70, "Fashion-MNIST"), ("defect", 60, "ELPV")):
        figure, data = figure2(counts, task)
        assert set(data["task"]) == {task} and series(panels(figure)[0])[HSC][1][1] == pytest.approx(level + 0.1)
        assert title in shown(figure)


def test_figure6_counts_classes_of_outliers(diversity: pd.DataFrame, shown: Shown) -> None:
    figure, data = outliers.averages(diversity, "outlier_class_count")
    assert set(data["class"]) == {"mean"} and set(data["outlier_class_count"]) == {1, 2, math.inf}
    assert [series(axis)[HSC][1][0] for axis in panels(figure)] == pytest.approx([90.1, 80.1, 70.1, 60.1])
    assert ticks(panels(figure)[0]) == {0: "1", 1: "2", 2: "all"}
    assert "number of outlier classes" in shown(figure)


def test_figure13_has_a_plain_axis(shown: Shown, conform: Conform) -> None:
    figure, data = outliers.averages(conform(frame(["focal"], "gamma", [2.0, 0.0, 0.5])), "gamma")
    assert set(data["method"]) == {"focal"} and len(data) == len(RUNS) * 3
    axis = panels(figure)[0]
    assert series(axis) == {FOCAL: ([0, 0.5, 2], pytest.approx([90.1, 90.2, 90.0]))}
    assert ticks(axis) == {0: "0", 0.5: "0.5", 2: "2"}
    assert [list(line.get_xdata()) for line in axis.get_lines() if line.get_linestyle() == "-"] == [[0, 0.5, 2]]
    assert HSC not in shown(figure)


def test_an_option_that_is_not_the_default_is_named(counts: pd.DataFrame, shown: Shown) -> None:
    hsc = counts["method"] == "hsc"
    for radial, text in (("pseudo_huber", HSC), ("norm1", f"{HSC} (radial ‖z‖₁)")):
        figure, data = figure2(counts.assign(radial=hsc.map({True: radial, False: None})))
        assert [line.get_label() for line in figure.legends[0].get_lines()] == [text, BCE]
        assert ("radial" in data) == (radial == "norm1")
        assert text in series(panels(figure)[0]) and text in shown(figure)


def test_figures_14_and_15_halve_the_classes(counts: pd.DataFrame, shown: Shown) -> None:
    halves = []
    for half in ("first", "second"):
        figure, data = by_class(counts, "head", half)
        assert set(data["network"]) == {"head"}
        halves.append([axis.get_title() for axis in panels(figure)])
        assert list(data["class"].unique()) == halves[-1]
        assert series(panels(figure)[0])[BCE][1] == pytest.approx([77.1, 77.3, 77.0, 77.2])
        assert "image AUROC (%)" in shown(figure) and "MNIST (5,000)" in shown(figure)
    assert halves == [["3", "5", "7"], ["8", "9"]]


def test_a_single_class_has_no_second_half(counts: pd.DataFrame) -> None:
    few = counts[counts["class"].isin(["3", "mean"])]
    assert len(panels(by_class(few, "head", "first")[0])) == 1
    with pytest.raises(UserError, match=r"second half .* single"):
        by_class(few, "head", "second")


def test_figures_16_and_17_show_classes(counts: pd.DataFrame, diversity: pd.DataFrame, shown: Shown) -> None:
    figure, data = figure16(counts)
    assert set(data["network"]) == {"lenet"} and set(data["task"]) == {"one_vs_rest"}
    assert [axis.get_title() for axis in panels(figure)] == CLASSES[:-1] and "mean" not in set(data["class"])
    assert {axis.get_ylim() for axis in panels(figure)} == {panels(figure)[0].get_ylim()}

    figure, data = outliers.classes(diversity, "outlier_class_count")
    assert [axis.get_title() for axis in panels(figure)] == CLASSES[:-1] * len(RUNS)
    assert series(panels(figure)[5])[HSC][1] == pytest.approx([78.1, 78.0, 78.2])
    shown(figure)


def test_the_lowest_panels_name_their_ticks(conform: Conform) -> None:
    names = [f"class {number}" for number in range(7)]  # 5 and 2
    figure, _ = figure16(conform(frame(["hsc"], "outlier_count", [1.0, 4.0], [*names, "mean"])))
    figure.draw_without_rendering()
    named = [any(text.get_visible() for text in axis.get_xticklabels()) for axis in panels(figure)]
    assert named == [False, False, True, True, True, True, True]


@pytest.mark.parametrize("draw", [figure2, figure16])
def test_tick_labels_do_not_overlap(draw: Callable[[pd.DataFrame], Drawn], conform: Conform) -> None:
    figure, _ = draw(conform(frame(["hsc", "bce"], "outlier_count", [0.0, *(2.0**k for k in range(15)), math.inf])))
    figure.draw_without_rendering()
    texts = [text.get_window_extent() for text in panels(figure)[-1].get_xticklabels()]
    assert all(one.x1 <= other.x0 for one, other in pairwise(texts))


def test_a_method_looks_the_same_in_every_figure(counts: pd.DataFrame, diversity: pd.DataFrame) -> None:
    for figure, _ in (figure2(counts), figure16(counts), outliers.averages(diversity, "outlier_class_count")):
        (legend,) = figure.legends
        looks = {line.get_label(): (line.get_color(), line.get_marker()) for line in legend.get_lines()}
        assert looks == {METHODS[name].label: (METHODS[name].colour, METHODS[name].marker) for name in ("hsc", "bce")}
        for axis in panels(figure):
            assert {line.get_label(): (line.get_color(), line.get_marker()) for line in axis.get_lines()}.items() >= (
                looks.items()
            )


@pytest.mark.parametrize("draw", [figure2, figure16])
def test_every_method_of_the_catalogue_is_drawn_in_its_order(
    draw: Callable[[pd.DataFrame], Drawn], conform: Conform
) -> None:
    figure, data = draw(conform(frame([*METHODS][::-1], "outlier_count", [1.0, 4.0], ["3", "mean"])))
    assert set(data["method"]) == set(METHODS)
    looks = [(method.label, method.colour, method.marker) for method in METHODS.values()]
    for lines in (figure.legends[0].get_lines(), panels(figure)[0].get_lines()):
        named = [line for line in lines if not str(line.get_label()).startswith("_")]
        assert [(line.get_label(), line.get_color(), line.get_marker()) for line in named] == looks


@given(st.sets(st.integers(0, 2**20) | st.just(math.inf), min_size=1))
def test_places_keep_the_order(numbers: set[float]) -> None:
    ordered = sorted(map(float, numbers))
    places = outliers._places(ordered)
    assert list(places) == ordered
    assert all(places[one] < places[other] for one, other in pairwise(ordered))
    assert all(places[value] == math.log2(value) for value in ordered if 0 < value < math.inf)
