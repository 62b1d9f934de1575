"""DRAEM (Zavrtanik et al. 2021): one network removes what was pasted into normal images, another one segments it.

With a normal image I, the same with pieces of a texture I_a, and their mask M (``pasting``), the reconstructive network
gives I_r from I_a, and the discriminative one, from I_r and I_a side by side, the probability p of M at each pixel:

    loss = mean (I_r - I)² + 1 - mean SSIM(I_r, I) + mean of -(1 - q)² log q,   q = p where M = 1, else 1 - p.

The anomaly map is p. Schedule, first weights and changes of textures are those of the authors' code, which draws an
image as often as there are images, at random, in an epoch. Left out: changes of brightness in other colour spaces, the
cut of the tails in autocontrast; saturation is changed by a factor. In the paper the textures are photographs of DTD.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, log_softmax, mse_loss

from oneclass.baselines.pasting import example
from oneclass.baselines.unets import untrained
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

BATCH = 8
MILESTONES, FALL = (0.8, 0.9), 0.2  # of training, after which the learning rate falls, and to which share
WINDOW, SIGMA = 11, 1.5  # pixels a side of SSIM's Gaussian window
C1, C2 = 0.01**2, 0.03**2  # SSIM's constants, for images in [0, 1]


def localise(
    train: Tensor,
    test: Tensor,
    seed: int,
    device: str,
    *,
    textures: Tensor,
    epochs: float = 700,
    width: float = 1,
    shrink: float = 1,
    learning_rate: float = 1e-4,
) -> NDArray[np.float32]:
    """Anomaly maps [T, s, s] of ``test`` [T, 3, S, S] after training on ``train`` [N, 3, S, S] with pieces of
    ``textures`` [M, 3, S, S], uint8.

    ``width`` is a factor on the layers' channels; images are averaged over ``shrink`` by ``shrink`` pixels first.
    Raises ``ValueError`` where the loss is not finite.
    """
    train, test, textures = (shrunk(images, max(1, round(shrink))) for images in (train, test, textures))
    networks = trained(train, textures, seed, device, round(epochs * len(train) / BATCH), width, learning_rate)
    return maps(networks, test, device)


def trained(
    train: Tensor, textures: Tensor, seed: int, device: str, steps: int, width: float, learning_rate: float
) -> nn.ModuleList:
    """Both networks after ``steps`` batches, ready for use."""
    networks = drawn(lambda: untrained(width), derive(seed, "draem", "weights")).to(device)
    random = np.random.default_rng(derive(seed, "draem", "examples"))

    def loss_of(step: int) -> Tensor:
        pairs = zip(random.integers(len(train), size=BATCH), random.integers(len(textures), size=BATCH), strict=True)
        batch = zip(*(example(train[image], textures[texture], random) for image, texture in pairs), strict=True)
        return loss(networks, *(torch.stack(part).to(device) for part in batch))

    fallen = (FALL ** sum(step >= milestone * steps for milestone in MILESTONES) for step in range(steps))
    rates = ((step, learning_rate * share) for step, share in enumerate(fallen))
    descend("DRAEM", Adam(networks.parameters()), rates, loss_of)
    return networks.eval()


def loss(networks: nn.ModuleList, normal: Tensor, pasted: Tensor, mask: Tensor) -> Tensor:
    """The loss of images ``normal`` and ``pasted`` [B, 3, H, W], with ``mask`` [B, H, W]."""
    reconstructed, logits = both(networks, pasted)
    return mse_loss(reconstructed, normal) + 1 - ssim(reconstructed, normal).mean() + focal(logits, mask)


def both(networks: nn.ModuleList, images: Tensor) -> tuple[Tensor, Tensor]:
    """The reconstruction [B, 3, H, W] of ``images``, and the logits [B, 2, H, W] of what is anomalous in them."""
    reconstructive, discriminative = networks
    reconstructed = reconstructive(images)
    return reconstructed, discriminative(torch.cat([reconstructed, images], dim=1))


def focal(logits: Tensor, mask: Tensor) -> Tensor:
    """The mean focal loss (γ = 2) of ``logits`` [B, 2, H, W]."""
    chosen = log_softmax(logits, dim=1).gather(1, mask.long()[:, None])
    return -((1 - chosen.exp()).square() * chosen).mean()


def ssim(one: Tensor, other: Tensor) -> Tensor:
    """Structural similarity [B, C, H, W] of two batches of images in [0, 1] (Wang et al. 2004); around them is 0."""
    place = torch.arange(WINDOW, device=one.device, dtype=one.dtype) - WINDOW // 2
    weights = torch.exp(-place.square() / (2 * SIGMA**2))
    weights = weights / weights.sum()
    moments = torch.stack([one, other, one * one, other * other, one * other])
    rows = conv2d(moments.flatten(0, 2)[:, None], weights.view(1, 1, -1, 1), padding=(WINDOW // 2, 0))
    averaged = conv2d(rows, weights.view(1, 1, 1, -1), padding=(0, WINDOW // 2)).view_as(moments)
    a, b, aa, bb, ab = averaged
    similar = (2 * a * b + C1) * (2 * (ab - a * b) + C2)
    return similar / ((a * a + b * b + C1) * (aa - a * a + bb - b * b + C2))


@torch.no_grad()
def maps(networks: nn.ModuleList, images: Tensor, device: str) -> NDArray[np.float32]:
    """The probability [T, H, W] that each pixel of ``images`` [T, 3, H, W] is anomalous."""
    parts = [both(networks, (some / 255).to(device))[1].softmax(1)[:, 1].cpu() for some in images.split(BATCH)]
    return torch.cat(parts).numpy()


def shrunk(images: Tensor, factor: int) -> Tensor:
    """``images`` uint8 [N, 3, S, S], averaged over squares of ``factor`` pixels a side."""
    if factor == 1:
        return images
    return torch.cat([avg_pool2d(some.float(), factor).round().byte() for some in images.split(64)])
