"""The number of threads changes no byte of a detector."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from oneclass.detector.network import FeatureExtractor
from oneclass.detector.threads import one_thread


@pytest.fixture
def threads() -> Any:
    """Sets their number, which is what it was afterwards."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_a_detector_has_the_same_bytes_with_any_number_of_threads(
    own_pictures: Callable[..., Path],
    index_of: Callable[..., Any],
    fitted: Any,
    lite0_extractor: FeatureExtractor,
    threads: Callable[[int], None],
) -> None:
    """Of twelve pictures and of seven, neither of which is a whole batch."""
    index = index_of(own_pictures(19, anomalous=3))
    found = []
    for count in (1, 2, 3):
        threads(count)
        detector, findings = fitted(index, lite0_extractor, 128, method="both")
        found.append(({name: tensor.clone() for name, tensor in detector.state_dict().items()}, findings))
    for tensors, findings in found[1:]:
        assert all(torch.equal(tensor, found[0][0][name]) for name, tensor in tensors.items())
        assert findings.normal_scores.scores.tobytes() == found[0][1].normal_scores.scores.tobytes()
        assert findings.anomaly_scores.scores.tobytes() == found[0][1].anomaly_scores.scores.tobytes()


def test_one_thread_is_left_again(threads: Callable[[int], None]) -> None:
    threads(2)
    with pytest.raises(ValueError), one_thread():
        assert torch.get_num_threads() == 1
        raise ValueError
    assert torch.get_num_threads() == 2
