"""How each kind of source becomes numbers, a row each in the column ``value``."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from oneclass.objective.settling import reached, settled

ENDS = {"best": "max", "worst": "min"}  # of the fitnesses of a search
VARIANT = ["dataset", "class", "method", "backbone", "center", "center_norm", "centering", "protocol", "repetition"]


def agreement(scores: pd.DataFrame) -> pd.DataFrame:
    """How alike two centres of one norm rank the test images: Spearman's correlation of the scores under each other
    distribution of the centre with those under N(0, 1), the lowest of them; a row for each training and norm."""
    plain = scores[(scores["centering"] == "none") & scores["center_norm"].notna()]
    alike = [name for name in VARIANT if name != "center"]
    rows = []
    for key, part in plain.groupby(alike, observed=True, sort=False):
        wide = part.pivot(index="id", columns="center", values="score").rank()
        others = wide.columns.difference(["gaussian"])
        if "gaussian" in wide and len(others):
            lowest = wide[others].corrwith(wide["gaussian"]).min()
            rows.append(dict(zip(alike, key, strict=True)) | {"value": lowest})
    return pd.DataFrame(rows, columns=[*alike, "value"])


def settling(history: pd.DataFrame) -> pd.DataFrame:
    """How much later, in percent of the epochs, the angle between two normal images has settled than their norm, where
    that has come to the centre's: else training has stopped short, and a line has settled when it was cut off."""
    rows = []
    for key, part in history.groupby(VARIANT, observed=True, sort=False):
        lines = {name: line.set_index("step")["value"] for name, line in part.groupby("metric", observed=True)}
        target = part["center_norm"].iloc[0]
        if {"training_norm", "training_cosine"} <= lines.keys() and reached(lines["training_norm"], target):
            angle = np.degrees(np.arccos(lines["training_cosine"].clip(-1, 1)))
            at = [settled(line.index.to_series(), line) for line in (angle, lines["training_norm"])]
            rows.append(dict(zip(VARIANT, key, strict=True)) | {"value": 100 * (at[0] - at[1]) / angle.index.max()})
    return pd.DataFrame(rows, columns=[*VARIANT, "value"])


def stopping(history: pd.DataFrame) -> pd.DataFrame:
    """The AUROC where training is ``stopped`` by the 1 % rule, and at the best of all times: a row each."""
    same = [name for name in VARIANT if name != "center"]
    timed = history[history["metric"].isin(["image_auroc", "image_auroc_chosen"])]  # pooled features alone
    best = timed.pivot_table("value", same, "metric", "max", observed=True).reindex(
        columns=["image_auroc", "image_auroc_chosen"]
    )
    best.columns = pd.Index(["best", "rule"])
    return best.reset_index().melt(same, var_name="stopped")


def searches(search: pd.DataFrame) -> pd.DataFrame:
    """The fitness at the end (``outlier``) where a search looks, or at both ends of a random one. Fitness is averaged
    over repetitions, so that there is one training for each class."""
    first = search.iloc[[0]]
    [direction] = first["direction"]
    ends = ENDS if direction == "random" else {direction: ENDS[direction]}
    rows = [first.assign(outlier=end, value=search["fitness"].agg(how)) for end, how in ends.items()]
    return pd.concat(rows, ignore_index=True).assign(repetition=0)


READERS: Mapping[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {  # by a source's kind: of tidy, and how
    "agreement": ("scores", agreement),
    "metrics": ("metrics", lambda metrics: metrics),
    "history": ("history", lambda history: history[history["step"].isna()]),
    "settling": ("history", settling),
    "stopping": ("history", stopping),
    "searches": ("searches", searches),
}
