"""Figure 4: which norms serve, by how alike normal and anomalous images are to the pretrained network."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from oneclass.evaluate import MEAN
from oneclass.figures import norms
from oneclass.figures.style import center_norm_axis, rows_of, sources


def draw(summary: pd.DataFrame, similarity: pd.DataFrame, feasible_auroc: float) -> tuple[Figure, pd.DataFrame]:
    """Mean pretrained cosine of each data set and protocol against norm, AUROC as colour and number, the feasible norms
    joined.

    ``similarity`` holds metrics of the pretrained features; ``feasible_auroc`` is the AUROC (%) that a norm must reach.
    """
    data = norms.select(summary)
    data = data[(data["class"] == MEAN) & (data["method"] == "projector")]
    alike = similarity[similarity["metric"] == "cosine"]
    cosines = alike.groupby(["dataset", "protocol"])["value"].mean().rename("cosine")
    data = data.join(cosines, on=["dataset", "protocol"]).assign(feasible=data["mean"] >= feasible_auroc)
    names = sources(data)
    rows = sorted(names, key=lambda source: cosines[source])
    figure, axis = plt.subplots(figsize=(7, 1.7 + 0.6 * len(rows)))
    for place, source in enumerate(rows):
        row = rows_of(data, source)
        good = row[row["feasible"]]
        if len(good):
            axis.plot(
                good["center_norm"],
                [place] * len(good),
                color="black",
                lw=16,
                solid_capstyle="round",
                alpha=0.18,
                zorder=1,
            )
        for norm, value in zip(row["center_norm"], row["mean"], strict=True):
            axis.annotate(f"{value:.1f}", (norm, place), (0, 12), textcoords="offset points", ha="center", fontsize=8)
    places = [rows.index(source) for source in zip(data["dataset"], data["protocol"], strict=True)]
    dots = axis.scatter(
        data["center_norm"], places, c=data["mean"], cmap="cividis", s=130, edgecolor="black", lw=0.6, zorder=2
    )
    axis.set_yticks(range(len(rows)), [f"{names[source]}\ncosine {cosines[source]:.2f}" for source in rows])
    axis.margins(x=0.08)
    axis.set_ylim(-0.6, len(rows) - 0.3)
    axis.set_ylabel("data set, by pretrained cosine\nof normal and anomalous")
    axis.grid(axis="y", visible=False)
    axis.set_title(f"grey band: mean AUROC of at least {feasible_auroc:g} %")
    center_norm_axis(axis, sorted(data["center_norm"].unique()))
    figure.colorbar(dots, label="mean image AUROC (%)")
    return figure, data
