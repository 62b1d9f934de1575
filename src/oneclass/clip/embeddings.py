"""Embeddings of a data set's images and of all its prompts: computed once, then everything is a matrix product."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import open_clip
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from tqdm import tqdm

from oneclass.clip.models import Clip
from oneclass.clip.stored import add_texts
from oneclass.data.pixels import require_index
from oneclass.errors import UserError
from oneclass.exposure.augment import middle
from oneclass.exposure.members import SIZES, STORED
from oneclass.features.store import Writer

KINDS = {side: kind for kind, side in SIZES.items()}  # paper 2's two; a CLIP model is shown either size, enlarged
_BATCH = 64


@torch.no_grad()
def unit(tower: nn.Module, clip: Clip, images: Tensor) -> Tensor:
    """Embeddings [B, D] of ``images`` [B, 3, S, S] in [0, 1] by an image tower, of unit length, in float32."""
    return normalize(tower(clip.inputs(images)).float(), dim=-1)


def write(
    index: pd.DataFrame,
    pixels: Path,
    side: int,
    clip: Clip,
    prompts: Sequence[str],
    path: Path,
    provenance: dict[str, str],
    device: str,
) -> None:
    """Embed the images of ``index``, from the pixel store ``pixels``, and ``prompts``, into ``path`` (see ``stored``).

    Of larger stored pictures the ``side`` square in the middle is taken. Raises ``UserError`` if the store is another
    index's or a feature is not finite.
    """
    clip.network.to(device)
    described = provenance | {
        "dataset": index.attrs["dataset"],
        "index_hash": index.attrs["hash"],
        "weights_sha256": clip.sha256,
        "normalisation": f"mean {clip.mean} std {clip.std}",
        "transform": f"resize {STORED[KINDS[side]]}, crop {side}, enlarge {clip.size}",
        "versions": f"torch {torch.__version__}, open_clip {open_clip.__version__}",
    }
    with h5py.File(path, "w") as file:
        writer = Writer(file, index["id"].tolist(), described)
        for images in _batches(pixels, index, side, device):
            embedded = unit(clip.tower, clip, images)
            if not embedded.isfinite().all():
                raise UserError("the CLIP model gives features that are not finite; are these the right weights?")
            writer.add(embedded.cpu().numpy(), {})
        add_texts(file, prompts, clip.texts(list(prompts), device).cpu().numpy())


def _batches(pixels: Path, index: pd.DataFrame, side: int, device: str) -> Iterator[Tensor]:
    with h5py.File(pixels) as file, tqdm(total=len(index), unit="img", desc=index.attrs["dataset"]) as progress:
        require_index(file, pixels, index)
        for start in range(0, len(index), _BATCH):
            images = torch.from_numpy(file["pixels"][start : start + _BATCH]).to(device)
            yield middle(images, side) / 255
            progress.update(len(images))
