"""The memory model: what a network takes in training, and how many fit."""

from collections.abc import Callable, Sequence
from types import ModuleType

import pytest
import torch
from torch import nn

from oneclass.errors import UserError
from oneclass.training.capacity import COPIES, MOST, PASSES, SHARE, fitting, footprint, in_parts


def test_weights_and_what_the_backward_pass_needs() -> None:
    network = nn.Sequential(nn.Linear(10, 20, bias=False), nn.Sigmoid(), nn.Linear(20, 5, bias=False))
    kept = 10 + 20  # of each sample: the input of each layer; the sigmoid keeps its output, which is the next one's
    weights = 10 * 20 + 20 * 5
    assert footprint(network, torch.zeros(2, 10), 7) == 4 * (COPIES * weights + PASSES * 7 * kept)


def test_statistics_are_left_alone() -> None:
    network = nn.Sequential(nn.Linear(10, 20), nn.BatchNorm1d(20)).eval()
    footprint(network, torch.randn(4, 10), 7)
    assert not network.training and torch.equal(network[1].running_mean, torch.zeros(20))


@pytest.mark.parametrize(
    ("free", "expected"), [(0, 1), (1000, 1), (2000 / SHARE + 1, 2), (5999 / SHARE, 5), (10**9, MOST)]
)
def test_as_many_as_fit_the_free_memory(free: float, expected: int, pretend: ModuleType) -> None:
    pretend.free = int(free)
    assert fitting(1000, torch.device(pretend.DEVICE)) == expected


def test_a_cpus_memory_is_not_asked_for() -> None:
    assert fitting(10**12, torch.device("cpu")) == MOST


@pytest.fixture
def tight() -> Callable[[int], tuple[Callable[[Sequence[int]], list[int]], list[int]]]:
    """Squares of numbers, on a device that has room for so many at a time; and how many were tried."""

    def make(room: int) -> tuple[Callable[[Sequence[int]], list[int]], list[int]]:
        tried: list[int] = []

        def run(some: Sequence[int]) -> list[int]:
            tried.append(len(some))
            if len(some) > room:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return [number**2 for number in some]

        return run, tried

    return make


@pytest.mark.parametrize(
    ("size", "room", "expected"), [(4, 9, [4, 4, 2]), (4, 3, [4, 2, 2, 2, 2, 2]), (16, 1, [10, 5, 2, *[1] * 10])]
)
def test_half_as_many_where_memory_runs_out(
    size: int, room: int, expected: list[int], tight: Callable[[int], tuple[Callable, list[int]]]
) -> None:
    run, tried = tight(room)
    assert list(in_parts(range(10), size, run)) == [number**2 for number in range(10)]
    assert tried == expected


def test_one_that_does_not_fit_is_an_error(tight: Callable[[int], tuple[Callable, list[int]]]) -> None:
    with pytest.raises(UserError, match=r"^one network does not fit into the GPU's memory; lower batch_size, or use"):
        list(in_parts([1, 2], 2, tight(0)[0]))


def test_other_errors_pass(tight: Callable[[int], tuple[Callable, list[int]]]) -> None:
    with pytest.raises(TypeError):
        list(in_parts(["a"], 1, tight(1)[0]))
