"""Beyond the paper: what its training does over time, from its closed form, beside the trained projectors."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from oneclass.figures.style import MARKERS, SERIES
from oneclass.labels import label


def draw(history: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """A pair of panels for each data set: AUROC over training time, a line per norm; and the trained AUROC by norm.

    ``history`` holds that of the closed form, whose steps are training times, and that of the projector, whose steps
    are epochs, of which the last is shown.
    """
    solved, trained = (history[history["method"] == method] for method in ("closed_form", "projector"))
    data = pd.concat([_averaged(solved, "closed form"), _averaged(_last_epoch(trained), "trained")], ignore_index=True)
    datasets, norms = list(dict.fromkeys(data["dataset"])), sorted(data["center_norm"].unique())
    figure, axes = plt.subplots(
        1,
        2 * len(datasets),
        figsize=(5 * len(datasets), 3.4),
        sharey=True,
        squeeze=False,
        width_ratios=[3, 1] * len(datasets),
    )
    for place, dataset in enumerate(datasets):
        over_time, at_end = axes[0, 2 * place], axes[0, 2 * place + 1]
        times = solved[(solved["dataset"] == dataset) & (solved["metric"] == "image_auroc_chosen")]["step"]
        over_time.axvspan(times.min() / 1.03, times.max() * 1.03, color="black", alpha=0.12, lw=0, label="chosen time")
        for number, norm in enumerate(norms):
            rows = data[(data["dataset"] == dataset) & (data["center_norm"] == norm)]
            line, dots = rows[rows["source"] == "closed form"], rows[rows["source"] == "trained"]
            colour = SERIES[number % len(SERIES)]
            over_time.plot(line["step"], line["value"], color=colour, label=f"norm {norm:g}")
            at_end.plot([norm] * len(dots), dots["value"], MARKERS[number % len(MARKERS)], color=colour)
        over_time.set_xscale("log")
        over_time.set_xlabel("training time τ")
        over_time.set_title(f"{label('dataset', dataset)}: closed form")
        at_end.set_xscale("log", base=2)
        at_end.set_xticks(norms, [f"{norm:g}" for norm in norms], fontsize=7)
        at_end.minorticks_off()
        at_end.margins(x=0.15)
        at_end.set_xlabel("norm")
        at_end.set_title("trained")
    axes[0, 0].set_ylabel("mean image AUROC (%)")
    axes[0, 0].legend(fontsize=7)
    return figure, data


def _last_epoch(history: pd.DataFrame) -> pd.DataFrame:
    epochs = history[(history["metric"] == "image_auroc") & (history["center"] == "gaussian")]
    return epochs[epochs["step"] == epochs["step"].max()]


def _averaged(history: pd.DataFrame, source: str) -> pd.DataFrame:
    rows = history[history["metric"] == "image_auroc"]
    means = rows.groupby(["dataset", "center_norm", "step"], sort=True)["value"].mean().reset_index()
    return means.assign(source=source)
