"""The bootstrap of the AUROC, against drawing every resample and asking scikit-learn."""

from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks import timing
from oneclass.metrics import Floats, Ints, bootstrap_auroc


def literal(labels: Ints, scores: Floats, resamples: int, seed: int) -> Floats:
    """The same resamples as ``bootstrap_auroc``, one by one, for scores [V, N]; [V, resamples]."""
    sides = [np.flatnonzero(labels == value) for value in (0, 1)]
    streams = [np.random.default_rng([seed, value]) for value in (0, 1)]
    result = np.empty((len(scores), resamples))
    for k in range(resamples):
        drawn = [side[stream.integers(len(side), size=len(side))] for side, stream in zip(sides, streams, strict=True)]
        rows = np.concatenate(drawn)
        result[:, k] = [roc_auc_score(labels[rows], one[rows]) for one in scores]
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, nargs="+", default=[500, 10000], help="test images (%(default)s)")
    parser.add_argument("--runs", type=int, default=20, help="variants and repetitions that share them (%(default)s)")
    parser.add_argument("--resamples", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--literal", type=int, default=20, help="resamples drawn literally (%(default)s)")
    options = timing.parse(parser, arguments, rounds=3)
    rows: list[dict[str, object]] = []
    for count in options.images:
        labels = (np.arange(count) % 2).astype(np.int64)
        scores = np.random.default_rng(options.runs).normal(size=(options.runs, count)) + labels
        sides = {
            "literal": partial(literal, labels, scores, options.literal, 0),
            "ours": partial(bootstrap_auroc, labels, scores, options.resamples, 0),
        }
        timed = timing.compare(sides, options.rounds)
        slow = timed["literal"].seconds / options.literal * options.resamples
        rows.append(
            {
                "images": count,
                "scikit-learn, s": slow,
                "bootstrap_auroc, s": timed["ours"].seconds,
                "times faster": slow / timed["ours"].seconds,
                "largest difference": abs(timed["ours"].result[:, : options.literal] - timed["literal"].result).max(),
            }
        )
    print(f"{options.resamples} resamples of {options.runs} runs\n")
    print(timing.table(rows))


if __name__ == "__main__":
    main()
