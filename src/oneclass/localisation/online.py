"""Protocol C: one pass over the images, one at a time, nothing stored; and what is learnt after each (Section 4.4).

Two learners see the same images in the same order: the projector, one Adam step an image, and beyond the paper the
closed form of the running mean of the images' second moments.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from oneclass.localisation import closed_form, scoring, smoothing
from oneclass.localisation.category import Category
from oneclass.localisation.results import Result
from oneclass.localisation.scoring import Scored
from oneclass.localisation.training import Group, Moments, untrained
from oneclass.metrics import auroc
from oneclass.objective.closed_form import choose_time
from oneclass.objective.starts import batch_orders
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import Variant

Masks = Mapping[str, NDArray[np.bool_]]  # by category, [T, S, S]; those without masks are not in it


@torch.no_grad()
def run(
    categories: list[Category],
    variants: list[Variant],
    adam: Adam,
    seeds: Seeds,
    masks: Masks,
    memory_mb: int,
    result: Result,
) -> None:
    """Both learners on every category; their last scores and their learning curves are added to ``result``."""
    for category in tqdm(categories, unit="category", desc=f"{seeds.dataset}, online"):
        moments = Moments(category.source, category.train, category.dimension, memory_mb=0)
        unknown = torch.zeros(category.dimension)  # nothing is known of the features before the first image
        for group in untrained(category.name, unknown, variants, adam, seeds, memory_mb):
            _one_pass(category, moments, group, masks, result)


def checkpoints(count: int) -> list[int]:
    """After how many images the learners are tested: 1, 4, 16, ... and all ``count``."""
    return sorted({4**power for power in range(20) if 4**power < count} | {count})


def _one_pass(category: Category, moments: Moments, group: Group, masks: Masks, result: Result) -> None:
    orders = torch.stack([batch_orders(len(moments), 1, seed)[0] for seed in group.orders])
    tests = checkpoints(len(moments))
    running = torch.zeros(())
    for seen, images in enumerate(orders.T, start=1):
        now = torch.stack([moments.mean(image[None]) for image in images])
        group.learner.step(now)
        running = running + now.double()
        if seen in tests:
            adam = scoring.score(group.learner.projectors, category.source, category.test)
            exact, variants = _closed_form(category, running / seen, group)
            both = (("ours", "conv1x1", group.variants, adam), ("ours_closed_form", "", variants, exact))
            for method, projector, some, scored in both:
                _log(result, category, method, some, scored, seen, masks)
                if seen == len(moments):
                    result.add(category, method, some, scored, protocol="C", projector=projector)


def _closed_form(category: Category, moments: Tensor, group: Group) -> tuple[Scored, list[Variant]]:
    """The closed form of each repetition's running ``moments`` [G, D + 1, D + 1], at every norm of the group."""
    repetitions = list(dict.fromkeys(variant.seed for variant in group.variants))
    norms = list(dict.fromkeys(variant.norm for variant in group.variants))
    parts = []
    for moment in moments:
        spectrum = closed_form.spectrum_of(moment)
        parts.append(closed_form.score(spectrum, choose_time(spectrum), norms, category.source, category.test))
    joined = Scored(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("distance", "norm", "cosine"))
    )
    return joined, [Variant("", norm, repetition) for repetition in repetitions for norm in norms]


def _log(
    result: Result,
    category: Category,
    method: str,
    variants: list[Variant],
    scored: Scored,
    seen: int,
    masks: Masks,
) -> None:
    images = smoothing.image_scores(scored.distance, result.image_size, result.sigma)
    for k, variant in enumerate(variants):
        result.add_log(category, method, variant, seen, "image_auroc", 100 * auroc(category.labels, images[k]))
        if category.name in masks:
            maps = smoothing.smooth(scored.distance[k], result.image_size, result.sigma)
            pixels = 100 * auroc(masks[category.name].ravel(), maps.ravel())
            result.add_log(category, method, variant, seen, "pixel_auroc", pixels)
