"""Pictures a second of `oneclass score` without overlays and with one of each picture, against the network alone."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import timing
from oneclass import cpus
from oneclass.data import images
from oneclass.detector.scorer import Scorer
from oneclass.scoring.pictures import find
from oneclass.scoring.run import in_order, score

DECODED = 50
"""Pictures that the network alone sees, again and again: more would only take memory."""


def make(folder: Path, count: int, side: int) -> None:
    """Pictures of smooth noise, which compress like photographs; every tenth has a bright square."""
    rng = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(rng.integers(60, 200, (side // 8 + 1, side // 8 + 1, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(np.int16)
        pixels = np.clip(pixels + rng.integers(-4, 5, pixels.shape), 0, 255).astype(np.uint8)
        if number % 10 == 9:
            pixels[side // 4 : side // 2, side // 4 : side // 2] = 255
        Image.fromarray(pixels).save(folder / f"{number:06d}.png")


def network(scorer: Scorer, files: Sequence[Path]) -> Callable[[int], None]:
    """Maps and scores of a number of pictures, as many threads as scoring has; they are decoded and resized here."""
    shown = [scorer.geometry.apply(images.load(file.parent, file.name)) for file in files[:DECODED]]
    inputs = [{"images": np.asarray(picture).transpose(2, 0, 1)[None]} for picture in shown]

    def run(count: int) -> None:
        for _ in in_order(lambda each: scorer.session.run(None, each), islice(cycle(inputs), count), cpus.usable()):
            pass

    return run


def row(detector: Path, files: Sequence[Path], rounds: int) -> dict[str, object]:
    """A line of the table: ``files`` scored in the three ways."""
    alone = network(Scorer.load(detector), files)

    def scored(overlays: str) -> None:
        with tempfile.TemporaryDirectory() as out:
            score(detector, files, out, overlays=overlays)

    sides = {
        "network": lambda: alone(len(files)),
        "no overlays": lambda: scored("none"),
        "overlays": lambda: scored("all"),
    }
    seconds = {name: timed.seconds for name, timed in timing.compare(sides, rounds).items()}
    return {
        "pictures": len(files),
        **{f"{name}, pictures/s": len(files) / taken for name, taken in seconds.items()},
        **{f"{name}, times the network": seconds[name] / seconds["network"] for name in list(sides)[1:]},
        "peak memory, GiB": timing.peak_memory(),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("detector", type=Path, help="the folder of a detector")
    parser.add_argument("places", nargs="*", help="pictures, or folders of them (left out: they are made)")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000], help="pictures, a row each (%(default)s)")
    parser.add_argument("--side", type=int, default=256, help="pixels a side of those that are made (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    with tempfile.TemporaryDirectory() as made:
        if not options.places:
            make(Path(made), max(options.counts), options.side)
        files = [picture.file for picture in find(options.places or [made]).pictures]
        print(timing.table([row(options.detector, files[:count], options.rounds) for count in options.counts]))


if __name__ == "__main__":
    main()
