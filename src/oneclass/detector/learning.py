"""From normal pictures to the distance of a method (``distances``); no anomaly is looked at."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from oneclass.detector.distances import Both, ClosedForm, Nearest
from oneclass.detector.patches import Patches, apart
from oneclass.detector.threads import one_thread
from oneclass.features.backbone import require_finite
from oneclass.objective.closed_form import choose_time
from oneclass.objective.localisation import closed_form
from oneclass.objective.localisation.closed_form import Projection
from oneclass.objective.localisation.maps import Maps
from oneclass.objective.localisation.moments import Centering, Statistics, collect
from oneclass.objective.localisation.smoothing import image_scores, smooth
from oneclass.objective.methods.patchcore import greedy_k_centre

ALIGNED = 0.5
"""Share of the held-out pictures' variance from which the mean map counts as known (docs/detector.md says why)."""

REFERENCE = 2_000
"""Normal patches that are kept to compare new patches with."""

TINY = 1e-9  # a unit of pictures without any contrast

Batches = Callable[[], Iterable[Maps]]
"""Begins another pass over the maps of some pictures."""


@dataclass(frozen=True)
class Learned:
    """A distance, and for the closed form how features are centred and why: the share of the held-out pictures'
    variance that the mean map explains; with the nearest patch how far ``apart`` each training picture is, else empty.
    """

    distance: nn.Module
    centering: Centering | None = None
    known: float | None = None
    apart: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


def learn(
    method: str,
    train: Batches,
    held_out: Batches,
    *,
    center_norms: Sequence[float],
    centering: Centering | None,
    image_size: int,
    sigma: float,
    seed: int,
) -> Learned:
    """The distance by ``method`` of what is unlike the normal pictures ``train``.

    ``centering`` None chooses it by ``held_out``, further normal pictures. The closed form's distance is for all of
    ``center_norms``; together with the nearest patch it takes the smallest. Raises ``UserError`` for features that are
    not finite.
    """
    patches = Patches(seed)
    if method == "nearest":
        for maps in train():
            patches.add(maps)
        nearest, how_far = learn_nearest(patches)
        return Learned(nearest, apart=how_far)

    statistics = collect(train() if method == "closed_form" else _added(patches, train()))
    require_finite(statistics.moment)
    known = explained_by_mean_map(statistics, held_out())
    chosen = centering or choose_centering(known)
    projection = project(statistics, chosen)
    norms = projection.weight.new_tensor(center_norms)
    if method == "closed_form":
        return Learned(ClosedForm.from_projection(projection, norms), chosen, known)
    first, (second, how_far) = ClosedForm.from_projection(projection, norms.min()[None]), learn_nearest(patches)
    return Learned(_join(first, second, held_out, image_size, sigma), chosen, known, how_far)


def project(statistics: Statistics, centering: Centering) -> Projection:
    """The closed form for normal pictures with these ``statistics``, at the training time that its rule chooses."""
    with one_thread():  # else it decides how eigenvectors are rounded
        spectrum = closed_form.spectrum_of(statistics.centered(centering))
    offset = statistics.offset(centering)
    projection = closed_form.project_residual(spectrum, choose_time(spectrum))
    return replace(projection, offset=offset).to(offset[0])


def learn_nearest(patches: Patches) -> tuple[Nearest, NDArray[np.float32]]:
    """The distance to the nearest of at most ``REFERENCE`` of normal ``patches``, spread by greedy k-centre; and how
    far ``apart`` each of their pictures is."""
    features = patches.features()
    require_finite(features)
    mean = features.mean(0)
    points = features - mean
    chosen = greedy_k_centre(points, min(REFERENCE, len(points)))
    nearest = Nearest({"mean": mean, "reference": points[chosen].T.contiguous()})
    return nearest, apart(points, patches.origins(), chosen.cpu())


def explained_by_mean_map(statistics: Statistics, batches: Iterable[Maps]) -> float:
    """How much of held-out pictures' variance about each channel's mean goes when each position has its own mean.

    Both means are the training pictures'. Near 1 where every picture shows the same thing in the same place, 0 or a
    little less where nothing has a place.
    """
    about_channel, about_position = 0.0, 0.0
    for maps in batches:
        for m, mean in zip(maps, statistics.offset("position"), strict=True):
            about_position += float((m - mean).square().mean((2, 3)).sum())
            about_channel += float((m - mean.mean((2, 3), keepdim=True)).square().mean((2, 3)).sum())
    return 1 - about_position / about_channel if about_channel else 0.0


def choose_centering(known: float) -> Centering:
    """``position`` for aligned pictures, those whose mean map explains at least half, else the paper's ``none``."""
    return "position" if known >= ALIGNED else "none"


def _added(patches: Patches, batches: Iterable[Maps]) -> Iterator[Maps]:
    """``batches``, which are added to ``patches`` on the way: one pass serves both."""
    for maps in batches:
        patches.add(maps)
        yield maps


def _join(first: ClosedForm, second: Nearest, held_out: Batches, image_size: int, sigma: float) -> Both:
    """Both distances in units that the normal pictures ``held_out`` give."""
    distances: tuple[list[Tensor], list[Tensor]] = ([], [])
    for maps in held_out():
        for part, found in zip((first, second), distances, strict=True):
            found.append(part(maps)[0].cpu())
    levels, units = [], []
    for found in distances:
        distance = torch.cat(found).numpy()
        levels.append(float(np.median(smooth(distance, image_size, sigma))))
        units.append(max(float(np.median(image_scores(distance, image_size, sigma))) - levels[-1], TINY))
    parts = {"closed_form": first, "nearest": second}
    tensors = {f"{name}.{key}": tensor for name, part in parts.items() for key, tensor in part.named_buffers()}
    like = first.weight
    return Both(tensors | {"level": like.new_tensor(levels), "unit": like.new_tensor(units)})
