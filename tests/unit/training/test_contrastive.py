"""NT-Xent against its formula."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from oneclass.training.contrastive import contrastive


def test_each_view_is_compared_with_all_others() -> None:
    theta = normalize(torch.randn(6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    total = 0.0
    for i in range(6):
        others = sum(math.exp(theta[i] @ theta[k] / 0.5) for k in range(6) if k != i)
        total -= math.log(math.exp(theta[i] @ theta[(i + 3) % 6] / 0.5) / others)
    assert float(contrastive(theta, 0.5)) == pytest.approx(total / 6)
