import pytest
import torch

from oneclass.objective.job import Job, Training
from oneclass.objective.result import Result, keeper
from oneclass.objective.variants import grid
from oneclass.training.trials import Seeds

TRAINING = Training(learning_rate=0.1, weight_decay=0.5, radius=0, loss_scale=1, epochs=1, batch_size=1)


def test_norms_come_once_for_each_centering() -> None:
    variants = {"none": grid([8, 1], 1, ["gaussian", "ones"], 2), "position": grid([1], 1, ["gaussian"], 2)}
    job = Job(Seeds(0, "toy"), TRAINING, variants, 1, 0, Result("B", keeper(1)))
    assert job.center_norms("none") == [8, 1]
    assert job.center_norms("position") == [1]


def test_weight_decay_is_added_to_the_gradient() -> None:
    """As Adam has it, not AdamW: of a lone step only the sign counts."""
    weights = torch.tensor([1.0, -1.0])
    TRAINING.stepper([weights])([torch.tensor([-0.4, 0.6])])
    assert weights.tolist() == pytest.approx([0.9, -1.1])
