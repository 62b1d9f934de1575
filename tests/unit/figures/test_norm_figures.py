"""Figures 3, S5 and 4, drawn from a summary of AUROC."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Trained
from oneclass.figures import norms
from oneclass.labels import chosen
from oneclass.tidy import conform as conformed

Shown = Callable[[Figure], str]
Conform = Callable[..., pd.DataFrame]
NORMS = [8.0, 1.0, 32.0]  # sorted by the figures
CLASSES = {"mnist5k": ["3", "5", "mean"], "elpv": ["mono", "mean"]}
MEANS = {("mnist5k", 1): 95.0, ("mnist5k", 8): 90.0, ("mnist5k", 32): 85.0}
MEANS |= {("elpv", 1): 91.0, ("elpv", 8): 80.0, ("elpv", 32): 70.0}


NO_HISTORY = conformed(pd.DataFrame(), "history")


def row(dataset: str, name: str, method: str, center: str | None, norm: float, mean: float) -> dict[str, object]:
    shared = {
        "backbone": "b",
        "metric": "image_auroc",
        "std": 0.5,
        "repetitions": 2,
        "protocol": "A",
        "centering": "none",
    }
    described = {
        "dataset": dataset,
        "class": name,
        "method": method,
        "center": center,
        "center_norm": norm,
        "mean": mean,
    }
    return described | shared | {"ci_low": mean - 1, "ci_high": mean + 1}


@pytest.fixture
def summary(conform: Conform) -> pd.DataFrame:
    rows = []
    for dataset, classes in CLASSES.items():
        for name in classes:
            shift = 0 if name == "mean" else 1
            for norm in NORMS:
                rows.append(row(dataset, name, "projector", "gaussian", norm, MEANS[dataset, norm] + shift))
                rows.append(row(dataset, name, "closed_form", None, norm, 50 + norm / 10))
            rows.append(row(dataset, name, "projector", "ones", 1.0, 11.0))
            rows.append(row(dataset, name, "knn", None, np.nan, 12.0))
    return conform(pd.DataFrame(rows))


def series(figure: Figure, axis: int) -> dict[str, tuple[list[float], list[float]]]:
    lines = figure.axes[axis].get_lines()
    return {str(line.get_label()): (list(line.get_xdata()), list(line.get_ydata())) for line in lines}


def similarity(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    """Metrics of the pretrained features; all but the cosine are of no interest."""
    cosines = pd.DataFrame(rows, columns=["dataset", "protocol", "class", "value"]).assign(metric="cosine")
    return pd.concat([cosines, cosines.assign(metric="other", value=7.0)], ignore_index=True)


def test_figure3_shows_averages_over_classes(summary: pd.DataFrame, shown: Shown) -> None:
    figure, data = norms.averages(summary)
    assert set(data["class"]) == {"mean"} and set(data["method"]) == {"projector", "closed_form"}
    assert len(data) == 2 * 2 * 3 and 11.0 not in data["mean"].tolist()
    assert series(figure, 0) == {
        "MNIST (5,000): Projector (Adam)": ([1, 8, 32], [95, 90, 85]),
        "MNIST (5,000): Closed form": ([1, 8, 32], [50.1, 50.8, 53.2]),
        "ELPV: Projector (Adam)": ([1, 8, 32], [91, 80, 70]),
        "ELPV: Closed form": ([1, 8, 32], [50.1, 50.8, 53.2]),
    }
    assert "mean image AUROC (%)" in shown(figure)


def test_figure3_draws_every_trained_method_with_its_dash(summary: pd.DataFrame) -> None:
    mean = summary[(summary["method"] == "projector") & (summary["dataset"] == "elpv")]
    trained = of_kind(Trained)
    figure, _ = norms.averages(pd.concat([mean.assign(method=name) for name in [*trained][::-1]], ignore_index=True))
    dashes = {line.get_label(): line.get_linestyle() for line in figure.axes[0].get_lines()}
    assert list(dashes.items()) == [(f"ELPV: {method.label}", method.dash) for method in trained.values()]
    assert len(set(dashes.values())) == len(trained) == 3
    bands = figure.axes[0].collections
    assert len(bands) == sum(dash == "-" for dash in dashes.values())


def test_figure_s5_shows_classes(summary: pd.DataFrame, shown: Shown) -> None:
    figure, data = norms.classes(summary)
    assert "mean" not in set(data["class"]) and set(data["method"]) == {"projector"}
    assert len(data) == 3 * 3
    assert series(figure, 0) == {"3": ([1, 8, 32], [96, 91, 86]), "5": ([1, 8, 32], [96, 91, 86])}
    assert series(figure, 1) == {"mono": ([1, 8, 32], [92, 81, 71])}
    assert {"MNIST (5,000)", "ELPV"} <= set(shown(figure).splitlines())


def test_a_single_seed_has_no_spread_but_a_line(summary: pd.DataFrame) -> None:
    figure, _ = norms.averages(summary.assign(std=np.nan))
    (area,) = {tuple(map(tuple, c.get_paths()[0].vertices)) for c in figure.axes[0].collections[:1]}
    assert np.isfinite(area).all()


def test_figure4_marks_the_feasible_domain(summary: pd.DataFrame, shown: Shown) -> None:
    cosines = [("mnist5k", "A", "3", 0.2), ("mnist5k", "A", "5", 0.4), ("elpv", "A", "mono", 0.9)]
    figure, data = norms.feasible(summary, similarity(cosines), NO_HISTORY, 90)
    here = data[data["source"] == "here"]
    rows = {(r["dataset"], r["center_norm"]): (r["mean"], r["cosine"], r["feasible"]) for _, r in here.iterrows()}
    assert rows == {
        ("mnist5k", 1): (95, pytest.approx(0.3), True),
        ("mnist5k", 8): (90, pytest.approx(0.3), True),
        ("mnist5k", 32): (85, pytest.approx(0.3), False),
        ("elpv", 1): (91, pytest.approx(0.9), True),
        ("elpv", 8): (80, pytest.approx(0.9), False),
        ("elpv", 32): (70, pytest.approx(0.9), False),
    }
    text = shown(figure)
    assert "MNIST (5,000), pooled\ncosine 0.30, feasible [1, 32)" in text and "at least 90 %" in text
    assert "ELPV, pooled\ncosine 0.90, feasible [1, 8)" in text
    bands = [list(line.get_xdata()) for line in figure.axes[0].get_lines()]
    assert bands == [[1, 4, 8, 16, 32], [1, 8], [1, 2, 4], [1]]  # from the smallest cosine, the paper's among them


def test_figure4_has_the_paper_s_cosines_and_domains(summary: pd.DataFrame, shown: Shown) -> None:
    cosines = [("mnist5k", "A", "3", 0.3), ("elpv", "A", "mono", 0.9)]
    figure, data = norms.feasible(summary, similarity(cosines), NO_HISTORY, 90)
    text, paper = shown(figure), data[data["source"] == "published"]
    # Section 5.3: "[1,32] for CIFAR10 and [1,8) for MVTec AD", where AUROC is above 90 %
    assert "CIFAR10, pooled (published)\ncosine 0.19, feasible [1, 32]" in text
    assert "MVTec AD, multi-scale (published)\ncosine 0.61, feasible [1, 8)" in text
    assert paper.groupby("dataset")["mean"].agg(list).to_dict() == {
        "cifar10": [93.9, 94.0, 94.1, 93.8, 91.3],
        "mvtec_ad": [99.0, 99.0, 97.2, 89.2],
    }


@pytest.fixture
def both(summary: pd.DataFrame) -> pd.DataFrame:
    """With Protocol B on one of the data sets: 7 points lower, with pixel metrics and rows of centred features."""
    part = summary[summary["dataset"] == "elpv"].assign(protocol="B")
    lower = part.assign(mean=part["mean"] - 7)
    pixels = part.assign(mean=1.0, metric="pixel_auroc")
    centred = part.assign(mean=2.0, centering="position")
    return pd.concat([summary, centred, pixels, lower], ignore_index=True)


def test_protocol_b_has_panels_of_its_own(both: pd.DataFrame, shown: Shown) -> None:
    figure, data = norms.averages(both)
    assert len(data) == 3 * 2 * 3 and not {1.0, 2.0} & set(data["mean"])
    assert series(figure, 0)["ELPV: Projector (Adam)"] == ([1, 8, 32], [91, 80, 70])
    assert series(figure, 1) == {
        "ELPV: Projector (Adam)": ([1, 8, 32], [84, 73, 63]),
        "ELPV: Closed form": ([1, 8, 32], [43.1, 43.8, 46.2]),
    }
    colours = {line.get_color() for axis in figure.axes for line in axis.get_lines() if "ELPV" in str(line.get_label())}
    assert len(colours) == 1  # in both panels
    [legend] = figure.legends
    assert len({text.get_text() for text in legend.get_texts()}) == len(legend.get_texts()) == 4
    assert "pooled features" in shown(figure) and "multi-scale features" in shown(figure)

    figure, data = norms.classes(both)
    assert len(data) == 4 * 3 and not {1.0, 2.0} & set(data["mean"])
    assert [axis.get_title() for axis in figure.axes] == ["MNIST (5,000), pooled", "ELPV, pooled", "ELPV, multi-scale"]
    assert series(figure, 2) == {"mono": ([1, 8, 32], [85, 74, 64])}


def test_figure_s5_breaks_lines(summary: pd.DataFrame) -> None:
    copies = [summary[summary["dataset"] == "elpv"].assign(dataset=f"data{k}") for k in range(5)]
    figure, _ = norms.classes(pd.concat(copies, ignore_index=True))
    assert [axis.get_visible() for axis in figure.axes] == [True] * 5 + [False]


def test_figure4_has_a_row_for_each_protocol(both: pd.DataFrame, shown: Shown) -> None:
    cosines = [("mnist5k", "A", "3", 0.3), ("elpv", "A", "mono", 0.9), ("elpv", "B", "mono", 0.1)]
    figure, data = norms.feasible(both, similarity(cosines), NO_HISTORY, 80)
    ticks = [tick.get_text().split(",")[0] for tick in figure.axes[0].get_yticklabels()]
    assert ticks == ["ELPV", "CIFAR10", "MNIST (5", "MVTec AD", "ELPV"]
    data = data[data["source"] == "here"]
    assert len(data) == 3 * 3 and set(data.loc[data["protocol"] == "B", "mean"]) == {84, 73, 63}
    rows = [sorted(map(tuple, dots.get_offsets())) for dots in figure.axes[0].collections]
    assert [rows[place] for place in (0, 2, 4)] == [[(norm, place) for norm in sorted(NORMS)] for place in (0, 2, 4)]
    bands = [list(line.get_xdata()) for line in figure.axes[0].get_lines()]
    assert [bands[place] for place in (0, 2, 4)] == [[1], [1, 8, 32], [1, 8]]
    shown(figure)


def test_figure4_without_a_feasible_norm(summary: pd.DataFrame, shown: Shown) -> None:
    cosines = [("mnist5k", "A", "3", 0.3), ("elpv", "A", "mono", 0.9)]
    figure, data = norms.feasible(summary, similarity(cosines), NO_HISTORY, 99.5)
    assert not data["feasible"].any() and not figure.axes[0].get_lines()
    assert shown(figure).count("none feasible") == 4


def test_figure4_has_the_mean_feature_at_its_own_norm(summary: pd.DataFrame, shown: Shown, conform: Conform) -> None:
    own = [row("elpv", name, "projector", "mean_feature_unscaled", np.nan, 88.0) for name in ("mono", "mean")]
    logged = {"dataset": "elpv", "protocol": "A", "metric": "center_norm", "center": "mean_feature_unscaled"}
    history = conform(pd.DataFrame([logged | {"value": value} for value in (10.0, 14.0)]), "history")
    cosines = [("mnist5k", "A", "3", 0.3), ("elpv", "A", "mono", 0.9)]
    with_own = conform(pd.concat([summary, pd.DataFrame(own)], ignore_index=True))
    figure, data = norms.feasible(with_own, similarity(cosines), history, 85)
    [found] = data[data["source"] == "here, feature mean not scaled"].to_dict("records")
    assert (found["center_norm"], found["mean"], found["feasible"]) == (12, 88, True)
    places = [tuple(map(float, place)) for dots in figure.axes[0].collections for place in dots.get_offsets()]
    assert (12.0, 3.0) in places and "88.0" in shown(figure)
    assert "[1, 8)" in figure.axes[0].get_yticklabels()[3].get_text()  # of the norms that were tried


@pytest.mark.parametrize("length", [3, 25, 50])
def test_long_names_do_not_leave_figure3(summary: pd.DataFrame, length: int) -> None:
    named = summary.assign(dataset=summary["dataset"].str.pad(length, fillchar="e"))
    figure, _ = norms.averages(named)
    figure.draw_without_rendering()
    [legend] = figure.legends
    box, page = legend.get_window_extent(), figure.bbox
    assert page.x0 <= box.x0 and box.x1 <= page.x1
    assert figure.axes[0].get_window_extent().width > 0.5 * page.width


def test_the_paper_s_rows_of_figure4_have_its_own_names(summary: pd.DataFrame) -> None:
    alike = similarity([("elpv", "A", "mono", 0.5), ("mnist5k", "A", "3", 0.4)])
    with chosen({"dataset": {"mvtec_ad": "one category"}}):
        figure, _ = norms.feasible(summary, alike, NO_HISTORY, 85)
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert any(name.startswith("MVTec AD, multi-scale (published)") for name in names)


def test_figure_s5_tells_twenty_classes_apart_and_covers_none(summary: pd.DataFrame, overlapping: Any) -> None:
    one = summary[summary["class"] == "mono"]
    names = [f"large_omnivores_and_herbivores_{number}" for number in range(20)]
    classes = pd.concat([one.assign(**{"class": name}) for name in names])
    figure, _ = norms.classes(pd.concat([classes.assign(dataset=f"data{k}") for k in range(4)], ignore_index=True))
    assert overlapping(figure) == []
    for axis in [axis for axis in figure.axes if axis.get_visible()]:
        assert len({(line.get_color(), line.get_marker()) for line in axis.get_lines()}) == 20
        legend = axis.get_legend()
        assert legend is not None and not legend.get_window_extent().overlaps(axis.get_window_extent())
