"""The oracle of the faster paths is the paper's algorithm, on vectors and on maps; its two kinds of projector agree."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from oneclass.objective.job import Job, Training
from oneclass.objective.localisation.category import Category
from oneclass.objective.localisation.maps import align
from oneclass.objective.methods import algorithm1
from oneclass.objective.projector import Projectors
from oneclass.objective.result import Result, keeper
from oneclass.objective.starts import batch_orders, orders, start
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass
from oneclass.training.trials import Seeds

TRAINING = Training(learning_rate=1e-3, weight_decay=5e-4, radius=1e-5, loss_scale=1, epochs=3, batch_size=4)
VARIANT = Variant("gaussian", 1, 0)
Stack = Callable[..., Projectors]


def job(training: Training) -> Job:
    return Job(Seeds(1024, "toy"), training, {}, 1, 100, Result("A", keeper(1)), sigma=2.0)


def literal_training(module: nn.Module, center: Tensor, samples: Tensor, order: Tensor, training: Training) -> None:
    """Algorithm 1, sample by sample (Equation 15); of ``samples`` [N, P, D], each of the P positions is one."""
    rate, decay = training.learning_rate, training.weight_decay
    optimiser = torch.optim.Adam(module.parameters(), lr=rate, weight_decay=decay)
    for images in order.tolist():
        for first in range(0, len(images), training.batch_size):
            rows = [feature for image in images[first : first + training.batch_size] for feature in samples[image]]
            losses = [((module(row) - center) ** 2).sum() - training.radius**2 for row in rows]
            loss = training.loss_scale * sum(torch.relu(loss) for loss in losses) / len(rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


@pytest.mark.parametrize("kind", algorithm1.LAYERS)
def test_of_vectors_it_is_the_papers_algorithm(
    kind: algorithm1.Layer, toy: Callable[..., VectorClass], stack: Stack
) -> None:
    data, begun = toy(count=10, size=4, dtype=torch.float64), stack(4, [1.0])
    order, training = batch_orders(10, 3, 1), replace(TRAINING, radius=1.2, loss_scale=7)
    literal = nn.Linear(4, 4).double()
    literal.load_state_dict({"weight": begun.weight[0], "bias": begun.bias[0]})
    literal_training(literal, begun.center[0], data.train[:, None], order, training)
    module = algorithm1.layer(kind, begun.weight[0].float(), begun.bias[0].float()).double()
    module.load_state_dict({"weight": begun.weight[0].view_as(next(module.parameters())), "bias": begun.bias[0]})
    algorithm1.train(module, begun.center[0], algorithm1.in_batches(data.train, training), order, training)
    with torch.no_grad():
        expected = (literal(data.test) - begun.center[0]).norm(dim=1)
    found = algorithm1.score(module, begun.center[0], data.test)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", algorithm1.LAYERS)
def test_of_maps_every_position_is_a_sample(kind: algorithm1.Layer, tile: Category) -> None:
    training = replace(TRAINING, epochs=1, batch_size=8, radius=1.2, loss_scale=7)
    begun = start(Seeds(1024, "toy"), "tile", tile.mean("none"), [VARIANT])
    order = batch_orders(20, 1, 1)
    literal = nn.Linear(15, 15)
    literal.load_state_dict({"weight": begun.weight[0], "bias": begun.bias[0]})
    images, tested = (align(next(iter(tile.source.batches(rows, 20)))) for rows in (tile.train, tile.test))
    literal_training(literal, begun.center[0], images.flatten(2).mT, order, training)
    with torch.no_grad():
        z = literal(tested.movedim(1, -1))
    distance = (z - begun.center[0]).norm(dim=-1)

    module = algorithm1.layer(kind, begun.weight[0], begun.bias[0])
    batches = algorithm1.map_batches(tile.source, tile.train, training)
    algorithm1.train(module, begun.center[0], batches, order, training)
    torch.testing.assert_close(algorithm1.score(module, begun.center[0], tested), distance, rtol=1e-4, atol=1e-4)
    scored = algorithm1.score_maps(module, begun.center[0], tile.source, tile.test)
    np.testing.assert_allclose(scored.distance[0], distance, rtol=1e-4, atol=1e-4)
    farthest = torch.stack([at[int(d.argmax())] for at, d in zip(z.flatten(1, 2), distance.flatten(1), strict=True)])
    np.testing.assert_allclose(scored.norm[0], farthest.norm(dim=1), rtol=1e-4)
    cosine = torch.cosine_similarity(farthest, begun.center)
    np.testing.assert_allclose(scored.cosine[0], cosine, atol=1e-4)


@pytest.mark.parametrize("kind", algorithm1.LAYERS)
def test_both_layers_are_the_same_product(kind: algorithm1.Layer, stack: Stack) -> None:
    features = torch.randn(30, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    projectors = stack(6, [1.0])
    module = algorithm1.layer(kind, projectors.weight[0].float(), projectors.bias[0].float())
    weight, bias = projectors.weight[0].numpy(), projectors.bias[0].numpy()
    expected = np.stack([weight @ f + bias for f in features.numpy()])
    with torch.no_grad():
        vectors = algorithm1.apply(module, features.float())
        maps = algorithm1.apply(module, features.float().view(2, 3, 5, 6).movedim(-1, 1))
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(maps.movedim(1, -1).flatten(0, 2), expected, atol=1e-5)


def test_on_vectors_trains_the_default_of_every_class(toy: Callable[..., VectorClass]) -> None:
    classes = [toy("cat", size=4), toy("horse", size=4)]
    asked = job(TRAINING)
    algorithm1.on_vectors(classes, asked)
    kinds = [(frame["class"].iloc[0], frame["projector"].iloc[0]) for frame in asked.result.scores]
    assert kinds == [("cat", "conv1x1"), ("cat", "linear"), ("horse", "conv1x1"), ("horse", "linear")]
    for data, frames in zip(classes, (asked.result.scores[:2], asked.result.scores[2:]), strict=True):
        begun = start(asked.seeds, data.class_name, data.train.mean(0), [VARIANT])
        literal = nn.Linear(4, 4)
        literal.load_state_dict({"weight": begun.weight[0], "bias": begun.bias[0]})
        order = orders(asked.seeds, data.class_name, 40, 3, 0)
        literal_training(literal, begun.center[0], data.train[:, None], order, TRAINING)
        with torch.no_grad():
            expected = (literal(data.test) - begun.center[0]).norm(dim=1)
        for frame in frames:
            np.testing.assert_allclose(frame["score"], expected, rtol=1e-4)
            assert (frame["method"] == "projector").all() and (frame["center_norm"] == 1).all()


def test_on_maps_the_two_kinds_of_projector_are_one_function(tile: Category) -> None:
    asked = job(replace(TRAINING, learning_rate=1e-2, epochs=2, batch_size=8))
    algorithm1.on_maps([tile], asked)
    (first, convolution), (second, linear) = asked.result.maps["tile"]
    assert [first["projector"], second["projector"]] == ["conv1x1", "linear"]
    assert first["method"] == second["method"] == "projector"
    np.testing.assert_allclose(convolution, linear, rtol=1e-3, atol=1e-4)
