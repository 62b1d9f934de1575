"""Figure 4: which norms serve, by how alike normal and anomalous images are to the pretrained network."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from oneclass.evaluate import MEAN
from oneclass.figures import norms
from oneclass.figures.style import norm_axis
from oneclass.tables.labels import label


def figure4(summary: pd.DataFrame, similarity: pd.DataFrame, feasible: float) -> tuple[Figure, pd.DataFrame]:
    """Mean pretrained cosine of each data set against norm, AUROC as colour and number, the feasible norms joined.

    ``feasible`` is the AUROC in percent that a norm must reach.
    """
    data = norms.select(summary)
    data = data[(data["class"] == MEAN) & (data["method"] == "ours")]
    cosine = similarity.groupby("dataset", sort=False)["cosine"].mean()
    data = data.assign(cosine=data["dataset"].map(cosine), feasible=data["mean"] >= feasible)
    rows = cosine.sort_values().index
    figure, axis = plt.subplots(figsize=(6, 1.7 + 0.6 * len(rows)))
    for place, dataset in enumerate(rows):
        good = data[(data["dataset"] == dataset) & data["feasible"]]
        if len(good):
            axis.plot(
                good["norm"], [place] * len(good), color="black", lw=16, solid_capstyle="round", alpha=0.18, zorder=1
            )
    places = data["dataset"].map({dataset: place for place, dataset in enumerate(rows)})
    dots = axis.scatter(
        data["norm"], places, c=data["mean"], cmap="cividis", s=130, edgecolor="black", lw=0.6, zorder=2
    )
    for norm, place, value in zip(data["norm"], places, data["mean"], strict=True):
        axis.annotate(f"{value:.1f}", (norm, place), (0, 12), textcoords="offset points", ha="center", fontsize=8)
    axis.set_yticks(range(len(rows)), [f"{label('dataset', name)}\ncosine {cosine[name]:.2f}" for name in rows])
    axis.set_ylim(-0.6, len(rows) - 0.3)
    axis.set_ylabel("data set, by pretrained cosine\nof normal and anomalous")
    axis.grid(axis="y", visible=False)
    axis.set_title(f"grey band: mean AUROC of at least {feasible:g} %")
    norm_axis(axis, sorted(data["norm"].unique()))
    figure.colorbar(dots, label="mean image AUROC (%)")
    return figure, data
