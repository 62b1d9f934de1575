"""Features and training steps a second on each device, with random weights and data: nothing to download or install.

Needs torch, timm and what the library's arithmetic imports (h5py, pandas, pyarrow), but no config. Prints JSON.
"""

import json
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import timm
import torch
from torch import Tensor

from benchmarks import timing
from oneclass.features.backbone import Backbone
from oneclass.objective.job import Training
from oneclass.objective.methods import projector
from oneclass.objective.projector import Projectors

BATCH = {"cpu": 16, "cuda": 256}  # images a forward pass, as in extract
PASSES = {"cpu": 2, "cuda": 10}
STEPS = {"cpu": 5, "cuda": 200}
TRAIN_BATCH = 64


@torch.inference_mode()
def infer(backbone: Backbone, images: Tensor, passes: int, device: str) -> None:
    """Features of the uint8 ``images``, from the CPU's memory and back to it, ``passes`` times."""
    autocast = nullcontext() if device == "cpu" else torch.autocast("cuda", dtype=torch.float16)
    with autocast:
        for _ in range(passes):
            backbone.features(images.to(device, non_blocking=True), [])[0].cpu()


def features_per_second(options: Namespace, device: str) -> float:
    network = timm.create_model(options.architecture, num_classes=0).eval().requires_grad_(False)
    network.to(device).to(memory_format=torch.channels_last)
    backbone = Backbone(network, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "")
    batch, passes = options.batch or BATCH[device], options.passes or PASSES[device]
    images = torch.randint(256, (batch, 3, options.size, options.size), dtype=torch.uint8)
    images = images if device == "cpu" else images.pin_memory()
    timed = timing.compare({device: partial(infer, backbone, images, passes, device)}, options.rounds)
    return passes * batch / timed[device].seconds


def steps_per_second(options: Namespace, device: str, count: int) -> float:
    """Steps of ``count`` projectors that train together."""
    steps = options.steps or STEPS[device]
    images = torch.randn(1, 1024, options.dimension, device=device)
    orders = torch.randint(1024, (1, 1, steps * TRAIN_BATCH), device=device)
    size = options.dimension
    projectors = Projectors(*(torch.randn(count, *shape, device=device) for shape in ((size, size), (size,), (size,))))
    training = Training(1e-4, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=1, batch_size=TRAIN_BATCH)
    side = partial(projector.fit, projectors, images, orders, training)
    return float(steps / timing.compare({device: side}, options.rounds)[device].seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    devices = ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--devices", choices=BATCH, nargs="+", default=devices, help="default: %(default)s")
    parser.add_argument("--architecture", default="resnet152", help="a timm network (%(default)s)")
    parser.add_argument("--size", type=int, default=224, help="height and width of an image (%(default)s)")
    parser.add_argument("--batch", type=int, help=f"images a forward pass (default: {BATCH})")
    parser.add_argument("--passes", type=int, help=f"forward passes a round (default: {PASSES})")
    parser.add_argument("--dimension", type=int, default=2048, help="of the features (%(default)s)")
    parser.add_argument("--projectors", type=int, nargs="+", default=[1, 8, 64], help="default: %(default)s")
    parser.add_argument("--steps", type=int, help=f"training steps a round (default: {STEPS})")
    options = timing.parse(parser, arguments, rounds=3)
    for device in options.devices:
        name = torch.cuda.get_device_name() if device == "cuda" else f"{platform.machine()}, {options.threads} threads"
        steps = {count: steps_per_second(options, device, count) for count in options.projectors}
        measured = {
            "device": device,
            "name": name,
            "torch": torch.__version__,
            f"{options.architecture} images a second": round(features_per_second(options, device), 2),
            "steps a second by projectors": {count: round(value, 2) for count, value in steps.items()},
            "projector steps a second": {count: round(count * value, 2) for count, value in steps.items()},
        }
        print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main()
