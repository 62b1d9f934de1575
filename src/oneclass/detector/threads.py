"""The same bytes whatever the number of threads: what several would divide, and so round, in another way, one does."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor

from oneclass.detector.network import FeatureExtractor
from oneclass.detector.pictures import BATCH
from oneclass.objective.localisation.maps import Maps


def maps_of_batch(extractor: FeatureExtractor, images: Tensor) -> Maps:
    """The maps of ``images``; of less than a whole batch by one thread, since PyTorch's convolutions divide a whole one
    alike among any number of threads, and a smaller one not (docs/detector.md)."""
    with one_thread() if len(images) < BATCH else nullcontext():
        return extractor(images)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread in the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
