"""Protocol A: one-class classification of whole images with a projector on frozen features (paper 1, Section 4.2).

Each function takes the features of one data set, runs all of its classes and returns a ``Result``.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from oneclass.data.tasks import split
from oneclass.metrics import auroc, cosine_between
from oneclass.objective import closed_form, minibatch, moments, reference
from oneclass.objective.comparators import COMPARATORS
from oneclass.objective.projector import Projectors, project
from oneclass.objective.training_time import choose_time
from oneclass.objective.variants import Variant, batch_orders, initial_projector, make_center, seed_of


@dataclass(frozen=True)
class Data:
    """One class taken as normal: training features [N, D], test features [T, D], ids and labels [T] (1 anomalous)."""

    class_name: str
    train: Tensor
    test: Tensor
    ids: NDArray[np.str_]
    labels: NDArray[np.int8]

    @property
    def anomalous(self) -> Tensor:
        return torch.from_numpy(self.labels == 1).to(self.test.device)


@dataclass
class Result:
    """``scores``: a row for each test image, class and variant. ``log``: a row for each measurement during and after
    training (class, center, norm, seed, step, metric, value). ``models``: tensors by name."""

    scores: list[pd.DataFrame] = field(default_factory=list)
    log: list[dict[str, object]] = field(default_factory=list)
    models: dict[str, Tensor] = field(default_factory=dict)

    def add_scores(self, data: Data, method: str, variant: Variant | None, **columns: object) -> None:
        described = {
            "class": data.class_name,
            "method": method,
            "projector": "conv1x1" if variant else "",
            "center": variant.center if variant else "",
            "norm": variant.norm if variant else np.nan,
            "seed": variant.seed if variant else 0,
        }
        self.scores.append(pd.DataFrame(described | {"id": data.ids, "label": data.labels} | columns))

    def score_table(self, dataset: str, backbone: str) -> pd.DataFrame:
        """All scores, with the columns that tell data sets and backbones apart."""
        table = pd.concat(self.scores, ignore_index=True)
        return table.assign(dataset=dataset, backbone=backbone)

    def add_log(self, data: Data, variant: Variant, step: float, metric: str, value: float) -> None:
        self.log.append(
            {
                "class": data.class_name,
                "center": variant.center,
                "norm": variant.norm,
                "seed": variant.seed,
                "step": float(step),
                "metric": metric,
                "value": value,
            }
        )


@dataclass(frozen=True)
class Training:
    """The paper's optimisation (Appendix B.1)."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    radius: float
    loss_scale: float

    @property
    def adam(self) -> dict[str, float]:
        """What every trainer shares."""
        return {
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "radius": self.radius,
            "loss_scale": self.loss_scale,
        }


def split_classes(
    features: NDArray[np.float32], index: pd.DataFrame, task: str, classes: Sequence[str], device: str
) -> list[Data]:
    """The train and test features of each of ``classes`` under ``task``; rows of ``features`` follow the index."""
    pooled = torch.from_numpy(features).to(device)
    ids = index["id"].to_numpy(dtype=str)

    def one(name: str) -> Data:
        rows = split(index, task, name)
        return Data(name, pooled[rows.train], pooled[rows.test], ids[rows.test], rows.labels)

    return [one(name) for name in classes]


# Training times of the closed form's figure: four decades around every data set's plateau.
TIMES = [float(time) for time in np.logspace(-2, 4, 25)]


def keeper(reference_norm: float, figure_class: str | None = None) -> Callable[[str, Variant], bool]:
    """Which models to keep: of each class the paper's default, of ``figure_class`` every kind of centre (Figure S6)."""

    def keep(class_name: str, variant: Variant) -> bool:
        first = variant.seed == 0 and variant.norm == reference_norm
        return first and (variant.center == "normal" or class_name == figure_class)

    return keep


@torch.no_grad()
def train_minibatch(
    classes: list[Data],
    variants: list[Variant],
    training: Training,
    *,
    dataset: str,
    seed: int,
    memory_mb: int,
    keep: Callable[[str, Variant], bool],
) -> Result:
    """The paper's loop (row ``ours``). Classes with equally many images train as one batch, within ``memory_mb``."""
    result = Result()
    progress = tqdm(total=len(classes) * len(variants), unit="projector", desc=f"{dataset}, mini-batch")
    for runs, pairs in _groups(classes, variants, memory_mb):
        stacked = [_initial(data, [Variant(c, n, rep) for c, n in pairs], dataset, seed) for data, rep in runs]
        projectors = _stack(stacked)
        orders = [
            batch_orders(len(data.train), training.epochs, seed_of(seed, "order", dataset, data.class_name, rep))
            for data, rep in runs
        ]
        parts = [
            (data, Variant(*pair, rep), number * len(pairs) + offset)
            for number, (data, rep) in enumerate(runs)
            for offset, pair in enumerate(pairs)
        ]
        minibatch.fit(
            projectors,
            torch.stack([data.train for data, _ in runs]),
            torch.stack(orders).to(projectors.weight.device),
            batch_size=training.batch_size,
            **training.adam,
            on_epoch=lambda epoch, projectors=projectors, parts=parts: _log_epoch(result, projectors, parts, epoch),
        )
        _finish(result, projectors, parts, "ours", keep)
        progress.update(len(parts))
    return result


@torch.no_grad()
def train_moments(
    classes: list[Data],
    variants: list[Variant],
    training: Training,
    *,
    dataset: str,
    seed: int,
    keep: Callable[[str, Variant], bool],
) -> Result:
    """Exact full-batch gradients (row ``ours_moments``), for as many steps as the mini-batch loop takes."""
    result = Result()
    for data in tqdm(classes, unit="class", desc=f"{dataset}, moments"):
        projectors = _initial(data, variants, dataset, seed)
        parts = [(data, variant, k) for k, variant in enumerate(variants)]
        moments.fit(
            projectors,
            data.train,
            epochs=training.epochs,
            steps_per_epoch=-(-len(data.train) // training.batch_size),
            **training.adam,
            on_epoch=lambda epoch, projectors=projectors, parts=parts: _log_epoch(result, projectors, parts, epoch),
        )
        _finish(result, projectors, parts, "ours_moments", keep)
    return result


@torch.no_grad()
def train_literal(
    classes: list[Data],
    layers: list[reference.Layer],
    variants: list[Variant],
    training: Training,
    *,
    dataset: str,
    seed: int,
) -> Result:
    """Algorithm 1 as written, one projector at a time, for each kind of projector (Table S3)."""
    result = Result()
    for data, kind, variant in tqdm(list(itertools.product(classes, layers, variants)), desc=f"{dataset}, literal"):
        start = _initial(data, [variant], dataset, seed)
        module = reference.layer(kind, start.weight[0], start.bias[0]).to(data.train.device)
        orders = batch_orders(
            len(data.train), training.epochs, seed_of(seed, "order", dataset, data.class_name, variant.seed)
        )
        with torch.enable_grad():
            reference.train(
                module, start.center[0], data.train, orders, batch_size=training.batch_size, **training.adam
            )
        scores = reference.score(module, start.center[0], data.test)
        result.add_scores(data, "ours", variant, projector=kind, score=scores.cpu().numpy())
    return result


@torch.no_grad()
def solve(classes: list[Data], norms: list[float], times: list[float]) -> Result:
    """The closed form (row ``ours_closed_form``): every norm at the chosen time, and the AUROC at each of ``times``."""
    result = Result()
    for data in classes:
        spectrum = closed_form.decompose(data.train)
        chosen = choose_time(data.train, spectrum)
        at_times = closed_form.residual(spectrum, data.test, torch.tensor([chosen, *times]))
        for norm in norms:
            variant = Variant("normal", norm, 0)
            scores = at_times.scores(norm).cpu().numpy()
            result.add_scores(data, "ours_closed_form", variant, score=scores[0])
            aurocs = 100 * np.atleast_1d(auroc(data.labels, scores))
            result.add_log(data, variant, chosen, "image_auroc_chosen", float(aurocs[0]))
            for time, value in zip(times, aurocs[1:], strict=True):
                result.add_log(data, variant, time, "image_auroc", float(value))
        result.models |= {
            f"{data.class_name}.vectors": spectrum.vectors.float(),
            f"{data.class_name}.values": spectrum.values,
            f"{data.class_name}.time": torch.tensor(chosen, dtype=torch.float64),
        }
    return result


def compare(classes: list[Data], comparators: list[str]) -> Result:
    """The comparators' scores on the same features and splits."""
    result = Result()
    for data, name in itertools.product(classes, comparators):
        scores = COMPARATORS[name](data.train.cpu().numpy(), data.test.cpu().numpy())
        result.add_scores(data, name, None, score=scores)
    return result


def similarity(classes: list[Data]) -> pd.DataFrame:
    """Mean cosine between normal and anomalous pretrained test features, and their norms, by class (Section 5.3)."""

    def one(data: Data) -> dict[str, object]:
        features = data.test.cpu().numpy()
        normal, anomalous = features[data.labels == 0], features[data.labels == 1]
        return {
            "class": data.class_name,
            "cosine": cosine_between(normal, anomalous),
            "norm_normal": float(np.linalg.norm(normal, axis=1).mean()),
            "norm_anomalous": float(np.linalg.norm(anomalous, axis=1).mean()),
        }

    return pd.DataFrame([one(data) for data in classes])


def _groups(
    classes: list[Data], variants: list[Variant], memory_mb: int
) -> Iterator[tuple[list[tuple[Data, int]], list[tuple]]]:
    """Runs (class, repetition) and (center, norm) pairs that train together: their product fits the memory."""
    size = classes[0].train.shape[1]
    copies = 5  # the weights, their gradient, Adam's two moments, and the stack they are built from
    room = max(1, memory_mb * 2**20 // (4 * copies * size * (size + 1)))
    pairs = list(dict.fromkeys((variant.center, variant.norm) for variant in variants))
    seeds = sorted({variant.seed for variant in variants})
    by_count: dict[int, list[tuple[Data, int]]] = {}
    for data, repetition in itertools.product(classes, seeds):
        by_count.setdefault(len(data.train), []).append((data, repetition))
    for some_pairs in _batched(pairs, room):
        for runs in by_count.values():
            for some_runs in _batched(runs, max(1, room // len(some_pairs))):
                yield some_runs, some_pairs


def _batched(items: list, size: int) -> Iterator[list]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _initial(data: Data, variants: list[Variant], dataset: str, seed: int) -> Projectors:
    """Untrained projectors; those of one repetition start from the same weights."""
    size = data.train.shape[1]
    named = (dataset, data.class_name)
    starts = {
        repetition: initial_projector(size, seed_of(seed, "init", *named, repetition))
        for repetition in {variant.seed for variant in variants}
    }
    centers = [
        make_center(v.center, v.norm, data.train, seed_of(seed, f"center {v.center}", *named, v.seed)) for v in variants
    ]
    stack = Projectors(
        torch.stack([starts[v.seed][0] for v in variants]),
        torch.stack([starts[v.seed][1] for v in variants]),
        torch.stack(centers),
    )
    device = data.train.device
    return Projectors(stack.weight.to(device), stack.bias.to(device), stack.center.to(device))


def _stack(many: list[Projectors]) -> Projectors:
    return Projectors(
        torch.cat([p.weight for p in many]), torch.cat([p.bias for p in many]), torch.cat([p.center for p in many])
    )


Parts = list[tuple[Data, Variant, int]]


def _log_epoch(result: Result, projectors: Projectors, parts: Parts, epoch: int) -> None:
    for data, variant, k in parts:
        scores = projectors.part(k, k + 1).distances(data.test)[0].cpu().numpy()
        result.add_log(data, variant, epoch + 1, "image_auroc", 100 * float(auroc(data.labels, scores)))


def _finish(
    result: Result, projectors: Projectors, parts: Parts, method: str, keep: Callable[[str, Variant], bool]
) -> None:
    for data, variant, k in parts:
        test = project(projectors, k, data.test, data.anomalous)
        result.add_scores(
            data,
            method,
            variant,
            score=test.score.cpu().numpy(),
            z_norm=test.norm.cpu().numpy(),
            z_cosine=test.cosine.cpu().numpy(),
        )
        result.add_log(data, variant, np.nan, "cosine", test.between)
        if keep(data.class_name, variant):
            name = f"{data.class_name}.{variant.center}"
            result.models[f"{name}.weight"] = projectors.weight[k].clone()
            result.models[f"{name}.bias"] = projectors.bias[k].clone()
            result.models[f"{name}.center"] = projectors.center[k].clone()
