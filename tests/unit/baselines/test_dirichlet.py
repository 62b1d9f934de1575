"""Maximum likelihood against its own condition, and against distributions that are known."""

import pytest
import torch
from scipy.stats import dirichlet as reference

from oneclass.baselines import dirichlet


def test_the_inverse_of_digamma() -> None:
    x = torch.tensor([1e-4, 0.03, 0.5, 1.0, 7.0, 500.0], dtype=torch.float64)
    torch.testing.assert_close(dirichlet.inverse_digamma(torch.digamma(x)), x)


def test_a_fit_is_where_no_parameter_makes_the_samples_likelier() -> None:
    p = torch.rand(50, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    p /= p.sum(1, keepdim=True)
    alpha = dirichlet.fit(p.mean(0), p.log().mean(0))

    def likelihood(parameters: torch.Tensor) -> float:
        return float(reference.logpdf(p.numpy().T, parameters.numpy()).mean())

    best = likelihood(alpha)
    for j in range(4):
        for factor in (0.98, 1.02):
            changed = alpha.clone()
            changed[j] *= factor
            assert likelihood(changed) < best


def test_many_samples_give_back_the_parameters_each_of_several() -> None:
    true = torch.tensor([[0.2, 1.0, 3.0], [5.0, 5.0, 0.5]], dtype=torch.float64)
    p = torch.stack([torch.from_numpy(reference.rvs(one.numpy(), 20000, random_state=1)) for one in true])
    found = dirichlet.fit(p.mean(1), p.log().mean(1))
    assert found.numpy() == pytest.approx(true.numpy(), rel=0.05)
