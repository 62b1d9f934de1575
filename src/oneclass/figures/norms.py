"""Figures 3, S5 and 4: AUROC against the norm of the hypersphere centre, and which norms serve."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from oneclass import published
from oneclass.evaluate import IMAGE_AUROC, MEAN
from oneclass.figures.style import (
    FEATURES,
    MARKERS,
    SERIES,
    center_norm_axis,
    deviation,
    legend_below,
    methods_in,
    not_centered,
    rows_of,
    sources,
)
from oneclass.labels import label, published_label

COLUMNS = ["dataset", "protocol", "class", "method", "center_norm", "mean", "std", "ci_low", "ci_high"]
ACROSS = 3  # panels of Figure S5 beside one another


def select(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows of image AUROC with a norm, centres from N(0, 1) where the centre matters."""
    data = not_centered(summary[summary["metric"] == IMAGE_AUROC])
    gaussian = (data["center"] == "gaussian") | data["center"].isna()
    data = data[data["center_norm"].notna() & gaussian][COLUMNS]
    return data.sort_values(["protocol", "center_norm"])  # by two columns: always stable


def averages(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure 3: the average over classes, one panel per protocol, with a line for each data set and way of training."""
    data = select(summary)
    data = data[data["class"] == MEAN]
    protocols, datasets = sorted(data["protocol"].unique()), list(dict.fromkeys(data["dataset"]))
    figure, axes = plt.subplots(1, len(protocols), figsize=(5 * len(protocols), 4), sharey=True, squeeze=False)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        part = data[data["protocol"] == protocol]
        for name, method in methods_in(part).items():
            for dataset, rows in part[part["method"] == name].groupby("dataset", sort=False):
                _line(axis, rows, datasets.index(dataset), f"{label('dataset', dataset)}: {method.label}", method.dash)
        center_norm_axis(axis, sorted(part["center_norm"].unique()))
        if len(protocols) > 1:
            axis.set_title(f"{FEATURES[protocol]} features")
    axes[0, 0].set_ylabel("mean image AUROC (%)")
    handles = {name: line for axis in axes[0] for line, name in zip(*axis.get_legend_handles_labels(), strict=True)}
    legend_below(figure, [*handles.values()], fontsize=7, handlelength=3)
    return figure, data


def classes(summary: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Figure S5: a panel for each data set and protocol, a line for each class."""
    data = select(summary)
    data = data[(data["class"] != MEAN) & (data["method"] == "projector")]
    names = sources(data)
    columns = min(len(names), ACROSS)
    lines = -(-len(names) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(5.4 * columns, 3.6 * lines), squeeze=False)
    for axis, (source, title) in zip(axes.flat, names.items(), strict=False):
        rows = rows_of(data, source)
        names_of_classes = rows["class"].unique()
        for number, name in enumerate(names_of_classes):
            _line(axis, rows[rows["class"] == name], number, name, "-")
        axis.set_ylim(top=min(axis.get_ylim()[1], 100.5))
        center_norm_axis(axis, sorted(rows["center_norm"].unique()))
        axis.set_title(title)
        if len(names_of_classes) <= 20:
            axis.legend(title="normal class", fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    for axis in axes.flat[len(names) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("image AUROC (%)")
    return figure, data


def _line(axis: Axes, rows: pd.DataFrame, number: int, name: str, dash: str) -> None:
    again = number // len(SERIES)  # a colour that comes again has another marker
    colour, marker = SERIES[number % len(SERIES)], MARKERS[(number + again) % len(MARKERS)]
    axis.plot(rows["center_norm"], rows["mean"], dash, color=colour, marker=marker, ms=4, label=name)
    if dash == "-":
        axis.fill_between(rows["center_norm"], *deviation(rows), color=colour, alpha=0.15, lw=0)


def feasible(
    summary: pd.DataFrame, similarity: pd.DataFrame, history: pd.DataFrame, feasible_auroc: float
) -> tuple[Figure, pd.DataFrame]:
    """Figure 4: mean pretrained cosine of each data set and protocol, and of the paper's, against norm, AUROC as colour
    and number, the feasible norms joined.

    ``similarity`` holds metrics of the pretrained features, ``history`` the norms of feature means that are a centre as
    they are (diamonds); ``feasible_auroc`` is the AUROC (%) that a norm must reach.
    """
    data = select(summary)
    data = data[(data["class"] == MEAN) & (data["method"] == "projector")]
    alike = similarity[similarity["metric"] == "cosine"]
    cosines = alike.groupby(["dataset", "protocol"])["value"].mean().rename("cosine")
    data = data.join(cosines, on=["dataset", "protocol"]).assign(source="here")
    data = pd.concat([data, _published()], ignore_index=True)
    data["feasible"] = data["mean"] >= feasible_auroc
    unscaled = _unscaled(summary, history).join(cosines, on=["dataset", "protocol"])
    unscaled["feasible"] = unscaled["mean"] >= feasible_auroc
    names = sources(data)
    scale = Normalize(*pd.concat([data["mean"], unscaled["mean"]]).agg(["min", "max"]))
    groups = data.groupby(["cosine", "dataset", "protocol", "source"], sort=True)
    figure, axis = plt.subplots(figsize=(8, 1.7 + 0.6 * len(groups)))
    ticks = []
    for place, ((cosine, dataset, protocol, source), row) in enumerate(groups):
        _row(axis, place, row, "o" if source == "here" else "s", scale)
        own, name = rows_of(unscaled, (str(dataset), str(protocol))), names[str(dataset), str(protocol)]
        if source == "here" and len(own):
            _points(axis, place, own, "D", scale, below=True)
        if source != "here":
            name = f"{published_label('dataset', dataset)}, {FEATURES[str(protocol)]} (published)"
        ticks.append(f"{name}\ncosine {cosine:.2f}, {domain(row)}")
    axis.set_yticks(range(len(ticks)), ticks)
    axis.margins(x=0.08)
    axis.set_ylim(-0.6, len(ticks) - 0.3)
    axis.set_ylabel("data set, by pretrained cosine\nof normal and anomalous")
    axis.grid(axis="y", visible=False)
    axis.set_title(f"grey band: mean AUROC of at least {feasible_auroc:g} %")
    center_norm_axis(axis, sorted(data["center_norm"].unique()))
    figure.colorbar(axis.collections[0], label="mean image AUROC (%)")
    return figure, pd.concat([data, unscaled], ignore_index=True)


def domain(row: pd.DataFrame) -> str:
    """The norms that are ``feasible``, as the paper writes them: ``[1, 32]`` where all are, ``[1, 8)`` where 8 is the
    first beyond; ``none``. ``row`` has the norms of one data set, rising."""
    good = row.loc[row["feasible"], "center_norm"]
    if good.empty:
        return "none feasible"
    beyond = row.loc[row["center_norm"] > good.max(), "center_norm"]
    end = f"{good.max():g}]" if beyond.empty else f"{beyond.min():g})"
    return f"feasible [{good.min():g}, {end}"


def _published() -> pd.DataFrame:
    """The paper's cosines with its AUROCs by norm (Tables S5 and S6)."""
    paper = published.load("objective")
    cosines = paper[paper["table"] == "fig4"].set_index("dataset")["value"].rename("cosine")
    rows = paper[paper["table"].isin(["S5", "S6"])].rename(columns={"value": "mean"}).join(cosines, on="dataset")
    return rows.assign(source="published")[["dataset", "protocol", "class", "center_norm", "mean", "cosine", "source"]]


def _unscaled(summary: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The centres that are the mean feature with its own norm, averaged over classes."""
    rows = not_centered(summary[(summary["metric"] == IMAGE_AUROC) & (summary["center"] == "mean_feature_unscaled")])
    rows = rows[(rows["class"] == MEAN) & (rows["method"] == "projector")]
    own = history[history["metric"] == "center_norm"].groupby(["dataset", "protocol"])["value"].mean()
    joined = rows[COLUMNS].drop(columns="center_norm").join(own.rename("center_norm"), on=["dataset", "protocol"])
    return joined.assign(source="here, feature mean not scaled")


def _row(axis: Axes, place: int, row: pd.DataFrame, marker: str, scale: Normalize) -> None:
    """One data set of Figure 4, at the height ``place``."""
    x, y = row["center_norm"], [place] * len(row)
    if row["feasible"].any():
        good = x[row["feasible"]]
        axis.plot(good, y[: len(good)], color="black", lw=16, solid_capstyle="round", alpha=0.18, zorder=1)
    _points(axis, place, row, marker, scale)


def _points(axis: Axes, place: int, row: pd.DataFrame, marker: str, scale: Normalize, *, below: bool = False) -> None:
    """AUROC as colour, and as a number above or ``below``."""
    x, y = row["center_norm"], [place] * len(row)
    axis.scatter(
        x, y, c=row["mean"], norm=scale, cmap="cividis", marker=marker, s=80 if below else 130, ec="black", zorder=2
    )
    for norm, value in zip(x, row["mean"], strict=True):
        offset = (0, -20 if below else 12)
        axis.annotate(f"{value:.1f}", (norm, place), offset, textcoords="offset points", ha="center", fontsize=8)
