"""The mean-shifted contrastive loss, "MS" (Reiss and Hoshen, AAAI 2023).

φ is normalised to length 1, and c is the normalised mean of the normal training images' initial φ. Two augmented views
of each image are compared around c: θ = (φ - c) / ‖φ - c‖, and of a batch of B images, 2 B views, each view i with
its other view j has the loss -log( exp(θᵢ·θⱼ / τ) / Σ_{k≠i} exp(θᵢ·θₖ / τ) ). The angular loss keeps φ near c:
‖φ - c‖² = 2 - 2 φ·c for each of the two views, as in the authors' code. The score is kNN by cosine.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from torch import Generator, Tensor, nn
from torch.nn.functional import normalize

from oneclass.training.contrastive import contrastive
from oneclass.transfer.blocks import Split
from oneclass.transfer.images import Images
from oneclass.transfer.tuning import Descent, batches, fine_tune
from oneclass.transfer.views import pairs

NEIGHBOURS = 2


@dataclass(frozen=True)
class Settings:
    """Its schedule has neither momentum nor clipping in the authors' code."""

    schedule: Descent
    temperature: float


def tune(
    split: Split,
    images: Images,
    train: Tensor,
    first: Tensor,
    settings: Settings,
    order: Generator,
    seed: Callable[[int, int], int],
    workers: Executor,
) -> nn.Module:
    """The last blocks, fine-tuned on the normal images at ``train`` [N], whose initial features are ``first`` [N, D];
    their outputs are not yet normalised.

    ``workers`` make the views, each from its own ``seed`` (of the step and of the view within it).
    """
    back, center = split.trainable(), normalize(normalize(first).mean(0), dim=0)

    def loss(views: Tensor) -> Tensor:
        return objective(back(images.activations_of(views)), center, settings.temperature)

    schedule = settings.schedule
    orders = (train[rows] for rows in batches(len(train), schedule, order))
    seen = pairs(images.pixels, images.size, orders, seed, workers)
    return fine_tune(back, list(back.parameters()), loss, seen, schedule)


def objective(z: Tensor, center: Tensor, temperature: float) -> Tensor:
    """The contrastive and the angular loss of ``z`` [2 B, D]: the first views of B images, then their second views."""
    phi = normalize(z)
    return contrastive(normalize(phi - center), temperature) + 2 * (2 - 2 * (phi @ center).mean())


def score(train: Tensor, test: Tensor) -> Tensor:
    """Mean cosine distance [T] of ``test`` [T, D] to the two nearest of the normal ``train`` [N, D]."""
    cosines = normalize(test) @ normalize(train).T
    return 1 - cosines.topk(min(NEIGHBOURS, len(train)), dim=1).values.mean(1)
