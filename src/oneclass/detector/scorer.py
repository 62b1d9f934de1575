"""A finished detector in ONNX Runtime, which needs neither PyTorch nor timm.

The graph is what was measured on the card, whatever versions of PyTorch and timm come after it; it starts in a second,
and a CPU runs it faster than PyTorch does.
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from oneclass.checksum import verify
from oneclass.data.geometry import Geometry
from oneclass.data.images import to_rgb
from oneclass.data.record import WHITE
from oneclass.errors import UserError, reason

ONNX = "detector.onnx"
"""The one file in a detector's folder that scoring needs."""
MOST_BYTES = 2**31  # that a file of this format can have
NOWHERE = os.devnull
"""Where weights would be that are not in the file: a detector's are, and no folder is below a file."""
SIGNATURE = [("images", "tensor(uint8)")], [("map", "tensor(float)"), ("score", "tensor(float)")]


@dataclass(frozen=True)
class Scored:
    """A picture's ``score``, the highest value of its anomaly ``map`` [S, S]; ``anomalous`` above the threshold."""

    score: float
    anomalous: bool
    map: NDArray[np.float32]


class Scorer:
    """A detector that is finished: pictures to scores and anomaly maps, on one thread of the CPU.

    ``onnx`` is the content of its ONNX file, ``settings`` what its metadata holds. Raises ``ValueError`` for a file
    that was damaged or changed and for settings that no detector has.
    """

    def __init__(self, onnx: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one picture per thread shares out more than the graph does
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", NOWHERE)
        self.onnx = onnx
        self.session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        found = self.session.get_modelmeta().custom_metadata_map
        self.settings: dict[str, Any] = {key: json.loads(value) for key, value in found.items()}
        verify(onnx, self.settings.get("sha256"))
        _require_sound(self.settings)
        _require_signature(self.session)
        self.threshold, self.normal_level = (float(self.settings[key]) for key in ("threshold", "normal_level"))
        self.geometry = Geometry(self.settings["resize"], self.settings["crop"])
        self.white = self.settings.get("white", WHITE)  # of grey pictures with 16 bits
        self.share = self.settings["size"] / self.settings["resize"]  # of a picture's sides that the map covers

    @classmethod
    def load(cls, place: str | Path) -> Self:
        """The detector in the folder ``place``, or the ONNX file; raises ``UserError`` if there is none."""
        place = Path(place)
        path = place / ONNX if place.is_dir() else place
        if not path.exists():
            missing = (
                f"not the folder of a detector (it holds no {ONNX})" if place.is_dir() else "there is no such folder"
            )
            raise UserError(f"{place}: {missing}; give the folder that `oneclass fit` wrote (--detector)")
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("it is too large for one")
            return cls(path.read_bytes())
        except Exception as error:  # ONNX Runtime has an exception for everything that can be wrong with a file
            raise UserError(f"{path}: not the ONNX file of a detector ({reason(error)})") from error

    def score(self, picture: Image.Image) -> Scored:
        """The score of ``picture``, of any size and mode; ``UserError`` if the detector gives what is not a number."""
        picture = to_rgb(picture, self.white)
        if not self.settings.get("resize_in_graph"):
            picture = self.geometry.apply(picture)
        batch = np.asarray(picture).transpose(2, 0, 1)[None]
        try:
            [anomaly], [value] = self.session.run(["map", "score"], {"images": batch})
        except Exception as error:  # as many kinds as graphs can fail
            raise UserError(
                f"the detector fails on a picture ({reason(error)}); make it anew, or get it again"
            ) from error
        if not (np.isfinite(value) and np.isfinite(anomaly).all()):
            raise UserError("the detector gives a score that is not a number; its file may be damaged")
        if anomaly.shape != (size := self.settings["size"], size):
            raise UserError(f"the detector gives a map of shape {anomaly.shape}, not {size} x {size}; make it anew")
        return Scored(float(value), bool(value > self.threshold), anomaly)


def _require_signature(session: onnxruntime.InferenceSession) -> None:
    """Raise ``ValueError``, in a line, for a graph from and to something else."""
    found = tuple([(one.name, one.type) for one in ends] for ends in (session.get_inputs(), session.get_outputs()))
    if found != SIGNATURE:
        raise ValueError("it takes or gives something else than a detector does")


def _require_sound(settings: Mapping[str, Any]) -> None:
    """Raise ``ValueError``, in a line, for settings that scoring cannot work with."""
    for key in ("threshold", "normal_level"):
        value: Any = settings.get(key)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValueError(f"its {key} is {value!r}, which is no number")
    resize, crop, size = (settings.get(key) for key in ("resize", "crop", "size"))
    whole = type(resize) is int and type(size) is int and 0 < size <= resize
    if not whole or crop not in (None, size) or (crop is None and size != resize):
        raise ValueError(f"its resize {resize!r}, crop {crop!r} and size {size!r} do not go together")
