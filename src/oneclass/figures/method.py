"""Figure 1: the method from image to score, with the shapes of a run, on pooled features and on maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from numpy.typing import NDArray

from oneclass import tensors
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.figures.style import FEATURES, NORMAL
from oneclass.labels import label
from oneclass.objective.localisation.distances import read_maps

TRAINED = "#E69F00"
WIDE, HIGH, HALF = 14.0, 3.4, 0.9  # of a lane, and half the side of what is drawn in it
STAGES = {"image": 1.0, "backbone": 3.5, "features": 6.0, "projector": 8.3, "projection": 10.6, "score": 13.0}


@dataclass(frozen=True)
class Lane:
    """One protocol: the ``picture`` as the network takes it; what is written in and below each of ``stages``; and of
    maps the ``distance`` map [h, w] of the picture."""

    protocol: str
    name: str
    picture: NDArray[np.uint8]
    stages: dict[str, tuple[str, str]]
    distance: NDArray[np.float32] | None


def draw(
    indexes: list[Index], models: list[Path], lanes: Sequence[Mapping[str, Any]], maps: Sequence[Path] = ()
) -> tuple[Figure, pd.DataFrame]:
    """A lane for each protocol, in the order of ``indexes`` and ``models``; ``maps`` is that of the second.

    ``lanes`` say what is not in these files: ``protocol``, ``task``, ``class_name``, ``backbone``, ``geometry`` and, of
    maps, the ``layers`` that are joined.
    """
    found = [
        _lane(index, tensors.read(model)[0], said, maps[0] if "layers" in said else None)
        for index, model, said in zip(indexes, models, lanes, strict=True)
    ]
    figure, axes = plt.subplots(len(found), 1, figsize=(WIDE * 0.8, HIGH * 0.8 * len(found)), squeeze=False)
    for axis, lane in zip(axes[:, 0], found, strict=True):
        _draw(axis, lane)
    rows = [
        {"protocol": lane.protocol, "stage": stage, "inside": inside, "below": below}
        for lane in found
        for stage, (inside, below) in lane.stages.items()
    ]
    return figure, pd.DataFrame(rows).replace("\n", " ", regex=True)


def _lane(index: Index, model: Mapping[str, NDArray], said: Mapping[str, Any], maps: Path | None) -> Lane:
    rows = split(index, said["task"], said["class_name"])
    place = rows.test[rows.labels == 1][0]
    picture = np.asarray(Geometry(**said["geometry"]).apply(images.load(*index.places()[place])))
    kind = "none" if maps else "gaussian"  # of maps, what features are centred on; of vectors, the kind of centre
    weight, bias, center = (model[f"{said['class_name']}.{kind}.{part}"] for part in ("weight", "bias", "center"))
    outputs, inputs = weight.shape
    norm = float(np.linalg.norm(center))
    distance, across, levels, score = None, "", "last layer, pooled", "a number: the score"
    if maps:
        variants, ids, found = read_maps(maps, said["class_name"])
        chosen = next(k for k, variant in enumerate(variants) if _is_default(variant, norm))
        distance = found[chosen, ids.index(index.ids()[place])]
        across = f" × {distance.shape[0]} × {distance.shape[1]}"
        levels = f"levels {', '.join(map(str, said['layers']))}, joined"
        score = f"a map, {distance.shape[0]} × {distance.shape[1]};\nthe smoothed map's\nmaximum: the score"
    stages = {
        "image": ("", f"image\n{' × '.join(map(str, picture.shape))}"),
        "backbone": (f"{label('backbone', said['backbone'])}\nfrozen", levels),
        "features": ("f", f"features\n{inputs}{across}"),
        "projector": (
            "W f + b\ntrained",
            f"1×1 convolution\n{inputs} → {outputs}\n{weight.size + bias.size:,} parameters",
        ),
        "projection": ("z", f"projection, {outputs}{across}\ncentre c: N(0, 1), norm {norm:g}"),
        "score": ("‖z − c‖", score),
    }
    name = f"Protocol {said['protocol']}, {FEATURES[said['protocol']]}: {label('dataset', index.name)}"
    return Lane(said["protocol"], f"{name}, normal: {said['class_name']}", picture, stages, distance)


def _is_default(variant: Mapping[str, Any], norm: float) -> bool:
    wanted = {"center": "gaussian", "centering": "none", "repetition": 0}
    return all(variant[name] == value for name, value in wanted.items()) and np.isclose(variant["center_norm"], norm)


def _draw(axis: Axes, lane: Lane) -> None:
    axis.set(xlim=(-0.2, WIDE + 0.2), ylim=(-HIGH / 2 - 0.3, HIGH / 2 - 0.3), aspect="equal")
    axis.axis("off")
    axis.set_title(lane.name, loc="left")
    for stage, x in STAGES.items():
        inside, below = lane.stages[stage]
        axis.text(x, -HALF - 0.15, below, ha="center", va="top", fontsize=8)
        frame = (x - HALF, x + HALF, -HALF, HALF)
        if stage == "image":
            axis.imshow(lane.picture, extent=frame)
        elif stage == "score" and lane.distance is not None:
            axis.imshow(lane.distance, extent=frame, cmap="inferno")
            axis.text(x, HALF + 0.1, inside, ha="center", va="bottom")
        elif stage == "projection":
            _hypersphere(axis, x)
        else:
            colour = {"backbone": "#DDDDDD", "projector": TRAINED}.get(stage, "white")
            _box(axis, x, stage, colour, stacked=stage == "features" and lane.distance is not None)
            axis.text(x, 0, inside, ha="center", va="center")
    axis.set_xlim(-0.2, WIDE + 0.2)  # which imshow has changed
    axis.set_ylim(-HIGH / 2 - 0.3, HIGH / 2 - 0.3)
    places = list(STAGES.values())
    for left, right in pairwise(places):
        arrow = {"arrowstyle": "->", "lw": 1.2}
        axis.annotate("", (right - HALF - 0.08, 0), (left + HALF + 0.08, 0), arrowprops=arrow)


def _box(axis: Axes, x: float, stage: str, colour: str, *, stacked: bool) -> None:
    """A box; features are a narrow bar, or a stack of maps."""
    if stage != "features":
        style = "round,pad=0,rounding_size=0.15"
        axis.add_patch(FancyBboxPatch((x - HALF, -HALF), 2 * HALF, 2 * HALF, boxstyle=style, fc=colour, ec="black"))
    elif stacked:
        for shift in (0.3, 0.15, 0):
            corner = (x - HALF + shift, -HALF + 0.3 + shift)
            axis.add_patch(Rectangle(corner, 2 * HALF - 0.45, 2 * HALF - 0.6, fc=colour, ec="black"))
    else:
        axis.add_patch(Rectangle((x - 0.25, -HALF), 0.5, 2 * HALF, fc=colour, ec="black"))


def _hypersphere(axis: Axes, x: float) -> None:
    """The centre, normal images around it, and one that is far."""
    axis.add_patch(Circle((x, 0), HALF * 0.55, fc="white", ec=NORMAL, ls="--"))
    axis.plot([x], [0], "x", color="black", ms=8)
    axis.text(x + 0.1, -0.12, "c", va="top")
    axis.annotate("z", (x, 0), (x + 0.55, 0.7), arrowprops={"arrowstyle": "<-", "lw": 1}, ha="center", va="center")
