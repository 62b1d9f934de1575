"""Figure S6: the projected test features under each kind of hypersphere centre."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from sklearn.manifold import TSNE

from oneclass import tensors
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.features.store import read_pooled
from oneclass.figures.style import ANOMALOUS, NORMAL, legend_below
from oneclass.labels import label
from oneclass.metrics import auroc
from oneclass.seeds import derive


def draw(
    indexes: list[Index],
    features: list[Path],
    models: list[Path],
    task: str,
    class_name: str,
    centers: list[str],
    seed: int,
) -> tuple[Figure, pd.DataFrame]:
    """A t-SNE panel for each of ``centers``, from the kept projectors ``{class}.{center}.{weight,bias,center}``."""
    [index], rows = indexes, split(indexes[0], task, class_name)
    test, kept = read_pooled(features[0], index)[rows.test], tensors.read(models[0])[0]
    figure, axes = plt.subplots(1, len(centers), figsize=(2.7 * len(centers), 3), squeeze=False)
    frames = []
    for axis, kind in zip(axes[0], centers, strict=True):
        weight, bias, center = (kept[f"{class_name}.{kind}.{part}"] for part in ("weight", "bias", "center"))
        z = test @ weight.T + bias
        value = 100 * auroc(rows.labels, np.linalg.norm(z - center, axis=1))
        perplexity = min(30, (len(z) - 1) // 3)
        plane = TSNE(perplexity=perplexity, init="pca", random_state=derive(seed, "t-SNE") % 2**32).fit_transform(
            z.astype(np.float64)
        )
        for flag, name, colour, marker in ((0, "normal", NORMAL, "o"), (1, "anomalous", ANOMALOUS, "^")):
            part = plane[rows.labels == flag]
            axis.scatter(*part.T, s=8, c=colour, marker=marker, alpha=0.6, lw=0, label=name)
        axis.set(xticks=[], yticks=[], xlabel="t-SNE 1", ylabel="t-SNE 2")
        axis.set_title(f"{label('center', kind)}\nAUROC {value:.1f} %")
        frames.append(
            pd.DataFrame(
                {"center": kind, "id": index.ids()[rows.test], "label": rows.labels, "x": plane[:, 0], "y": plane[:, 1]}
            )
        )
    legend_below(figure, axes[0, 0].get_legend_handles_labels()[0])
    figure.suptitle(f"{label('dataset', index.name)}, normal: {class_name}", fontsize=9)
    return figure, pd.concat(frames, ignore_index=True)
