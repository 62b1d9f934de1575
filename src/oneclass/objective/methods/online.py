"""Protocol C: one pass over the images, one at a time, nothing stored; and what is learnt after each (Section 4.4).

Two learners see the same images in the same order: the projector, one Adam step per image, and beyond the paper the
closed form of the running mean of the images' second moments.
"""

from dataclasses import fields

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from oneclass.metrics import auroc
from oneclass.objective.closed_form import choose_time
from oneclass.objective.job import Job
from oneclass.objective.localisation import closed_form, scoring, smoothing
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.learning import Group, Moments, untrained
from oneclass.objective.localisation.scoring import Scored
from oneclass.objective.starts import batch_orders
from oneclass.objective.variants import Variant

PROTOCOL = "C"


@torch.no_grad()
def on_maps(categories: list[Category], job: Job) -> None:
    """Both learners on every category: their last scores, and their learning curves."""
    for category in tqdm(categories, unit="category", desc=f"{job.seeds.dataset}, online"):
        moments = Moments(category.source, category.train, category.dimension, memory_mb=0)
        # nothing is known of the features before the first image
        for group in untrained(job, category.class_name, category.zero, job.variants["none"]):
            _one_pass(category, moments, group, job)


def checkpoints(count: int) -> list[int]:
    """After how many images the learners are tested: 1, 4, 16, ... and all ``count``."""
    return sorted({4**power for power in range(20) if 4**power < count} | {count})


def _one_pass(category: Category, moments: Moments, group: Group, job: Job) -> None:
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
            both = (("projector", "conv1x1", group.variants, adam), ("closed_form", None, variants, exact))
            for method, projector, some, scored in both:
                _log(job, category, method, some, scored, seen)
                if seen == len(moments):
                    columns = {"projector": projector, "protocol": PROTOCOL}
                    scoring.record(job.result, category, method, some, scored, job.sigma, **columns)


def _closed_form(category: Category, moments: Tensor, group: Group) -> tuple[Scored, list[Variant]]:
    """The closed form of each repetition's running ``moments`` [G, D + 1, D + 1], at every norm of the group."""
    repetitions = list(dict.fromkeys(variant.repetition for variant in group.variants))
    norms = list(dict.fromkeys(variant.center_norm for variant in group.variants if variant.center_norm is not None))
    parts = []
    for moment in moments:
        spectrum = closed_form.spectrum_of(moment)
        parts.append(closed_form.score(spectrum, choose_time(spectrum), norms, category.source, category.test))
    joined = Scored(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Scored)))
    return joined, [Variant(None, norm, repetition) for repetition in repetitions for norm in norms]


def _log(job: Job, category: Category, method: str, variants: list[Variant], scored: Scored, seen: int) -> None:
    size, truth = category.geometry.image_size, category.masks
    images = smoothing.image_scores(scored.distance, size, job.sigma)
    for k, variant in enumerate(variants):
        columns = job.result.columns(method, variant, protocol=PROTOCOL)
        job.result.log(category, columns, seen, "image_auroc", 100 * auroc(category.labels, images[k]))
        if truth is not None:
            maps = smoothing.smooth(scored.distance[k], size, job.sigma)
            job.result.log(category, columns, seen, "pixel_auroc", 100 * auroc(truth.ravel(), maps.ravel()))
