"""GT (Golan and El-Yaniv 2018): a classifier tells 72 geometric transformations of normal images from each other.

T_1 to T_K are all combinations of mirrored or not, moved by a quarter of the side in either direction or not, and
turned by a multiple of 90°. A Wide ResNet learns which of them each normal image was put through. Its answers
y(T_k(x)) to the normal images follow a Dirichlet distribution with parameters alpha_k, fitted by maximum likelihood,
and an image is as normal as its answers are likely, up to constants: 1 / K Σ_k Σ_j (alpha_kj - 1) log y_j(T_k(x)).
The score is minus that.

As in the authors' code, each normal image is seen under each transformation in each of 3 epochs, by Adam in batches of
128, with a weight decay of 0.0005, and the network is a Wide ResNet 10-4. Theirs is a 16-8 (``blocks`` 2, ``width`` 8)
for images of 64 pixels; here ``side`` is the greatest size, and larger images are averaged down to it. They repeat the
pixels on the border where a move leaves nothing, and round the number of epochs up from 200 / 72.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from oneclass.baselines import dirichlet
from oneclass.baselines.transformations import ALL, reduced, tables, transformed
from oneclass.baselines.wide_resnet import WideResNet
from oneclass.seeds import derive
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

BATCH, LEARNING_RATE, WEIGHT_DECAY = 128, 1e-3, 5e-4
TOGETHER = 256  # images that are scored at once


def score_images(
    train: Tensor, test: Tensor, seed: int, device: str, *, epochs: float, blocks: float, width: float, side: float
) -> NDArray[np.float32]:
    """Scores [T] of ``test`` [T, 3, S, S] after training on ``train`` [N, 3, S, S], uint8."""
    train, test = (reduced(images, round(side)).to(device) for images in (train, test))
    by = tables(ALL, train.shape[-1]).to(device)
    network = drawn(partial(WideResNet, round(blocks), width, [len(ALL)]), derive(seed, "gt")).to(device)

    def loss(rows: Tensor) -> Tensor:
        rows = rows.to(device)
        images, kinds = rows.div(len(ALL), rounding_mode="floor"), rows % len(ALL)
        return cross_entropy(network(transformed(train[images], by[kinds]))[0], kinds)

    orders = batches(len(train) * len(ALL), round(epochs), Generator().manual_seed(derive(seed, "gt order")))
    descend("GT", Adam(network.parameters(), WEIGHT_DECAY), ((rows, LEARNING_RATE) for rows in orders), loss)
    network.eval()
    alpha = fit(network, train, by)
    scores = [-score(log_answers(network, part, by), alpha) for part in test.split(TOGETHER)]
    return torch.cat(scores).float().numpy()


def batches(count: int, epochs: int, random: Generator) -> Iterator[Tensor]:
    """Positions below ``count``, int64 [B], each once in an epoch."""
    for _ in range(epochs):
        yield from torch.randperm(count, generator=random).split(BATCH)


@torch.no_grad()
def log_answers(network: WideResNet, images: Tensor, by: Tensor) -> Tensor:
    """The logarithms of the probabilities that ``network`` gives to ``images`` [B, 3, S, S] put through each of the
    transformations ``by`` [K, S · S]; float64 [K, B, K] on the CPU."""
    logits = torch.stack([network(transformed(images, table))[0].cpu() for table in by])
    return logits.double().log_softmax(-1)


def fit(network: WideResNet, train: Tensor, by: Tensor) -> Tensor:
    """The parameters alpha of the Dirichlet distributions of the normal images' answers, [K, K]."""
    mean, mean_log = torch.zeros(2, len(by), len(by), dtype=torch.float64)
    for part in train.split(TOGETHER):
        answers = log_answers(network, part, by)
        mean += answers.exp().sum(1) / len(train)
        mean_log += answers.sum(1) / len(train)
    return dirichlet.fit(mean, mean_log)


def score(answers: Tensor, alpha: Tensor) -> Tensor:
    """The normality [B] of images with these log-probabilities [K, B, K]: 1 / K Σ_k Σ_j (alpha_kj - 1) log y_j."""
    return torch.einsum("kj,kbj->b", alpha - 1, answers) / len(alpha)
