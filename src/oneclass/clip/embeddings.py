"""Embeddings of a data set's images and of all its prompts: computed once, then everything is a matrix product."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import open_clip
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from tqdm import tqdm

from oneclass import hdf5
from oneclass.clip.models import Clip
from oneclass.clip.stored import add_texts
from oneclass.data.index import Index
from oneclass.errors import UserError
from oneclass.features.store import Writer
from oneclass.training.augment import center_crop

_BATCH = 64


@torch.no_grad()
def embed_normalized(tower: nn.Module, clip: Clip, images: Tensor) -> Tensor:
    """Embeddings [B, D] of ``images`` [B, 3, S, S] in [0, 1] by an image tower, of unit length, in float32."""
    return normalize(tower(clip.inputs(images)).float(), dim=-1)


def write(
    index: Index,
    pixels: Path,
    image_size: int,
    clip: Clip,
    prompts: Sequence[str],
    path: Path,
    provenance: dict[str, str],
    device: str,
) -> None:
    """Embed the images of ``index``, from the pixel store ``pixels``, and ``prompts``, into ``path`` (see ``stored``).

    Of larger stored pictures the middle ``image_size`` pixels are taken. Raises ``UserError`` if the store is another
    index's or a feature is not finite.
    """
    clip.network.to(device)
    described = provenance | {
        "dataset": index.name,
        "index_hash": index.hash,
        "weights_sha256": clip.sha256,
        "normalisation": f"mean {clip.mean} std {clip.std}",
        "transform": f"crop {image_size}, enlarge {clip.size}",
        "versions": f"torch {torch.__version__}, open_clip {open_clip.__version__}",
    }
    with hdf5.written(path) as file:
        writer = Writer(file, index.table["id"].tolist(), described)
        for images in _batches(pixels, index, image_size, device):
            embedded = embed_normalized(clip.tower, clip, images)
            if not embedded.isfinite().all():
                raise UserError("the CLIP model gives features that are not finite; are these the right weights?")
            writer.add(embedded.cpu().numpy(), {})
        add_texts(file, prompts, clip.texts(list(prompts), device).cpu().numpy())


def _batches(pixels: Path, index: Index, image_size: int, device: str) -> Iterator[Tensor]:
    with hdf5.opened(pixels) as file, tqdm(total=len(index), unit="img", desc=index.name) as progress:
        index.require_same(hdf5.attribute(file, "index_hash"), pixels)
        for start in range(0, len(index), _BATCH):
            images = torch.from_numpy(file["pixels"][start : start + _BATCH]).to(device)
            yield center_crop(images, image_size) / 255
            progress.update(len(images))
