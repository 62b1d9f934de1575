"""CLIP models: open_clip's, with weights from its hub or from a file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.pretrained import HF_SAFE_WEIGHTS_NAME, download_pretrained, get_pretrained_cfg
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

from oneclass.errors import UserError, reason


@dataclass(frozen=True)
class Clip:
    """A trained pair of towers, its tokeniser, the statistics its images are normalised by, its weights' SHA-256."""

    network: nn.Module
    tokenise: Callable[..., Tensor]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sha256: str

    @property
    def tower(self) -> nn.Module:
        """The image tower."""
        tower: Any = self.network.visual
        return tower

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images that the image tower takes."""
        size: Any = self.tower.image_size
        return (size, size) if isinstance(size, int) else tuple(size)

    def inputs(self, images: Tensor) -> Tensor:
        """``images`` [B, 3, S, S] in [0, 1] as the image tower takes them: of its size (bicubic), normalised."""
        if images.shape[2:] != self.size:
            images = interpolate(images, self.size, mode="bicubic", antialias=True).clamp(0, 1)
        mean, std = (images.new_tensor(values).view(3, 1, 1) for values in (self.mean, self.std))
        return (images - mean) / std

    @torch.no_grad()
    def texts(self, prompts: list[str], device: str) -> Tensor:
        """The embeddings [P, D] of ``prompts``, of unit length. Raises ``UserError`` for one that is too long."""
        tokens = self.tokenise(prompts)
        room = tokens.shape[1]
        cut = (tokens != self.tokenise(prompts, context_length=room + 1)[:, :-1]).any(1)
        if cut.any():
            prompt = prompts[int(cut.int().argmax())]
            raise UserError(f"prompt '{prompt}': longer than the {room} tokens that the model reads; shorten it")
        network: Any = self.network  # nn.Module does not declare the methods that open_clip gives its models
        return normalize(network.encode_text(tokens.to(device)).float(), dim=-1)


def load(architecture: str, tag: str | None, checkpoint: str | None) -> Clip:
    """open_clip's ``architecture`` with the weights called ``tag``, from the file ``checkpoint`` if there is one.

    Raises ``UserError`` if there are no such weights, if they were trained with another activation, if they cannot be
    downloaded, or if the file does not fit.
    """
    settings = _weights_of(architecture, tag) if tag else {}
    path = Path(checkpoint) if checkpoint else _download(architecture, str(tag), settings)
    try:
        tokenise = open_clip.get_tokenizer(architecture)
    except Exception as error:  # tokenisers of other libraries, which may be missing or need a network
        raise UserError(f"CLIP model '{architecture}': its tokeniser cannot be loaded ({reason(error)})") from error
    try:
        network = open_clip.create_model(architecture, pretrained=str(path), weights_only=True)
    except Exception as error:  # of the file's format, of pickle's, of tensors that do not fit, of a missing library
        raise UserError(
            f"{path}: not weights of '{architecture}' that can be read without running code ({reason(error)}); fetch "
            "the .safetensors file, or name the right architecture"
        ) from error
    network.eval().requires_grad_(False)
    mean = settings.get("mean", open_clip.OPENAI_DATASET_MEAN)
    std = settings.get("std", open_clip.OPENAI_DATASET_STD)
    return Clip(network, tokenise, mean, std, file_sha256(path))


def _weights_of(architecture: str, tag: str) -> dict[str, Any]:
    """open_clip's entry of the weights, which must be of the architecture's activation."""
    entry = get_pretrained_cfg(architecture, tag)
    quick = bool((open_clip.get_model_config(architecture) or {}).get("quick_gelu"))
    if entry and bool(entry.get("quick_gelu")) == quick:
        return dict(entry)
    other = architecture.removesuffix("-quickgelu") if quick else f"{architecture}-quickgelu"
    if get_pretrained_cfg(other, tag):
        raise UserError(
            f"CLIP model '{architecture}' with weights '{tag}': they were trained with another activation, and the "
            f"features would be wrong; take architecture: {other}"
        )
    known = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none; give a checkpoint"
    raise UserError(f"CLIP model '{architecture}': open_clip has no weights '{tag}'; there is: {known}")


def _download(architecture: str, tag: str, entry: dict[str, Any]) -> Path:
    try:
        return Path(download_pretrained(entry))
    except Exception as error:  # the hub's client raises many kinds; each means the same to the user
        card, _, file = entry.get("hf_hub", "").rpartition("/")
        place = f"the model card {card} on the Hugging Face hub" if card else f"open_clip's page of weights '{tag}'"
        name = file or (HF_SAFE_WEIGHTS_NAME if card else entry["url"].rpartition("/")[2])
        raise UserError(
            f"CLIP model '{architecture}': the weights '{tag}' could not be downloaded ({type(error).__name__}). With "
            f"a network, run again; without, fetch {name} from {place} and set checkpoint: path/to/{name} beside tag"
        ) from error


def file_sha256(path: Path) -> str:
    """The SHA-256 of the file ``path``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
