"""Pictures that are decoded whenever a batch asks for them: of a pool too large to be stored as pixels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.data import pixels
from oneclass.data.index import Index


@dataclass(frozen=True)
class OnDisk:
    """The pixels of ``index`` as a store of squares of ``size`` pixels would hold them, indexed as a tensor is.

    ``workers`` decode a batch, which is put on ``target``. Rows are on the CPU, ``device``: to read them from a GPU
    would wait for all that it has yet to do, instead of decoding meanwhile.
    """

    index: Index
    size: int
    workers: ThreadPoolExecutor
    target: str
    device: str = "cpu"

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Uint8 [B, 3, S, S] of the pictures at ``rows``; ``UserError`` names one that cannot be read."""
        places = self.index.take(rows.numpy()).places()
        return torch.from_numpy(pixels.decode(places, self.size, self.workers)).to(self.target)

    def take(self, rows: NDArray) -> "OnDisk":
        """Those at ``rows`` alone."""
        return replace(self, index=self.index.take(rows))
