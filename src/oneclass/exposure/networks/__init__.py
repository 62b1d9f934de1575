"""The networks of paper 2, one module each with a function ``build``; ``catalogue.networks`` lists them."""

from threading import Lock

import torch
from torch import Tensor, nn

from oneclass.catalogue import records
from oneclass.exposure.losses import Method

_RANDOM = Lock()  # PyTorch's initialisation draws from one generator for all threads


class Classifier(nn.Module):
    """A network and the linear layer that turns its representation into one logit, [B, 1]."""

    def __init__(self, network: nn.Module, outputs: int) -> None:
        super().__init__()
        self.network = network
        self.logit = nn.Linear(outputs, 1)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, ...] to [B, 1]."""
        return self.logit(self.network(x, counts))


def build(network: records.Network, width: float, precision: str, method: Method, inputs: int, seed: int) -> nn.Module:
    """An untrained ``network`` for ``method``; ``inputs`` counts the features that a head takes.

    ``width`` is a factor on its layers' sizes, ``precision`` ("float32" or "bfloat16") that of its products. Its first
    weights are PyTorch's defaults, drawn from ``seed``; those that two methods share are the same.
    """
    with _RANDOM, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        built = records.load(network.module).build(width, precision, inputs)
        return Classifier(built, built.outputs) if method.classifier else built
