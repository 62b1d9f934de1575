"""PANDA (Reiss et al., CVPR 2021): pretrained features, made more compact on normal images.

The last blocks minimise mean ‖φ(x) - c‖² / D, with c the mean of the normal training images' initial features; the
score is that of DN2 (kNN) on what φ has become. Two remedies against collapse: a fixed, small number of steps
(PANDA-Early), or elastic weight consolidation (PANDA-EWC). With outliers (PANDA-OE), a linear layer on φ is trained
along with it to tell them from normal images. The division by D is the authors' code's; the paper's formula is without.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from oneclass.training.batches import CyclicSampler
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import Descent, batches, features, fine_tune


@dataclass(frozen=True)
class Settings:
    """``schedule`` of PANDA-Early; the other two have their own number of steps, and outliers no weight decay."""

    schedule: Descent
    ewc_steps: int
    oe_steps: int
    ewc: float  # λ
    fisher_images: int

    @property
    def with_ewc(self) -> Descent:
        """The schedule of PANDA-EWC."""
        return replace(self.schedule, steps=self.ewc_steps)

    @property
    def with_outliers(self) -> Descent:
        """The schedule of PANDA-OE."""
        return replace(self.schedule, steps=self.oe_steps, weight_decay=0)


def early(split: Split, images: Images, train: Tensor, first: Tensor, schedule: Descent, order: Generator) -> nn.Module:
    """The last blocks after ``schedule.steps`` steps on the compactness of the normal images at ``train`` [N], whose
    initial features are ``first`` [N, D]."""
    back, center = split.trainable(), first.mean(0)

    def loss(rows: Tensor) -> Tensor:
        return compactness(back(images.activations(train[rows])), center)

    return fine_tune(back, list(back.parameters()), loss, batches(len(train), schedule, order), schedule)


def ewc(
    split: Split,
    images: Images,
    train: Tensor,
    first: Tensor,
    schedule: Descent,
    order: Generator,
    strength: float,
    information: list[Tensor],
) -> nn.Module:
    """The same with elastic weight consolidation, ``information`` being ``fisher`` of the initial weights."""
    back, center = split.trainable(), first.mean(0)
    parameters, initial = list(back.parameters()), list(split.back.parameters())

    def loss(rows: Tensor) -> Tensor:
        moved = compactness(back(images.activations(train[rows])), center)
        return moved + strength * consolidation(parameters, initial, information)

    return fine_tune(back, parameters, loss, batches(len(train), schedule, order), schedule)


def exposed(
    split: Split,
    images: tuple[Images, Images],
    rows: tuple[Tensor, Tensor],
    schedule: Descent,
    order: Generator,
) -> nn.Module:
    """Blocks and a linear layer [B] that tell the normal ``images`` at ``rows`` from outliers, as many a batch."""
    (normal, pool), (train, outliers) = images, rows
    back = split.trainable()
    head = _linear(features(back, normal, train[:1]).shape[1], order).to(next(back.parameters()).device)
    classifier = nn.Sequential(back, head, nn.Flatten(0))
    sampler = CyclicSampler(len(outliers), order)

    def loss(rows: Tensor) -> Tensor:
        other = sampler.take(len(rows))
        logits = classifier(torch.cat([normal.activations(train[rows]), pool.activations(outliers[other])]))
        targets = (torch.arange(len(logits), device=logits.device) >= len(rows)).to(logits.dtype)
        return binary_cross_entropy_with_logits(logits, targets)

    return fine_tune(classifier, list(classifier.parameters()), loss, batches(len(train), schedule, order), schedule)


def compactness(z: Tensor, center: Tensor) -> Tensor:
    """mean ‖z - c‖² / D of ``z`` [B, D]."""
    return (z - center).square().mean()


def consolidation(parameters: Sequence[Tensor], initial: Sequence[Tensor], information: Sequence[Tensor]) -> Tensor:
    """Σ F (θ - θ₀)² / 2."""
    terms = [(f * (p - q).square()).sum() for p, q, f in zip(parameters, initial, information, strict=True)]
    return torch.stack(terms).sum() / 2


def fisher(split: Split, images: Images, rows: Tensor, random: Generator) -> list[Tensor]:
    """Diagonal Fisher information of the initial weights: mean (∂ log p(y|x) / ∂θ)² over the images at ``rows``.

    The authors' is that of the pretraining images, ImageNet. They are not at hand here, so x are the normal training
    images, and y is drawn from what the pretrained classifier itself predicts for x.
    """
    back = split.trainable()
    parameters = list(back.parameters())
    total = [torch.zeros_like(parameter) for parameter in parameters]
    for row in rows:
        likelihood = log_softmax(split.classifier(back(images.activations(row[None]))), dim=1)[0]
        drawn = int(torch.multinomial(likelihood.detach().exp().cpu(), 1, generator=random))
        gradients = torch.autograd.grad(likelihood[drawn], parameters, materialize_grads=True)
        torch._foreach_addcmul_(total, gradients, gradients, value=1 / len(rows))
    return total


def _linear(inputs: int, random: Generator) -> nn.Linear:
    """PyTorch's initialisation of a linear layer, from a generator."""
    layer = nn.utils.skip_init(nn.Linear, inputs, 1)
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            parameter.uniform_(-(inputs**-0.5), inputs**-0.5, generator=random)
    return layer
