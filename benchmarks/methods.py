"""Every way to get the paper's projectors of one class and the AUROC of each; ``trainers`` compares them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from oneclass.metrics import auroc
from oneclass.objective import closed_form, minibatch, moments, reference
from oneclass.objective.projector import Projectors
from oneclass.objective.training import Adam, Seeds, TensorData
from oneclass.objective.variants import Variant

Aurocs = dict[Variant, float]  # percent


@dataclass(frozen=True)
class Problem:
    """One class, the projectors to train on it, and how. Each method trains, scores the test images and ranks them."""

    data: TensorData
    variants: list[Variant]
    adam: Adam
    seeds: Seeds
    epochs: int
    batch_size: int
    memory_mb: int

    def one_by_one(self, kind: reference.Layer, count: int) -> Aurocs:
        aurocs: Aurocs = {}
        for variant in self.variants[:count]:
            start = self.seeds.start(self.data, [variant])
            center, orders = start.center[0], self.seeds.orders(self.data, self.epochs, variant.seed)
            module = reference.layer(kind, start.weight[0], start.bias[0])
            reference.train(module, center, self.data.train, orders, self.adam, batch_size=self.batch_size)
            aurocs[variant] = self._auroc(reference.score(module, center, self.data.test))
        return aurocs

    def batched(self) -> Aurocs:
        aurocs: Aurocs = {}
        for runs, pairs in minibatch.groups([self.data], self.variants, self.memory_mb):
            variants = [Variant(*pair, repetition) for _, repetition in runs for pair in pairs]
            projectors = self.seeds.start(self.data, variants)
            orders = torch.stack([self.seeds.orders(self.data, self.epochs, repetition) for _, repetition in runs])
            images = self.data.train.expand(len(runs), -1, -1)
            minibatch.fit(projectors, images, orders, self.adam, batch_size=self.batch_size)
            aurocs |= self._rank(projectors, variants)
        return aurocs

    def moments(self) -> Aurocs:
        projectors = self.seeds.start(self.data, self.variants)
        steps = -(-len(self.data.train) // self.batch_size)
        moments.fit(projectors, self.data.train, self.adam, epochs=self.epochs, steps_per_epoch=steps)
        return self._rank(projectors, self.variants)

    def closed_form(self) -> Aurocs:
        spectrum = closed_form.decompose(self.data.train)
        time = torch.tensor([closed_form.choose_time(spectrum)], dtype=torch.float64)
        left = closed_form.residual(spectrum, self.data.test, time)
        return {variant: self._auroc(left.scores(variant.norm)[0]) for variant in self.variants}

    def _rank(self, projectors: Projectors, variants: list[Variant]) -> Aurocs:
        return dict(zip(variants, map(self._auroc, projectors.distances(self.data.test)), strict=True))

    def _auroc(self, scores: Tensor) -> float:
        return 100 * float(auroc(self.data.labels, scores.numpy()))
