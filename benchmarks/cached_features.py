"""Features extracted once, against the paper's loop, which runs the backbone on every image in every epoch."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from benchmarks import inputs, timing
from oneclass import config as configuration
from oneclass.data import images, tasks
from oneclass.data.geometry import Geometry
from oneclass.data.index import Place
from oneclass.features.backbone import Backbone
from oneclass.features.decode import to_tensor
from oneclass.features.store import read_pooled
from oneclass.objective.job import Training
from oneclass.objective.methods import algorithm1
from oneclass.objective.starts import batch_orders, initial_projector, make_center

PASS = 16  # images a forward pass, as in extract: the ratio is to measure the recomputation alone


@dataclass(frozen=True)
class Recomputed:
    """Features that are computed from the image files each time that rows of them are asked for."""

    places: list[Place]
    network: Backbone
    geometry: Geometry
    workers: int

    def __getitem__(self, rows: Tensor) -> Tensor:
        with ThreadPoolExecutor(self.workers) as pool:
            pictures = torch.stack(list(pool.map(self._picture, rows.tolist())))
        with torch.no_grad():
            return torch.cat([self.network.features(part, [])[0] for part in pictures.split(PASS)])

    def _picture(self, row: int) -> Tensor:
        return to_tensor(self.geometry.apply(images.load(*self.places[row])))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    inputs.add_arguments(parser)
    parser.add_argument("--images", type=int, default=128, help="training images (%(default)s)")
    options = timing.parse(parser, arguments, rounds=2)
    config = configuration.read(options.config)
    paper = config.objective
    assert paper, f"{options.config} has no section 'objective'"
    index = inputs.make_index(config, options.dataset)
    split = tasks.split(index, config.datasets[options.dataset].task, options.normal)
    index = index.take(split.train[: options.images])
    network = inputs.load_backbone(config, paper.backbone)

    def extract() -> Tensor:
        with tempfile.TemporaryDirectory() as folder:
            inputs.extract_to(Path(folder, "features.h5"), index, network, config)
            return torch.from_numpy(read_pooled(Path(folder, "features.h5"), index))

    cached = extract()
    geometry = inputs.geometry(config, options.dataset)
    recomputed = cast(Tensor, Recomputed(index.places(), network, geometry, config.features.workers))
    weight, bias = initial_projector(cached.shape[1], config.seed)
    center = make_center("gaussian", paper.default_center_norm, cached.mean(0), config.seed)
    orders, training = batch_orders(len(cached), paper.epochs, config.seed), Training(**paper.training(options.dataset))

    def train(features: Tensor, epochs: int) -> nn.Module:
        module = algorithm1.layer("conv1x1", weight, bias)
        algorithm1.train(module, center, algorithm1.in_batches(features, training), orders[:epochs], training)
        return module

    sides: dict[str, Callable[[], object]] = {
        "epoch": partial(train, recomputed, 1),
        "extraction": extract,
        "training": partial(train, cached, paper.epochs),
    }
    seconds = {name: timed.seconds for name, timed in timing.compare(sides, options.rounds).items()}
    loop, once = paper.epochs * seconds["epoch"], seconds["extraction"] + seconds["training"]
    scores = [algorithm1.score(train(features, 1), center, cached) for features in (recomputed, cached)]
    print(f"{options.dataset} {options.normal}: {len(cached)} images, {paper.epochs} epochs, one projector\n")
    rows: list[dict[str, object]] = [
        {"features": "recomputed", "s": loop, "of which": f"{paper.epochs} epochs of {seconds['epoch']:.4g}"},
        {"features": "extracted once", "s": once, "of which": f"training {seconds['training']:.4g}"},
    ]
    print(timing.table(rows))
    difference = float((scores[0] / scores[1] - 1).abs().max())
    print(
        f"\n{loop / once:.3g} times faster; after one epoch the scores differ by {difference:.1e} at most, relatively"
    )


if __name__ == "__main__":
    main()
