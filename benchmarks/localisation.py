"""Protocol B for one category, from images to scores: our three trainers against the paper's loop as it is written.

The loop runs the backbone on every image in every epoch, concatenates the maps, and trains a 1x1 convolution by
autograd; its epochs are all alike, so a few are timed and stand for all.
"""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks import inputs, timing
from oneclass import config as configuration
from oneclass.data.tasks import split
from oneclass.metrics import auroc
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Aggregation
from oneclass.objective.localisation.sources import Cached, MapSource, Streamed
from oneclass.objective.methods import algorithm1, closed_form, full_batch, projector
from oneclass.objective.result import Result
from oneclass.objective.starts import batch_orders, start
from oneclass.objective.variants import Variant
from oneclass.training.trials import Seeds

VARIANT = Variant("gaussian", 1, 0)
Solve = Callable[[list[Category], Job], None]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    inputs.add_arguments(parser)
    parser.add_argument("--images", type=int, default=128, help="training images (%(default)s)")
    parser.add_argument("--timed-epochs", type=int, default=1, help="of the literal loop (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    config = configuration.read(options.config)
    dataset, paper = config.datasets[options.dataset], config.localisation
    assert paper, f"{options.config} has no section 'localisation'"
    index = inputs.make_index(config, options.dataset)
    network = inputs.load_backbone(config, paper.backbone)
    geometry, how = inputs.geometry(config, options.dataset), Aggregation(**paper.aggregation())
    rows, training = split(index, dataset.task, options.normal), Training(**paper.training(options.dataset))
    train, seeds = rows.train[: options.images], Seeds(config.seed, options.dataset)
    used = np.unique(np.concatenate([train, rows.test]))
    kept = index.take(used)

    def category(source: MapSource) -> Category:
        places = np.searchsorted(used, train), np.searchsorted(used, rows.test)
        parts = index.take(train), index.take(rows.test)
        return Category(options.normal, *parts, rows.labels, geometry, source, *places)

    literal = category(Streamed(kept, network, geometry, paper.layers, how, config.features.workers, "cpu"))
    untrained = start(seeds, options.normal, torch.zeros(literal.dimension), [VARIANT])
    module, center = algorithm1.layer("conv1x1", untrained.weight[0], untrained.bias[0]), untrained.center[0]

    def loop() -> None:
        order = batch_orders(len(train), options.timed_epochs, config.seed)
        batches = algorithm1.map_batches(literal.source, literal.train, training)
        algorithm1.train(module, center, batches, order, training)

    def loop_scores() -> None:
        algorithm1.score_maps(module, center, literal.source, literal.test)

    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "maps.h5")

        def extraction() -> None:
            inputs.extract_to(store, kept, network, config, paper.layers)

        def solved(solve: Solve) -> Result:
            result, norm = Result("B", lambda *_: False), paper.default_center_norm
            job = Job(seeds, training, {"none": [VARIANT]}, norm, paper.memory_mb, result, sigma=paper.sigma)
            solve([category(Cached(store, kept, paper.layers, how, "cpu"))], job)
            return result

        ways: dict[str, Solve] = {
            "mini-batch": projector.on_maps,
            "full batch": full_batch.on_maps,
            "closed form": closed_form.on_maps,
        }
        sides: dict[str, Callable[[], object]] = {"loop": loop, "loop_scores": loop_scores, "extraction": extraction}
        sides |= {name: partial(solved, solve) for name, solve in ways.items()}
        timed = timing.compare(sides, options.rounds)
    whole = timed["loop"].seconds * paper.epochs / options.timed_epochs + timed["loop_scores"].seconds
    print(
        f"{options.dataset} {options.normal}: {len(train)} training and {len(rows.test)} test images, {paper.epochs} "
        f"epochs; the loop: {options.timed_epochs} timed, {timed['loop'].seconds:.4g} s\n"
    )
    table: list[dict[str, object]] = [{"from images to scores": "the paper's loop", "s": whole, "times faster": 1.0}]
    table[0]["image AUROC"] = ""
    for name in ways:
        seconds = timed["extraction"].seconds + timed[name].seconds
        result = timed[name].result
        assert isinstance(result, Result)
        value = 100 * auroc(rows.labels, result.scores[0]["score"])
        described = {"from images to scores": name, "s": seconds, "times faster": whole / seconds}
        table.append(described | {"image AUROC": float(value)})
    print(timing.table(table))
    print(f"\nof which features, computed once: {timed['extraction'].seconds:.4g} s")


if __name__ == "__main__":
    main()
