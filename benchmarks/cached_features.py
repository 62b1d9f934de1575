"""Features extracted once, against the paper's loop, which runs the backbone on every image in every epoch."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd
import torch
from torch import Tensor, nn

from benchmarks import inputs, timing
from oneclass.config.data import Transform
from oneclass.data import images, tasks
from oneclass.features.backbone import Backbone
from oneclass.features.store import read_pooled
from oneclass.features.transform import prepare
from oneclass.objective import reference
from oneclass.objective.starts import batch_orders, initial_projector, make_center
from oneclass.objective.training import Adam

PASS = 16  # images a forward pass, as in extract: the ratio is to measure the recomputation alone


@dataclass(frozen=True)
class Recomputed:
    """Features that are computed from the image files each time that rows of them are asked for."""

    index: pd.DataFrame
    network: Backbone
    transform: Transform
    workers: int

    def __getitem__(self, rows: Tensor) -> Tensor:
        with ThreadPoolExecutor(self.workers) as pool:
            pictures = torch.stack(list(pool.map(self._picture, rows.tolist())))
        with torch.no_grad():
            return torch.cat([self.network.features(part, [])[0] for part in pictures.split(PASS)])

    def _picture(self, row: int) -> Tensor:
        image = images.load(Path(self.index.attrs["root"]), *self.index.iloc[row][["path", "item", "reader"]])
        return prepare(image, self.transform.resize, self.transform.crop)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    inputs.add_arguments(parser)
    parser.add_argument("--images", type=int, default=128, help="training images (%(default)s)")
    options = timing.parse(parser, arguments, rounds=2)
    config = inputs.read_config(options.config)
    dataset, paper = config.datasets[options.dataset], config.objective
    assert paper, f"{options.config} has no section 'objective'"
    index = inputs.make_index(config, options.dataset)
    index = index.iloc[tasks.split(index, dataset.task, options.normal).train[: options.images]]
    network = inputs.load_backbone(config, paper.backbone)

    def extract() -> Tensor:
        with tempfile.TemporaryDirectory() as folder:
            inputs.extract_to(Path(folder, "features.h5"), index, network, config)
            return torch.from_numpy(read_pooled(Path(folder, "features.h5"), index))

    cached = extract()
    recomputed = cast(Tensor, Recomputed(index, network, dataset.transform, config.features.workers))
    weight, bias = initial_projector(cached.shape[1], config.seed)
    center = make_center("normal", paper.reference_norm, cached, config.seed)
    orders, adam = batch_orders(len(cached), paper.epochs, config.seed), Adam(**paper.adam())

    def train(features: Tensor, epochs: int) -> nn.Module:
        module = reference.layer("conv1x1", weight, bias)
        reference.train(module, center, features, orders[:epochs], adam, batch_size=paper.batch_size)
        return module

    sides: dict[str, Callable[[], object]] = {
        "epoch": partial(train, recomputed, 1),
        "extraction": extract,
        "training": partial(train, cached, paper.epochs),
    }
    seconds = {name: timed.seconds for name, timed in timing.compare(sides, options.rounds).items()}
    loop, once = paper.epochs * seconds["epoch"], seconds["extraction"] + seconds["training"]
    scores = [reference.score(train(features, 1), center, cached) for features in (recomputed, cached)]
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
