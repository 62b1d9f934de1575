"""Runs what paper 1's method is compared with, on the same features and splits. Higher scores are more anomalous.

A comparator of vectors has ``score_vectors(train [N, D], test [T, D])``, which gives scores [T]. One of maps has
``score_maps(train, test, seed)``: it reads the averaged maps of the training images, then those of the test images, a
batch at a time, and gives the test images' distance maps [T, H, W] at the size of the finest layer; where it
weighs images, also factors [T] of their scores. The catalogue's options follow as keywords. Where gradient descent
trains it, ``train`` are ``TrainingImages``.
"""

from itertools import product

import numpy as np
from tqdm import tqdm

from oneclass.catalogue.records import load
from oneclass.objective.job import Job
from oneclass.objective.localisation import scoring
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.scoring import Scored
from oneclass.objective.localisation.sources import TrainingImages
from oneclass.objective.vectors import VectorClass
from oneclass.seeds import derive


def on_vectors(classes: list[VectorClass], job: Job) -> None:
    """Add the scores of the job's comparators on every class."""
    for data, (name, module) in product(classes, job.comparators.items()):
        scores = load(module).score_vectors(data.train.numpy(), data.test.numpy())
        job.result.add(data, job.result.columns(name), scores)


def on_maps(categories: list[Category], job: Job) -> None:
    """Add the distance maps of the job's comparators on every category, and the scores that come of them."""
    todo = list(product(categories, job.comparators.items()))
    for category, (name, module) in tqdm(todo, desc=f"{job.seeds.dataset}, comparators"):
        train, test = TrainingImages(category.source, category.train), category.source.batches(category.test)
        seed = derive(job.seeds.run, name, category.class_name)
        found = load(module).score_maps(train, test, seed, **job.options.get(name, {}))
        maps, factor = found if isinstance(found, tuple) else (found, 1)
        nothing = np.full((1, len(maps)), np.nan, np.float32)
        scored = Scored(maps[None], nothing, nothing)
        scoring.record(job.result, category, name, [None], scored, job.sigma, factor)
