"""Views are torchvision's, each by its own seed, whatever thread makes it and whatever is drawn beside it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from oneclass.transfer.views import pairs, transform, view

ORDERS = [torch.tensor([4, 0, 7]), torch.tensor([11]), torch.tensor([2, 2])]


def seed(step: int, number: int) -> int:
    return 1000 * step + number


def literal(pixels: Tensor, size: int, orders: list[Tensor]) -> list[Tensor]:
    """One view after another by torchvision's transforms, PyTorch's own generator seeded anew for each."""
    batches = []
    for step, rows in enumerate(orders):
        views = []
        for number, row in enumerate([*rows, *rows]):
            torch.manual_seed(seed(step, number))
            views.append(transform(size)(pixels[row]))
        batches.append(torch.stack(views))
    return batches


@pytest.mark.parametrize("threads", [1, 4])
def test_many_threads_give_the_views_of_one_after_another(threads: int, pixels: Tensor) -> None:
    expected = literal(pixels, 32, ORDERS * 8)
    with ThreadPoolExecutor(threads) as workers:
        found = list(pairs(pixels, 32, iter(ORDERS * 8), seed, workers))
    assert [len(views) for views in found] == [6, 2, 4] * 8
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == torch.uint8 and torch.equal(one, other)


def test_views_leave_the_generator_that_all_share_alone(pixels: Tensor) -> None:
    """So nothing in them is drawn from it: what torchvision draws in other ways would show here."""
    state = torch.get_rng_state()
    for number in range(40):
        view(pixels[0], number, 32)
    assert torch.equal(torch.get_rng_state(), state)


def test_views_differ_from_one_another(pixels: Tensor) -> None:
    views = [view(pixels[0], number, 32) for number in range(10)]
    assert all(not torch.equal(one, other) for k, one in enumerate(views) for other in views[:k])


def test_one_step_is_made_ahead_and_no_more(pixels: Tensor) -> None:
    asked: list[int] = []

    def orders() -> Iterator[Tensor]:
        for step, rows in enumerate(ORDERS * 2):
            asked.append(step)
            yield rows

    with ThreadPoolExecutor(1) as workers:
        steps = pairs(pixels, 32, orders(), seed, workers)
        for number in range(3):
            next(steps)
            assert asked == list(range(number + 2))


def test_views_of_a_step_are_made_at_the_same_time(pixels: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(3)

    def wait(image: Tensor, seed: int, size: int) -> Tensor:
        meeting.wait(60)  # for the two others
        return image

    monkeypatch.setattr("oneclass.transfer.views.view", wait)
    with ThreadPoolExecutor(3) as workers:
        [views] = pairs(pixels, 32, iter(ORDERS[:1]), seed, workers)
    assert torch.equal(views, pixels[[4, 0, 7, 4, 0, 7]])
