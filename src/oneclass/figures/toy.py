"""Figure 1: what a supervised and an unsupervised method take for normal, in two dimensions."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oneclass.exposure.toy import BOUNDARY, SIDE, Decision, Name, Points, axis, run
from oneclass.figures.style import ANOMALOUS, NORMAL, legend_below

COLUMNS = {"": "data", "bce": "supervised OE (BCE)", "hsc": "unsupervised OE (HSC)"}
ROWS: dict[Name, str] = {"ideal": "ideal: outliers everywhere", "skewed": "skewed: outliers on one side"}
LETTERS = "abcdef"
TICKS = [-4, -2, 0, 2, 4]


def draw(seed: int) -> tuple[Figure, pd.DataFrame]:
    """A row per scenario: its data, and by each method the region where a point is rather normal than anomalous.

    The table has a row for each training point drawn (kind normal or outlier) and each corner of a boundary, numbered
    by ``line``, with the AUROC of its panel in percent; ``method`` is empty where the normal density is known.
    """
    scenarios = run(seed)
    figure, axes = plt.subplots(len(ROWS), len(COLUMNS), figsize=(7.4, 5.6), sharex=True, sharey=True, squeeze=False)
    frames = []
    panels = [(name, method) for name in ROWS for method in COLUMNS]
    for panel, letter, (name, method) in zip(axes.flat, LETTERS, panels, strict=True):
        scenario = scenarios[name]
        value = 100 * (scenario.decisions[method].auroc if method else scenario.best)
        parts = [_scatter(panel, scenario.points)]
        if method:
            parts.append(_decision(panel, scenario.decisions[method], BOUNDARY[method]))
        frames += [part.assign(panel=letter, scenario=name, method=method, auroc=value) for part in parts]
        panel.set_title(f"({letter}) {COLUMNS[method]}\n{'' if method else 'true density: '}AUROC {value:.1f} %")
        panel.set(aspect="equal", xlim=(-SIDE, SIDE), ylim=(-SIDE, SIDE), xticks=TICKS, yticks=TICKS)
    for row, title in zip(axes, ROWS.values(), strict=True):
        row[0].set_ylabel(title)
    handles, _ = axes[0, 0].get_legend_handles_labels()
    handles += [
        Patch(color=NORMAL, alpha=0.2, lw=0, label="taken for normal"),
        Line2D([], [], color="black", label="boundary"),
    ]
    legend_below(figure, handles)
    data = pd.concat(frames, ignore_index=True)
    return figure, data[["panel", "scenario", "method", "auroc", "kind", "line", "x", "y"]]


def _scatter(panel: Axes, points: Points) -> pd.DataFrame:
    frames = []
    samples = [("normal", points.normal, NORMAL, "o"), ("outlier", points.outliers, ANOMALOUS, "^")]
    for kind, where, colour, marker in samples:
        x, y = where.numpy().T
        panel.scatter(x, y, s=9, c=colour, marker=marker, alpha=0.7, lw=0, label=f"{kind}, training")
        frames.append(pd.DataFrame({"kind": kind, "line": np.nan, "x": x, "y": y}))
    return pd.concat(frames, ignore_index=True)


def _decision(panel: Axes, decision: Decision, boundary: float) -> pd.DataFrame:
    """Draws the region below ``boundary``; the corners of its edge."""
    places, lowest = axis(), min(decision.grid.min(), boundary)
    panel.contourf(places, places, decision.grid, [lowest - 1, boundary], colors=[NORMAL], alpha=0.2, zorder=0)
    lines = panel.contour(places, places, decision.grid, [boundary], colors="black", linewidths=1.3).allsegs[0]
    frames = [pd.DataFrame(line, columns=["x", "y"]).assign(line=number) for number, line in enumerate(lines)]
    return pd.concat(frames, ignore_index=True).assign(kind="boundary")
