"""What the systems of other papers take that gradient descent trains, on maps or on images, by their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from oneclass.price.backbones import SIDE, Architecture
from oneclass.price.exposure import batches

GIGA, MEGA = 1e9, 1e6
# Beside the options of a system that starts from a pretrained network: its billions of multiplications for an image,
# the share of them that is trained, and what is kept of an image for that, in MB
BACKBONE, TRAINED, KEPT = "backbone", "trained", "kept"
Layers = tuple[tuple[int, int], ...]  # channels and positions of each, the finest first
Options = Mapping[str, float | str]


@dataclass(frozen=True)
class Work:
    """Billions of multiplications for an image of a training step and for one that is scored, images in a batch, and
    the memory of a step."""

    step: float
    image: float
    batch: int
    memory_mb: float


def _cfa(layers: Layers, options: Options) -> Work:
    """A convolution, with its gradients three, and the distances to as many memories as there are positions."""
    size, positions = sum(channels for channels, _ in layers), layers[0][1]
    projection = size * sum(channels * places for channels, places in layers) / GIGA
    distances = positions**2 * size / GIGA
    return Work(
        3 * projection + distances, projection + distances, 4, 4 * positions * 4 * (positions + 12 * size) / MEGA
    )


def _fastflow(layers: Layers, options: Options) -> Work:
    """Eight couplings a level, of two convolutions each; steps without products, on few channels the most of it, take
    the time of 200 multiplications for each number. Seven copies of each are kept for the gradients."""
    numbers = 8 * sum(channels * positions for channels, positions in layers)
    products = sum(4 * (3**2 + 1) * 3 / 4 * channels**2 * positions for channels, positions in layers)
    image, batch = (products + 200 * numbers) / GIGA, round(float(options["batch_size"]))
    return Work(3 * image, image, batch, batch * 7 * 4 * numbers / MEGA)


COMPARED: dict[str, Callable[[Layers, Options], Work]] = {"cfa": _cfa, "fastflow": _fastflow}


@dataclass(frozen=True)
class Learning:
    """Images that training sees, in ``steps`` batches; billions of multiplications for each of them, with gradients,
    and for one that is scored; and the memory of a step beside the images."""

    steps: int
    seen: int
    step: float
    image: float
    memory_mb: float


def started_from(network: Architecture, options: Mapping[str, float]) -> dict[str, float]:
    """``options``, with what is to be known of the ``network`` that a system starts from."""
    share = network.trained(round(options.get("blocks", len(network.stages))))
    return {**options, BACKBONE: network.gmac, TRAINED: share, KEPT: network.kept_mb}


def _wide_resnet(side: int, options: Mapping[str, float]) -> tuple[float, float]:
    """Billions of multiplications for an image, and the memory in MB that training keeps of one."""
    width, blocks, size = options["width"], options["blocks"], (min(side, options["side"]) / 32) ** 2
    return (0.5 + 2.6 * width + (14.2 * blocks - 4.6) * width**2) * size / 1e3, 0.7 * width * blocks * size


def _gt(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """72 transformations of each image, in batches of 128."""
    (forward, kept), epochs, seen = _wide_resnet(side, options), round(options["epochs"]), 72 * train
    return Learning(epochs * batches(seen, 128), epochs * seen, 3 * forward, 72 * forward, 128 * kept)


def _gt_plus(side: int, train: int, options: Mapping[str, float], kinds: int = 1) -> Learning:
    """36 transformations of each image, 64 of nine in four turns a batch, and of as many of each of the other
    ``kinds``."""
    (forward, kept), epochs = _wide_resnet(side, options), round(options["epochs"])
    steps, seen = epochs * batches(9 * train, 64), 36 * train * epochs
    return Learning(steps, kinds * seen, 3 * forward, 36 * forward, 256 * kinds * kept)


def _csi(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """Two views of each image in four turns, by a ResNet-18 of which no image is halved before its first stage."""
    size, width, epochs = (min(side, options["side"]) / 32) ** 2, options["width"], round(options["epochs"])
    forward, seen = 0.56 * width**2 * size, 8 * train * epochs
    steps = epochs * batches(train, round(options["batch"]))
    return Learning(steps, seen, 3 * forward, 4 * options["views"] * forward, 8 * options["batch"] * 7 * width * size)


def _adip(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """Adapters beside the backbone's layers; weights that stay have no gradient, their inputs do."""
    epochs, size, share = round(options["epochs"]), (options["image_size"] / SIDE) ** 2, options[TRAINED]
    forward, memory = options[BACKBONE] * size, 128 * options[KEPT] * share * size
    return Learning(epochs * batches(train, 64), 2 * train * epochs, 2.2 * share * forward, forward, memory)


def _focal(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """A Wide ResNet 16-4 on small images, else the ResNet-18 with CBAM; 128 normal images and 256 outliers a step."""
    seen, width = 3 * train * round(options["epochs"]), options["width"] ** 2
    small = side <= 64
    forward = width * (0.38 * (side / 32) ** 2 if small else 1.8 * (side / 256) ** 2)
    kept = 384 * options["width"] * (8 * (side / 32) ** 2 if small else 28 * (side / 256) ** 2)
    return Learning(-(-train // 128) * round(options["epochs"]), seen, 3 * forward, forward, kept)


def _svdd(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """Every image against every other, by libsvm, which is slower than products of matrices."""
    pixels = 3 * min(side, 32) ** 2
    return Learning(0, train, 1.5 * train * pixels / GIGA, 0.3 * train * pixels / GIGA, 24 * train * pixels / MEGA)


def _deep_svdd(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """The encoder, 28 million multiplications at width 1, of which three million are of the image's colours; with the
    decoder, twice that; gradients three times that."""
    encoder = (25 * options["width"] ** 2 + 3 * options["width"]) * MEGA / GIGA
    epochs, pretraining = round(options["epochs"]), round(options["pretraining"])
    seen = (epochs + pretraining) * train
    steps = (epochs + pretraining) * batches(train, 200)
    shares = (epochs + 2 * pretraining) / max(1, epochs + pretraining)
    return Learning(
        steps, seen, 3 * shares * encoder, encoder, 200 * 1.5 * options["width"] + train * 3 * 32**2 * 8 / MEGA
    )


def _draem(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """Two networks; Adam keeps two numbers for each of their weights."""
    width, area = options["width"], (side / max(1, round(options["shrink"])) / 256) ** 2
    steps, forward = round(options["epochs"] * train / 8), 198 * width**2 * area
    return Learning(steps, 8 * steps, 3 * forward, forward, 8 * 900 * width * area + 1600 * width**2)


def _patch_svdd(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """20 small patches for each image in a step, in four kinds of pairs; in scoring all of its small patches at once,
    and their distances to as many of each normal image."""
    width, patches = options["width"], ((side - 32) // max(2, options["stride"]) + 1) ** 2
    steps, bank = round(options["epochs"] * 100 * train / 64), train * patches * 64 * width
    image = 3.9 * width**2 * (side / 224) ** 2 + patches * bank / GIGA
    return Learning(steps, 64 * steps, 3 * 20 * 0.028 * width**2, image, 500 * width + 4 * bank / MEGA)


def _stpm(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """A student of the backbone's architecture; its teacher sees each image once, and its maps are held."""
    size, batch, epochs = (side / SIDE) ** 2, round(options["batch_size"]), round(options["epochs"])
    forward = options[BACKBONE] * size
    memory = (batch * (55 + 20 * options[BACKBONE]) + train * (1 + options[BACKBONE]) / 4) * size
    return Learning(-(-train // batch) * epochs, train * epochs, 3 * forward, 2 * forward, memory)


def _igd(side: int, train: int, options: Mapping[str, float]) -> Learning:
    """Decoder and critic, 7 billion multiplications each at 256 pixels and 0.35 at 32, as in patches and in small
    images, of which there are no patches: an image is decoded twice and judged three times. What is kept of it for that
    is 280 MB, or 15. Beside them a frozen network."""
    epochs, width, local = round(options["epochs"]), options["width"], side > 32
    size = (options["size"] / 256) ** 2 if local else 1 / 64
    places = (round(options["size"]) // 16 - 1) ** 2 if local else 0
    patches = min(places, round(options["patches"]))
    image, patch = (7 * size if local else 0.35) * width**2, 0.35 * width**2
    frozen = options[BACKBONE] * (256 / SIDE) ** 2
    step = 14 * (image + patches * patch) + frozen * (size + patches / 64)
    scored = image + places * patch + frozen * (size + places / 64)
    steps = epochs * (batches(train, 16) + (batches(train, 2) if local else 0))
    memory = max(16 * (280 * size if local else 15), 2 * patches * 15) * width
    return Learning(steps, train * epochs, step, scored, memory)


# Of images of so many pixels a side, so many of which are normal ones of a class, with these options.
ON_IMAGES: dict[str, Callable[[int, int, Mapping[str, float]], Learning]] = {
    "csi": _csi,
    "gt": _gt,
    "gt_plus": _gt_plus,
    "gt_plus_oe": partial(_gt_plus, kinds=2),
    "adip": _adip,
    "focal_hendrycks": _focal,
    "svdd": _svdd,
    "deep_svdd": _deep_svdd,
    "draem": _draem,
    "patch_svdd": _patch_svdd,
    "stpm": _stpm,
    "igd": _igd,
}
