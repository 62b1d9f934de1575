"""A miniature CLIP: open_clip's model, tokeniser and loss, trained in seconds on captioned images of a few classes.

A batch is made of groups. A group has one image of each class, captioned with its class by a template drawn for it, and
one image of any class with a neutral caption ("a photo of something"); the contrastive loss is taken within each group.
So no image in a group fits the caption of another one of a named class, as two of a class would; and a neutral caption
comes to be between all classes, since every image fits it a little.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip import CLIP, ClipLoss, SimpleTokenizer
from torch import Generator, Tensor, nn
from tqdm import tqdm

from oneclass import tensors
from oneclass.clip.models import Clip, file_sha256
from oneclass.clip.prompts import Prompts
from oneclass.seeds import derive
from oneclass.training.augment import random_crop
from oneclass.training.batches import CyclicSampler
from oneclass.training.descent import descend
from oneclass.training.optimisers import Adam
from oneclass.training.weights import drawn

SIDE = 32
CONTEXT = 16  # tokens
SHIFT = 2  # pixels either way, of a training image
WARM_UP = 20  # steps
ARCHITECTURE: dict[str, Any] = {
    "embed_dim": 64,
    "quick_gelu": True,
    "vision_cfg": {"image_size": SIDE, "layers": [1, 1, 1, 1], "width": 16},  # a ResNet, as in CLIP's RN50
    "text_cfg": {"context_length": CONTEXT, "width": 64, "heads": 4, "layers": 2},
}


@dataclass(frozen=True)
class Plan:
    """``captions`` are templates, ``neutral`` fits any image; ``batch_size`` counts groups."""

    captions: Sequence[str]
    neutral: Sequence[str]
    class_names: Mapping[str, str]
    epochs: int
    batch_size: int
    learning_rate: float


def train(
    images: NDArray[np.uint8], names: NDArray[np.object_], plan: Plan, seed: int, *, shuffled: bool, device: str
) -> nn.Module:
    """A CLIP trained on ``images`` [N, 3, 32, 32] of classes ``names`` [N]; for a control these are ``shuffled``."""
    classes, codes = np.unique(names, return_inverse=True)
    if shuffled:
        codes = np.random.default_rng(derive(seed, "shuffled captions")).permutation(codes)
    network = drawn(lambda: CLIP(**ARCHITECTURE), derive(seed, "weights")).to(device)
    prompts = Prompts(plan.captions, "", plan.class_names)
    captions = [prompts.text(caption, name) for name in classes for caption in plan.captions]
    tokens = tokeniser()([*captions, *plan.neutral])
    restore, tokens = _only_used(network, tokens)
    batches = _Batches(codes, len(plan.captions), len(plan.neutral), plan.batch_size, seed)
    data = Clip(network, tokeniser(), open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD, "")
    _fit(data, torch.from_numpy(images), tokens.to(device), batches, plan, derive(seed, "augmentation"), device)
    restore()
    return network.eval()


def _fit(clip: Clip, images: Tensor, tokens: Tensor, batches: "_Batches", plan: Plan, seed: int, device: str) -> None:
    network: Any = clip.network
    loss, random, steps = ClipLoss(), Generator().manual_seed(seed), plan.epochs * batches.an_epoch
    network.train()

    def loss_of(batch: tuple[Tensor, Tensor]) -> Tensor:
        rows, texts = batch
        pictures = random_crop(images[rows.flatten()].to(device), SIDE, SHIFT, flip=False, random=random) / 255
        seen = network.encode_image(clip.inputs(pictures), normalize=True).view(*rows.shape, -1)
        read = network.encode_text(tokens, normalize=True)[texts]
        scale = network.logit_scale.exp().clamp(max=100)  # the bound of the original
        return torch.stack([loss(*pair, scale) for pair in zip(seen, read, strict=True)]).mean()

    shown = tqdm(range(steps), unit="batch")
    rates = ((batches.take(), plan.learning_rate * _rate(step, steps)) for step in shown)
    descend("CLIP", Adam(network.parameters()), rates, loss_of)


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate: up in a straight line, then down along a cosine."""
    return min(1.0, (step + 1) / WARM_UP) * (1 + np.cos(np.pi * step / steps)) / 2


class _Batches:
    """Groups of rows and captions. Captions are numbered class by class; after them come the neutral ones."""

    def __init__(self, codes: NDArray[np.int64], captions: int, neutral: int, size: int, seed: int) -> None:
        self._captions, self._neutral, self._size = captions, neutral, size
        self._rows = [torch.from_numpy(np.flatnonzero(codes == code)) for code in range(codes.max() + 1)]
        self._rows.append(torch.arange(len(codes)))
        random = [Generator().manual_seed(derive(seed, "order", k)) for k in range(len(self._rows))]
        self._order = [CyclicSampler(len(rows), each) for rows, each in zip(self._rows, random, strict=True)]
        self._random = Generator().manual_seed(derive(seed, "captions"))
        self.an_epoch = -(-min(map(len, self._rows)) // size)

    def take(self) -> tuple[Tensor, Tensor]:
        """Rows and captions of the next batch, each [groups, classes + 1]."""
        drawn = [rows[order.take(self._size)] for rows, order in zip(self._rows, self._order, strict=True)]
        first = self._captions * torch.arange(len(self._rows) - 1)
        shape = (self._size, len(first))
        named = first + torch.randint(self._captions, shape, generator=self._random)
        neutral = torch.randint(self._neutral, (self._size, 1), generator=self._random)
        return torch.stack(drawn, 1), torch.cat([named, len(first) * self._captions + neutral], 1)


def _only_used(network: nn.Module, tokens: Tensor) -> tuple[Callable[[], None], Tensor]:
    """Leave the embeddings of the tokens that occur, and number them anew; the function puts them back among all.

    The vocabulary has 49,408, of which captions use dozens: training all of them would take most of the time. The order
    stays, and so does the last token, by whose place the text is read.
    """
    model: Any = network
    used, numbers = tokens.unique(return_inverse=True)
    whole = model.token_embedding
    model.token_embedding = nn.Embedding.from_pretrained(whole.weight.detach()[used], freeze=False)

    def restore() -> None:
        with torch.no_grad():
            whole.weight[used] = model.token_embedding.weight
        model.token_embedding = whole

    return restore, numbers


def tokeniser() -> SimpleTokenizer:
    """CLIP's own, for short texts."""
    return SimpleTokenizer(context_length=CONTEXT)


def save(network: nn.Module, path: Path, settings: Mapping[str, Any]) -> None:
    """Write the weights, with the architecture and the ``settings`` that made them."""
    state = {name: tensor.contiguous().cpu().numpy() for name, tensor in network.state_dict().items()}
    described = json.dumps({"architecture": ARCHITECTURE, "settings": settings}, sort_keys=True)
    tensors.write(state, {"clip": described}, path)


def load(path: Path) -> Clip:
    """A miniature that ``save`` wrote."""
    state, metadata = tensors.read(path)
    network = CLIP(**json.loads(metadata["clip"])["architecture"])
    network.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    network.eval().requires_grad_(False)
    return Clip(network, tokeniser(), open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD, file_sha256(path))
