"""The networks of a sweep or a search: side by side on a CPU; on a GPU small ones as one stack, large ones in turn.

In a stack each weight has the networks as its first dimension, a forward pass is ``torch.func.vmap`` of one network's,
and one Adam steps for all. A network sees the batches that it would see alone, and every update is elementwise in the
weights, so it ends with the weights it would have alone, to rounding. Copies of an outlier are computed each. How much
faster a stack is on a GPU nobody has measured; on a CPU it is slower (``benchmarks/README.md``).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from oneclass.exposure.losses import Fixed, Method
from oneclass.exposure.training import Recipe, Task, Trainee, first_network, train
from oneclass.training.capacity import fitting, footprint, in_parts
from oneclass.training.finished import Finished
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
    """The scores of the ``wanted`` positions in ``jobs``, as they come. What differs in class, method or the presence
    of outliers is in other stacks: in one, batches are of one size and losses of one kind."""
    kinds: dict[object, list[int]] = {}
    for position in wanted:
        trial = jobs[position][0]
        kind = trial.class_name, trial.method, *trial.options.items(), trial.outlier_count > 0
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
    """``training.fit`` of each of ``trials``, which have their method, its options and the numbers of their batches in
    common."""
    trainees = [Trainee.untrained(trial, task, recipe) for trial, task in zip(trials, tasks, strict=True)]
    weights, buffers = stack_module_state([trainee.network for trainee in trainees])
    parameters, one = list(weights.values()), trainees[0].network.train()
    optimiser = Adam(parameters)
    forward = vmap(lambda weight, buffer, x: functional_call(one, (weight, buffer), (x,)))
    for steps in zip(*(trainee.steps(merged=False) for trainee in trainees), strict=True):
        z = forward(weights, buffers, torch.stack([step.samples for step in steps]))
        losses = _losses([trainee.method for trainee in trainees], z, steps[0].outlier)
        optimiser.step(torch.autograd.grad(losses.mean(1).sum(), parameters), steps[0].rate)
    for k, trainee in enumerate(trainees):
        trainee.network.load_state_dict({name: stacked[k] for name, stacked in (weights | buffers).items()})
    return trainees


def _losses(methods: Sequence[Method], z: Tensor, outlier: Tensor) -> Tensor:
    """Of each sample [K, B], from outputs ``z`` [K, B, R]; at once unless methods learn from their networks."""
    if isinstance(methods[0], Fixed):
        return vmap(methods[0].losses, in_dims=(0, None))(z, outlier)
    return torch.stack([method.losses(some, outlier) for method, some in zip(methods, z, strict=True)])
