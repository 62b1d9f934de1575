"""A table beyond the paper's: its decision 1{d > R} (Equation 16), at the radius that it prints and at one that normal
images give."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oneclass.tables.cells import format_cells, pivot
from oneclass.tables.render import Table
from oneclass.tables.tidy import SUBJECT, join_published, of_table

QUANTILE = 0.95  # of the held-out normal images' distances, which is the other radius
SHARES = {"false_alarms": "normal", "detected": "anomalous"}  # of images that are called anomalous
METRICS = [*SHARES, "balanced_accuracy"]
BY_IMAGES = "R from normal images"


def errors(
    scores: pd.DataFrame,
    published: pd.DataFrame,
    number: str,
    classes: Mapping[str, Mapping[str, str]],
    settings: Mapping[str, tuple[float, float]],
) -> Table:
    """Data sets and radii down, shares across. ``classes`` holds the class shown by protocol and data set, ``settings``
    by protocol the norm of the centre and the radius R of the loss."""
    found = []
    for protocol, (norm, radius) in settings.items():
        wanted = scores[(scores["protocol"] == protocol) & (scores["center_norm"] == norm)]
        wanted = wanted[(wanted["center"] == "gaussian") & (wanted["centering"] == "none")]
        for dataset, name in classes[protocol].items():
            images = wanted[(wanted["dataset"] == dataset) & (wanted["class"] == name)]
            where = {"dataset": dataset, "class": name, "protocol": protocol, "center_norm": norm}
            found += [where | row for row in _rows(images, radius)]
    tidy = join_published(pd.DataFrame(found), of_table(published, "objective", number), SUBJECT)
    long, order = format_cells(tidy), {"metric": METRICS}
    return Table(
        "Share (%) of the test images of a class that are called anomalous, and balanced accuracy: the mean of the "
        "shares of normal and of anomalous images that are classified correctly.",
        tidy,
        pivot(long, ["dataset", "protocol", "class", "method"], ["metric", "source"], order),
        [
            "(here): measured by this run, mean ± standard deviation over repetitions of the projector (Adam). d is "
            "the score: the distance to the centre, of maps the highest of the smoothed map.",
            f"{BY_IMAGES}: the {QUANTILE:.0%} quantile of d over every second normal test image; these are left out of "
            "the row, which counts the others.",
        ],
    )


def shares(normal: np.ndarray, anomalous: np.ndarray, radius: float) -> dict[str, float]:
    """``METRICS`` in percent, of normal distances [N] and anomalous ones [M]."""
    false, found = (100 * float((distances > radius).mean()) for distances in (normal, anomalous))
    return {"false_alarms": false, "detected": found, "balanced_accuracy": (100 - false + found) / 2}


def _rows(images: pd.DataFrame, radius: float) -> list[dict[str, object]]:
    """The mean and deviation over repetitions of each metric, under each radius."""
    decided: dict[str, list[dict[str, float]]] = {f"R = {radius:g}": [], BY_IMAGES: []}
    for _, run in images.groupby("repetition"):
        normal, anomalous = (run.loc[run["label"] == label, "score"].to_numpy() for label in (0, 1))
        chosen = float(np.quantile(normal[::2], QUANTILE, method="higher"))
        decided[f"R = {radius:g}"].append(shares(normal, anomalous, radius))
        decided[BY_IMAGES].append(shares(normal[1::2], anomalous, chosen))
    return [
        {
            "method": rule,
            "metric": metric,
            "mean": float(np.mean([run[metric] for run in runs])),
            "std": float(np.std([run[metric] for run in runs], ddof=1)) if len(runs) > 1 else float("nan"),
            "repetitions": len(runs),
        }
        for rule, runs in decided.items()
        for metric in METRICS
    ]
