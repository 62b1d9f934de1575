"""Every way to get the paper's projectors of one class and the AUROC of each; ``trainers`` compares them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.metrics import auroc
from oneclass.objective import closed_form
from oneclass.objective.job import Training
from oneclass.objective.methods import algorithm1, full_batch, projector
from oneclass.objective.projector import Projectors
from oneclass.objective.starts import orders, start
from oneclass.objective.variants import Variant, stacks
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

Aurocs = dict[Variant, float]  # percent


@dataclass(frozen=True)
class Problem:
    """One class, the projectors to train on it, and how. Each method trains, scores the test images and ranks them."""

    data: VectorClass
    variants: list[Variant]
    training: Training
    seeds: Seeds
    memory_mb: int

    def one_by_one(self, kind: algorithm1.Layer, count: int | None) -> Aurocs:
        aurocs: Aurocs = {}
        batches = algorithm1.in_batches(self.data.train, self.training)
        for variant in self.variants[:count]:
            untrained, order = self._start([variant]), self._order(variant.repetition)
            center = untrained.center[0]
            module = algorithm1.layer(kind, untrained.weight[0], untrained.bias[0])
            algorithm1.train(module, center, batches, order, self.training)
            aurocs[variant] = self._auroc(algorithm1.score(module, center, self.data.test))
        return aurocs

    def batched(self) -> Aurocs:
        aurocs: Aurocs = {}
        count, size = self.data.train.shape
        for runs, pairs in stacks({self.data.class_name: count}, size, self.variants, self.memory_mb):
            variants = [Variant(*pair, repetition) for _, repetition in runs for pair in pairs]
            projectors = self._start(variants)
            order = torch.stack([self._order(repetition) for _, repetition in runs])
            projector.fit(projectors, self.data.train.expand(len(runs), -1, -1), order, self.training)
            aurocs |= self._rank(projectors, variants)
        return aurocs

    def full_batch(self) -> Aurocs:
        projectors = self._start(self.variants)
        full_batch.fit(projectors, self.data.train, self.training)
        return self._rank(projectors, self.variants)

    def closed_form(self) -> Aurocs:
        spectrum = closed_form.decompose(self.data.train)
        time = torch.tensor([closed_form.choose_time(spectrum)], dtype=torch.float64)
        left = closed_form.residual(spectrum, self.data.test, time)
        norms = {variant: variant.center_norm for variant in self.variants}
        return {variant: self._auroc(left.scores(norm)[0]) for variant, norm in norms.items() if norm is not None}

    def _start(self, variants: list[Variant]) -> Projectors:
        return start(self.seeds, self.data.class_name, self.data.train.mean(0), variants)

    def _order(self, repetition: int) -> Tensor:
        return orders(self.seeds, self.data.class_name, len(self.data.train), self.training.epochs, repetition)

    def _rank(self, projectors: Projectors, variants: list[Variant]) -> Aurocs:
        return dict(zip(variants, map(self._auroc, projectors.distances(self.data.test)), strict=True))

    def _auroc(self, scores: Tensor) -> float:
        return 100 * float(auroc(self.data.labels, scores.numpy()))
