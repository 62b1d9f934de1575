"""Figures S2 and S3: defects, and where the distance map of a trained projector sees them, at its best and worst."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from oneclass.data import images, masks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.figures.style import ANOMALOUS, not_centered
from oneclass.labels import label
from oneclass.metrics import auroc
from oneclass.objective.localisation.distances import classes_in, dataset_of, read_maps
from oneclass.objective.localisation.smoothing import smooth

PANELS = ("image", "mask", "distance map")
SIDE, GAP, LEFT, RIGHT, TOP, BELOW = 1.15, 0.05, 0.6, 0.6, 0.5, 0.25  # inches: of a panel, and around panels


@dataclass(frozen=True)
class Tested:
    """The T test images of a category under one projector.

    ``images``: rows of the index with ``label``, ``score`` and ``rank`` (1 for the highest score); ``distance``: their
    maps [T, h, w] before smoothing, in the same order; ``root``: where the index's paths begin.
    """

    dataset: str
    name: str
    root: Path
    images: pd.DataFrame
    distance: NDArray[np.float32]
    geometry: Geometry
    sigma: float

    def smoothed(self, place: int) -> NDArray[np.float32]:
        """The map [S, S] of one image at the resolution of the network's input."""
        return smooth(self.distance[place], self.geometry.image_size, self.sigma)

    def scale(self) -> tuple[float, float]:
        """Where the colours of the maps begin and end: at the lowest value of any map, and at the median score of
        anomalous images. (At the highest value a single image would leave the others without contrast.)"""
        anomalous = self.images.loc[self.images["label"] == 1, "score"]
        return float(min(self.smoothed(place).min() for place in range(len(self.images)))), float(anomalous.median())


def best(**read: Any) -> tuple[Figure, pd.DataFrame]:
    """Figure S2: the two anomalous images of each category with the highest scores. Takes what ``load`` does."""
    cases = {"anomalous, highest score": (1, 0), "anomalous, second highest score": (1, 1)}
    return _figure(load(**read), cases)


def worst(**read: Any) -> tuple[Figure, pd.DataFrame]:
    """Figure S3: the anomalous image of each category with the lowest score, and the normal one with the highest."""
    return _figure(load(**read), {"anomalous, lowest score": (1, -1), "normal, highest score": (0, 0)})


def load(
    indexes: list[Index],
    scores: pd.DataFrame,
    maps: list[Path],
    geometries: Mapping[str, Mapping[str, Any]],
    sigma: float,
    center_norm: float,
) -> list[Tested]:
    """Every category that the files hold, under the first repetition of the trained projector with a centre from
    N(0, 1) of length ``center_norm``, on features that are not centred; ``geometries`` are those of the data sets."""
    known = {index.name: index for index in indexes}
    found = []
    for path in maps:
        dataset = dataset_of(path)
        of_dataset = _chosen(scores[scores["dataset"] == dataset], center_norm)
        index, table = known[dataset], known[dataset].table.set_index("id")
        for name in classes_in(path):
            variants, ids, distance = read_maps(path, name)
            variant = _chosen(pd.DataFrame(variants), center_norm).index.item()
            rows = of_dataset[of_dataset["class"] == name].set_index("id")
            tested = table.loc[ids, ["path", "item", "reader", "defect", "mask"]]
            tested = tested.join(rows[["label", "score"]], validate="1:1").reset_index()
            tested["rank"] = tested["score"].rank(ascending=False, method="first").astype(int)
            geometry = Geometry(**geometries[dataset])
            found.append(Tested(dataset, name, index.root, tested, distance[variant], geometry, sigma))
    return found


def _chosen(rows: pd.DataFrame, center_norm: float) -> pd.DataFrame:
    rows = not_centered(rows)
    default = (rows["center"] == "gaussian") & (rows["center_norm"] == center_norm) & (rows["repetition"] == 0)
    return rows[(rows["method"] == "projector") & default]


def _figure(categories: list[Tested], cases: dict[str, tuple[int, int]]) -> tuple[Figure, pd.DataFrame]:
    """A row for each category, with three panels for each of ``cases`` (label, place in the order of rank), and a scale
    of the maps' colours, which holds for the row."""
    block = len(PANELS) * (SIDE + GAP) + 3 * GAP
    width, height = LEFT + len(cases) * block + RIGHT, TOP + len(categories) * (SIDE + BELOW)
    # every place is given in inches; the first savefig would forget layout="none"
    figure = plt.figure(figsize=(width, height), layout=PlaceHolderLayoutEngine(True, True))

    def panel(x: float, line: int, wide: float = SIDE) -> Axes:
        """Axes ``x`` inches from the left, in the row of a category."""
        bottom = height - TOP - line * (SIDE + BELOW) - SIDE
        return figure.add_axes((x / width, bottom / height, wide / width, SIDE / height))

    records = []
    for line, category in enumerate(categories):
        scale = category.scale()
        for number, (case, (value, place)) in enumerate(cases.items()):
            ranked = category.images[category.images["label"] == value].sort_values("rank")
            if place >= len(ranked):  # there is but one anomalous image
                continue
            row = ranked.iloc[place]
            axes = [panel(LEFT + number * block + k * (SIDE + GAP), line) for k in range(len(PANELS))]
            drawn = _draw(axes, category, int(ranked.index[place]), scale)
            described = {"dataset": category.dataset, "class": category.name, "case": case}
            shown = row[["id", "defect", "label", "score", "rank"]].to_dict()
            records.append(described | shown | {"images": len(category.images), "low": scale[0], "high": scale[1]})
            if number == 0:
                auc = 100 * auroc(category.images["label"], category.images["score"])
                name = textwrap.fill(label("dataset", category.dataset), 22)
                axes[0].set_ylabel(f"{name}\n{category.name}\nAUROC {auc:.1f} %", fontsize=7)
            if line == 0:
                for axis, title in zip(axes, PANELS, strict=True):
                    axis.set_title(f"{case}\n{title}" if axis is axes[1] else title)
        bar = figure.colorbar(drawn, cax=panel(LEFT + len(cases) * block - 2 * GAP, line, 0.08), extend="max")
        bar.ax.set(facecolor="0.5")  # as over a grey picture
        bar.ax.grid(visible=False)
        bar.ax.tick_params(labelsize=7)
        bar.set_label("distance to the centre", fontsize=7)
    return figure, pd.DataFrame(records)


def _draw(axes: list[Axes], category: Tested, place: int, scale: tuple[float, float]) -> AxesImage:
    """Image, mask and map of one image, in the geometry of the network's input; returns the map, for its colours."""
    row, geometry = category.images.loc[place].to_dict(), category.geometry
    original = images.load(category.root, row["path"], row["item"], row["reader"])
    picture = np.asarray(geometry.apply(original))
    captions = (
        row["defect"] or "normal",
        f"rank {row['rank']} of {len(category.images)}",
        f"score {row['score']:#.3g}",
    )
    for axis, caption in zip(axes, captions, strict=True):
        axis.set(xticks=[], yticks=[])
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.set_xlabel(textwrap.shorten(caption, 24, placeholder=" …"), fontsize=7, labelpad=2)
    axes[0].imshow(picture)
    axes[2].imshow(picture.mean(axis=2), cmap="gray", vmin=0, vmax=255)
    drawn = axes[2].imshow(category.smoothed(place), cmap="inferno", vmin=scale[0], vmax=scale[1], alpha=0.65)
    if not row["mask"]:
        axes[1].text(0.5, 0.5, "no mask" if row["label"] else "no defect", ha="center", va="center", color="0.4")
        return drawn
    axes[1].imshow(picture)
    mask = masks.load(category.root, row["mask"], original.size, geometry)
    if mask.any():  # the crop may have left nothing
        for axis, colour, halo in ((axes[1], ANOMALOUS, "white"), (axes[2], "white", "black")):
            outline = [withStroke(linewidth=2, foreground=halo)]
            axis.contour(mask, [0.5], colors=colour, linewidths=1, path_effects=outline)
    return drawn
