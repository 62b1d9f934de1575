"""Weights from a file into a network, whatever else the file holds and whatever their names begin with."""

import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from oneclass.errors import UserError

State = dict[str, Tensor]


def fill(network: nn.Module, path: Path, *, by_position: bool = False, head: bool = True) -> None:
    """Fill ``network`` from the checkpoint at ``path``; ``by_position`` where the names differ but the order agrees.

    Without ``head`` the classifier may be missing or another one: it is left as it is. Raises ``UserError`` for weights
    that do not fit, and for several networks that do.
    """
    state = read(path)
    expected = network.state_dict()
    if by_position:
        if len(state) != len(expected):
            raise UserError(f"{path}: {len(state)} tensors, the architecture has {len(expected)}; wrong architecture?")
        state = dict(zip(expected, state.values(), strict=True))
    optional = {name for name in expected if name.endswith("num_batches_tracked")}  # only training reads them
    if not head:
        optional |= {name for name in expected if name.startswith(_classifier(network))}
    required = [name for name in expected if name not in optional]
    found = {prefix: _below(state, prefix) for prefix in _prefixes(state, required)}
    fitting = [prefix for prefix, part in found.items() if not any(_misfits(part, expected, required))]
    if len(fitting) > 1:
        names = ", ".join(f"'{prefix}'" for prefix in fitting)
        raise UserError(f"{path}: several networks fit, by the beginnings {names} of their names; save one of them")
    if not fitting:
        parts = [_misfits(part, expected, required) for part in found.values()] or [(required, [])]
        missing, wrong = min(parts, key=lambda part: len(part[0]) + len(part[1]))
        example = sorted(missing or wrong)[0]
        raise UserError(f"{path}: {len(missing)} tensors missing and {len(wrong)} of another shape, such as {example}")
    part = found[fitting[0]]
    kept = {name for name in optional if name in part and part[name].shape == expected[name].shape}
    network.load_state_dict(expected | {name: part[name] for name in [*required, *kept]})


def read(path: Path) -> State:
    """The tensors of the checkpoint at ``path``, by name; ``UserError`` if there are none."""
    try:
        state: Any
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a readable checkpoint ({_reason(error)})") from error
    for wrapper in ("state_dict", "model"):
        state = state.get(wrapper, state) if isinstance(state, dict) else state
    tensors = dict(_tensors(state))
    if not tensors:
        raise UserError(f"{path}: not a readable checkpoint (no tensors by name); save the network's state_dict()")
    return tensors


def _reason(error: Exception) -> str:
    """What is wrong, in a sentence: PyTorch's own go on with advice that would run the file's code."""
    if isinstance(error, pickle.UnpicklingError):
        return "it is damaged, or holds Python objects and not only tensors; save the network's state_dict()"
    return re.split(r"\.\s|\n", str(error).strip())[0] or type(error).__name__


def _tensors(state: Any, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Those in nested dictionaries, by their joined names."""
    for name, value in state.items() if isinstance(state, dict) else ():
        if isinstance(value, Tensor):
            yield f"{prefix}{name}", value
        else:
            yield from _tensors(value, f"{prefix}{name}.")


def _classifier(network: Any) -> tuple[str, ...]:
    """What the names of the classifier's tensors begin with."""
    names = network.pretrained_cfg.get("classifier") or ()
    return tuple(f"{name}." for name in ([names] if isinstance(names, str) else names))


def _prefixes(state: State, required: list[str]) -> list[str]:
    """What may stand before the names of a network's tensors: what does before the first of them."""
    first = required[0]
    return [name.removesuffix(first) for name in state if name == first or name.endswith(f".{first}")]


def _below(state: State, prefix: str) -> State:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


def _misfits(state: State, expected: State, required: list[str]) -> tuple[list[str], list[str]]:
    """Names that are missing, and those of another shape."""
    missing = [name for name in required if name not in state]
    wrong = [name for name in required if name in state and expected[name].shape != state[name].shape]
    return missing, wrong
