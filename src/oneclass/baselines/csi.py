"""CSI (Tack et al. 2020): contrastive learning in which an image turned by 90° counts as another image.

A batch of B normal images is mirrored at random twice, each of these turned in four ways, and a random view taken of
each: 8 B images. The network has features, a projection z of 128 dimensions and a head that names the turn. The loss is
NT-Xent of z, where the only positive pair is the two views of one image in one turn, plus the cross-entropy of the
turn.

z_s(x) and l_s(x), the logit of the right turn, are averaged over 10 views of x in turn s. With m over the training
images, the score is minus 1 / 4 Σ_s [ λ_s max_m cos(z_s(x), z_s(m)) |z_s(x)| + μ_s l_s(x) ], where λ_s and μ_s are one
over the means of |z_s| and of l_s on the training images: what the authors call the ensemble of their scores.

As in the authors' code: ResNet-18 for 32 pixels, larger images averaged down to ``side``; 1,000 epochs by LARS with
momentum 0.9 and weight decay 1e-6; the learning rate rises tenfold to ``rate`` in the first hundredth of them and falls
along half a cosine. There a batch is 4 × 32 images on four GPUs and the loss compares all of them; here ``batch``. The
colours are changed in one order, as in torchvision with brightness first, by up to 0.07 of the circle of hues, which is
their 0.1 · 255 / 360, and the parts cut out are not rounded to pixels.
"""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from oneclass.baselines.resnet import ResNet18
from oneclass.baselines.transformations import TURNS, reduced
from oneclass.baselines.views import mirrored, view
from oneclass.seeds import derive
from oneclass.training.batches import CyclicSampler, epoch
from oneclass.training.contrastive import contrastive
from oneclass.training.descent import cosine, descend
from oneclass.training.optimisers import Lars
from oneclass.training.weights import drawn

DIMENSIONS, TEMPERATURE = 128, 0.5
MOMENTUM, WEIGHT_DECAY, WARM_UP = 0.9, 1e-6, 0.01  # of the epochs
SHARE, SHARE_AT_TEST = (0.08, 1.0), (0.54, 0.54)  # of an image's area that a view shows
TOGETHER = 128  # images that are scored at once


class Network(nn.Module):
    """Features, their projection and the logits of the turn."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.features = ResNet18(width)
        size = self.features.outputs
        self.projection = nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Linear(size, DIMENSIONS))
        self.turn = nn.Linear(size, TURNS)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """z [B, DIMENSIONS] and logits [B, 4] of images [B, 3, S, S] in [0, 1]."""
        y = self.features(x)
        return self.projection(y), self.turn(y)


def score_images(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    epochs: float,
    batch: float,
    rate: float,
    width: float,
    side: float,
    views: float,
) -> NDArray[np.float32]:
    """Scores [T] of ``test`` [T, 3, S, S], by so many ``views`` in each turn, after training on ``train``
    [N, 3, S, S], uint8."""
    train, test = (reduced(images, round(side)).to(device) for images in (train, test))
    network = drawn(partial(Network, width), derive(seed, "csi")).to(device)
    order, random = (Generator().manual_seed(derive(seed, f"csi {name}")) for name in ("order", "views"))
    nothing = CyclicSampler(0, order)  # no outliers
    batches = [rows for _ in range(round(epochs)) for rows, _ in epoch(len(train), nothing, round(batch), order)]
    rates = (learning_rate(rate, step, len(batches)) for step in range(len(batches)))

    def loss_of(rows: Tensor) -> Tensor:
        return loss(*network(shifted(train[rows.to(device)] / 255, random)))

    optimiser = Lars(network.parameters(), MOMENTUM, WEIGHT_DECAY)
    descend("CSI", optimiser, zip(batches, rates, strict=True), loss_of)
    network.eval()
    known, new = (seen(network, images, round(views), seed) for images in (train, test))
    return -normality(known, new).numpy()


def learning_rate(rate: float, step: int, steps: int) -> float:
    """From a tenth of ``rate`` up to it, then down along half a cosine that would end ``WARM_UP`` later."""
    rising = WARM_UP * steps
    if step < rising:
        return rate * (0.1 + 0.9 * step / rising)
    return cosine(rate, 0, step - rising, steps)


def shifted(images: Tensor, random: Generator) -> Tensor:
    """Two views of ``images`` [B, 3, S, S] in each turn, [8 B, 3, S, S]: the first views of all in turn 0, in turn 1
    and so on, then the second ones."""
    turned = [turns(mirrored(images, random)) for _ in range(2)]
    return view(torch.cat(turned), SHARE, random)


def turns(images: Tensor) -> Tensor:
    """``images`` in each turn, [4 B, ...]."""
    return torch.cat([torch.rot90(images, turn, (2, 3)) for turn in range(TURNS)])


def loss(z: Tensor, logits: Tensor) -> Tensor:
    """NT-Xent of the two views, and the cross-entropy of the turns; [8 B, ...] each, as ``shifted`` has them."""
    turn = torch.arange(TURNS, device=z.device).repeat_interleave(len(z) // (2 * TURNS)).repeat(2)
    return contrastive(normalize(z), TEMPERATURE) + cross_entropy(logits, turn)


@torch.no_grad()
def seen(network: Network, images: Tensor, views: int, seed: int) -> tuple[Tensor, Tensor]:
    """The mean z [4, N, D] and logit of the right turn [4, N] of ``images`` in each turn, over random views; on the
    CPU."""
    found = []
    for start, part in zip(range(0, len(images), TOGETHER), images.split(TOGETHER), strict=True):
        random = Generator().manual_seed(derive(seed, "csi scoring", start))
        total = [torch.zeros(()), torch.zeros(())]
        for _ in range(views):
            seen_now = view(turns(mirrored(part / 255, random)), SHARE_AT_TEST, random)
            z, logits = (values.cpu().unflatten(0, (TURNS, -1)) for values in network(seen_now))
            right = logits.diagonal(dim1=0, dim2=2).T
            total = [before + now / views for before, now in zip(total, (z, right), strict=True)]
        found.append(total)
    z, right = (torch.cat(parts, 1) for parts in zip(*found, strict=True))
    return z, right


def normality(known: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor]) -> Tensor:
    """The ensemble score [T] of ``new`` images, by those of the training images ``known``: z [4, ., D] and logits of
    the right turn [4, .] each."""
    likeness = (new[0] @ normalize(known[0], dim=2).mT).amax(2)  # the cosine times |z|
    contrast = likeness / known[0].norm(dim=2).mean(1, keepdim=True)
    turn = new[1] / known[1].mean(1, keepdim=True)
    return (contrast + turn).mean(0)
