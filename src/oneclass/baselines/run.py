"""A system that is trained on images, on every class of a data set: from images to scores."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.training.finished import Finished
from oneclass.training.outcomes import collect, side_by_side
from oneclass.training.trials import WHOLE, Seeds, Trial

Scores = NDArray[np.floating]


def run(
    method: str,
    score_images: Callable[..., Scores],
    index: Index,
    pixels: Tensor,
    classes: Sequence[str],
    settings: Mapping[str, Any],
    seed: int,
    finished: Finished,
    threads: int,
    device: str,
    **needed: Any,
) -> pd.DataFrame:
    """Scores of ``method`` for every class and repetition on the test images, as rows of ``tidy``.

    ``pixels`` [N, 3, S, S] are the images of ``index``, ``settings`` those of ``plan.baselines``, and ``needed`` is
    what the method takes besides images. On a CPU ``threads`` trainings run side by side, one core each. Those that
    are ``finished`` are not run again.
    """
    splits = {name: split(index, settings["task"], name) for name in classes}
    seeds = Seeds(seed, index.name)
    count = WHOLE if "outliers" in needed else 0
    trials = [
        Trial(name, repetition, method, outlier_count=count)
        for name in classes
        for repetition in range(settings["repetitions"])
    ]

    def one(trial: Trial) -> Scores:
        rows = splits[trial.class_name]
        train, test = pixels[torch.from_numpy(rows.train)], pixels[torch.from_numpy(rows.test)]
        own = seeds.derive(method, trial.class_name, trial.repetition)
        return score_images(train, test, own, device, **needed, **settings["options"])

    def outcomes() -> Iterator[tuple[Trial, Scores]]:
        jobs = [partial(finished.get, trial, partial(one, trial)) for trial in trials]
        found = side_by_side(jobs, threads, torch.device(device))
        yield from zip(trials, tqdm(found, total=len(jobs), unit="network", desc=f"{index.name} {method}"), strict=True)

    return collect(outcomes(), splits, index.ids(), task=settings["task"])
