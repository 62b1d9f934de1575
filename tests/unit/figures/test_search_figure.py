"""The progress of searches."""

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Loss
from oneclass.figures.search import GREY, draw, progress
from oneclass.tables.search import at_random, evolved

TRIED = {
    ("3", "best"): [60.0, 50.0, 70.0, 65.0],
    ("3", "worst"): [60.0, 50.0, 55.0, 40.0, 45.0],
    ("3", "random"): [50.0, 66.0, 44.0, 62.0],
    ("0", "best"): [80.0, 90.0],
    ("0", "worst"): [30.0],
    ("0", "random"): [70.0, 60.0, 75.0, 50.0],
}
RUNS = [("mnist5k", "lenet", "hsc", "none", 0, 0.0), ("mnist5k", "lenet", "bce", "lpf", 14, -5.0)]
RUNS += [("elpv", "lenet", "hsc", "none", 0, 1.0)]


@pytest.fixture
def searches(conform: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Generations of two, stored in reverse; before each new outlier stands a survivor that is better than any."""
    rows = []
    for dataset, network, method, kind, magnitude, more in RUNS:
        for (name, direction), values in TRIED.items():
            fixed = (dataset, "photos", network, "one_vs_rest", name, method, kind, magnitude, direction)
            for place, value in enumerate(values):
                rows.append((*fixed, place, 0, "known", -1.0 if direction == "worst" else 101.0, False))
                rows.append((*fixed, place, 1, f"{name}{place}", value + more, True))
    columns = ["dataset", "pool", "network", "task", "class", "method", "filter", "magnitude", "direction"]
    columns += ["generation", "individual", "outlier", "fitness", "trained"]
    return conform(pd.DataFrame(rows, columns=columns).assign(repetitions=2)[::-1], "searches")


def line(data: pd.DataFrame, name: str, search: str, outlier: str) -> list[tuple[int, float]]:
    rows = data[(data["dataset"] == "mnist5k") & (data["method"] == "hsc") & (data["class"] == name)]
    rows = rows[(rows["search"] == search) & (rows["outlier"] == outlier)]
    return list(zip(rows["tried"], rows["auroc"], strict=True))


def test_steps_and_the_last_value(searches: pd.DataFrame) -> None:
    data = progress(searches)
    assert line(data, "3", "evolution", "best") == [(1, 60), (3, 70), (4, 70)]
    assert line(data, "3", "evolution", "worst") == [(1, 60), (2, 50), (4, 40), (5, 40)]
    assert line(data, "0", "evolution", "worst") == [(1, 30)]
    assert line(data, "3", "random search", "best") == [(1, 50), (2, 66), (4, 66)]
    assert line(data, "3", "random search", "worst") == [(1, 50), (3, 44), (4, 44)]


def test_a_search_that_has_ended_keeps_its_value_in_the_average(searches: pd.DataFrame) -> None:
    data = progress(searches)
    assert line(data, "mean", "evolution", "best") == [(1, 70), (2, 75), (3, 80), (4, 80)]
    assert line(data, "mean", "evolution", "worst") == [(1, 45), (2, 40), (4, 35), (5, 35)]


def test_averages_end_where_the_tables_have_them(searches: pd.DataFrame) -> None:
    data = progress(searches)
    keys = ["dataset", "method", "filter", "outlier", "class"]
    trained = searches[searches["trained"]]
    for search, summary in (("evolution", evolved(trained)), ("random search", at_random(trained))):
        last = data[data["search"] == search].groupby(keys)["auroc"].last()
        pd.testing.assert_series_equal(last, summary.set_index(keys)["mean"].sort_index(), check_names=False)


def test_panels(searches: pd.DataFrame, shown: Callable[[Figure], str]) -> None:
    figure, data = draw(searches)
    panels = [axis for axis in figure.findobj(Axes) if axis.get_lines()]
    assert sorted(axis.get_title() for axis in panels) == ["BCE, low-pass 14", "HSC, unfiltered", "HSC, unfiltered"]
    for axis in panels:
        lines = axis.get_lines()
        assert len(lines) == 4 * 3
        thick = [each for each in lines if each.get_linewidth() > 1]
        assert [each.get_color() == GREY for each in thick] == [False, False, True, True]
    text = shown(figure)
    assert "outliers tried" in text and "image AUROC (%)" in text and "random search" in text
    assert list(data.columns[-5:]) == ["class", "search", "outlier", "tried", "auroc"]


def test_one_class_is_its_own_average(searches: pd.DataFrame) -> None:
    figure, _ = draw(searches[(searches["class"] == "3") & (searches["method"] == "hsc")])
    assert {len(axis.get_lines()) for axis in figure.findobj(Axes)} <= {0, 4}


def test_nothing_is_cut(searches: pd.DataFrame) -> None:
    figure, _ = draw(searches[searches["dataset"] == "elpv"])
    figure.draw_without_rendering()
    [legend] = figure.legends
    [part] = figure.subfigs
    for text in (legend, *part.texts):
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 and figure.bbox.y0 <= box.y0


def test_every_loss_of_the_catalogue_is_drawn_in_its_colour(searches: pd.DataFrame) -> None:
    losses = of_kind(Loss)
    one = searches[(searches["method"] == "hsc") & (searches["dataset"] == "mnist5k")]
    figure, data = draw(pd.concat([one.assign(method=name) for name in losses], ignore_index=True))
    assert set(data["method"]) == set(losses)
    panels = [axis for axis in figure.findobj(Axes) if axis.get_lines()]
    colours = {axis.get_title(): {line.get_color() for line in axis.get_lines()} for axis in panels}
    assert colours == {f"{loss.label}, unfiltered": {loss.colour, GREY} for loss in losses.values()}
