"""Paper 1's training in closed form: every norm at the time that the 1 % rule chooses, no seed (docs/closed_form.md).

On maps positions take the place of images. What is left of [f; 1] after training is P_t [f; 1], a projection like any
other, so it runs at each layer's own resolution too.
"""

import numpy as np
import torch
from tqdm import tqdm

from oneclass.metrics import auroc
from oneclass.objective.closed_form import Spectrum, choose_time, decompose, residual
from oneclass.objective.job import Job
from oneclass.objective.localisation import closed_form as of_maps
from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import Category
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass

METHOD = "closed_form"

TIMES = torch.logspace(-3, 4, 29, dtype=torch.float64)
"""Training times at which the AUROC is recorded for the figure."""


def on_vectors(classes: list[VectorClass], job: Job) -> None:
    """Every norm at the chosen time, and the AUROC over training time."""
    for data in classes:
        spectrum = decompose(data.train)
        chosen = choose_time(spectrum)
        left = residual(spectrum, data.test, torch.cat([torch.tensor([chosen], dtype=torch.float64), TIMES]))
        for norm in job.center_norms("none"):
            columns = job.result.columns(METHOD, Variant(None, norm, 0), projector=None)
            scores = left.scores(norm).cpu().numpy()
            at_chosen, *over_time = 100 * np.asarray(auroc(data.labels, scores))
            job.result.add(data, columns, scores[0])
            job.result.log(data, columns, chosen, "image_auroc_chosen", at_chosen)
            for time, value in zip(TIMES.tolist(), over_time, strict=True):
                job.result.log(data, columns, time, "image_auroc", value)
        _keep(job, data.class_name, spectrum, chosen)


def on_maps(categories: list[Category], job: Job) -> None:
    """Every norm of every category and centering at the chosen time."""
    for category in tqdm(categories, unit="category", desc=f"{job.seeds.dataset}, closed form"):
        for centering in job.variants:
            norms = job.center_norms(centering)
            spectrum = of_maps.spectrum_of(category.statistics.centered(centering))
            time = choose_time(spectrum)
            scored = of_maps.score(spectrum, time, norms, category.centered(centering), category.test)
            variants = [Variant(None, norm, 0) for norm in norms]
            scoring.record(
                job.result, category, METHOD, variants, scored, job.sigma, centering=centering, projector=None
            )
            _keep(job, f"{category.class_name}.{centering}", spectrum, time)


def _keep(job: Job, name: str, spectrum: Spectrum, time: float) -> None:
    job.result.models[f"{name}.vectors"] = spectrum.vectors.float().contiguous().cpu().numpy()
    job.result.models[f"{name}.values"] = spectrum.values.contiguous().cpu().numpy()
    job.result.models[f"{name}.time"] = np.array(time)
