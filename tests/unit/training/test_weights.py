from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn

from oneclass.training.weights import drawn


def weights(seed: int) -> torch.Tensor:
    return drawn(lambda: nn.Linear(50, 50), seed).weight


def test_equal_seeds_give_equal_weights_and_others_do_not() -> None:
    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_the_global_generator_is_left_as_it_was() -> None:
    before = torch.get_rng_state()
    weights(1)
    assert torch.equal(torch.get_rng_state(), before)


def test_threads_do_not_disturb_each_other() -> None:
    expected = [weights(seed) for seed in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert all(torch.equal(*pair) for pair in zip(pool.map(weights, range(40)), expected, strict=True))
