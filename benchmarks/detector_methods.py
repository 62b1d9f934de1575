"""What each method finds on each of some sets of pictures: image AUROC, AUPRO, share of defects above the threshold.

The backbone sees each set once; its maps are kept in a folder of the system's temporary files and serve all methods.
"""

import hashlib
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import detector_sets, timing
from benchmarks.detector_sets import Masks, PictureSet
from benchmarks.inputs import CACHE
from oneclass.config.objective import Detector as Section
from oneclass.detector.distances import METHODS
from oneclass.detector.learning import learn
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import BATCH
from oneclass.detector.threshold import choose_threshold
from oneclass.detectors import network
from oneclass.features.backbone import load
from oneclass.files import atomic
from oneclass.metrics import auroc
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.smoothing import image_scores, smooth
from oneclass.objective.methods import patchcore
from oneclass.pixel_metrics import pixel_metrics

METRICS = ("image AUROC", "AUPRO", "pixel AP", "found")
COMPARED = [*METHODS, "patchcore"]
Distances = NDArray[np.float32]  # [N, h, w]


@dataclass(frozen=True)
class MapSet:
    """The backbone's maps of a set of pictures of ``size`` pixels a side."""

    name: str
    size: int
    train: list[Maps]
    held_out: list[Maps]
    anomalous: list[Maps]
    masks: Masks | None


def maps_of(found: PictureSet, options: Namespace, section: Section) -> MapSet:
    """The maps of ``found``, computed now or read from an earlier run."""
    groups = [found.train, found.held_out, found.anomalous]
    backbone = load(**network(options.backbone, options.weights))
    content = hashlib.sha256(repr((backbone.sha256, section.layers, section.aggregation())).encode())
    for pictures in groups:
        content.update(pictures.tobytes())
    path = CACHE / f"maps-{content.hexdigest()[:16]}.pt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        extractor = FeatureExtractor(backbone, section.layers, section.aggregation())
        with torch.no_grad(), atomic(path) as temporary:
            torch.save([[list(extractor(batch)) for batch in _batches(pictures)] for pictures in groups], temporary)
    stored = torch.load(path)
    train, held_out, anomalous = ([Maps(maps, section.alignment) for maps in group] for group in stored)
    return MapSet(found.name, found.train.shape[1], train, held_out, anomalous, found.masks)


def _batches(pictures: detector_sets.Pixels) -> Iterator[torch.Tensor]:
    yield from torch.from_numpy(pictures).permute(0, 3, 1, 2).split(BATCH)


def by_method(method: str, maps: MapSet, section: Section) -> tuple[Distances, float | None]:
    """Distance maps of the held-out pictures, then the anomalous ones, by a method of detectors or PatchCore; and how
    much of the held-out pictures' variance the mean map explains, where the method asks."""
    new = [*maps.held_out, *maps.anomalous]
    if method == "patchcore":
        distances = patchcore.score_maps(maps.train, new, detector_sets.SEED, "maximum")
        assert not isinstance(distances, tuple)
        return distances, None
    learned = learn(
        method,
        lambda: maps.train,
        lambda: maps.held_out,
        center_norms=[min(section.center_norms)],  # a detector chooses it by its anomalies
        centering=section.centering,
        image_size=maps.size,
        sigma=section.sigma,
        seed=detector_sets.SEED,
    )
    with torch.no_grad():
        return np.concatenate([learned.distance(each)[0].numpy() for each in new]), learned.known


def measured(distance: Distances, maps: MapSet, sigma: float, quantile: float) -> dict[str, float]:
    """Metrics of the held-out and then the anomalous pictures' ``distance`` maps, in percent; of pixels, with masks."""
    normal = sum(len(each[0]) for each in maps.held_out)
    scores = image_scores(distance, maps.size, sigma)
    labels = np.arange(len(scores)) >= normal
    threshold = choose_threshold(scores[:normal], quantile)
    found = {"image AUROC": float(auroc(labels.astype(int), scores)), "AUPRO": np.nan, "pixel AP": np.nan}
    if maps.masks is not None:
        masks = np.concatenate([np.zeros((normal, *maps.masks.shape[1:]), bool), maps.masks])
        pixels = pixel_metrics(masks, smooth(distance, maps.size, sigma))
        found |= {"AUPRO": pixels["pixel_aupro"], "pixel AP": pixels["pixel_ap"]}
    return {name: 100 * value for name, value in found.items()} | {
        "found": 100 * float((scores[normal:] > threshold).mean())
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", help=detector_sets.__doc__)
    parser.add_argument("--methods", nargs="+", default=COMPARED, choices=COMPARED)
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="a timm network (%(default)s)")
    parser.add_argument("--weights", help="the file of its weights (left out: those of an installed package)")
    parser.add_argument("--size", type=int, default=256, help="pixels a side (%(default)s)")
    parser.add_argument("--most", type=int, help="held-out, and anomalous, pictures of a set (left out: all)")
    options = timing.parse(parser, arguments, rounds=1)
    section = Section(datasets=["compared"], backbone=options.backbone)
    rows: list[dict[str, object]] = []
    for name in options.sets:
        maps = maps_of(detector_sets.load(name, options.size, options.most), options, section)
        for method in options.methods:
            begun = time.perf_counter()
            distance, known = by_method(method, maps, section)
            seconds = time.perf_counter() - begun
            numbers = measured(distance, maps, section.sigma, section.threshold_quantile)
            explained = "" if known is None else round(known, 2)
            rows.append(
                {"pictures": name.rpartition("/")[2], "method": method, **numbers, "explained": explained, "s": seconds}
            )
            print(timing.table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(timing.table(rows + means(rows)))


def means(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """A row for each method: the mean over the sets, of pixels over those with masks."""
    result = []
    for method in dict.fromkeys(row["method"] for row in rows):
        numbers = np.array([[row[key] for key in METRICS] for row in rows if row["method"] == method], np.float64)
        known = np.isfinite(numbers)
        mean = np.where(known, numbers, 0).sum(0) / np.maximum(known.sum(0), 1)
        mean[~known.any(0)] = np.nan
        result.append({"pictures": "mean", "method": method} | dict(zip(METRICS, mean.tolist(), strict=True)))
        result[-1] |= {"explained": "", "s": ""}
    return result


if __name__ == "__main__":
    main()
