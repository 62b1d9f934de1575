"""Peak memory of Protocol B on many images with many channels: statistics, full-batch training, closed form, scores.

The maps of generated images, in the sizes of Wide ResNet-50-2 at 224 pixels, exist a batch at a time.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from benchmarks import timing
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import Aggregation, Maps
from oneclass.objective.localisation.sources import Rows
from oneclass.objective.methods import closed_form, full_batch
from oneclass.objective.result import Result
from oneclass.objective.variants import grid
from oneclass.training.trials import Seeds

SHAPES = ((256, 56), (512, 28), (1024, 14))  # channels and side of each layer
BATCH = 4


@dataclass(frozen=True)
class Generated:
    """Random maps, the same at every pass."""

    shrink: int

    def batches(self, rows: Rows, size: int = BATCH) -> Iterator[Maps]:
        for some in tqdm(np.array_split(rows, range(BATCH, len(rows), BATCH)), unit="batch"):
            generator = torch.Generator().manual_seed(int(some[0]))
            shapes = [(len(some), channels // self.shrink, side, side) for channels, side in SHAPES]
            yield Aggregation().apply(torch.randn(shape, generator=generator) for shape in shapes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000, help="half of them train (%(default)s)")
    parser.add_argument("--shrink", type=int, default=1, help="divide the channels by this (%(default)s)")
    parser.add_argument("--steps", type=int, default=4, help="of the full-batch training (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    half = options.images // 2
    rows = np.arange(options.images)
    labels = np.arange(options.images - half).astype(np.int8) % 2
    index = Index(pd.DataFrame({"id": rows.astype(str), "mask": ""}), "generated", Path(), "")
    parts, source = (index.take(rows[:half]), index.take(rows[half:])), Generated(options.shrink)
    one = Category("generated", *parts, labels, Geometry(224), source, rows[:half], rows[half:])
    job = Job(
        Seeds(0, "generated"),
        Training(1e-4, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=options.steps, batch_size=half),
        {"none": grid([1, 8], 1, ["gaussian"], 1)},
        default_center_norm=1,
        memory_mb=512,
        result=Result("B", lambda *_: False),
        sigma=4,
    )
    closed_form.on_maps([one], job)
    full_batch.on_maps([one], job)
    print(f"{options.images} images, {one.dimension} channels: peak memory {timing.peak_memory():.3g} GiB")


if __name__ == "__main__":
    main()
