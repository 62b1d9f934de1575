"""Images a second of each backbone on the CPU, by images a forward pass and by memory format."""

from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import nn

from benchmarks import inputs, timing
from oneclass import config as configuration

FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


@torch.inference_mode()
def forward(network: nn.Module, memory_format: torch.memory_format, batch: int, images: int, size: int) -> None:
    """Run ``images`` random images [3, size, size] through ``network``, ``batch`` at a time."""
    network.to(memory_format=memory_format)
    x = torch.rand(batch, 3, size, size).contiguous(memory_format=memory_format)
    for _ in range(images // batch):
        network(x)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "--config", type=Path, default="config.yaml", help="its backbones are timed (default: %(default)s)"
    )
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8, 16, 32, 64], help="images a forward pass")
    parser.add_argument("--images", type=int, default=64, help="images a round, a multiple of batches (%(default)s)")
    parser.add_argument("--size", type=int, default=224, help="height and width of an image (%(default)s)")
    options = timing.parse(parser, arguments, rounds=3)
    config = configuration.read(options.config)
    rows: list[dict[str, object]] = []
    for name in config.backbones:
        network = inputs.load_backbone(config, name).network
        sides = {
            (layout, batch): partial(forward, network, FORMATS[layout], batch, options.images, options.size)
            for batch in options.batches
            for layout in FORMATS
        }
        timed = timing.compare(sides, options.rounds)
        for layout in FORMATS:
            speed = {f"batch {batch}": options.images / timed[layout, batch].seconds for batch in options.batches}
            rows.append({"backbone": name, "memory format": layout} | speed)
    print(f"images of {options.size} pixels a second\n")
    print(timing.table(rows))


if __name__ == "__main__":
    main()
