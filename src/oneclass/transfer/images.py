"""Images in memory, and what the frozen front makes of them: once for all classes, methods and seeds if it fits."""

from collections.abc import Iterator
from concurrent.futures import Executor

import torch
from torch import Tensor

from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features.backbone import Backbone
from oneclass.features.decode import decode_all
from oneclass.training.augment import center_crop

_CPU_BATCH, _GPU_BATCH = 16, 128  # images at a time where nothing is trained


class Images:
    """``pixels`` [N, 3, S, S] uint8, of which the front sees the middle ``size`` square, on ``device``.

    ``memory_mb`` bounds the activations that are held; the others are computed whenever they are asked for.
    """

    def __init__(self, pixels: Tensor, size: int, front: Backbone, memory_mb: int, device: str) -> None:
        self.pixels, self.size = pixels, size
        self._front, self._bytes, self.device = front, memory_mb * 2**20, device
        self._slot = torch.full((len(pixels),), -1)
        self._held = torch.empty(0)

    def __len__(self) -> int:
        return len(self.pixels)

    def hold(self, rows: Tensor, workers: Executor) -> None:
        """Keep the activations of ``rows`` (the first of them, where memory is short) and drop all others."""
        one = self._compute(rows[:1])
        rows = rows[: self._bytes // one[0].nbytes]
        self._slot.fill_(-1)
        self._held = torch.empty(len(rows), *one.shape[1:], device=self.device)

        def fill(part: tuple[int, Tensor]) -> None:
            start, rows = part
            self._held[start : start + len(rows)] = self._compute(rows)

        list(workers.map(fill, _parts(rows, self.device)))
        self._slot[rows] = torch.arange(len(rows))

    def fit(self) -> bool:
        """Whether the activations of all images can be held."""
        return self._compute(torch.tensor([0])).nbytes * len(self) <= self._bytes

    def activations(self, rows: Tensor) -> Tensor:
        """[B, C, h, w] of the images at ``rows``."""
        slots = self._slot[rows]
        held = slots >= 0
        if held.all():
            return self._held[slots.to(self.device)].contiguous(memory_format=torch.channels_last)
        found = self._compute(rows[~held])
        mixed = torch.empty(len(rows), *found.shape[1:], device=self.device)
        mixed[~held] = found
        if held.any():
            mixed[held] = self._held[slots[held].to(self.device)]
        return mixed.contiguous(memory_format=torch.channels_last)

    def activations_of(self, images: Tensor) -> Tensor:
        """What the front makes of ``images`` uint8 [B, 3, s, s] that are not among these."""
        with torch.no_grad():
            return self._front.features(images.to(self.device), [])[0]

    def batches(self, rows: Tensor) -> Iterator[Tensor]:
        """The activations of ``rows``, in batches of the size that is fastest where nothing is trained."""
        for _, part in _parts(rows, self.device):
            yield self.activations(part)

    def _compute(self, rows: Tensor) -> Tensor:
        return self.activations_of(center_crop(self.pixels[rows], self.size))


def load(index: Index, front: Backbone, geometry: Geometry, *, workers: int, memory_mb: int, device: str) -> Images:
    """Decode the images of ``index``; ``UserError`` names a bad one."""
    pixels = decode_all(index, Geometry(geometry.resize), workers)
    return Images(pixels, geometry.image_size, front, memory_mb, device)


def _parts(rows: Tensor, device: str) -> Iterator[tuple[int, Tensor]]:
    size = _CPU_BATCH if device == "cpu" else _GPU_BATCH
    for start in range(0, len(rows), size):
        yield start, rows[start : start + size]
