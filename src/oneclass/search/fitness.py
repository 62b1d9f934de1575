"""How good an outlier is: the test AUROC of networks that were shown it alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from oneclass.exposure.population import train_all
from oneclass.exposure.training import Recipe, Task
from oneclass.metrics import auroc
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels, PreprocessedPixels, Statistics
from oneclass.training.outcomes import require_finite
from oneclass.training.trials import Trial


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
        if not wanted:
            return
        trials = [replace(self.trial, repetition=repetition) for _, repetition in wanted]
        tasks = self._tasks([row for row, _ in wanted])
        jobs = [(trial, partial(tasks.__getitem__, k)) for k, trial in enumerate(trials)]
        for trial, scores in zip(trials, train_all(jobs, self.recipe, self.train.device, self.threads), strict=True):
            require_finite(trial, scores)
            yield 100 * float(auroc(self.labels, scores))

    def _tasks(self, rows: Sequence[int]) -> list[Task]:
        """What is trained on each of ``rows`` of the pool. Pixels not to be augmented are normalised here, once for
        all."""
        data, pool = self.data, self.pool
        if isinstance(data, FeatureVectors) or isinstance(pool, FeatureVectors) or data.augmented:
            inputs = data.features.shape[1] if isinstance(data, FeatureVectors) else 3
            return [Task(data, self.train, self.test, pool, self._only(row), inputs) for row in rows]
        normal, train, test, statistics = self._normalised
        shown = list(dict.fromkeys(rows))
        each = [PreprocessedPixels.from_pixels(pool, self._only(row), statistics) for row in shown]
        outliers = PreprocessedPixels(torch.cat([one.samples for one in each]), pool.repeats)
        return [Task(normal, train, test, outliers, self._only(shown.index(row)), 3) for row in rows]

    @cached_property
    def _normalised(self) -> tuple[Inputs, Tensor, Tensor, Statistics]:
        """The pixels of the data set, which of them are for training and for test, and by what they are normalised."""
        assert isinstance(self.data, Pixels)
        statistics = self.data.statistics(self.train)
        data = PreprocessedPixels.from_pixels(self.data, torch.cat([self.train, self.test]), statistics)
        train, test = self._only(*range(len(data))).tensor_split([len(self.train)])
        return data, train, test, statistics

    def _only(self, *rows: int) -> Tensor:
        return torch.tensor(rows, dtype=torch.int64, device=self.train.device)
