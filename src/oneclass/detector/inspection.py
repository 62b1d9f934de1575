"""What speaks against normal pictures before any is scored: copies, shapes and sizes that differ, little contrast."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial.distance import cdist
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

SIDE = 32  # of the thumbnails that are compared
SAME = 0.002
"""Mean difference of two copies' thumbnails at most, as a share of all pictures' range (docs/detector.md)."""
COPIES = 0.05  # share of pictures with a copy that is worth a warning
MOST = 2000  # pictures that are compared with one another

SHAPES, SIZES, RANGE = 1.1, 1.5, 1 / 8
"""Ratios of the widest shape to the narrowest and of the largest side to the smallest, and the share of the range from
black to white, beyond or below which there is a warning."""


class Looks:
    """What was seen of N pictures: ``thumbnails`` [N, 32 x 32], grey, and the ``darkest`` and ``brightest`` value [N]
    of each. A picture that was not seen yet is black."""

    def __init__(self, count: int) -> None:
        self.thumbnails = np.zeros((count, SIDE * SIDE), np.float16)
        self.darkest, self.brightest = np.zeros(count, np.uint8), np.zeros(count, np.uint8)

    def note(self, start: int, batch: Tensor) -> None:
        """See the pictures ``batch``, uint8 [B, 3, S, S], which begin at position ``start``."""
        where = slice(start, start + len(batch))
        small = adaptive_avg_pool2d(batch.float().mean(1), SIDE)
        self.thumbnails[where] = small.flatten(1).numpy()
        self.darkest[where] = batch.amin((1, 2, 3)).numpy()
        self.brightest[where] = batch.amax((1, 2, 3)).numpy()

    @property
    def range(self) -> int:
        """From the darkest to the brightest value of any picture."""
        return int(self.brightest.max()) - int(self.darkest.min())


def warnings(train: Looks, held_out: Looks, sizes: Sequence[tuple[int, int]], name: Callable[[int], str]) -> list[str]:
    """What should be said of normal pictures, of which some have ``sizes`` (width, height), in plain sentences.

    ``name`` is that of the picture at a position, the training pictures first.
    """
    return [*_copies(train, held_out, name), *_shapes(sizes), *_range(max(train.range, held_out.range))]


def _copies(train: Looks, held_out: Looks, name: Callable[[int], str]) -> list[str]:
    thumbnails = np.concatenate([train.thumbnails, held_out.thumbnails])
    chosen = np.unique(np.linspace(0, len(thumbnails) - 1, min(MOST, len(thumbnails))).astype(int))
    seen = thumbnails[chosen].astype(np.float32)
    differences = cdist(seen, seen, "cityblock") / seen.shape[1]
    np.fill_diagonal(differences, np.inf)
    same = differences.min(1, initial=np.inf) <= SAME * max(train.range, held_out.range)
    if same.sum() < max(2, COPIES * len(seen)):
        return []
    first = int(np.argmax(same))
    pair = " and ".join(name(int(chosen[position])) for position in (first, differences[first].argmin()))
    return [
        f"{same.sum()} of {len(seen)} normal pictures are nearly the same as another one, such as {pair}: they teach "
        "little, and where a copy is held out, what was measured is better than what new pictures will show."
    ]


def _shapes(sizes: Sequence[tuple[int, int]]) -> list[str]:
    width, height = np.array(sizes, np.float64).T
    shapes, lengths = width / height, np.sqrt(width * height)
    if shapes.max() > SHAPES * shapes.min():
        ends = [sizes[int(position)] for position in (shapes.argmin(), shapes.argmax())]
        what, why = "shape", "all are squeezed to a square, so the same thing looks different"
    elif lengths.max() > SIZES * lengths.min():
        ends = [sizes[int(position)] for position in (lengths.argmin(), lengths.argmax())]
        what, why = "size", "all are resized alike, so the small ones look blurred, or things have another size"
    else:
        return []
    low, high = (f"{end[0]}×{end[1]}" for end in ends)
    return [f"The pictures differ in {what}, from {low} to {high} pixels: {why}. Better crop them alike."]


def _range(used: int) -> list[str]:
    if used >= RANGE * 255:
        return []
    return [
        f"All pictures together use {100 * used / 255:.0f} % of the range from black to white, so the network hardly "
        "sees anything. Are these 10 or 12 bits in files of 16? Save them, and new ones, with the full range."
    ]
