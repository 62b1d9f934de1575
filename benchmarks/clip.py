"""A CLIP model of full size, as far as it goes without its weights: random ones in a file, loaded as a checkpoint.

Embeds random images and the prompts of ImageNet-30's size, and takes steps of fine-tuning. Prints seconds and memory.
"""

import json
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file
from torch import Tensor

from benchmarks import timing
from oneclass.catalogue.records import Network
from oneclass.clip import fine_tuning, models
from oneclass.clip.embeddings import embed_normalized
from oneclass.clip.prompts import Prompts
from oneclass.filters import Filter
from oneclass.training.batches import Schedule
from oneclass.training.inputs import Pixels
from oneclass.training.trials import Seeds, Trial

PROMPTS = Prompts(["a photo of a {label}", "a picture of a {label}"], "a photo of something", {})


def checkpoint(architecture: str, folder: str) -> Path:
    """A file of random weights."""
    path = Path(folder, "random.safetensors")
    save_file(open_clip.create_model(architecture).state_dict(), path)
    return path


def embed(clip: models.Clip, images: Tensor, batch: int, device: str) -> Tensor:
    """Of ``images``, ``batch`` at a time, from the CPU's memory and back to it."""
    parts = [embed_normalized(clip.tower, clip, part.to(device) / 255).cpu() for part in images.split(batch)]
    return torch.cat(parts)


def tune(clip: models.Clip, images: Tensor, texts: Tensor, options: Namespace, device: str) -> None:
    """Steps of fine-tuning: ``images`` are the normal images of an epoch, and the outliers."""
    network = Network("clip", "CLIP", "clip", image_size=clip.size[0])
    data = Pixels(images.to(device), network, Filter(), frozenset())
    rows = torch.arange(len(images), device=device)
    task = fine_tuning.Task(data, rows, rows, data, rows, texts[-2:])
    schedule = Schedule(options.steps, (), len(images), 1e-4)
    fine_tuning.tune(clip, task, "all", schedule, Trial("benchmark", 0, "bce_cl"), Seeds(0, "benchmark"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", default="ViT-B-32-quickgelu", help="an open_clip model (%(default)s)")
    parser.add_argument("--images", type=int, default=64, help="to embed (%(default)s)")
    parser.add_argument("--classes", type=int, default=30, help="each has two prompts (%(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="images a forward pass (%(default)s)")
    parser.add_argument("--normal", type=int, default=16, help="images a step, and as many outliers (%(default)s)")
    parser.add_argument("--steps", type=int, default=2, help="of fine-tuning (%(default)s)")
    options = timing.parse(parser, arguments, rounds=1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with tempfile.TemporaryDirectory() as folder:
        path = checkpoint(options.architecture, folder)
        sides = {"load": partial(models.load, options.architecture, None, str(path))}
        loaded = timing.compare(sides, options.rounds)["load"]
    clip = loaded.result
    clip.network.to(device)
    images = torch.randint(256, (options.images, 3, *clip.size), dtype=torch.uint8)
    prompts = PROMPTS.texts([f"class {k}" for k in range(options.classes)])
    embedding = {
        "images": partial(embed, clip, images, options.batch, device),
        "prompts": partial(clip.texts, prompts, device),
    }
    timed = timing.compare(embedding, options.rounds)
    memory = timing.peak_memory()
    step = partial(tune, clip, images[: options.normal], timed["prompts"].result, options, device)
    tuned = timing.compare({"steps": step}, options.rounds)["steps"]
    measured = {
        "model": options.architecture,
        "device": torch.cuda.get_device_name() if device == "cuda" else f"cpu, {options.threads} threads",
        "load, s": loaded.seconds,
        f"embed {options.images} images, s": timed["images"].seconds,
        f"embed {len(prompts)} prompts, s": timed["prompts"].seconds,
        "images a second": options.images / timed["images"].seconds,
        "peak memory, GiB": memory,
        f"a step of {2 * options.normal} images, s": tuned.seconds / options.steps,
        "peak memory with fine-tuning, GiB": timing.peak_memory(),
    }
    print(json.dumps({name: round(v, 3) if isinstance(v, float) else v for name, v in measured.items()}, indent=2))


if __name__ == "__main__":
    main()
