"""Small charts as inline SVG, in the colours of the page around them, light or dark; equal data, equal bytes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from oneclass.metrics import auroc
from oneclass.pixel_metrics import average_precision

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 428, 14, 210  # of the axes
BINS = 40
SHARES = (0.0, 1.0)

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Chart:
    """An inline SVG and what it shows."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Axes:
    """From data to pixels: the ranges ``x`` and ``y`` fill the axes."""

    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, x: ArrayLike) -> Any:
        return LEFT + (np.asarray(x) - self.x[0]) / (self.x[1] - self.x[0]) * (RIGHT - LEFT)

    def up(self, y: ArrayLike) -> Any:
        return BOTTOM - (np.asarray(y) - self.y[0]) / (self.y[1] - self.y[0]) * (BOTTOM - TOP)


def histogram(normal: Scores, anomalous: Scores, threshold: float, kind: str) -> Chart:
    """How many pictures have which score: the normal ones above, those of another ``kind`` (a constant text) below.

    Each side has its own scale, that of its highest bar.
    """
    sides = [np.asarray(side, np.float64) for side in (normal, anomalous)]
    pooled = np.concatenate([*sides, [threshold]])
    margin = 0.03 * (np.ptp(pooled) or 1)
    axes = Axes((float(pooled.min() - margin), float(pooled.max() + margin)), (-1.1, 1.1))
    edges = np.linspace(*axes.x, BINS + 1)
    marks = []
    for name, side, sign in (("normal", sides[0], 1), ("anomalous", sides[1], -1)):
        counts, _ = np.histogram(side, edges)
        marks += [
            _rectangle(axes, left, right, sign * height, name)
            for left, right, height in zip(edges, edges[1:], counts / max(counts.max(), 1), strict=False)
            if height
        ]
    line = float(axes.across(threshold))
    side_of_line = ("end", -6) if line > (LEFT + RIGHT) / 2 else ("start", 6)
    marks += [
        f'<path class="axis" d="M{LEFT} {axes.up(0):.1f}H{RIGHT}"/>',
        f'<path class="threshold" d="M{line:.1f} {TOP}V{BOTTOM}"/>',
        _text(line + side_of_line[1], TOP + 8, f"threshold {threshold:.3g}", side_of_line[0]),
        _text(LEFT - 6, TOP + 50, "normal", "middle", turned=True),
        _text(LEFT - 6, BOTTOM - 50, kind, "middle", turned=True),
    ]
    svg = _svg(f"Histogram of scores; threshold {threshold:.3g}", [*marks, *_ticks(axes, "x"), *_label("score")])
    text = (
        f"{len(normal)} normal pictures and {len(anomalous)} {kind}. What is to the right of the threshold is flagged."
    )
    return Chart(svg, text)


def roc(normal: Scores, anomalous: Scores, threshold: float) -> Chart:
    """Share of anomalous pictures that are found over the share of normal ones that are flagged."""
    flagged, found, _ = roc_curve(*_labelled(normal, anomalous))
    here = float(np.mean(normal > threshold)), float(np.mean(anomalous > threshold))
    area = 100 * auroc(*_labelled(normal, anomalous))
    svg = _curve(
        "ROC", flagged, found, here, ("normal pictures flagged (false-positive rate)", "found (true-positive rate)")
    )
    return Chart(svg, f"ROC for all thresholds: the area is {area:.1f} %. The dot is the threshold: {_shares(*here)}.")


def precision_recall(normal: Scores, anomalous: Scores, threshold: float) -> Chart:
    """Share of flagged pictures that are anomalous over the share of anomalous ones that are found."""
    precision, recall, _ = precision_recall_curve(*_labelled(normal, anomalous))
    area = 100 * average_precision(*_labelled(normal, anomalous))
    found, wrong = int((anomalous > threshold).sum()), int((normal > threshold).sum())
    here = found / len(anomalous), found / (found + wrong) if found + wrong else 1.0
    svg = _curve(
        "Precision and recall", recall, precision, here, ("found (recall)", "of the flagged, anomalous (precision)")
    )
    return Chart(
        svg,
        f"Precision over recall: average precision {area:.1f} %. The dot is the threshold: {100 * here[1]:.1f} % of "
        "what is flagged is anomalous, as these pictures are mixed.",
    )


def _shares(flagged: float, found: float) -> str:
    return (
        f"{100 * found:.1f} % of these anomalous pictures are found, {100 * flagged:.1f} % of these normal ones flagged"
    )


def _labelled(normal: Scores, anomalous: Scores) -> tuple[NDArray[np.int64], Scores]:
    return np.repeat([0, 1], [len(normal), len(anomalous)]), np.concatenate([normal, anomalous])


def _curve(title: str, x: ArrayLike, y: ArrayLike, here: tuple[float, float], labels: tuple[str, str]) -> str:
    """A curve of shares, in [0, 1]; ``here`` is where the threshold is on it."""
    axes = Axes(SHARES, SHARES)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(axes.across(x), axes.up(y), strict=True))
    marks = [
        *_ticks(axes, "x"),
        *_ticks(axes, "y"),
        f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
        f'<polyline class="curve" points="{points}"/>',
        f'<circle class="here" cx="{axes.across(here[0]):.1f}" cy="{axes.up(here[1]):.1f}" r="5"/>',
        _text(12, (TOP + BOTTOM) / 2, labels[1], "middle", turned=True),
    ]
    return _svg(title, [*marks, *_label(labels[0])])


def _rectangle(axes: Axes, left: float, right: float, height: float, name: str) -> str:
    top, bottom = sorted((axes.up(0), axes.up(height)))
    x, width = axes.across(left), axes.across(right) - axes.across(left)
    return f'<rect class="{name}" x="{x:.1f}" y="{top:.1f}" width="{width - 1:.1f}" height="{bottom - top:.1f}"/>'


def _ticks(axes: Axes, which: str) -> list[str]:
    low, high = axes.x if which == "x" else axes.y
    values = [value for value in MaxNLocator(5).tick_values(low, high) if low - 1e-9 <= value <= high + 1e-9]
    if which == "x":
        return [_text(float(axes.across(value)), BOTTOM + 16, f"{value:.4g}", "middle") for value in values]
    return [_text(LEFT - 6, float(axes.up(value)) + 4, f"{value:.4g}", "end") for value in values]


def _label(text: str) -> list[str]:
    return [_text((LEFT + RIGHT) / 2, HEIGHT - 6, text, "middle")]


def _text(x: float, y: float, text: str, anchor: str, turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>{text}</text>'


def _svg(label: str, marks: list[str]) -> str:
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}">\n' + "\n".join(marks) + "\n</svg>"
