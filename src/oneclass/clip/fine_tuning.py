"""BCE-CL (Section 3.3, Appendix G.2): the image tower trained with outliers, against texts that stay as they are."""

import copy
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize
from tqdm import tqdm

from oneclass.clip.embeddings import embed_normalized
from oneclass.clip.models import Clip
from oneclass.clip.prompts import Prompts, normal_classes
from oneclass.clip.scores import SCALE
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.errors import UserError
from oneclass.training.batches import CyclicSampler, Schedule
from oneclass.training.descent import descend
from oneclass.training.finished import Finished
from oneclass.training.inputs import Inputs
from oneclass.training.optimisers import Nesterov
from oneclass.training.outcomes import collect, side_by_side
from oneclass.training.stores import Images, Outliers
from oneclass.training.trials import Seeds, Trial

MOMENTUM, WEIGHT_DECAY = 0.9, 1e-3
Layers = int | Literal["all"]
_BATCH = 256  # images at a time where nothing is trained


@dataclass(frozen=True)
class Task:
    """What a tower is trained on and scores: positions in ``data`` and ``pool``; and the prompts it is held against."""

    data: Inputs
    train: Tensor
    test: Tensor
    pool: Inputs
    outliers: Tensor
    texts: Tensor  # [K + 1, D], "something" last


def losses(logits: Tensor, outlier: Tensor) -> Tensor:
    """-log s of outliers, -log of the largest normal probability of normal images (with one class, -log(1 - s)).

    ``logits`` [B, K + 1], "something" last; ``outlier`` [B] says which are; returns [B].
    """
    chances = logits.log_softmax(1)
    return -torch.where(outlier, chances[:, -1], chances[:, :-1].amax(1))


def score(logits: Tensor) -> Tensor:
    """log(s / (1 - s)) [B] of the score s of Equations 4 and 5."""
    return logits[:, -1] - logits[:, :-1].logsumexp(1)


def trainable(tower: nn.Module, layers: Layers) -> list[nn.Parameter]:
    """The parameters of an image tower that are trained: all, or of the last ``layers`` blocks and what follows them.

    The others need no gradient from here on. Raises ``UserError`` if the tower has no such blocks.
    """
    if layers == "all":
        return list(tower.requires_grad_(True).parameters())
    tower.requires_grad_(False)
    blocks, rest = _blocks(tower)
    if layers > len(blocks):
        raise UserError(f"clip.fine_tuning.layers: the image tower has {len(blocks)} blocks, not {layers}")
    parts: list[Any] = [*blocks[-layers:], *rest]
    chosen = [p for part in parts for p in ([part] if isinstance(part, nn.Parameter) else part.parameters())]
    for parameter in chosen:
        parameter.requires_grad_(True)
    return chosen


def _blocks(tower: Any) -> tuple[list[nn.Module], list[Any]]:
    """The blocks of a Vision Transformer or of CLIP's ResNet in their order, and what comes after the last."""
    if hasattr(tower, "transformer"):
        return list(tower.transformer.resblocks), [part for part in (tower.ln_post, tower.proj) if part is not None]
    if hasattr(tower, "layer4"):
        stages = [tower.layer1, tower.layer2, tower.layer3, tower.layer4]
        return [block for stage in stages for block in stage], [tower.attnpool]
    raise UserError(f"clip.fine_tuning.layers: a {type(tower).__name__} has no blocks that are known; set layers: all")


def tune(clip: Clip, task: Task, layers: Layers, schedule: Schedule, trial: Trial, seeds: Seeds) -> nn.Module:
    """A copy of the image tower of ``clip``, trained. It stays in evaluation mode: its statistics are frozen.

    On a GPU the forward pass is in bfloat16, whose range needs no scaling of the loss; weights, gradients and steps are
    in float32.
    """
    tower, place = copy.deepcopy(clip.tower), (trial.class_name, trial.repetition)
    optimiser = Nesterov(trainable(tower, layers), MOMENTUM, WEIGHT_DECAY)
    order, augmenting = seeds.generator("order", *place), seeds.generator("augmentation", *place)
    outliers = CyclicSampler(len(task.outliers), seeds.generator("outlier order", *place))
    device = task.train.device.type

    def loss(batch: tuple[Tensor, Tensor]) -> Tensor:
        normal, exposed = batch
        images = [task.data.batch(task.train[normal], augmenting), task.pool.batch(task.outliers[exposed], augmenting)]
        outlier = torch.arange(len(normal) + len(exposed), device=task.train.device) >= len(normal)
        with nullcontext() if device == "cpu" else torch.autocast(device, dtype=torch.bfloat16):
            embedded = tower(clip.inputs(torch.cat(images)))
        return losses(SCALE * normalize(embedded.float(), dim=-1) @ task.texts.T, outlier).mean()

    descend(f"{trial}: CLIP", optimiser, schedule.steps(len(task.train), outliers, order), loss)
    return tower


def run(
    trials: Sequence[Trial],
    task: str,
    dataset: tuple[Index, Images],
    pool: tuple[Images, Outliers],
    clips: Sequence[Clip],
    prompts: Prompts,
    layers: Layers,
    schedule: Schedule,
    seeds: Seeds,
    finished: Finished,
    *,
    device: str,
    threads: int,
) -> pd.DataFrame:
    """Train a tower for each of ``trials`` that is not ``finished``: a row of ``tidy`` for each test image of all.

    A repetition starts from its own one of ``clips``, or from the only one. On a CPU ``threads`` train side by side.
    """
    index, images = dataset
    pool_images, outliers = pool
    known = sorted(index.table["class_name"].unique())
    splits = {name: split(index, task, name) for name in dict.fromkeys(trial.class_name for trial in trials)}
    for clip in clips:
        clip.network.to(device)

    def trained(trial: Trial) -> NDArray[np.float32]:
        rows, clip = splits[trial.class_name], clips[trial.repetition % len(clips)]
        normal = normal_classes(task, trial.class_name, known)
        texts = [*(prompts.text(prompts.templates[0], name) for name in normal), prompts.something]
        parts = Task(
            images.seen_by(trial),
            torch.from_numpy(rows.train).to(device),
            torch.from_numpy(rows.test).to(device),
            pool_images.seen_by(trial),
            torch.from_numpy(outliers.positions(trial)).to(pool_images.rows_on),
            clip.texts(texts, device),
        )
        return scored(tune(clip, parts, layers, schedule, trial, seeds), clip, parts)

    jobs = [partial(finished.get, trial, partial(trained, trial)) for trial in trials]
    outcomes = side_by_side(jobs, threads, torch.device(device))
    progress = tqdm(outcomes, total=len(trials), unit="network", desc=seeds.dataset)
    return collect(zip(trials, progress, strict=True), splits, index.ids(), task=task, network="clip")


def scored(tower: nn.Module, clip: Clip, task: Task) -> NDArray[np.float32]:
    """The scores [T] of the test images by a trained tower, in float32."""
    parts = [
        score(SCALE * embed_normalized(tower, clip, task.data.batch(rows, None)) @ task.texts.T)
        for rows in task.test.split(_BATCH)
    ]
    scores: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return scores
