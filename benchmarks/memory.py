"""Peak memory of Protocol B on many images with many channels: statistics, training by moments, closed form, scores.

The maps of generated images, in the sizes of Wide ResNet-50-2 at 224 pixels, exist a batch at a time.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from benchmarks import timing
from oneclass.localisation import closed_form, training
from oneclass.localisation.category import Category
from oneclass.localisation.maps import Joining, Maps
from oneclass.localisation.results import Result
from oneclass.localisation.source import Rows
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import grid

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
            yield Joining().join(torch.randn(shape, generator=generator) for shape in shapes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000, help="half of them train (%(default)s)")
    parser.add_argument("--shrink", type=int, default=1, help="divide the channels by this (%(default)s)")
    parser.add_argument("--steps", type=int, default=4, help="of the training by moments (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    half = options.images // 2
    rows = np.arange(options.images)
    labels = np.arange(options.images - half).astype(np.int8) % 2
    ids = rows[half:].astype(str)
    one = Category("generated", Generated(options.shrink), rows[:half], rows[half:], ids, labels)
    result = Result(224, 4.0, {"generated": False}, lambda variant: False)
    closed_form.run([one], {"none": [1, 8]}, result)
    training.run(
        [one],
        "ours_moments",
        {"none": grid([1, 8], 1, ["normal"], 1)},
        lambda category, centring: training.full_batch(category, centring, options.steps, half, 512),
        Adam(1e-4, 5e-4, 1e-5, 1),
        Seeds(0, "generated"),
        512,
        result,
    )
    print(f"{options.images} images, {one.dimension} channels: peak memory {timing.peak_memory():.3g} GiB")


if __name__ == "__main__":
    main()
