"""The learning rate is PyTorch's ``MultiStepLR``."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from oneclass.training.batches import Schedule


@given(st.lists(st.integers(1, 12), max_size=3, unique=True), st.floats(1e-5, 1))
def test_the_learning_rate_is_that_of_multisteplr(milestones: list[int], rate: float) -> None:
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=rate)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones, gamma=0.1)
    schedule = Schedule(12, tuple(milestones), 4, rate)
    for epoch in range(12):
        assert schedule.rate(epoch) == pytest.approx(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()
