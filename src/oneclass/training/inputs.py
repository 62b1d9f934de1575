"""What the networks see: pixels, cropped, augmented and filtered batch by batch, or frozen features.

They hold a data set or a pool on the device and hand out batches; statistics are those of the normal training images.
"""

from dataclasses import dataclass, replace
from typing import Literal, Protocol, Self

import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from oneclass import filters
from oneclass.catalogue.records import Network
from oneclass.training import augment
from oneclass.training.on_disk import OnDisk

Normalization = Literal["dataset", "image"]
Statistics = tuple[Tensor, Tensor]  # mean and standard deviation, in the shape of one broadcast sample
FLAT = 0.01  # of the mean deviation: a feature that never changes on normal images is not blown up further
CONTRAST = 1e-5  # of an image in [0, 1]; one of a single colour stays 0
_BATCH = 1024  # images at a time where nothing is trained


class Inputs(Protocol):
    """A data set or pool on the device."""

    @property
    def repeats(self) -> bool:
        """Whether copies of an image in a training batch are the same, and it pays to compute one of them."""

    @property
    def augmented(self) -> bool:
        """Whether a batch for training is drawn at random, each time anew."""

    def __len__(self) -> int: ...

    def statistics(self, rows: Tensor) -> Statistics | None:
        """Mean and standard deviation of the images at ``rows``; None if they are normalised already."""

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """The images at ``rows``, not normalised; as for training if ``random`` is given, else as at test."""


@dataclass(frozen=True)
class Pixels:
    """``images`` [N, 3, S, S] uint8, held or on disk, for one kind of network, under one filter and augmentations.

    With ``normalization`` "image" each is normalised by itself (``own_contrast``) after that.
    """

    images: Tensor | OnDisk
    network: Network
    filter: filters.Filter
    augmentation: frozenset[str]
    normalization: Normalization = "dataset"

    @property
    def held(self) -> Tensor | OnDisk:
        """The images as they are held, before anything is done to them."""
        return self.images

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray) -> Self:
        """Those at ``rows`` alone."""
        images = self.images
        taken = images.take(rows) if isinstance(images, OnDisk) else images[torch.from_numpy(rows).to(images.device)]
        return replace(self, images=taken)

    @property
    def augmented(self) -> bool:
        """Whether anything is."""
        return bool(self.augmentation)

    @property
    def repeats(self) -> bool:
        """True for a network that takes counts, unless images are augmented."""
        return not self.augmented and self.network.counts

    def statistics(self, rows: Tensor) -> Statistics:
        """Mean and standard deviation of each channel, unfiltered and unaugmented; [1, 3, 1, 1] each.

        Of images normalised by themselves: the least value and the range, [1, 1, 1, 1], so that they come to lie in
        [0, 1].
        """
        if self.normalization == "image":
            return self._range(rows)
        total, squares = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
        for part in rows.split(_BATCH):
            values = self._at_test(part).double()
            total += values.mean((2, 3)).sum(0).cpu()
            squares += values.square().mean((2, 3)).sum(0).cpu()
        mean = total / len(rows)
        deviation = (squares / len(rows) - mean.square()).clamp_min(1e-12).sqrt()
        shape, device = (1, 3, 1, 1), self.images.device
        return mean.float().view(shape).to(device), deviation.float().view(shape).to(device)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """The images [B, 3, s, s] at ``rows``, of the network's size s, in [0, 1] or of their own contrast; float32."""
        images = self._at_test(rows) if random is None else self._in_training(rows, random)
        images = filters.apply(images, self.filter)
        return own_contrast(images) if self.normalization == "image" else images

    def _range(self, rows: Tensor) -> Statistics:
        parts = [own_contrast(self._at_test(part)).aminmax() for part in rows.split(_BATCH)]
        low, high = torch.stack([part.min for part in parts]).min(), torch.stack([part.max for part in parts]).max()
        return low.view(1, 1, 1, 1), (high - low).clamp_min(CONTRAST).view(1, 1, 1, 1)

    def _at_test(self, rows: Tensor) -> Tensor:
        return augment.center_crop(self.images[rows.to(self.images.device)], self.network.image_size) / 255

    def _in_training(self, rows: Tensor, random: Generator) -> Tensor:
        chosen, size = self.augmentation, self.network.image_size
        images = self.images[rows.to(self.images.device)]
        if chosen & {"crop", "flip"}:
            images = images if "crop" in chosen else augment.center_crop(images, size)
            padding = self.network.padding if "crop" in chosen else 0
            images = augment.random_crop(images, size, padding, "flip" in chosen, random)
        images = augment.center_crop(images, size) / 255
        if "jitter" in chosen:
            images = augment.jitter(images, random)
        return augment.noise(images, random) if "noise" in chosen else images


@dataclass(frozen=True)
class FeatureVectors:
    """Frozen features [N, D]; the filter was applied to the images they were computed from."""

    features: Tensor
    augmented = False

    @property
    def held(self) -> Tensor:
        """The features as they are held."""
        return self.features

    def take(self, rows: NDArray) -> Self:
        """Those at ``rows`` alone."""
        return replace(self, features=self.features[torch.from_numpy(rows).to(self.features.device)])

    @property
    def repeats(self) -> bool:
        """False: copies are the same, but a head costs less than looking for them."""
        return False

    def __len__(self) -> int:
        return len(self.features)

    def statistics(self, rows: Tensor) -> Statistics:
        """Mean and standard deviation of each feature; [1, D] each."""
        features = self.features[rows.to(self.features.device)]
        deviation = features.std(0, correction=0, keepdim=True)
        return features.mean(0, keepdim=True), deviation.clamp_min(float(FLAT * deviation.mean()))

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """The features [B, D] at ``rows``."""
        return self.features[rows.to(self.features.device)]


@dataclass(frozen=True)
class PreprocessedPixels:
    """Samples [N, s, s, 3] that are filtered and normalised already: once for all the networks that see them."""

    samples: Tensor
    repeats: bool
    augmented = False

    @classmethod
    def from_pixels(cls, pixels: Pixels, rows: Tensor, statistics: Statistics) -> "PreprocessedPixels":
        """The images at ``rows`` of ``pixels``, normalised by ``statistics``. They are not to be augmented."""
        parts = [(pixels.batch(part, None) - statistics[0]) / statistics[1] for part in rows.split(_BATCH)]
        return cls(torch.cat([part.permute(0, 2, 3, 1) for part in parts]).contiguous(), pixels.repeats)

    def __len__(self) -> int:
        return len(self.samples)

    def statistics(self, rows: Tensor) -> None:
        """None: they are normalised."""

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        """The samples [B, 3, s, s] at ``rows``, channels last in memory."""
        return self.samples[rows.to(self.samples.device)].permute(0, 3, 1, 2)


def own_contrast(images: Tensor) -> Tensor:
    """``images`` [B, 3, H, W] less their own mean, in units of their own mean absolute deviation.

    The authors' global contrast normalisation, for MVTec AD.
    """
    centred = images - images.mean((1, 2, 3), keepdim=True)
    return centred / centred.abs().mean((1, 2, 3), keepdim=True).clamp_min(CONTRAST)
