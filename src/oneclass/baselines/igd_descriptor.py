"""What IGD learns of images or of their patches: see ``igd``, whose names for losses are used here."""

from collections.abc import Callable, Iterable

import torch
from torch import Generator, Tensor, nn

from oneclass.baselines.igd_networks import Critic, Decoder
from oneclass.baselines.similarity import Similarity
from oneclass.exposure.losses.dsvdd import Loss
from oneclass.features.backbone import Backbone
from oneclass.training.augment import GREY
from oneclass.training.batches import CyclicSampler, epoch
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

LATENT = 128
LEARNING_RATE, POWER, BETAS, WEIGHT_DECAY = 1e-4, 0.9, (0.0, 0.9), 1e-6
STRUCTURE, INTERPOLATED, TOWARDS = 0.85, 0.1, 0.2
EVERY = 10  # epochs between two estimates of centre and scale
TOGETHER = 64  # pieces at a time where nothing is trained

Cut = Callable[[Tensor, Generator | None], Tensor]  # the pieces of a batch of images; without a generator, all of them


class Descriptor:
    """Of pieces uint8 [B, 3, side, side]: whole images or patches."""

    def __init__(self, backbone: Backbone, side: int, window: int, width: float, seed: int, device: str) -> None:
        self._backbone, self._device = backbone, device
        backbone.network.to(device)
        self._mean, self._std = (torch.tensor(v, device=device).view(3, 1, 1) for v in (backbone.mean, backbone.std))
        self._span = float(((1 - self._mean) / self._std).max() + (self._mean / self._std).max())
        self._similarity = Similarity(side, window, self._span)
        features = self._features(torch.zeros(1, 3, side, side, dtype=torch.uint8)).shape[1]
        self._latent, self._decoder, self._critic = drawn(
            lambda: (nn.Linear(features, LATENT), Decoder(LATENT, side, width), Critic(side, width)), seed
        )
        for part in (self._latent, self._decoder, self._critic):
            part.to(device)
        self._gaussian, self._scale = Loss(), torch.ones((), device=device)

    def fit(self, images: Tensor, batch: int, cut: Cut, epochs: int, random: Generator) -> None:
        """Learn the pieces that ``cut`` takes of ``images``; raises ``ValueError`` where a loss is not finite."""
        generating = [*self._latent.parameters(), *self._decoder.parameters()]
        judging = list(self._critic.parameters())
        generator, critic = Adam(generating, WEIGHT_DECAY, BETAS), Adam(judging, 0, BETAS)
        none, parts = CyclicSampler(0, random), images.split(batch)
        self.estimate(cut(part, None) for part in parts)
        for number in range(epochs):
            if number and number % EVERY == 0:
                self.estimate(cut(part, None) for part in parts)
            orders = list(epoch(len(images), none, batch, random))
            for step, (rows, _) in enumerate(orders):
                rate = LEARNING_RATE * (1 - (number + step / len(orders)) / epochs) ** POWER
                pieces = cut(_mirrored(images[rows], random), random)
                own, others = self.losses(pieces, torch.rand(len(pieces), generator=random) / 2)
                if not torch.isfinite(own + others):
                    raise ValueError(f"IGD diverged in epoch {number}")
                gradients = torch.autograd.grad(own, generating)
                critic.step(torch.autograd.grad(others, judging), rate)
                generator.step(gradients, rate)
        self._decoder.eval()

    @torch.no_grad()
    def estimate(self, batches: Iterable[Tensor]) -> None:
        """Centre and scale of the Gaussian, of pieces in ``batches``."""
        z = torch.cat([self._latent(self._features(part)) for pieces in batches for part in pieces.split(TOGETHER)])
        self._gaussian = Loss().start([z])
        self._scale = self._gaussian.score(z).mean().clamp(min=1)

    def losses(self, pieces: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        """What encoder and decoder minimise, and what the critic does; ``share`` [B] is a of each of ``pieces``."""
        share = share.to(self._device)
        x, z = self._pixels(pieces), self._latent(self._features(pieces))
        decoded = self._decoder(z)
        mixed = self._decoder(torch.lerp(z.flip(0), z, share[:, None]))
        own = self._error(x, decoded).mean() + self._outside(z).mean()
        own = own + INTERPOLATED * self._critic(mixed).square().mean()
        decoded, mixed = decoded.detach(), mixed.detach()
        others = (self._critic(mixed) - share).square().mean()
        return own, others + self._critic(torch.lerp(decoded, x, TOWARDS)).square().mean()

    @torch.no_grad()
    def scores(self, pieces: Tensor, reconstruction: float) -> Tensor:
        """``reconstruction`` · L_rec + (1 - ``reconstruction``) · L_gauss of each, [B]."""
        x, y, outside = self._decoded(pieces)
        return torch.lerp(outside, self._error(x, y), reconstruction)

    @torch.no_grad()
    def maps(self, pieces: Tensor, reconstruction: float) -> Tensor:
        """The same with L_rec at each pixel, in grey, [B, side, side]."""
        x, y, outside = self._decoded(pieces)
        residual = STRUCTURE * self._similarity.residual(x, y) + (1 - STRUCTURE) * (x - y).abs() / self._span
        grey = torch.einsum("c,bchw->bhw", x.new_tensor(GREY), residual)
        return torch.lerp(outside[:, None, None].expand_as(grey), grey, reconstruction)

    def _decoded(self, pieces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x, x̂ and L_gauss of ``pieces``."""
        z = self._latent(self._features(pieces))
        return self._pixels(pieces), self._decoder(z), self._outside(z)

    def _error(self, x: Tensor, y: Tensor) -> Tensor:
        difference = (x - y).abs().mean((1, 2, 3)) / self._span
        return STRUCTURE * (1 - self._similarity.ms_ssim(x, y)) + (1 - STRUCTURE) * difference

    def _outside(self, z: Tensor) -> Tensor:
        return 1 - torch.exp(-self._gaussian.score(z) / self._scale)

    def _pixels(self, pieces: Tensor) -> Tensor:
        return (pieces.to(self._device).float() / 255 - self._mean) / self._std

    @torch.no_grad()
    def _features(self, pieces: Tensor) -> Tensor:
        return self._backbone.features(pieces.to(self._device), [])[0]


def _mirrored(images: Tensor, random: Generator) -> Tensor:
    """Half of ``images``, left to right."""
    half = torch.rand(len(images), 1, 1, 1, generator=random) < 0.5
    return torch.where(half, images.flip(3), images)
