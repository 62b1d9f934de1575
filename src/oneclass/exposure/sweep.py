"""A sweep of paper 2 over one data set and one pool: from stored images and the outliers chosen to scores."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.exposure.population import train_all
from oneclass.exposure.training import Recipe, Task
from oneclass.training.finished import Finished
from oneclass.training.inputs import FeatureVectors
from oneclass.training.outcomes import collect
from oneclass.training.stores import Images, Outliers
from oneclass.training.trials import Trial


def run(
    trials: Sequence[Trial],
    task: str,
    dataset: tuple[Index, Images],
    pool: tuple[Images, Outliers],
    recipe: Recipe,
    finished: Finished,
    *,
    device: str,
    threads: int,
) -> pd.DataFrame:
    """Train all ``trials`` but those that are ``finished``: a row of ``tidy`` for each test image of each."""
    index, images = dataset
    pool_images, outliers = pool
    splits = {name: split(index, task, name) for name in dict.fromkeys(trial.class_name for trial in trials)}

    def one(trial: Trial) -> Task:
        rows, data = splits[trial.class_name], images.seen_by(trial)
        return Task(
            data,
            _on(device, rows.train),
            _on(device, rows.test),
            pool_images.seen_by(trial),
            _on(pool_images.rows_on, outliers.positions(trial)),
            data.features.shape[1] if isinstance(data, FeatureVectors) else 3,
        )

    jobs = [(trial, partial(one, trial)) for trial in trials]
    trained = train_all(jobs, recipe, torch.device(device), threads, finished)
    progress = tqdm(trained, total=len(trials), unit="network", desc=recipe.seeds.dataset)
    outcomes = zip(trials, progress, strict=True)
    return collect(outcomes, splits, index.ids(), task=task, network=recipe.architecture.network.name)


def _on(device: str, rows: NDArray) -> Tensor:
    return torch.from_numpy(rows).to(device)
