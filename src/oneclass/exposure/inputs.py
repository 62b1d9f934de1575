"""What the networks see: pixels, cropped, augmented and filtered batch by batch, or frozen features.

They hold a data set or a pool on the device and hand out batches; statistics are those of the normal training images.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor

from oneclass import filters
from oneclass.exposure import augment
from oneclass.exposure.members import SIZES

Statistics = tuple[Tensor, Tensor]  # mean and standard deviation, in the shape of one broadcast sample
PADDING = {"lenet": 4, "cbam_resnet18": 0}  # of an augmented image before it is cropped
AUGMENTATIONS = {  # (augmented or not) in the authors' code
    "lenet": {True: {"jitter", "flip", "crop", "noise"}, False: set()},
    "cbam_resnet18": {True: {"flip", "crop"}, False: {"crop"}},
}
FLAT = 0.01  # of the mean deviation: a feature that never changes on normal images is not blown up further
_BATCH = 1024  # images at a time where nothing is trained


class Inputs(Protocol):
    """A data set or pool on the device."""

    @property
    def repeats(self) -> bool:
        """Whether copies of an image in a training batch are the same, and it pays to compute one of them."""

    def __len__(self) -> int: ...

    def statistics(self, rows: Tensor) -> Statistics | None:
        """Mean and standard deviation of the images at ``rows``; None if they are normalised already."""

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """The images at ``rows``, not normalised; as for training if ``random`` is given, else as at test."""


@dataclass(frozen=True)
class Pixels:
    """``images`` [N, 3, S, S] uint8 for one kind of network, under one filter and a set of augmentations."""

    images: Tensor
    network: str
    filter: filters.Filter
    augmentation: frozenset[str]
    reading: filters.Reading

    def __len__(self) -> int:
        return len(self.images)

    @property
    def repeats(self) -> bool:
        """Unless they are augmented, or the network takes no counts."""
        return not self.augmentation and self.network == "lenet"

    def statistics(self, rows: Tensor) -> Statistics:
        """Of each channel, unfiltered and unaugmented; [1, 3, 1, 1]."""
        total, squares = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
        for part in rows.split(_BATCH):
            values = self._middle(part).double()
            total += values.mean((2, 3)).sum(0).cpu()
            squares += values.square().mean((2, 3)).sum(0).cpu()
        mean = total / len(rows)
        deviation = (squares / len(rows) - mean.square()).clamp_min(1e-12).sqrt()
        shape = (1, 3, 1, 1)
        return mean.float().view(shape).to(self.images.device), deviation.float().view(shape).to(self.images.device)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """[B, 3, s, s] float, with s of ``SIZES``."""
        images = self._middle(rows) if random is None else self._training(rows, random)
        return filters.apply(images, self.filter, reading=self.reading)

    def _middle(self, rows: Tensor) -> Tensor:
        return augment.middle(self.images[rows.to(self.images.device)], SIZES[self.network]) / 255

    def _training(self, rows: Tensor, random: Generator) -> Tensor:
        chosen, size = self.augmentation, SIZES[self.network]
        images = self.images[rows.to(self.images.device)]
        if chosen & {"crop", "flip"}:
            images = images if "crop" in chosen else augment.middle(images, size)
            padding = PADDING[self.network] if "crop" in chosen else 0
            images = augment.crop(images, size, padding, "flip" in chosen, random)
        images = augment.middle(images, size) / 255
        if "jitter" in chosen:
            images = augment.jitter(images, random)
        return augment.noise(images, random) if "noise" in chosen else images


@dataclass(frozen=True)
class Vectors:
    """Frozen features [N, D]; the filter was applied to the images they were computed from."""

    features: Tensor

    @property
    def repeats(self) -> bool:
        """They would be, but a head costs less than to look for copies."""
        return False

    def __len__(self) -> int:
        return len(self.features)

    def statistics(self, rows: Tensor) -> Statistics:
        """Of each feature; [1, D]."""
        features = self.features[rows.to(self.features.device)]
        deviation = features.std(0, correction=0, keepdim=True)
        return features.mean(0, keepdim=True), deviation.clamp_min(float(FLAT * deviation.mean()))

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """[B, D]."""
        return self.features[rows.to(self.features.device)]


@dataclass(frozen=True)
class Prepared:
    """Samples [N, s, s, 3] filtered and normalised already: once for all the networks that see them."""

    samples: Tensor
    repeats: bool

    @classmethod
    def of(cls, pixels: Pixels, rows: Tensor, statistics: Statistics) -> "Prepared":
        """The images at ``rows`` of ``pixels``, normalised by ``statistics``. They are not to be augmented."""
        parts = [(pixels.batch(part, None) - statistics[0]) / statistics[1] for part in rows.split(_BATCH)]
        return cls(torch.cat([part.permute(0, 2, 3, 1) for part in parts]).contiguous(), pixels.repeats)

    def __len__(self) -> int:
        return len(self.samples)

    def statistics(self, rows: Tensor) -> None:
        """None: they are normalised."""

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """[B, 3, s, s], channels last in memory."""
        return self.samples[rows.to(self.samples.device)].permute(0, 3, 1, 2)


def augmentation(network: str, augmented: bool, allowed: list[str]) -> frozenset[str]:
    """What is done to the training images of ``network``: the authors' choice, without what the config switches off."""
    return frozenset(AUGMENTATIONS[network][augmented] & set(allowed))
