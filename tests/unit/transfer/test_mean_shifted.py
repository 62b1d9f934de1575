"""The loss is the authors' expression, and training lowers it."""

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Generator, Tensor
from torch.nn.functional import normalize

from oneclass.transfer import mean_shifted
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import Descent, features
from oneclass.transfer.views import pairs


def literal(one: Tensor, two: Tensor, center: Tensor, temperature: float) -> Tensor:
    """The loss of two views [B, D], written out."""
    phi = [z / z.norm() for z in [*one, *two]]
    theta = [(p - center) / (p - center).norm() for p in phi]
    count, total = len(theta), torch.zeros(())
    for i in range(count):
        j = (i + count // 2) % count
        others = sum(torch.exp(theta[i] @ theta[k] / temperature) for k in range(count) if k != i)
        total = total - torch.log(torch.exp(theta[i] @ theta[j] / temperature) / others) / count
    angular = [
        torch.stack([(p - center).square().sum() for p in part]).mean() for part in (phi[: len(one)], phi[len(one) :])
    ]
    return total + angular[0] + angular[1]


def test_objective() -> None:
    torch.manual_seed(0)
    one, two, center = torch.randn(4, 6), torch.randn(4, 6), normalize(torch.randn(6), dim=0)
    found = mean_shifted.objective(torch.cat([one, two]), center, 0.25)
    torch.testing.assert_close(found, literal(one, two, center, 0.25))


def test_score_is_the_mean_cosine_distance_to_two_neighbours() -> None:
    train, test = torch.tensor([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0]]), torch.tensor([[5.0, 0.0], [-1.0, -1.0]])
    root = 0.5**0.5
    torch.testing.assert_close(mean_shifted.score(train, test), torch.tensor([1 - 1 / 2, 1 - (root - root) / 2]))
    torch.testing.assert_close(mean_shifted.score(train[:1], test), torch.tensor([0.0, 1 + root]))


def test_training_lowers_the_loss(parts: Split, images: Images, pixels: Tensor) -> None:
    rows = torch.arange(12)
    settings = mean_shifted.Settings(Descent(15, 12, 0.005, 0, 0, None), 0.25)
    first = features(parts.trainable(), images, rows)
    with ThreadPoolExecutor(2) as workers:
        order = Generator().manual_seed(1)
        tuned = mean_shifted.tune(parts, images, rows, first, settings, order, lambda step, k: 100 * step + k, workers)
        [views] = pairs(pixels, 32, iter([rows]), lambda step, k: 10**6 + k, workers)
    center = normalize(normalize(first).mean(0), dim=0)
    fresh = images.activations_of(views)
    with torch.no_grad():
        before, after = (mean_shifted.objective(back(fresh), center, 0.25) for back in (parts.trainable(), tuned))
    assert after < before
