"""Seconds that a unit of work takes on a GPU: what the rows of ``price/speeds.csv`` for one say.

Each unit runs the library's own function on random data at the size of the papers' configuration. Prints a line of
that file for each; needs no config, no weights and no pictures.
"""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import open_clip
import timm
import torch
from torch import Tensor, nn

from benchmarks import timing
from benchmarks.population import Problem
from oneclass.catalogue.records import Network
from oneclass.clip import fine_tuning
from oneclass.clip.models import Clip
from oneclass.exposure.training import Trainee, train
from oneclass.features.backbone import Backbone
from oneclass.filters import Filter, apply
from oneclass.price.backbones import ARCHITECTURES, SIDE
from oneclass.training.batches import Schedule
from oneclass.training.inputs import Pixels
from oneclass.training.optimisers import Adam
from oneclass.training.trials import Seeds, Trial
from oneclass.transfer import blocks, tuning

Timed = tuple[Callable[[], object], float, str]  # what is timed, how many units it is, and what it is in words
GIGA, MEGA = 1e9, 1e6
BATCH = 128  # normal images a step, and as many outliers


@torch.inference_mode()
def _embed(backbone: Backbone, images: Tensor, passes: int) -> None:
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for _ in range(passes):
            backbone.features(images.to("cuda", non_blocking=True), [])[0].cpu()


def forward(architecture: str, passes: int) -> Timed:
    """As ``features.extract`` does on a GPU."""
    network = timm.create_model(architecture, num_classes=0).eval().requires_grad_(False)
    network.to("cuda").to(memory_format=torch.channels_last)
    images = torch.randint(256, (256, 3, SIDE, SIDE), dtype=torch.uint8).pin_memory()
    backbone = Backbone(network, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "")
    amount = passes * len(images) * ARCHITECTURES[architecture].gmac
    return partial(_embed, backbone, images, passes), amount, f"{architecture}, batches of 256, float32"


def tuned(steps: int) -> Timed:
    """The last two stages of a ResNet-152, as PANDA trains them."""
    known = ARCHITECTURES["resnet152"]
    split = blocks.split(timm.create_model("resnet152").eval(), "", 2).to("cuda")
    images = torch.randint(256, (32, 3, SIDE, SIDE), dtype=torch.uint8, device="cuda")
    with torch.no_grad():
        batch = split.front.features(images, [])[0]
    back = split.trainable()
    descent = tuning.Descent(steps, 32, 1e-5, 0.9, 5e-5, 1e-3)

    def run() -> nn.Module:
        return tuning.fine_tune(
            back, list(back.parameters()), lambda x: back(x).square().mean(), iter([batch] * steps), descent
        )

    amount = steps * 32 * known.gmac * 3 * known.trained(2)
    return run, amount, "the last two stages of a ResNet-152, batches of 32"


def clip_pairs(steps: int) -> Timed:
    """Fine-tuning of all layers."""
    network = open_clip.create_model("ViT-B-32-quickgelu").eval().requires_grad_(False).to("cuda")
    clip = Clip(network, open_clip.tokenize, open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD, "")
    seen = Network("clip", "CLIP", "clip", image_size=SIDE)
    images = torch.randint(256, (BATCH, 3, SIDE, SIDE), dtype=torch.uint8, device="cuda")
    data, rows = Pixels(images, seen, Filter(), frozenset()), torch.arange(BATCH, device="cuda")
    texts = torch.nn.functional.normalize(torch.randn(2, 512, device="cuda"), dim=-1)
    task = fine_tuning.Task(data, rows, rows, data, rows, texts)
    schedule, trial = Schedule(steps, (), BATCH, 1e-6), Trial("units", 0, "bce_cl")
    run = partial(fine_tuning.tune, clip, task, "all", schedule, trial, Seeds(0, "units"))
    return run, steps * BATCH, f"ViT-B/32, steps of {BATCH} pairs"


def trained(kind: str, steps: int, merged: bool, batch: int = BATCH) -> Timed:
    """Steps of one network; with ``merged`` one outlier, whose copies are computed once."""
    problem = Problem(kind, 1, 1, batch, 1280, 2, "cuda")
    run = partial(train, problem.trial(0), problem.task(1 if merged else None, merged), problem.recipe(steps))
    return run, steps * batch, f"width 1, {steps} steps of {batch} pairs, one network after another"


def scored(kind: str) -> Timed:
    """Test images, 512 at a time."""
    problem = Problem(kind, 1, 1, BATCH, 1280, 2, "cuda")
    rows = torch.arange(BATCH, device="cuda").repeat(40)
    task = replace(problem.task(), test=rows)
    return Trainee.untrained(problem.trial(0), task, problem.recipe(1)).scores, len(rows), "width 1, 512 at a time"


@torch.no_grad()
def _repeat(run: Callable[[], object], times: int) -> None:
    for _ in range(times):
        run()


def filtered(side: int) -> Timed:
    images = torch.rand(256, 3, side, side, device="cuda")
    return partial(_repeat, lambda: apply(images, Filter("lpf", 14)), 10), 2560 * side**2 / MEGA, f"{side} pixels"


def multiplied(size: int) -> Timed:
    a, b = torch.randn(2, size, size, device="cuda")
    return partial(_repeat, lambda: a @ b, 10), 10 * size**3 / GIGA, f"float32, {size} squared"


def decomposed(size: int) -> Timed:
    a = torch.randn(size, size, device="cuda", dtype=torch.float64)
    a = a @ a.T
    return partial(_repeat, lambda: torch.linalg.eigh(a), 1), size**3 / GIGA, f"float64, {size} rows; size cubed"


def updated(weights: int) -> Timed:
    parameter = torch.zeros(weights, device="cuda")
    optimiser, gradient = Adam([parameter]), torch.rand(weights, device="cuda")
    return partial(_repeat, lambda: optimiser.step([gradient], 1e-3), 10), 10 * weights / GIGA, "Adam, float32"


UNITS: dict[str, Callable[[], list[Timed]]] = {
    "forward GMAC": lambda: [forward("resnet152", 8), forward("wide_resnet50_2", 8)],
    "mobile GMAC": lambda: [forward("tf_efficientnet_lite0", 16)],
    "tuning GMAC": lambda: [tuned(20)],
    "CLIP pair": lambda: [clip_pairs(10)],
    "lenet pair": lambda: [trained("lenet", 200, False)],
    "lenet merged": lambda: [trained("lenet", 200, True)],
    "lenet scored": lambda: [scored("lenet")],
    "head pair": lambda: [trained("head", 200, False)],
    "head scored": lambda: [scored("head")],
    "cbam_resnet18 pair": lambda: [trained("cbam_resnet18", 20, False)],
    "cbam_resnet18 scored": lambda: [scored("cbam_resnet18")],
    "megapixel filtered": lambda: [filtered(32), filtered(224)],
    "matrix GMAC": lambda: [multiplied(2048), multiplied(8192)],
    "eigen GMAC": lambda: [decomposed(512), decomposed(1792)],
    "weight update": lambda: [updated(10**8)],
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--units", nargs="+", choices=UNITS, default=list(UNITS), help="default: all")
    options = timing.parse(parser, arguments, rounds=3)
    machine = f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for unit in options.units:
        sides = UNITS[unit]()
        timed = timing.compare({k: side[0] for k, side in enumerate(sides)}, options.rounds)
        each = [timed[k].seconds / side[1] for k, side in enumerate(sides)]
        what = "; ".join(
            f"{side[2]} ({one:.3g} s)" if len(sides) > 1 else side[2] for side, one in zip(sides, each, strict=True)
        )
        numbers = [f"{number:.3g}" for number in (min(each), max(each))]
        writer.writerow([unit, "gpu", *numbers, "measured", date.today(), machine, what])
        sys.stdout.flush()
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
