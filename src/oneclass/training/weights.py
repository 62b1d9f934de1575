"""First weights from a seed of their own. PyTorch draws them from one generator for all threads."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import torch

T = TypeVar("T")
_RANDOM = Lock()


def drawn(build: Callable[[], T], seed: int) -> T:
    """What ``build`` makes, such as a network, with all that it draws from ``seed``; the global generator is left as it
    was, whatever other threads do."""
    with _RANDOM, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()
