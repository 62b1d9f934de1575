"""This project's methods and anomalib's models on the same pictures, with the same weights, each in its own process:
what they find, how long they take, how much memory.

anomalib is installed by `make peers`. Processor seconds are those of all threads of a process, which other programs on
the machine hardly change.
"""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import anomalib_models, timing
from benchmarks.timing import Spent, clock
from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Comparator, load
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.masks import load_all
from oneclass.data.tasks import split
from oneclass.detector.distances import METHODS
from oneclass.detector.learning import learn
from oneclass.detector.network import FeatureExtractor, assemble
from oneclass.detector.pictures import Pictures
from oneclass.detectors import Detector, network
from oneclass.features import backbone
from oneclass.library import index_folder
from oneclass.metrics import auroc
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.smoothing import smooth
from oneclass.objective.localisation.sources import BATCH, Rows, TrainingImages
from oneclass.pixel_metrics import pixel_metrics

SEED, SIGMA, WORKERS = 1024, 4.0, 1
AGGREGATION = {"patch_size": 3, "alignment": "bilinear"}
OURS = [name for name in METHODS if name != "both"]
COMPARATORS = ["padim", "patchcore", "cfa", "fastflow"]
THEIRS = ["padim", "patchcore", "cfa", "stpm", "fastflow"]
SYSTEMS = [f"oneclass:{name}" for name in (*OURS, "fit", *COMPARATORS)] + [f"anomalib:{name}" for name in THEIRS]

Floats = NDArray[np.float32]
Found = tuple[Spent, Spent, Floats, Floats]  # training, scoring; scores [T] and anomaly maps [T, S, S]


@dataclass(frozen=True)
class Task:
    """What is to be learnt: the normal training pictures of ``folder``, to score its test pictures."""

    folder: Path
    size: int
    coreset: float
    epochs: int
    threads: int

    @property
    def geometry(self) -> Geometry:
        return Geometry(self.size)

    def sets(self) -> tuple[Index, Index]:
        """Training and test pictures."""
        index = index_folder(self.folder)
        parts = split(index, "defect", sorted(set(index.table["class_name"]))[0])
        return index.take(parts.train), index.take(parts.test)

    def pictures(self) -> tuple[Pictures, Pictures]:
        train, test = self.sets()
        return Pictures(train, self.geometry, WORKERS), Pictures(test, self.geometry, WORKERS)

    def extractor(self) -> FeatureExtractor:
        frozen = backbone.load(**network(anomalib_models.ARCHITECTURE, None))
        return FeatureExtractor(frozen, anomalib_models.LEVELS, AGGREGATION)


def detector_method(name: str, task: Task) -> Found:
    """A detector's method, its model alone: no threshold, card or ONNX file. The closed form has the paper's norm."""
    extractor, (train, test) = task.extractor(), task.pictures()

    def maps() -> Iterator[Maps]:
        return (extractor(batch) for batch in train.batches())

    spent = clock()
    learned = learn(
        name, maps, maps, center_norms=[1], centering=None, image_size=task.size, sigma=SIGMA, seed=SEED
    )  # what chooses the centering are the training pictures, so that all of them train
    model = assemble(extractor, learned.distance, task.size, SIGMA)
    trained, spent = spent(), clock()
    found = [model(batch) for batch in test.batches()]
    anomaly, scores = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return trained, spent(), scores, anomaly


def whole_fit(_: str, task: Task) -> Found:
    """`oneclass fit` and `oneclass score`: with a threshold, a card, which scores the test pictures, and ONNX."""
    places = task.sets()[1].places()
    spent = clock()
    detector = Detector.fit(task.folder, size=task.size, workers=WORKERS)
    trained, spent = spent(), clock()
    found = [detector.score(Path(*place[:2])) for place in places]
    return trained, spent(), np.array([one.score for one in found]), np.stack([one.map for one in found])


@dataclass(frozen=True)
class Held:
    """Maps of pictures that are computed when they are first asked for, and held."""

    extractor: FeatureExtractor
    pictures: Pictures
    held: dict[int, Maps]

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        for some in np.array_split(rows, range(size, len(rows), size)):
            new = [row for row in some.tolist() if row not in self.held]
            if new:
                images = torch.stack([self.pictures[row] for row in new])
                maps = self.extractor(images)
                self.held.update((row, Maps([m[k : k + 1] for m in maps], maps.alignment)) for k, row in enumerate(new))
            parts = [self.held[row] for row in some.tolist()]
            yield Maps([torch.cat(level) for level in zip(*parts, strict=True)], parts[0].alignment)


def comparator(name: str, task: Task) -> Found:
    """One of paper 1's comparators; training ends when it asks for the first test picture."""
    extractor, (train, test) = task.extractor().requires_grad_(False), task.pictures()
    spent, times = clock(), []

    def tested() -> Iterator[Maps]:
        times.append((spent(), clock()))
        yield from (extractor(batch) for batch in test.batches())

    method = of_kind(Comparator)[name]
    options = {option: given.default for option, given in method.options.items()}
    if "epochs" in options:
        options["epochs"] = task.epochs
    normal = TrainingImages(Held(extractor, train, {}), np.arange(len(train)))
    anomaly = smooth(load(method.module).score_maps(normal, tested(), SEED, **options), task.size, SIGMA)
    [(trained, scoring)] = times
    return trained, scoring(), anomaly.max((1, 2)), anomaly


def anomalib(name: str, task: Task) -> Found:
    """One of anomalib's models."""
    trained, scored, found = anomalib_models.run(name, task.folder, task.size, task.coreset, task.epochs, SEED)
    scores, anomaly = zip(*(found[Path(*place[:2])] for place in task.sets()[1].places()), strict=True)
    return trained, scored, np.array(scores), torch.stack(anomaly).numpy()


def side(system: str) -> tuple[Callable[[str, Task], Found], str]:
    whose, name = system.split(":")
    if whose == "anomalib":
        return anomalib, name
    return {"fit": whole_fit, **dict.fromkeys(OURS, detector_method)}.get(name, comparator), name


def measure(system: str, task: Task) -> dict[str, object]:
    """A line of the table."""
    torch.set_num_threads(task.threads)
    run, name = side(system)
    with torch.no_grad() if run is detector_method else torch.enable_grad():
        trained, scored, scores, anomaly = run(name, task)
    test = task.sets()[1]
    pixels = pixel_metrics(load_all(test, task.geometry), anomaly)
    return {
        "pictures": task.folder.name,
        "system": system,
        "training, s": trained.seconds,
        "training, processor s": trained.processor,
        "pictures/s": len(test) / scored.seconds,
        "pictures/processor s": len(test) / scored.processor,
        "peak memory, GiB": timing.peak_memory(),
        "image AUROC": 100 * float(auroc(test.table["label"].to_numpy(), scores)),
        "pixel AUROC": 100 * pixels["pixel_auroc"],
        "AUPRO": 100 * pixels["pixel_aupro"],
    }


def alone(system: str, task: Task) -> dict[str, object]:
    """``measure`` in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, system, task).result()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="train/good, test/{good,…}, ground_truth/… in each")
    parser.add_argument(
        "--systems", nargs="+", default=SYSTEMS, choices=SYSTEMS, metavar="SYSTEM", help=", ".join(SYSTEMS)
    )
    parser.add_argument("--size", type=int, default=256, help="pixels a side (%(default)s)")
    parser.add_argument(
        "--coreset", type=float, default=0.1, help="share that anomalib's PatchCore keeps (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=1, help="of what gradient descent trains (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # of the processes
    head = True
    for folder in options.folders:
        task = Task(folder.resolve(), options.size, options.coreset, options.epochs, options.threads)
        for system in options.systems:
            turns = [alone(system, task) for _ in range(options.rounds)]
            lines = timing.table([min(turns, key=lambda row: float(str(row["training, s"])))]).splitlines()
            print("\n".join(lines if head else lines[2:]), flush=True)  # a row may take an hour
            head = False


if __name__ == "__main__":
    main()
