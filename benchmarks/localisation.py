"""Protocol B for one category, from images to scores: our three trainers against the paper's loop as it is written.

The loop runs the backbone on every image in every epoch, concatenates the maps, and trains a 1x1 convolution by
autograd; its epochs are all alike, so a few are timed and stand for all.
"""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks import inputs, timing
from oneclass.config.data import Extraction, Transform
from oneclass.config.objective import Localisation
from oneclass.data.tasks import split
from oneclass.features.backbone import Backbone
from oneclass.features.extract import infer
from oneclass.localisation import closed_form, reference, training
from oneclass.localisation.category import Category
from oneclass.localisation.maps import Joining, Maps
from oneclass.localisation.moments import Centring
from oneclass.localisation.results import Result
from oneclass.localisation.source import BATCH, Cached, MapSource, Rows
from oneclass.metrics import auroc
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import Variant

VARIANT = Variant("normal", 1, 0)


@dataclass(frozen=True)
class Recomputed:
    """Maps that the backbone computes each time they are asked for."""

    index: pd.DataFrame
    network: Backbone
    transform: Transform
    paper: Localisation
    extraction: Extraction

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        some = self.index.iloc[rows]
        batches = infer(
            some,
            self.network,
            **self.transform.model_dump(),
            layers=self.paper.layers,
            workers=self.extraction.workers,
            batch_size=size,
            device="cpu",
        )
        return (Joining(**self.paper.joining()).join(maps) for _, maps in batches)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    inputs.add_arguments(parser)
    parser.add_argument("--images", type=int, default=128, help="training images (%(default)s)")
    parser.add_argument("--timed-epochs", type=int, default=1, help="of the literal loop (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    config = inputs.read_config(options.config)
    dataset, paper = config.datasets[options.dataset], config.localisation
    assert paper, f"{options.config} has no section 'localisation'"
    index = inputs.make_index(config, options.dataset)
    network = inputs.load_backbone(config, paper.backbone)
    rows = split(index, dataset.task, options.normal)
    train, adam, seeds = rows.train[: options.images], Adam(**paper.adam()), Seeds(config.seed, options.dataset)
    used = np.unique(np.concatenate([train, rows.test]))
    kept = index.iloc[used].reset_index(drop=True)

    def category(source: MapSource) -> Category:
        ids = kept["id"].to_numpy(dtype=str)[np.searchsorted(used, rows.test)]
        places = np.searchsorted(used, train), np.searchsorted(used, rows.test)
        return Category(options.normal, source, *places, ids, rows.labels)

    def empty() -> Result:
        size = dataset.transform.crop or dataset.transform.resize
        return Result(size, paper.sigma, {options.normal: False}, lambda variant: False)

    literal = category(Recomputed(kept, network, dataset.transform, paper, config.features))
    start = seeds.start(training.start(options.normal, torch.zeros(literal.dimension)), [VARIANT])
    module = reference.layer("conv1x1", start.weight[0], start.bias[0])

    def loop() -> None:
        orders = batch_orders(len(train), options.timed_epochs, config.seed)
        reference.train(
            module, start.center[0], literal.source, literal.train, orders, adam, batch_size=paper.batch_size
        )

    def loop_scores() -> None:
        reference.score(module, start.center[0], literal.source, literal.test)

    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "maps.h5")

        def cached() -> Category:
            return category(Cached(store, kept, paper.layers, Joining(**paper.joining()), "cpu"))

        def extraction() -> None:
            inputs.extract_to(store, kept, network, config, paper.layers)

        def trained(method: str) -> Result:
            result = empty()
            schedule = paper.schedule(options.dataset) | {"memory_mb": paper.memory_mb}

            def steps(one: Category, centring: Centring) -> training.Steps:
                return training.STEPS[method](one, centring, **schedule)

            training.run([cached()], method, {"none": [VARIANT]}, steps, adam, seeds, paper.memory_mb, result)
            return result

        def solved() -> Result:
            result = empty()
            closed_form.run([cached()], {"none": [VARIANT.norm]}, result)
            return result

        sides: dict[str, Callable[[], object]] = {
            "loop": loop,
            "loop_scores": loop_scores,
            "extraction": extraction,
            "mini-batch": partial(trained, "ours"),
            "moments": partial(trained, "ours_moments"),
            "closed form": solved,
        }
        timed = timing.compare(sides, options.rounds)
    whole = timed["loop"].seconds * paper.epochs / options.timed_epochs + timed["loop_scores"].seconds
    print(
        f"{options.dataset} {options.normal}: {len(train)} training and {len(rows.test)} test images, {paper.epochs} "
        f"epochs; the loop: {options.timed_epochs} timed, {timed['loop'].seconds:.4g} s\n"
    )
    table: list[dict[str, object]] = [{"from images to scores": "the paper's loop", "s": whole, "times faster": 1.0}]
    table[0]["image AUROC"] = ""
    for name in ("mini-batch", "moments", "closed form"):
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
