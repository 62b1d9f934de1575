"""Stand-ins for what ``configs/paper.yaml`` reads: a few images of noise for each class, in the published layouts and
under the published names, and random weights. They show that everything runs, and nothing else.

``python tests/paper/standins.py FOLDER`` writes them into FOLDER/data; FOLDER/config.yaml, which is the paper's
configuration as ``override.yaml`` cuts it; and FOLDER/checksums.json, which ``hook`` puts in place of the published.
"""

import csv
import hashlib
import json
import pickle
import sys
from collections.abc import Sequence
from itertools import islice, product
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from oneclass.data.sources import SOURCES
from oneclass.data.sources.cifar import CLASSES

HERE = Path(__file__).parent
PAPER = HERE.parents[1] / "configs" / "paper.yaml"
EACH = "each"  # in the override: of what it says, every item of a list or mapping gets a copy
OUTLIERS = 48  # in each pool
WNIDS = ["n01440764", "n01443537", *(f"n{number:08d}" for number in range(10))]  # the first two are ImageNet-1k's
Pixels = NDArray[np.uint8]


def data(folder: Path) -> None:
    """Write all data sets and pools into ``folder``, the same bytes every time."""
    fashion_mnist(folder / "FashionMNIST" / "raw", train=40, test=20)
    cifar10(folder / "cifar-10-batches-py", per_batch=6, test=20)
    cifar100(folder / "cifar-100-python", train=200, test=100)
    for name in ("Cat", "Dog"):
        pictures(folder / "cats_vs_dogs" / "PetImages" / name, 8, ".jpg")
    for name in SOURCES["mvtec_ad"].class_names:
        defects(folder / "mvtec_ad" / name, ".png")
    for name in SOURCES["mpdd"].class_names:
        defects(folder / "mpdd" / "MPDD" / name, ".png")
    visa(folder / "visa")
    for name, (split, count) in product(SOURCES["imagenet30"].class_names, (("train", 2), ("test", 1))):
        pictures(folder / "imagenet30" / f"one_class_{split}" / name, count, ".JPEG")
    np.save(folder / "300K_random_images.npy", noise("random", OUTLIERS, 32, 32, 3))
    for name in WNIDS:
        pictures(folder / "imagenet22k" / name, OUTLIERS // (len(WNIDS) - 2), ".JPEG")
    pictures(folder / "dtd" / "images" / "banded", 8, ".jpg")


def noise(name: str, *shape: int) -> Pixels:
    """Bytes of ``shape`` that depend on ``name`` alone: in grey or colour of their own, and noise around it."""
    rng = np.random.default_rng(list(name.encode()))
    level = rng.integers(64, 192, shape[-1] if shape[-1] == 3 else 1)
    return np.clip(rng.normal(level, 40, shape), 0, 255).astype(np.uint8)


def labels(count: int, classes: int) -> list[int]:
    """The labels of ``count`` images, each of ``classes`` in its turn."""
    return [position % classes for position in range(count)]


def fashion_mnist(folder: Path, train: int, test: int) -> None:
    """Two pairs of idx files."""
    folder.mkdir(parents=True)
    for split, count in (("train", train), ("t10k", test)):
        images = noise(f"fashion {split}", count, 28, 28)
        for name, array in (("images-idx3", images), ("labels-idx1", np.array(labels(count, 10), np.uint8))):
            header = b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{split}-{name}-ubyte").write_bytes(header + array.tobytes())


def cifar10(folder: Path, per_batch: int, test: int) -> None:
    """Five batches of training images and one of test images."""
    turns = iter(labels(5 * per_batch, 10))
    for number in range(1, 6):
        batch(folder / f"data_batch_{number}", labels=list(islice(turns, per_batch)))
    batch(folder / "test_batch", labels=labels(test, 10))


def cifar100(folder: Path, train: int, test: int) -> None:
    """A file of training images and one of test images; which classes a superclass is made of is made up."""
    share = len(CLASSES["fine"]) // len(CLASSES["coarse"])
    for split, count in (("train", train), ("test", test)):
        fine = labels(count, len(CLASSES["fine"]))
        batch(folder / split, fine_labels=fine, coarse_labels=[label // share for label in fine])


def batch(file: Path, **labels: list[int]) -> None:
    """One pickled file, "python version"."""
    file.parent.mkdir(parents=True, exist_ok=True)
    count = len(next(iter(labels.values())))
    file.write_bytes(pickle.dumps({"data": noise(str(file.name), count, 3 * 32 * 32), **labels}))


def pictures(folder: Path, count: int, suffix: str) -> list[Path]:
    """``count`` picture files, wider than high."""
    folder.mkdir(parents=True)
    files = [folder / f"{number:03d}{suffix}" for number in range(count)]
    for file in files:
        Image.fromarray(noise("/".join(file.parts[-4:]), 48, 64, 3)).save(file)
    return files


def masks(folder: Path, files: Sequence[Path], ending: str) -> None:
    """A mask for each of ``files``: a square."""
    folder.mkdir(parents=True)
    for file in files:
        mask = np.zeros((48, 64), np.uint8)
        mask[16:32, 16:40] = 255
        Image.fromarray(mask).save(folder / f"{file.stem}{ending}")


def defects(folder: Path, suffix: str) -> None:
    """A category of MVTec AD, or of what has its layout."""
    pictures(folder / "train" / "good", 4, suffix)
    pictures(folder / "test" / "good", 2, suffix)
    masks(folder / "ground_truth" / "scratch", pictures(folder / "test" / "scratch", 2, suffix), "_mask.png")


def visa(folder: Path) -> None:
    """Pictures and masks of all objects, and the split."""
    rows = []
    for name in SOURCES["visa"].class_names:
        place = folder / name / "Data"
        normal = pictures(place / "Images" / "Normal", 6, ".JPG")
        anomalous = pictures(place / "Images" / "Anomaly", 2, ".JPG")
        masks(place / "Masks" / "Anomaly", anomalous, ".png")
        splits = ["train"] * 4 + ["test"] * 2
        rows += [(name, split, "normal", file, None) for split, file in zip(splits, normal, strict=True)]
        rows += [(name, "test", "anomaly", file, place / "Masks/Anomaly" / f"{file.stem}.png") for file in anomalous]
    (folder / "split_csv").mkdir()
    with (folder / "split_csv" / "1cls.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("object", "split", "label", "image", "mask"))
        for *cells, image, mask in rows:
            table.writerow((*cells, image.relative_to(folder), mask.relative_to(folder) if mask else ""))


def weights(folder: Path, config: dict[str, Any]) -> None:
    """A file of random weights for each network that ``config`` names, where it names it."""
    import open_clip
    import timm
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    torch.manual_seed(0)
    for backbone in config["backbones"].values():
        network = timm.create_model(backbone["architecture"], pretrained=False)
        save_file(network.state_dict(), folder / Path(backbone["weights"]["file"]).name)
    for clip in config["clips"].values():
        save_file(open_clip.create_model(clip["architecture"]).state_dict(), folder / Path(clip["checkpoint"]).name)


def cut(value: Any, override: Any) -> Any:
    """``value`` with what ``override`` says in its place: mappings are merged key by key, anything else is replaced."""
    if not isinstance(override, dict) or not isinstance(value, dict | list):
        return override
    if EACH in override:
        if isinstance(value, list):
            value = [cut(item, override[EACH]) for item in value]
        else:
            value = {key: cut(item, override[EACH]) for key, item in value.items()}
    changes = {key: cut(value.get(key), change) for key, change in override.items() if key != EACH}
    return value | changes if changes else value


def configuration() -> dict[str, Any]:
    """The paper's configuration as ``override.yaml`` cuts it."""
    paper, override = (yaml.safe_load(file.read_text()) for file in (PAPER, HERE / "override.yaml"))
    config: dict[str, Any] = cut(paper, override)
    return config


def write(folder: Path) -> None:
    """Data, weights and configuration, in a ``folder`` that has none yet."""
    config = configuration()
    (folder / "data").mkdir(parents=True)
    data(folder / "data")
    weights(folder / "data" / "weights", config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    checksums = {
        file.name: hashlib.md5(file.read_bytes()).hexdigest()
        for place in ("cifar-10-batches-py", "cifar-100-python")
        for file in (folder / "data" / place).iterdir()
    }
    (folder / "checksums.json").write_text(json.dumps(checksums))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
