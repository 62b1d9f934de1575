"""What the images look like: Figure S1, normal above anomalous; and single images for other figures."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

from oneclass import filters
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index, Place
from oneclass.data.tasks import split
from oneclass.figures.style import ANOMALOUS, NORMAL
from oneclass.labels import label
from oneclass.seeds import derive

SHOWN = 4
ACROSS = 3  # blocks beside one another


def draw(
    indexes: list[Index], tasks: dict[str, str], classes: dict[str, str], seed: int
) -> tuple[Figure, pd.DataFrame]:
    """A block for each data set: ``SHOWN`` normal test images above as many anomalous ones (or all, where a class has
    fewer), drawn by a named seed."""
    columns = min(len(indexes), ACROSS)
    lines = -(-len(indexes) // columns)
    figure = plt.figure(figsize=(3.6 * columns, 2.4 * lines))
    records = []
    blocks = figure.subfigures(lines, columns, squeeze=False).flat
    for block, index in zip(blocks, indexes, strict=False):
        dataset = index.name
        places = index.places()
        rows = split(index, tasks[dataset], classes[dataset])
        block.suptitle(f"{label('dataset', dataset)}, normal: {classes[dataset]}", fontsize=9)
        axes = block.subplots(2, SHOWN, squeeze=False)
        random = np.random.default_rng(derive(seed, "figS1", dataset))
        for value, line, name, colour in ((0, axes[0], "normal", NORMAL), (1, axes[1], "anomalous", ANOMALOUS)):
            candidates = rows.test[rows.labels == value]
            chosen = random.permutation(candidates)[:SHOWN]
            for axis in line:
                axis.set(xticks=[], yticks=[])
                axis.grid(visible=False)
            for axis, position in zip(line, chosen, strict=False):
                axis.imshow(images.load(*places[position]))
                id = index.table["id"].iloc[position]
                records.append({"dataset": dataset, "class": classes[dataset], "kind": name, "id": id})
            line[0].set_ylabel(name, color=colour)
            for axis in line[len(chosen) :]:
                axis.set_visible(False)  # the class has fewer
    return figure, pd.DataFrame(records)


def picture(place: Place, geometry: Geometry) -> NDArray[np.uint8]:
    """The image [H, W, 3] at ``place`` in ``geometry``."""
    return np.asarray(geometry.apply(images.load(*place)))


def filtered(picture: NDArray[np.uint8], filter: filters.Filter) -> NDArray[np.uint8]:
    """``picture`` [H, W, 3] as a network sees it through ``filter``."""
    import torch  # takes longer to import than most pages take, and few of them show filtered pictures

    image = torch.from_numpy(picture.copy()).permute(2, 0, 1) / 255
    return (255 * filters.apply(image, filter)).round().byte().permute(1, 2, 0).numpy()
