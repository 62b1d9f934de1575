"""Feature maps from before the last nonlinearity of their level."""

from typing import Any, Literal

import torch
from torch import Tensor, nn

from oneclass.errors import UserError

Activations = Literal["after", "before"]


class PreActivation(nn.Module):
    """``activation``, which leaves its input as it is and keeps it until the next."""

    before: Tensor

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation = activation
        keep_inputs(activation)

    def forward(self, x: Tensor) -> Tensor:
        self.before = x
        return self.activation(x)


def keep_inputs(network: nn.Module) -> None:
    """Let no layer of ``network`` write over its input."""
    module: Any  # PyTorch declares attributes as tensors or modules
    for module in network.modules():
        if isinstance(getattr(module, "inplace", None), bool):
            module.inplace = False


def record(network: nn.Module, input_size: tuple[int, int, int]) -> dict[int, PreActivation]:
    """Wrap the nonlinearities that end the levels of a timm ``network``; by level, without those that end otherwise.

    They are found by running an image [3, H, W] of ``input_size``: such a module is the last to give a level's map.
    """
    outputs: list[tuple[str, Tensor]] = []
    hooks = [
        module.register_forward_hook(lambda _, inputs, output, name=name: outputs.append((name, output)))
        for name, module in network.named_modules()
        if "activation" in type(module).__module__  # of PyTorch and of timm
    ]
    model: Any = network  # nn.Module does not declare the methods that timm gives its models
    with torch.inference_mode():
        _, levels = model.forward_intermediates(torch.zeros(1, *input_size))
    for hook in hooks:
        hook.remove()
    kept = {}
    for level, end in enumerate(levels):
        for name in [name for name, output in outputs if output is end]:
            kept[level] = PreActivation(network.get_submodule(name))
            network.set_submodule(name, kept[level])
    return kept


def before(kept: dict[int, PreActivation], layers: list[int]) -> list[Tensor]:
    """What was kept at ``layers`` in the last pass; ``UserError`` for a level that does not end in a nonlinearity."""
    for layer in layers:
        if layer not in kept:
            raise UserError(
                f"the backbone's level {layer} does not end in a nonlinearity; set activations: after, which is the "
                "same there"
            )
    return [kept[layer].before for layer in layers]
