"""All methods on every class of a data set: from images to scores."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from tqdm import tqdm

from oneclass.data.tasks import split as rows_of
from oneclass.errors import UserError
from oneclass.exposure.members import WHOLE, Member
from oneclass.exposure.sweep import described
from oneclass.objective.comparators import knn
from oneclass.seeds import derive
from oneclass.transfer import mean_shifted, panda
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import features

Scores = NDArray[np.floating]


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
        return Generator().manual_seed(derive(self.seed, f"transfer {purpose}", self.dataset, *names))

    def knn(self, task: Task) -> Scores:
        """DN2: kNN on the features that fine-tuning starts from."""
        return self._neighbours(self.split.trainable(), task)

    def early(self, task: Task, repetition: int) -> Scores:
        """PANDA, stopped early."""
        order = self.random("order", task.class_name, repetition)
        return self._neighbours(panda.early(self.split, self.images, task.train, self.panda.schedule, order), task)

    def ewc(self, task: Task, repetition: int, information: Future[list[Tensor]]) -> Scores:
        """PANDA with elastic weight consolidation."""
        order, settings = self.random("order", task.class_name, repetition), self.panda
        tuned = panda.ewc(
            self.split, self.images, task.train, settings.with_ewc, order, settings.ewc, information.result()
        )
        return self._neighbours(tuned, task)

    def information(self, task: Task) -> list[Tensor]:
        """The Fisher information of a class."""
        random = self.random("fisher", task.class_name)
        chosen = torch.randperm(len(task.train), generator=random)[: self.panda.fisher_images]
        return panda.fisher(self.split, self.images, task.train[chosen], random)

    def exposed(self, task: Task, repetition: int, pool: Images) -> Scores:
        """PANDA with outliers."""
        order = self.random("order", task.class_name, repetition)
        rows = task.train, torch.arange(len(pool))
        tuned = panda.exposed(self.split, (self.images, pool), rows, self.panda.with_outliers, order)
        return features(tuned, self.images, task.test).cpu().numpy()

    def shifted(self, task: Task, repetition: int) -> Scores:
        """The mean-shifted contrastive loss."""
        order, augmenting = (self.random(what, task.class_name, repetition) for what in ("order", "augmentation"))
        tuned = mean_shifted.tune(self.split, self.images, task.train, self.mean_shifted, order, augmenting)
        gallery, test = (features(tuned, self.images, rows) for rows in (task.train, task.test))
        return mean_shifted.score(gallery, test).cpu().numpy()

    def _neighbours(self, back: torch.nn.Module, task: Task) -> Scores:
        gallery, test = (features(back, self.images, rows).cpu().numpy() for rows in (task.train, task.test))
        return knn(gallery, test)


def run(
    methods: Methods, table: pd.DataFrame, task: str, classes: Sequence[str], repetitions: int, threads: int
) -> pd.DataFrame:
    """Scores of every method, class and repetition on the test images; the columns of ``exposure.sweep.run``.

    The trainings of a class run side by side, ``threads`` at a time and a core each: on small batches several cores
    mostly wait for one another.
    """
    splits = {name: rows_of(table, task, name) for name in classes}
    ids, parts, images = table["id"].to_numpy(dtype=str), [], methods.images
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as workers:
        if everything := images.fit():
            images.hold(torch.arange(len(images)), workers)
        if methods.pool is not None:
            methods.pool.hold(torch.arange(len(methods.pool)), workers)
        for name, rows in splits.items():
            one = Task(name, torch.from_numpy(rows.train), torch.from_numpy(rows.test))
            if not everything:
                images.hold(one.train, workers)
            jobs = _jobs(methods, one, repetitions, workers)
            for member, job in tqdm(jobs, unit="network", desc=f"{methods.dataset} {name}"):
                columns = {"id": ids[rows.test], "label": rows.labels, "score": _finite(member, job.result())}
                parts.append(pd.DataFrame(described(member) | columns))
    return pd.concat(parts, ignore_index=True).assign(task=task, network="finetuned")


def _jobs(
    methods: Methods, task: Task, repetitions: int, workers: ThreadPoolExecutor
) -> list[tuple[Member, Future[Scores]]]:
    name, submit = task.class_name, workers.submit
    information = submit(methods.information, task)  # before those that wait for it
    jobs = [(Member(name, 0, "knn", outliers=0), submit(methods.knn, task))]
    for seed in range(repetitions):
        jobs += [
            (Member(name, seed, "mean_shifted", outliers=0), submit(methods.shifted, task, seed)),
            (Member(name, seed, "panda", outliers=0), submit(methods.early, task, seed)),
            (Member(name, seed, "panda_ewc", outliers=0), submit(methods.ewc, task, seed, information)),
        ]
        if methods.pool is not None:
            exposed = submit(methods.exposed, task, seed, methods.pool)
            jobs.append((Member(name, seed, "panda_oe", outliers=WHOLE), exposed))
    return jobs


def _finite(member: Member, scores: Scores) -> NDArray[np.float32]:
    """``scores`` in float32; raises ``ValueError`` if one is not finite."""
    if not np.isfinite(scores).all():
        raise ValueError(f"{member}: fine-tuning diverged, a score is not finite; use a smaller learning_rate")
    return scores.astype(np.float32)


def outliers(pool: pd.DataFrame, kept: pd.DataFrame, count: int | None, dataset: str, seed: int) -> pd.DataFrame:
    """The rows of the index ``pool`` that are ``kept``; at random ``count`` of them, if given.

    Raises ``UserError`` if there are fewer.
    """
    rows = pool[pool["id"].isin(kept["id"])].reset_index(drop=True)
    if count is None:
        return rows
    if count > len(rows):
        raise UserError(
            f"transfer.outliers: pool '{pool.attrs['dataset']}' has {len(rows)} images, not {count}; ask for fewer"
        )
    random = np.random.default_rng(derive(seed, "transfer outliers", pool.attrs["dataset"], dataset))
    return rows.iloc[np.sort(random.permutation(len(rows))[:count])].reset_index(drop=True)
