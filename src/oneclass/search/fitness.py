"""How good an outlier is: the test AUROC of networks that were shown it alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.exposure.population import train_all
from oneclass.exposure.training import Recipe, Task
from oneclass.metrics import auroc
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels, PreprocessedPixels
from oneclass.training.outcomes import require_finite
from oneclass.training.trials import Trial

_PREPARING = Lock()  # the first thread to come prepares the images, alone as in every run


@dataclass(frozen=True)
class Fitness:
    """AUROCs of one class, method and filter; ``data`` and ``pool`` as the networks see them."""

    trial: Trial  # whose repetition varies
    data: Pixels | FeatureVectors
    train: Tensor  # positions in data, [N]
    test: Tensor  # [T]
    labels: NDArray[np.int8]  # [T], 1 anomalous
    pool: Pixels | FeatureVectors
    recipe: Recipe
    threads: int

    def measure(self, wanted: Sequence[tuple[int, int]]) -> Iterator[float]:
        """The test AUROC in percent for each row of the pool and repetition that is ``wanted``, in order.

        Raises ``ValueError`` if training diverges.
        """
        trials = [replace(self.trial, repetition=repetition) for _, repetition in wanted]
        jobs = [(trial, partial(self._prepared, row)) for trial, (row, _) in zip(trials, wanted, strict=True)]
        for trial, scores in zip(trials, train_all(jobs, self.recipe, self.train.device, self.threads), strict=True):
            require_finite(trial, scores)
            yield 100 * float(auroc(self.labels, scores))

    def _prepared(self, row: int) -> Task:
        with _PREPARING:
            task = self._task
        return task(row)

    @cached_property
    def _task(self) -> Callable[[int], Task]:
        """From a row of the pool to what is trained. Pixels not to be augmented are normalised here, once for all."""
        pixels, pool = self.data, self.pool
        if isinstance(pixels, FeatureVectors) or isinstance(pool, FeatureVectors) or pixels.augmentation:
            return lambda row: self._shown(self.data, self.train, self.test, self.pool, row)
        statistics = pixels.statistics(self.train)
        data = PreprocessedPixels.from_pixels(pixels, torch.cat([self.train, self.test]), statistics)
        train, test = self._only(*range(len(data))).tensor_split([len(self.train)])

        def task(row: int) -> Task:
            outlier = PreprocessedPixels.from_pixels(pool, self._only(row), statistics)
            return self._shown(data, train, test, outlier, 0)

        return task

    def _shown(self, data: Inputs, train: Tensor, test: Tensor, pool: Inputs, row: int) -> Task:
        inputs = data.features.shape[1] if isinstance(data, FeatureVectors) else 3
        return Task(data, train, test, pool, self._only(row), inputs)

    def _only(self, *rows: int) -> Tensor:
        return torch.tensor(rows, dtype=torch.int64, device=self.train.device)
