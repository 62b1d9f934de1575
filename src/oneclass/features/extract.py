"""From the images of an index to the feature store: decode in threads, infer in batches, write as we go."""

from collections.abc import Iterator
from pathlib import Path

import timm
import torch
from torch import Tensor
from tqdm import tqdm

from oneclass import hdf5
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.data.readable import naming_all
from oneclass.errors import UserError
from oneclass.features import store
from oneclass.features.backbone import Backbone, require_finite
from oneclass.features.decode import decode

# Larger batches fall out of a CPU's cache: 8 to 16 images run fastest there (benchmarks/README.md).
_CPU_BATCH, _GPU_BATCH = 16, 256


def infer(
    index: Index,
    backbone: Backbone,
    *,
    geometry: Geometry,
    layers: list[int],
    workers: int,
    batch_size: int | None,
    device: str,
) -> Iterator[tuple[Tensor, list[Tensor]]]:
    """Pooled features and maps of the images of ``index``, batch by batch in its order.

    Raises ``UserError``, which names the file, for a bad image. The backbone must be on ``device``.
    """
    kind = torch.device(device).type
    size = batch_size or (_CPU_BATCH if kind == "cpu" else _GPU_BATCH)
    for batch in decode(index.places(), geometry, workers, size):
        if kind == "cuda":
            batch = batch.pin_memory()
        yield from _infer(backbone, batch, layers, device)


def extract(
    index: Index,
    backbone: Backbone,
    path: Path,
    *,
    geometry: Geometry,
    layers: list[int],
    workers: int,
    batch_size: int | None,
    device: str,
    provenance: dict[str, str],
) -> None:
    """Write the features of all images of ``index`` to ``path`` (see ``store``); ``UserError`` names a bad image."""
    backbone.network.to(device)
    backbone.require(layers, geometry.image_size)
    described = provenance | {
        "dataset": index.name,
        "index_hash": index.hash,
        "weights_sha256": backbone.sha256,
        "activations": "after" if backbone.recorded is None else "before",
        "normalisation": f"mean {backbone.mean} std {backbone.std}",
        "transform": f"resize {geometry.resize}, crop {geometry.crop}",
        "versions": f"torch {torch.__version__}, timm {timm.__version__}",
    }
    batches = infer(
        index,
        backbone,
        geometry=geometry,
        layers=layers,
        workers=workers,
        batch_size=batch_size,
        device=device,
    )
    with (
        naming_all(index, workers),
        hdf5.written(path) as file,
        tqdm(total=len(index), unit="img", desc=index.name) as progress,
    ):
        writer = store.Writer(file, index.table["id"].tolist(), described)
        for pooled, maps in batches:
            writer.add(
                pooled.cpu().numpy(),
                {level: m.half().cpu().numpy() for level, m in zip(layers, maps, strict=True)},
            )
            progress.update(len(pooled))


def _infer(backbone: Backbone, batch: Tensor, layers: list[int], device: str) -> Iterator[tuple[Tensor, list[Tensor]]]:
    """Features of ``batch``; in halves when the device's memory does not hold it at once.

    In float32 on every device: what is rounded to half precision here moves one-class methods by points of AUROC.
    """
    exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    try:
        with torch.inference_mode(), exact:
            done = backbone.features(batch.to(device, non_blocking=True), layers)
    except torch.cuda.OutOfMemoryError:
        if len(batch) == 1:
            raise UserError(
                "one image does not fit into the GPU's memory; use a smaller crop or --resources gpu=0"
            ) from None
        for half in batch.tensor_split(2):
            yield from _infer(backbone, half, layers, device)
        return
    require_finite(done[0])
    yield done
