"""Which rule for the threshold keeps its promise: false alarms of thresholds set by few normal pictures.

A detector is fitted to some normal pictures of a set. Of the others' scores, a few are drawn again and again to set a
threshold, and the rest tells how many false alarms it gives.
"""

import math
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from benchmarks import detector_sets, timing
from oneclass.config.objective import Detector as Section
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.detector.learning import learn
from oneclass.detector.measuring import Measuring, maps_of
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import Pictures
from oneclass.detector.threshold import choose_threshold, false_alarms, outlying
from oneclass.detectors import network
from oneclass.features.backbone import load

QUANTILE = 0.99
MOST = 500, 100  # normal and anomalous pictures of a set

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]


def order_statistic(scores: Floats) -> float:
    """The product's rule."""
    return choose_threshold(scores.astype(np.float32), QUANTILE)


def log_normal(scores: Floats) -> float:
    """The upper end of the one-sided prediction interval for the next score, if log scores are normal."""
    logs, count = np.log(scores), len(scores)
    width = stats.t.ppf(QUANTILE, count - 1) * math.sqrt(1 + 1 / count)
    return math.exp(logs.mean() + width * logs.std(ddof=1))


def gumbel(scores: Floats) -> float:
    """The quantile of the Gumbel distribution with the scores' mean and standard deviation."""
    scale = scores.std(ddof=1) * math.sqrt(6) / math.pi
    return float(scores.mean() - np.euler_gamma * scale - scale * math.log(-math.log(QUANTILE)))


def pareto(scores: Floats) -> float:
    """The quantile of a generalised Pareto tail above the median, by probability-weighted moments (Hosking and Wallis
    1987)."""
    count, tail = len(scores), len(scores) // 2
    high = np.sort(scores)[::-1]
    excess = np.sort(high[:tail] - high[tail])
    first = excess.mean()
    second = (excess * (1 - (np.arange(1, tail + 1) - 0.35) / tail)).mean()
    shape, scale = 2 - first / (first - 2 * second), 2 * first * second / (first - 2 * second)
    return float(high[tail] + scale / shape * (((1 - QUANTILE) * count / tail) ** -shape - 1))


RULES: dict[str, Callable[[Floats], float]] = {
    "order statistic": order_statistic,
    "log-normal": log_normal,
    "Gumbel": gumbel,
    "generalised Pareto": pareto,
}


@torch.no_grad()
def scores_of(index: Index, class_name: str, train: int, split: int, size: int) -> tuple[Scores, Scores]:
    """The scores of normal pictures by a detector of ``train`` other ones, and those of real anomalies, if any."""
    of_class = (index.table["class_name"] == class_name).to_numpy()
    label = index.table["label"].to_numpy()
    normal, anomalous = (np.flatnonzero(of_class & (label == value)) for value in (0, 1))
    normal = np.random.default_rng(7).permutation(normal)[: MOST[0]]
    order = np.random.default_rng(split).permutation(normal)
    section = Section(datasets=[index.name], backbone="")
    frozen = load(**network("tf_efficientnet_lite0", None))
    extractor = FeatureExtractor(frozen, section.layers, section.aggregation())
    seen, new, other = (
        Pictures(index.take(rows), Geometry(size), 2) for rows in (order[:train], order[train:], anomalous[: MOST[1]])
    )
    learned = learn(
        "nearest",
        lambda: maps_of(extractor, seen, "cpu", "training pictures"),
        lambda: maps_of(extractor, new, "cpu", "held-out pictures"),
        center_norms=section.center_norms,
        centering=None,
        image_size=size,
        sigma=section.sigma,
        seed=split,
    )
    measuring = Measuring(extractor, learned.distance, size, section.sigma, "cpu")
    nothing = np.zeros(0, np.int64)
    found = measuring.score(new, nothing, "normal").scores[0]
    return found, measuring.score(other, nothing, "anomalous").scores[0] if len(other) else found[:0]


def rows(
    name: str, splits: Sequence[tuple[Scores, Scores]], counts: Sequence[int], draws: int
) -> list[dict[str, object]]:
    """Lines of the table, in percent: of each rule, for each number of pictures that set a threshold."""
    table = []
    for count in counts:
        rng = np.random.default_rng(count)
        alarms: dict[str, list[float]] = {rule: [] for rule in RULES}
        found: dict[str, list[float]] = {rule: [] for rule in RULES}
        named = []
        for normal, anomalous in splits:
            for _ in range(draws if len(normal) >= count + 20 else 0):
                order = rng.permutation(len(normal))
                setting, rest = normal[order[:count]], normal[order[count:]]
                named.append(bool(outlying(setting)))
                for rule, threshold_of in RULES.items():
                    threshold = threshold_of(setting.astype(np.float64))
                    alarms[rule].append(float((rest > threshold).mean()))
                    found[rule].append(float((anomalous > threshold).mean()) if len(anomalous) else math.nan)
        for rule in RULES if named else ():
            promised = false_alarms(count, QUANTILE).expected if rule == "order statistic" else 1 - QUANTILE
            low, high = np.quantile(alarms[rule], [0.025, 0.975])
            table.append(
                {
                    "pictures": name,
                    "N": count,
                    "rule": rule,
                    "promised": 100 * promised,
                    "false alarms": 100 * float(np.mean(alarms[rule])),
                    "95 % of the draws": f"{100 * low:.0f} to {100 * high:.0f}",
                    "found": 100 * float(np.mean(found[rule])),
                    "named as outlying": 100 * float(np.mean(named)),
                }
            )
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="SET", help="folders, or packaged classes such as elpv:mono")
    parser.add_argument("--counts", type=int, nargs="+", default=[10, 30, 100], help="pictures that set a threshold")
    parser.add_argument("--train", type=int, default=40, help="pictures that a detector is fitted to (%(default)s)")
    parser.add_argument("--splits", type=int, default=3, help="detectors of a set (%(default)s)")
    parser.add_argument("--draws", type=int, default=300, help="for each of them (%(default)s)")
    parser.add_argument("--size", type=int, default=256, help="pixels a side (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    table = []
    for name in options.sets:
        index, class_name = detector_sets.index_of(name)
        splits = [scores_of(index, class_name, options.train, k, options.size) for k in range(options.splits)]
        table += rows(name.rsplit("/", 1)[-1], splits, options.counts, options.draws)
    print(timing.table(table))


if __name__ == "__main__":
    main()
