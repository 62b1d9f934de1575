"""The whole training of Protocol B in closed form: row ``ours_closed_form`` (docs/closed_form.md).

The same algebra as for pooled features (``objective.closed_form``); positions take the place of images. What is left of
[f; 1] after training is P_t [f; 1], a projection like any other, so it runs at each layer's own resolution too.
"""

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.localisation.category import Category
from oneclass.localisation.maps import Maps, project, sliced
from oneclass.localisation.moments import Centring
from oneclass.localisation.results import Result
from oneclass.localisation.scoring import Scored
from oneclass.localisation.source import MapSource, Rows
from oneclass.objective.closed_form import Spectrum, choose_time
from oneclass.objective.variants import Variant


def spectrum_of(moment: Tensor) -> Spectrum:
    """The spectrum of second moments [D + 1, D + 1], in float64."""
    values, vectors = torch.linalg.eigh(moment.double())
    return Spectrum(vectors, values.clamp_min(0))


def remains(spectrum: Spectrum, time: float) -> tuple[Tensor, Tensor, Tensor]:
    """The projection to what training for ``time`` leaves, in the eigenbasis: weight [D + 1, D], bias [D + 1], and the
    direction [D + 1] of the constant: ||z||² and (z . last)² are the score's two terms."""
    decay = torch.exp(-2 * time * spectrum.rates)
    joined = (decay * spectrum.vectors).T.float()
    return joined[:, :-1].contiguous(), joined[:, -1].contiguous(), spectrum.vectors[-1].float()


def distances(maps: Maps, weight: Tensor, bias: Tensor, last: Tensor, norms: Tensor) -> Tensor:
    """Root mean squared distance to a centre of each of ``norms`` [V] at every position, [V, B, H, W]."""
    z = project(maps, weight, bias)
    total = z.square().sum(1) / 3  # E σ² for PyTorch's initialisation
    constant = torch.einsum("behw,e->bhw", z, last).square()
    return (total + norms.square()[:, None, None, None] * constant).sqrt()


@torch.no_grad()
def score(spectrum: Spectrum, time: float, norms: list[float], source: MapSource, rows: Rows) -> Scored:
    """The images ``rows`` for every norm; there is no single projected feature, so its norm and cosine are NaN."""
    weight, bias, last = remains(spectrum, time)
    parts = [
        distances(maps, weight.to(maps[0]), bias.to(maps[0]), last.to(maps[0]), maps[0].new_tensor(norms)).cpu()
        for batch in source.batches(rows)
        for maps in sliced(batch, 4)
    ]
    distance = torch.cat(parts, dim=1).numpy()
    nothing = np.full(distance.shape[:2], np.nan, np.float32)
    return Scored(distance, nothing, nothing)


def run(categories: list[Category], norms: dict[Centring, list[float]], result: Result) -> None:
    """Every norm of every category and centring, at the time that the rule chooses; added to ``result``."""
    for category in tqdm(categories, unit="category", desc="closed form"):
        for centring, some in norms.items():
            spectrum = spectrum_of(category.statistics.centred(centring))
            time = choose_time(spectrum)
            scored = score(spectrum, time, some, category.centred(centring), category.test)
            variants = [Variant("", norm, 0) for norm in some]  # the centre's distribution does not matter
            result.add(category, "ours_closed_form", variants, scored, centring=centring, projector="")
            for name, array in (("vectors", spectrum.vectors), ("values", spectrum.values)):
                result.models[f"{category.name}.{centring}.{name}"] = array.contiguous().cpu().numpy()
            result.models[f"{category.name}.{centring}.time"] = np.array(time)
