"""What the systems of other papers take that gradient descent trains, on maps or on images, by their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

GIGA, MEGA = 1e9, 1e6


@dataclass(frozen=True)
class Work:
    """Billions of multiplications for an image of a training step and for one that is scored, images in a batch, and
    the memory of a step."""

    step: float
    image: float
    batch: int
    memory_mb: float


def _cfa(positions: int, size: int, projection: float) -> Work:
    """A convolution, with its gradients three, and the distances to as many memories as there are positions."""
    distances = positions**2 * size / GIGA
    return Work(
        3 * projection + distances, projection + distances, 4, 4 * positions * 4 * (positions + 12 * size) / MEGA
    )


# Of maps with so many positions and channels, and so many billions of multiplications in a 1x1 convolution.
COMPARED: dict[str, Callable[[int, int, float], Work]] = {"cfa": _cfa}


@dataclass(frozen=True)
class Learning:
    """Images that training sees, in ``steps`` batches; billions of multiplications for each of them, with gradients,
    and for one that is scored; and the memory of a step beside the images."""

    steps: int
    seen: int
    step: float
    image: float
    memory_mb: float


# Of images of so many pixels a side, so many of which are normal ones of a class, with these options.
ON_IMAGES: dict[str, Callable[[int, int, Mapping[str, float]], Learning]] = {}
