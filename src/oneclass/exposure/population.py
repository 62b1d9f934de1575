"""The networks of a sweep or a search: side by side on a CPU; on a GPU small ones as one stack, large ones in turn.

A stack is one network of many members (``networks.beside``), for which one Adam steps. A member sees the batches that
it would see alone, and every update is elementwise in the weights, so it ends with the weights it would have alone, to
rounding. On a CPU a stack is slower (``benchmarks/README.md``).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.func import vmap

from oneclass.exposure.losses import Fixed, Method
from oneclass.exposure.networks import apart, beside
from oneclass.exposure.training import Recipe, Step, Task, Trainee, first_network, mean, train
from oneclass.training.capacity import fitting, footprint, in_parts
from oneclass.training.finished import Finished
from oneclass.training.inputs import Inputs, Statistics
from oneclass.training.optimisers import Adam
from oneclass.training.outcomes import side_by_side
from oneclass.training.trials import Trial

Scores = NDArray[np.float32]
Job = tuple[Trial, Callable[[], Task]]


def train_all(
    jobs: Sequence[Job], recipe: Recipe, device: torch.device, threads: int, finished: Finished | None = None
) -> Iterator[Scores]:
    """The scores [T] of each of ``jobs`` on its test images, in order. What is ``finished`` is not trained again.

    On a CPU ``threads`` train at a time. Raises ``UserError`` if a network does not fit into a GPU's memory.
    """

    def kept(trial: Trial, compute: Callable[[], Scores]) -> Scores:
        return compute() if finished is None else finished.get(trial, compute)

    if not is_stacked(recipe, device):
        each = [partial(kept, trial, partial(_alone, trial, task, recipe)) for trial, task in jobs]
        yield from side_by_side(each, threads, device)
        return
    left = {k for k, (trial, _) in enumerate(jobs) if finished is None or trial not in finished}
    stacks, found = _in_stacks(jobs, sorted(left), recipe, device), {}
    for position, (trial, task) in enumerate(jobs):
        while position in left:
            number, scores = next(stacks)
            found[number] = kept(jobs[number][0], partial(np.asarray, scores))
            left.remove(number)
        yield found.pop(position) if position in found else kept(trial, partial(_alone, trial, task, recipe))


def is_stacked(recipe: Recipe, device: torch.device) -> bool:
    """Whether networks train as a stack: if the recipe says so, or on a GPU if it says nothing; never large ones."""
    wanted = device.type != "cpu" if recipe.stacked is None else recipe.stacked
    return wanted and recipe.architecture.network.stacks


def _alone(trial: Trial, task: Callable[[], Task], recipe: Recipe) -> Scores:
    return train(trial, task(), recipe)


def _in_stacks(
    jobs: Sequence[Job], wanted: Sequence[int], recipe: Recipe, device: torch.device
) -> Iterator[tuple[int, Scores]]:
    """The scores of the ``wanted`` positions in ``jobs``, as they come. What differs in class, method, what is seen of
    an image or the presence of outliers is in other stacks: in one, batches are of one size and losses of one kind."""
    kinds: dict[object, list[int]] = {}
    for position in wanted:
        trial = jobs[position][0]
        seen = trial.class_name, trial.filter, trial.augmented, trial.outlier_count > 0
        kind = seen, trial.method, *trial.options.items()
        kinds.setdefault(kind, []).append(position)

    def together(positions: Sequence[int]) -> list[tuple[int, Scores]]:
        some = [jobs[position] for position in positions]
        trained = train_stack([trial for trial, _ in some], [task() for _, task in some], recipe)
        return [(position, trainee.scores()) for position, trainee in zip(positions, trained, strict=True)]

    for positions in kinds.values():
        trial, task = jobs[positions[0]]
        yield from in_parts(positions, fitting(_footprint(trial, task(), recipe), device), together)


def _footprint(trial: Trial, task: Task, recipe: Recipe) -> int:
    samples = torch.zeros(2, *task.data.batch(task.train[:1], None).shape[1:])
    batch_size = recipe.schedule.batch_size * (2 if len(task.outliers) else 1)
    return footprint(first_network(trial, task, recipe), samples, batch_size)


def train_stack(trials: Sequence[Trial], tasks: Sequence[Task], recipe: Recipe) -> list[Trainee]:
    """``training.fit`` of each of ``trials``, which differ in the repetition or the outliers alone."""
    trainees = [Trainee.untrained(trial, task, recipe) for trial, task in zip(trials, tasks, strict=True)]
    networks, methods = [one.network for one in trainees], [one.method for one in trainees]
    kind, inputs = recipe.architecture, tasks[0].inputs
    whole = beside(networks, kind.network, kind.width, kind.precision, methods[0], inputs).train()
    parameters = list(whole.parameters())
    optimiser = Adam(parameters)
    for step in _steps(trainees):
        z = whole(step.samples, step.counts).unflatten(1, (len(trainees), -1)).transpose(0, 1)  # [K, B, R]
        losses = mean(_losses(methods, z, step.outlier), step.counts)
        optimiser.step(torch.autograd.grad(losses.sum(), parameters), step.rate)
    apart(whole, networks)
    return trainees


def _steps(trainees: Sequence[Trainee]) -> Iterator[Step]:
    """The batches of all, beside each other: samples [B, K · C, ...]. Where each is shown one outlier, its copies are
    merged."""
    task, statistics = trainees[0].task, trainees[0].statistics
    numbers = [len(one.task.outliers) for one in trainees]
    shown, start = torch.cat([one.task.outliers for one in trainees]), torch.tensor([0, *numbers])[:-1].cumsum(0)
    merged, device = task.pool.repeats and set(numbers) == {1}, task.train.device
    randoms = [one.generator("augmentation") for one in trainees]
    for batches in zip(*(one.batches() for one in trainees), strict=True):
        normal, exposed = (torch.stack([batch[part] for batch in batches]) for part in (0, 1))  # [K, B] each
        counts = None
        if merged and exposed.shape[1] > 1:
            counts = torch.ones(normal.shape[1] + 1, device=device)
            counts[-1], exposed = exposed.shape[1], exposed[:, :1]
        parts = [_batch(task.data, task.train[normal.to(device)], statistics, randoms)]
        if exposed.shape[1]:
            rows = shown[(exposed + start[:, None]).to(shown.device)]
            parts.append(_batch(task.pool, rows, statistics, randoms))
        samples = torch.cat(parts, 1)
        outlier = torch.arange(samples.shape[1], device=device) >= normal.shape[1]
        yield Step(samples.transpose(0, 1).flatten(1, 2), outlier, counts, batches[0][2])


def _batch(inputs: Inputs, rows: Tensor, statistics: Statistics | None, randoms: Sequence[Generator]) -> Tensor:
    """The samples [K, B, ...] at ``rows`` [K, B], normalised; each network's are augmented by its own draws."""
    if inputs.augmented:
        samples = torch.stack([inputs.batch(*own) for own in zip(rows, randoms, strict=True)])
    else:
        samples = inputs.batch(rows.flatten(), None).unflatten(0, rows.shape)
    return samples if statistics is None else (samples - statistics[0]) / statistics[1]


def _losses(methods: Sequence[Method], z: Tensor, outlier: Tensor) -> Tensor:
    """Of each sample [K, B], from outputs ``z`` [K, B, R]; at once unless methods learn from their networks."""
    if isinstance(methods[0], Fixed):
        return vmap(methods[0].losses, in_dims=(0, None))(z, outlier)
    return torch.stack([method.losses(some, outlier) for method, some in zip(methods, z, strict=True)])
