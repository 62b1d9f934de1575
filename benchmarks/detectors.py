"""Detectors by each method on real defects: what they find, seconds to fit, and pictures a second by ONNX Runtime."""

import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import timing
from oneclass.detector.distances import METHODS
from oneclass.detectors import Detector

SHOWN = {"image_auroc": "image AUROC", "pixel_aupro": "AUPRO", "pixel_ap": "pixel AP"}


def speed(detector: Detector, count: int) -> float:
    """Pictures a second, one at a time on one thread, from pixels to map and score."""
    session, size = detector.scorer.session, detector.scorer.settings["size"]
    picture = {"images": np.random.default_rng(0).integers(0, 256, (1, 3, size, size), dtype=np.uint8)}
    session.run(None, picture)
    begun = time.perf_counter()
    for _ in range(count):
        session.run(None, picture)
    return count / (time.perf_counter() - begun)


def row(name: str, method: str, card: Mapping[str, Any], seconds: float, per_second: float) -> dict[str, object]:
    """A line of the table."""
    measured = {label: round(card["measured"][key], 1) for key, label in SHOWN.items() if key in card["measured"]}
    found = {"found": card["measured"]["detected"], "false alarms expected": card["threshold"]["expected_false_alarms"]}
    return {"pictures": name, "method": method, **measured, **found, "fit s": seconds, "pictures/s": per_second}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="train/good, test/{good,…}, ground_truth/… in each")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="a timm network (%(default)s)")
    parser.add_argument("--weights", help="the file of its weights (left out: those of an installed package)")
    parser.add_argument("--size", type=int, default=256, help="pixels a side (%(default)s)")
    parser.add_argument("--pictures", type=int, default=50, help="that are scored for the speed (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    rows = []
    for folder in options.folders:
        for method in options.methods:

            def fit(folder: Path = folder, method: str = method) -> Detector:
                chosen = {"size": options.size, "backbone": options.backbone, "weights": options.weights}
                return Detector.fit(folder, method=method, **chosen)

            timed = timing.compare({"fit": fit}, options.rounds)["fit"]
            detector = timed.result
            rows.append(row(folder.name, method, detector.card, timed.seconds, speed(detector, options.pictures)))
    print(timing.table(rows))


if __name__ == "__main__":
    main()
