"""The networks of paper 2, one module each with a function ``build``; ``catalogue.networks`` lists them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from oneclass.catalogue import records
from oneclass.exposure.losses import Method
from oneclass.exposure.networks.layers import Linear
from oneclass.training.weights import drawn


class Classifier(nn.Module):
    """A network and the linear layer that turns its representation into one logit, [B, 1]."""

    def __init__(self, network: nn.Module, outputs: int, members: int = 1) -> None:
        super().__init__()
        self.network = network
        self.logit = Linear(outputs, 1, members)

    def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
        """Map [B, ...] to [B, 1]."""
        return self.logit(self.network(x, counts))


def build(network: records.Network, width: float, precision: str, method: Method, inputs: int, seed: int) -> nn.Module:
    """An untrained ``network`` for ``method``; ``inputs`` counts the features that a head takes.

    ``width`` is a factor on its layers' sizes, ``precision`` ("float32" or "bfloat16") that of its products. Its first
    weights are PyTorch's defaults, drawn from ``seed``; those that two methods share are the same.
    """

    def untrained() -> nn.Module:
        built = records.load(network.module).build(width, precision, inputs)
        return Classifier(built, built.outputs) if method.classifier else built

    return drawn(untrained, seed)


def beside(
    networks: Sequence[nn.Module], network: records.Network, width: float, precision: str, method: Method, inputs: int
) -> nn.Module:
    """One network of those that ``build`` made of the same ``network`` for ``method``: with their weights and
    statistics, it maps the samples of all, [B, K · C, ...], to their outputs, [B, K · R]. See ``apart``."""
    states = [one.state_dict() for one in networks]
    joined = {
        name: torch.cat([state[name] for state in states]).contiguous() if tensor.dim() else tensor.clone()
        for name, tensor in states[0].items()
    }
    with torch.device("meta"):  # no weights are drawn, nor held twice
        built = records.load(network.module).build(width, precision, inputs, members=len(networks))
        whole = Classifier(built, built.outputs, len(networks)) if method.classifier else built
    whole.load_state_dict(joined, assign=True)
    return whole


def apart(whole: nn.Module, networks: Sequence[nn.Module]) -> None:
    """Give each of ``networks`` its part of the weights and statistics of ``whole``, which ``beside`` made of them."""
    parts = {
        name: tensor.chunk(len(networks)) if tensor.dim() else [tensor] * len(networks)
        for name, tensor in whole.state_dict().items()
    }
    for k, network in enumerate(networks):
        network.load_state_dict({name: part[k] for name, part in parts.items()})
