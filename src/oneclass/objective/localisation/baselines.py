"""Runs the systems of ``baselines`` that tell where a defect is (Protocol B), on the images of each category."""

from itertools import product

import numpy as np
from tqdm import tqdm

from oneclass.catalogue.records import load
from oneclass.features.decode import decode_all
from oneclass.objective.job import Job
from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import DefectImages
from oneclass.objective.localisation.scoring import Scored
from oneclass.seeds import derive


def on_images(categories: list[DefectImages], job: Job, workers: int, device: str) -> None:
    """Add the distance maps of the job's systems on every category, and the scores that come of them."""
    todo = list(product(categories, job.comparators.items()))
    for category, (name, module) in tqdm(todo, desc=f"{job.seeds.dataset}, {', '.join(job.comparators)}"):
        train, test = (decode_all(part, category.geometry, workers) for part in (category.trained, category.tested))
        seed = derive(job.seeds.run, name, category.class_name)
        given = {**job.needed, **job.options.get(name, {})}
        distance = load(module).localise(train, test, seed, device, **given)[None]
        nothing = np.full(distance.shape[:2], np.nan, np.float32)
        scoring.record(job.result, category, name, [None], Scored(distance, nothing, nothing), job.sigma)
