"""The figure of CLIP's prompts, drawn from summaries of AUROC."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oneclass.errors import UserError
from oneclass.figures import prompts

Shown = Callable[[Figure], str]
DIGITS = [str(number) for number in range(10)]
TEMPLATES = ["a photo of a {label}", "the digit {label}", "{label}"]
LONG = ["acorn", "rotary_dial_telephone", *(f"class_{number}" for number in range(28))]


def frame(dataset: str, classes: list[str], templates: list[str], backbone: str = "mini_clip") -> pd.DataFrame:
    """AUROC is 90, less 1 a template, more a tenth a class; the average is 80, less 1 a template."""
    rows = [
        (name, template, (80 if name == "mean" else 90 + place / 10) - step)
        for step, template in enumerate(templates)
        for place, name in enumerate([*classes, "mean"])
    ]
    data = pd.DataFrame(rows, columns=["class", "prompt", "mean"])
    fixed = {"dataset": dataset, "method": "clip", "task": "one_vs_rest", "network": "clip", "backbone": backbone}
    fixed |= {"metric": "image_auroc", "std": 0.5, "repetitions": 3, "pool": None, "augmented": "no"}
    return data.assign(**fixed, ci_low=data["mean"] - 1, ci_high=data["mean"] + 1)


@pytest.fixture
def summary() -> pd.DataFrame:
    other = frame("mnist5k_leave_one_out", ["3"], TEMPLATES[::-1])
    return pd.concat([frame("mnist5k", DIGITS, TEMPLATES), other, other.assign(metric="image_ap", mean=1.0)])


def panels(figure: Figure) -> list[Axes]:
    return [axis for axis in figure.findobj(Axes) if axis.get_visible()]


def points(axis: Axes) -> dict[str, list[tuple[float, float]]]:
    """Those of the classes, by template."""
    lines = [line for line in axis.get_lines() if not str(line.get_label()).startswith("_")]
    return {line.get_label(): list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in lines}


def test_a_panel_for_each_data_set(summary: pd.DataFrame, shown: Shown) -> None:
    figure, data = prompts.draw(summary)
    assert [axis.get_title() for axis in panels(figure)] == [
        *("MNIST (5,000): miniature CLIP", "MNIST (5,000), leave one out: miniature CLIP")
    ]
    assert len(data) == (10 + 1 + 1 + 1) * len(TEMPLATES)  # without those of the other metric
    assert {"prompt", "mean", "std", "repetitions", "ci_low", "ci_high"} <= set(data)
    text = shown(figure)
    assert all(template in text for template in TEMPLATES) and "image AUROC (%)" in text


def test_points_are_the_means_of_their_class(summary: pd.DataFrame) -> None:
    axis = panels(prompts.draw(summary)[0])[0]
    assert list(points(axis)) == TEMPLATES
    for step, drawn in enumerate(points(axis).values()):
        assert [round(x) for x, _ in drawn] == list(range(10))
        assert [y for _, y in drawn] == pytest.approx([90 + place / 10 - step for place in range(10)])
    names = [text.get_text() for text in axis.get_xticklabels()]
    assert names == [*DIGITS, "Average"] and axis.get_xticklabels()[-1].get_fontweight() == "bold"


def test_averages_are_larger_and_apart(summary: pd.DataFrame) -> None:
    axis = panels(prompts.draw(summary)[0])[0]
    averages = [line for line in axis.get_lines() if len(line.get_xdata()) == 1]
    assert [line.get_ydata()[0] for line in averages] == [80, 79, 78]
    assert all(round(line.get_xdata()[0]) == 10 for line in averages)
    sizes = [line.get_markersize() for line in axis.get_lines() if line.get_label() in TEMPLATES]
    assert min(line.get_markersize() for line in averages) > max(sizes)


def test_prompts_of_a_class_stand_apart_and_in_its_room() -> None:
    templates = [f"{number} {{label}}" for number in range(6)]
    drawn = points(panels(prompts.draw(frame("mnist5k", DIGITS, templates))[0])[0])
    x = np.sort([place for line in drawn.values() for place, _ in line]).reshape(10, 6)
    assert (np.diff(x, axis=1) > 0.1).all() and (np.abs(x - np.arange(10)[:, None]) < 0.45).all()


def test_a_prompt_looks_the_same_in_every_panel(summary: pd.DataFrame) -> None:
    figure, _ = prompts.draw(summary)
    (legend,) = figure.legends
    looks = {line.get_label(): (line.get_color(), line.get_marker()) for line in legend.get_lines()}
    assert list(looks) == TEMPLATES and len(set(looks.values())) == len(TEMPLATES)
    for axis in panels(figure):
        drawn = {line.get_label(): (line.get_color(), line.get_marker()) for line in axis.get_lines()}
        assert drawn.items() >= looks.items()


@pytest.mark.parametrize(
    ("std", "low", "high"),
    [(0.5, 89.5, 90.5), (np.nan, 90, 90), (12, 78, 100)],
    ids=["", "one repetition", "past the range"],
)
def test_lines_are_of_one_standard_deviation(summary: pd.DataFrame, std: float, low: float, high: float) -> None:
    axis = panels(prompts.draw(summary.assign(std=std))[0])[0]
    assert axis.collections[0].get_segments()[0][:, 1] == pytest.approx([low, high])


@pytest.mark.parametrize("classes", [["3"], DIGITS, ["airplane", "automobile"], LONG])
def test_names_of_classes_do_not_overlap(classes: list[str]) -> None:
    figure, _ = prompts.draw(frame("imagenet30", classes, [*TEMPLATES, "a", "b", "c"]))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in panels(figure)[0].get_xticklabels()]
    assert all(one.x1 <= other.x0 for one, other in pairwise(boxes))
    assert figure.get_figwidth() < 16


def test_more_prompts_than_colours_are_refused() -> None:
    templates = [f"{number} {{label}}" for number in range(11)]
    with pytest.raises(UserError, match="11 prompts"):
        prompts.draw(frame("mnist5k", DIGITS, templates))


def test_no_results_are_named(summary: pd.DataFrame) -> None:
    with pytest.raises(UserError, match=r"clip\.datasets"):
        prompts.draw(summary[summary["metric"] == "nothing"])
