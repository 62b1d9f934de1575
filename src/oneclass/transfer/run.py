"""All methods on every class of a data set: from images to scores."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TypeVar

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from tqdm import tqdm

from oneclass import neighbours
from oneclass.data.index import Index
from oneclass.data.tasks import split as rows_of
from oneclass.errors import UserError
from oneclass.seeds import derive
from oneclass.training.finished import Finished
from oneclass.training.outcomes import collect
from oneclass.training.trials import WHOLE, Trial
from oneclass.transfer import mean_shifted, panda
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import features

Scores = NDArray[np.floating]
Features = tuple[Tensor, Tensor]  # of the normal training images [N, D] and of the test images [T, D]
T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """One class: positions of its normal training images [N] and of its test images [T]."""

    class_name: str
    train: Tensor
    test: Tensor


@dataclass(frozen=True)
class Methods:
    """The methods on one data set: network, images, outliers (None where there are none), settings, seed."""

    dataset: str
    split: Split
    images: Images
    pool: Images | None
    panda: panda.Settings
    mean_shifted: mean_shifted.Settings
    seed: int

    def random(self, purpose: str, *names: object) -> Generator:
        """A generator by name; PANDA with and without consolidation see the same batches: they compare in pairs."""
        return Generator().manual_seed(self._seed(purpose, *names))

    def initial(self, task: Task) -> Features:
        """What fine-tuning starts from."""
        return self._features(self.split.trainable(), task)

    def knn(self, initial: Callable[[], Features]) -> Scores:
        """DN2: kNN on the features that fine-tuning starts from."""
        return _by_distance(initial())

    def knn_cosine(self, initial: Callable[[], Features]) -> Scores:
        """MS before any training: its score on the features that fine-tuning starts from."""
        return _by_cosine(initial())

    def panda_early(self, initial: Callable[[], Features], task: Task, repetition: int) -> Scores:
        """PANDA, stopped early."""
        order, (first, _) = self.random("order", task.class_name, repetition), initial()
        tuned = panda.early(self.split, self.images, task.train, first, self.panda.schedule, order)
        return _by_distance(self._features(tuned, task))

    def panda_ewc(
        self, initial: Callable[[], Features], information: Callable[[], list[Tensor]], task: Task, repetition: int
    ) -> Scores:
        """PANDA with elastic weight consolidation."""
        order, (first, _) = self.random("order", task.class_name, repetition), initial()
        schedule, strength = self.panda.with_ewc, self.panda.ewc
        tuned = panda.ewc(self.split, self.images, task.train, first, schedule, order, strength, information())
        return _by_distance(self._features(tuned, task))

    def information(self, task: Task) -> list[Tensor]:
        """The Fisher information of a class."""
        random = self.random("fisher", task.class_name)
        chosen = torch.randperm(len(task.train), generator=random)[: self.panda.fisher_images]
        return panda.fisher(self.split, self.images, task.train[chosen], random)

    def panda_oe(self, pool: Images, task: Task, repetition: int) -> Scores:
        """PANDA with outliers."""
        order = self.random("order", task.class_name, repetition)
        rows = task.train, torch.arange(len(pool))
        tuned = panda.exposed(self.split, (self.images, pool), rows, self.panda.with_outliers, order)
        return features(tuned, self.images, task.test).cpu().numpy()

    def mean_shifted_loss(
        self, initial: Callable[[], Features], augmenting: Executor, task: Task, repetition: int
    ) -> Scores:
        """The mean-shifted contrastive loss."""
        order, (first, _) = self.random("order", task.class_name, repetition), initial()
        seed = partial(self._seed, "augmentation", task.class_name, repetition)
        settings = self.mean_shifted
        tuned = mean_shifted.tune(self.split, self.images, task.train, first, settings, order, seed, augmenting)
        return _by_cosine(self._features(tuned, task))

    def _features(self, back: torch.nn.Module, task: Task) -> Features:
        return features(back, self.images, task.train), features(back, self.images, task.test)

    def _seed(self, purpose: str, *names: object) -> int:
        return derive(self.seed, f"transfer {purpose}", self.dataset, *names)


def run(
    methods: Methods,
    index: Index,
    task: str,
    classes: Sequence[str],
    repetitions: int,
    finished: Finished,
    threads: int,
) -> pd.DataFrame:
    """Scores of every method, class and repetition on the test images, as rows of ``tidy``.

    The trainings of a class run side by side, ``threads`` at a time and one core each: on small batches several cores
    mostly wait for one another. On a GPU they run one after another. Those that are ``finished`` are not run again.
    Raises ``UserError`` if one does not fit into a GPU's memory.
    """
    splits = {name: rows_of(index, task, name) for name in classes}
    images = methods.images
    everything = images.fit()

    def outcomes(workers: Executor, augmenting: Executor) -> Iterator[tuple[Trial, Scores]]:
        for name, rows in splits.items():
            one = Task(name, torch.from_numpy(rows.train), torch.from_numpy(rows.test))
            jobs = _jobs(methods, one, repetitions, augmenting)
            if not everything and not all(trial in finished for trial, _ in jobs):
                images.hold(one.train, workers)
            begun = [(trial, workers.submit(finished.get, trial, job)) for trial, job in jobs]
            for trial, scores in tqdm(begun, unit="network", desc=f"{methods.dataset} {name}"):
                yield trial, scores.result()

    at_once = threads if torch.device(images.device).type == "cpu" else 1
    with _threads(at_once) as workers, _threads(threads) as augmenting:
        if everything:
            images.hold(torch.arange(len(images)), workers)
        if methods.pool is not None:
            methods.pool.hold(torch.arange(len(methods.pool)), workers)
        try:
            return collect(outcomes(workers, augmenting), splits, index.ids(), task=task, network="finetuned")
        except torch.OutOfMemoryError:
            raise UserError(
                "a network does not fit into the GPU's memory beside the images; lower transfer.memory_mb, or use "
                "--resources gpu=0"
            ) from None


def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))


def _jobs(
    methods: Methods, task: Task, repetitions: int, augmenting: Executor
) -> Sequence[tuple[Trial, Callable[[], Scores]]]:
    name = task.class_name
    initial, information = _once(partial(methods.initial, task)), _once(partial(methods.information, task))
    fixed = {"knn": partial(methods.knn, initial), "knn_cosine": partial(methods.knn_cosine, initial)}
    jobs = [(Trial(name, 0, method, outlier_count=0), job) for method, job in fixed.items()]
    for repetition in range(repetitions):
        trained = {
            "mean_shifted": partial(methods.mean_shifted_loss, initial, augmenting, task, repetition),
            "panda": partial(methods.panda_early, initial, task, repetition),
            "panda_ewc": partial(methods.panda_ewc, initial, information, task, repetition),
        }
        jobs += [(Trial(name, repetition, method, outlier_count=0), job) for method, job in trained.items()]
        if methods.pool is not None:
            exposed = partial(methods.panda_oe, methods.pool, task, repetition)
            jobs.append((Trial(name, repetition, "panda_oe", outlier_count=WHOLE), exposed))
    return jobs


def _by_distance(seen: Features) -> Scores:
    return neighbours.score_vectors(*(part.cpu().numpy() for part in seen))


def _by_cosine(seen: Features) -> Scores:
    return mean_shifted.score(*seen).cpu().numpy()


def _once(compute: Callable[[], T]) -> Callable[[], T]:
    """``compute``, run for the first who asks; the others wait for what it returns."""
    lock, computed = Lock(), cache(compute)

    def get() -> T:
        with lock:
            return computed()

    return get
