"""A pretrained timm network cut in two: a frozen front, and the last blocks, which are trained.

Batch normalisation keeps its running statistics, as in the authors' code, and is an affine map then. So each is
computed inside the convolution before it, in training too: w γ/σ and β - μ γ/σ are functions of the same parameters,
the gradient reaches w, γ and β as before, and a step takes little more than half the time.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.func import functional_call

from oneclass.errors import UserError
from oneclass.features.backbone import Backbone
from oneclass.features.folding import after, agree, fold


@dataclass(frozen=True)
class Split:
    """``back(front.features(images, [])[0])`` are the features [B, D]; ``classifier`` makes class logits of them."""

    front: Backbone
    back: nn.Module
    classifier: nn.Module

    def trainable(self) -> nn.Module:
        """A copy of ``back`` to train, in evaluation mode. Only copies are run: threads cannot share a ``Fused``."""
        return copy.deepcopy(self.back).requires_grad_(True)

    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.back.parameters())

    def to(self, device: str) -> "Split":
        """The same on ``device``."""
        for part in (self.front.network, self.back, self.classifier):
            part.to(device)
        return self


def split(network: nn.Module, sha256: str, blocks: int) -> Split:
    """``network`` (timm's, with its classifier, in evaluation mode), of whose stages the last ``blocks`` are trained.

    What follows the last stage (a convolution, pooling) belongs to it. Raises ``UserError`` if the network has no more
    stages than that, or is not a chain of stages.
    """
    name = type(network).__name__
    names = stages(network)
    if len(names) <= blocks:
        raise UserError(f"transfer.blocks: {name} has {len(names)} stages, of which {blocks} cannot be trained")
    settings = timm.data.resolve_model_data_config(network)
    whole: Any = copy.deepcopy(network.eval().requires_grad_(False))  # nn.Module does not declare timm's methods
    classifier = whole.get_classifier()
    whole.reset_classifier(0)
    front, back = cut(whole, names[-blocks - 1])
    _fuse(back)
    if not _same(network, nn.Sequential(front, back, classifier), settings["input_size"]):
        raise UserError(
            f"transfer.backbone: {name} is no chain of stages and cannot be cut in two; name a ResNet or EfficientNet"
        )
    folded = fold(front, settings["input_size"]).to(memory_format=torch.channels_last)
    return Split(
        Backbone(folded, settings["mean"], settings["std"], sha256),
        back.to(memory_format=torch.channels_last),
        classifier,
    )


def stages(network: Any) -> list[str]:
    """The modules of a timm ``network`` that end its stages, the stem's first; none where it has no stages."""
    return [stage["module"] for stage in getattr(network, "feature_info", None) or []]


def cut(network: nn.Module, last: str) -> tuple[nn.Sequential, nn.Sequential]:
    """The modules of ``network`` in order, those up to ``last`` and those after it; what is done between modules, such
    as joining two, is lost."""
    parts = dict(_chain(network, last))
    first, modules = list(parts).index(last) + 1, list(parts.values())
    return nn.Sequential(*modules[:first]), nn.Sequential(*modules[first:])


class Fused(nn.Module):
    """A convolution and the batch normalisation after it, with fixed statistics, as one convolution."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.convolution, self.norm = convolution, norm

    def forward(self, x: Tensor) -> Tensor:
        norm, convolution = self.norm, self.convolution
        mean, variance = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
        scale = norm.weight * (variance + norm.eps).rsqrt()
        before = mean if convolution.bias is None else mean - convolution.bias
        changed = {"weight": convolution.weight * scale[:, None, None, None], "bias": norm.bias - before * scale}
        outputs: Tensor = functional_call(convolution, changed, (x,))
        return outputs


def _fuse(module: nn.Module) -> None:
    before: tuple[str, nn.Module] = ("", module)
    for name, child in list(module.named_children()):
        if isinstance(before[1], nn.Conv2d) and isinstance(child, nn.BatchNorm2d):
            setattr(module, before[0], Fused(before[1], child))
            setattr(module, name, after(child))
        else:
            _fuse(child)
        before = name, child


def _chain(module: nn.Module, cut: str, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The children of ``module`` in order; the one that holds the module named ``cut`` in its own children."""
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if cut.startswith(f"{path}."):
            yield from _chain(child, cut, f"{path}.")
        else:
            yield path, child


def _same(network: nn.Module, chain: nn.Module, input_size: tuple[int, int, int]) -> bool:
    try:
        return agree(network, chain, input_size)
    except (RuntimeError, TypeError, ValueError):  # shapes that do not fit: parts are missing between the children
        return False
