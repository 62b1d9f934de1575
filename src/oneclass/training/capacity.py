"""How many networks train at once on a GPU: what one takes, what is free, and fewer where that was too many."""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from oneclass.errors import UserError

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
MOST = 128  # networks in a stack: more would make a step longer and no network cheaper
SHARE = 0.9  # of the free memory
COPIES = 5  # of each weight: itself, its gradient, the two moments of Adam, and what Adam computes with
PASSES = 2  # what is kept for the backward pass, and as much again for gradients and workspace


def footprint(network: nn.Module, samples: Tensor, batch_size: int) -> int:
    """Bytes that ``network`` takes in training by Adam on batches of ``batch_size``: its weights and statistics in
    ``COPIES``, and in ``PASSES`` what autograd keeps of each sample, counted in a forward pass of ``samples``
    [B, ...], which must be where the network is."""
    network = copy.deepcopy(network).train()  # batch normalisation remembers the samples
    weights = [*network.parameters(), *network.buffers()]
    own = {tensor.untyped_storage().data_ptr() for tensor in weights}
    kept: dict[int, Tensor] = {}  # by their memory, held so that none is used twice

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(samples)
    activations = sum(tensor.untyped_storage().nbytes() for place, tensor in kept.items() if place not in own)
    return COPIES * sum(tensor.nbytes for tensor in weights) + PASSES * batch_size * activations // len(samples)


def fitting(bytes_each: int, device: torch.device) -> int:
    """How many networks of ``bytes_each`` fit into the memory that is free on ``device``, at least one and at most
    ``MOST``; of a CPU's memory nothing is asked."""
    if device.type == "cpu":
        return MOST
    module = torch.get_device_module(device)
    module.empty_cache()
    free, _ = module.mem_get_info(device)
    return max(1, min(MOST, int(SHARE * free) // bytes_each))


def in_parts(items: Sequence[T], size: int, run: Callable[[Sequence[T]], Sequence[R]]) -> Iterator[R]:
    """Yield what ``run`` makes of each of ``items``, ``size`` at a time, in order; half as many from where they did not
    fit into the device's memory on.

    Raises ``UserError`` if not even one fits.
    """
    done = 0
    while done < len(items):
        some = items[done : done + size]
        try:
            results = run(some)
        except torch.OutOfMemoryError:
            if len(some) == 1:
                raise UserError(
                    "one network does not fit into the GPU's memory; lower batch_size, or use --resources gpu=0"
                ) from None
            size = len(some) // 2
            log.warning("%d networks do not fit into the GPU's memory: %d at a time", len(some), size)
        else:
            yield from results
            done += len(some)
