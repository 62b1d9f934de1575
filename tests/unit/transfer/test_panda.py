"""PANDA on cached activations is PANDA on the whole network; its terms are the paper's formulas."""

import copy

import pytest
import torch
from torch import Generator, Tensor, nn
from torch.nn.utils import clip_grad_norm_

from oneclass.transfer import panda
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import Descent, batches, features

DESCENT = Descent(4, 5, 0.5, 0.9, 5e-5, 1e-2)
TRAIN = torch.arange(1, 12)


def seeded() -> Generator:
    return Generator().manual_seed(3)


def whole(network: nn.Module) -> nn.Module:
    """The authors' set-up: all of the network, in evaluation mode, the early layers not trained."""
    literal = copy.deepcopy(network)
    literal.reset_classifier(0)
    for name, parameter in literal.named_parameters():
        parameter.requires_grad = name.startswith(("layer3", "layer4"))
    return literal.eval()


def normalised(parts: Split, pixels: Tensor) -> Tensor:
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (parts.front.mean, parts.front.std))
    return (pixels[:, :, 4:36, 4:36] / 255 - mean) / std


def test_early_is_the_literal_training(network: nn.Module, parts: Split, images: Images, pixels: Tensor) -> None:
    literal, x = whole(network), normalised(parts, pixels)
    optimiser = torch.optim.SGD(literal.parameters(), lr=0.5, momentum=0.9, weight_decay=5e-5)
    with torch.no_grad():
        before = literal(x)
    center = before[TRAIN].mean(0)
    for rows in batches(len(TRAIN), DESCENT, seeded()):
        optimiser.zero_grad()
        z = literal(x[TRAIN[rows]])
        ((z - center).norm(dim=1).pow(2) / z.shape[1]).mean().backward()
        clip_grad_norm_(literal.parameters(), 1e-2)
        optimiser.step()
    tuned = panda.early(parts, images, TRAIN, before[TRAIN], DESCENT, seeded())
    with torch.no_grad():
        after = literal(x)
    assert (after - before).abs().max() > 1e-3
    torch.testing.assert_close(features(tuned, images, torch.arange(12)), after, rtol=1e-3, atol=1e-4)


def test_compactness_falls_and_consolidation_holds_back(parts: Split, images: Images) -> None:
    def moved(tuned: nn.Module) -> float:
        pairs = zip(tuned.parameters(), parts.back.parameters(), strict=True)
        return sum((p - q).detach().square().sum().item() for p, q in pairs)

    descent = Descent(10, 5, 0.02, 0.9, 5e-5, 1e-2)
    start = features(parts.trainable(), images, TRAIN)
    free = panda.early(parts, images, TRAIN, start, descent, seeded())
    assert panda.compactness(features(free, images, TRAIN), start.mean(0)) < panda.compactness(start, start.mean(0))
    information = [torch.ones_like(parameter) for parameter in parts.back.parameters()]
    held = panda.ewc(parts, images, TRAIN, start, descent, seeded(), 1e4, information)
    loose = panda.ewc(parts, images, TRAIN, start, descent, seeded(), 1e-9, information)
    assert moved(held) < 0.9 * moved(loose)
    assert moved(loose) == pytest.approx(moved(free), rel=1e-3)


def test_consolidation() -> None:
    theta, initial, information = [torch.tensor([1.0, 2.0])], [torch.tensor([0.0, 4.0])], [torch.tensor([3.0, 0.5])]
    assert panda.consolidation(theta, initial, information).item() == (3 * 1 + 0.5 * 4) / 2


def test_fisher_is_the_mean_squared_gradient(parts: Split, images: Images) -> None:
    rows = torch.tensor([2, 7])
    found = panda.fisher(parts, images, rows, seeded())
    back, random = parts.trainable(), seeded()
    expected = [torch.zeros_like(p) for p in back.parameters()]
    for row in rows:
        back.zero_grad()
        probability = parts.classifier(back(images.activations(row[None]))).softmax(1)[0]
        label = torch.multinomial(probability.detach(), 1, generator=random)
        (-probability[label].log()).sum().backward()
        for total, parameter in zip(expected, back.parameters(), strict=True):
            assert parameter.grad is not None
            total += parameter.grad**2 / 2
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-7)
    assert all((f >= 0).all() for f in found) and sum(float(f.sum()) for f in found) > 0


def test_with_outliers_the_score_tells_them(parts: Split, images: Images, pixels: Tensor) -> None:
    pool = Images(pixels // 8, 32, parts.front, 100, "cpu")  # dark ones
    descent = Descent(30, 5, 0.05, 0.9, 0, 1.0)
    tuned = panda.exposed(parts, (images, pool), (TRAIN, torch.arange(12)), descent, seeded())
    normal, outliers = (features(tuned, shown, torch.arange(12)) for shown in (images, pool))
    assert normal.shape == (12,) and normal.max() < outliers.min()
    again = panda.exposed(parts, (images, pool), (TRAIN, torch.arange(12)), descent, seeded())
    torch.testing.assert_close(features(again, images, TRAIN), normal[1:], rtol=0, atol=0)
