"""Jobs side by side: in order, as many as there are threads, each on one core."""

import threading
from functools import partial

import pytest
import torch

from oneclass.training.outcomes import side_by_side


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_order(threads: int) -> None:
    assert list(side_by_side([partial(pow, k, 2) for k in range(20)], threads)) == [k**2 for k in range(20)]


def test_as_many_run_at_a_time_as_there_are_threads() -> None:
    meeting = threading.Barrier(3)

    def job() -> int:
        meeting.wait(60)  # for the two others
        return torch.get_num_threads()

    assert list(side_by_side([job] * 6, 3)) == [1] * 6


def test_an_error_is_raised_where_its_result_would_be() -> None:
    def fail() -> int:
        raise ValueError("diverged")

    results = side_by_side([lambda: 1, fail, lambda: 3], 2)
    assert next(results) == 1
    with pytest.raises(ValueError, match="diverged"):
        next(results)
