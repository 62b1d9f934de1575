"""Where a picture is anomalous: the connected regions of its map above the threshold, in the picture's own pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from oneclass.pixel_metrics import EIGHT


def above(anomaly: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Where ``anomaly`` is above ``threshold``, compared as the score is: in double precision."""
    return anomaly.astype(np.float64) > threshold


def regions(
    anomaly: NDArray[np.float32], threshold: float, size: tuple[int, int], share: float
) -> list[dict[str, Any]]:
    """The regions of ``anomaly`` [h, w] above ``threshold``, the highest score first; pixels that touch are connected.

    ``size`` (width, height) is the picture's, of whose sides the map covers ``share``, in the middle. ``box`` is left,
    top, right and bottom, the last two outside, as Pillow has it; ``area`` is in square pixels of the picture.
    """
    inside = above(anomaly, threshold)
    if not inside.any():
        return []
    names, _ = ndimage.label(inside, EIGHT)
    height, width = anomaly.shape
    scale = np.array([share * size[0] / width, share * size[1] / height])
    start = (1 - share) / 2 * np.array(size)
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(names), 1):
        own = names[rows, columns] == number
        first, last = (start + scale * edge for edge in ((columns.start, rows.start), (columns.stop, rows.stop)))
        left, top = np.floor(first.round(6))  # rounded first: 3.0000000001 is 3
        right, bottom = np.ceil(last.round(6))
        box = [int(edge) for edge in (left, top, right, bottom)]
        score, area = anomaly[rows, columns][own].max(), own.sum() * scale.prod()
        found.append({"box": box, "score": float(score), "area": max(1, round(area))})
    return sorted(found, key=lambda region: (-region["score"], region["box"]))
