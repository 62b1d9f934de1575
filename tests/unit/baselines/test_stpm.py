"""STPM against numbers by hand and a training loop in plain PyTorch, and what it does with seeds and faults."""

from typing import Any

import numpy as np
import pytest
import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize
from torchvision.transforms import Normalize

from oneclass.baselines import stpm
from oneclass.features.activations import Activations
from oneclass.features.backbone import Backbone, frozen
from oneclass.seeds import derive
from oneclass.training.weights import drawn

LAYERS = [1, 2]
OPTIONS: dict[str, Any] = {"layers": LAYERS, "epochs": 2, "batch_size": 4}


def teacher(activations: Activations = "after") -> Backbone:
    network = drawn(lambda: timm.create_model("test_resnet", pretrained=False), 7)
    return frozen(network, activations, "")


def images(count: int, seed: int) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=random)


@pytest.fixture
def train() -> Tensor:
    return images(6, 0)


@pytest.fixture
def test() -> Tensor:
    return images(3, 1)


def level(*vectors: tuple[float, float]) -> Tensor:
    """A map [1, 2, 1, w] of vectors of two channels."""
    return torch.tensor(vectors, dtype=torch.float32).T[None, :, None]


def test_the_loss_sums_the_mean_squares_between_directions() -> None:
    taught = [level((2, 0), (0, 3)), level((5, 0))]
    seen = [level((1, 0), (1, 0)), level((3, 4))]  # equal, a right angle; and cos 0.6
    assert stpm.loss(taught, seen).item() == pytest.approx((0 + 2) / 2 + (2 - 2 * 0.6))


def test_the_score_is_the_product_of_levels_at_the_finest_s_size() -> None:
    taught = [level((2, 0), (0, 3)), level((5, 0))]
    seen = [level((0, 1), (0, -1)), level((3, 4))]
    np.testing.assert_allclose(stpm.score(taught, seen), [[[2 * 0.8, 4 * 0.8]]], rtol=1e-6)


def literal(train: Tensor, test: Tensor, seed: int) -> np.ndarray:
    """The same with whole networks in plain PyTorch: the teacher unfolded and asked anew at every step."""

    def network(seed: int) -> nn.Module:
        made: nn.Module = drawn(lambda: timm.create_model("test_resnet", pretrained=False, num_classes=10), seed)
        return made

    def maps(network: Any, batch: Tensor) -> list[Tensor]:
        x = Normalize(network.pretrained_cfg["mean"], network.pretrained_cfg["std"])(batch / 255)
        return [normalize(each, dim=1) for each in network.forward_intermediates(x, indices=LAYERS)[1]]

    tutor: nn.Module = drawn(lambda: timm.create_model("test_resnet", pretrained=False), 7).eval()
    pupil: nn.Module = drawn(
        lambda: timm.create_model("test_resnet", pretrained=False, num_classes=0), derive(seed, "student")
    )
    optimiser = torch.optim.SGD(pupil.parameters(), 0.4, momentum=0.9, weight_decay=1e-4)
    random = torch.Generator().manual_seed(derive(seed, "order"))
    for _ in range(2):
        for rows in torch.randperm(len(train), generator=random).split(4):
            with torch.no_grad():
                taught = maps(tutor, train[rows])
            loss: Any = 0
            for t, s in zip(taught, maps(pupil, train[rows]), strict=True):
                loss = loss + ((t - s) ** 2).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    pupil.eval()
    product: Any = 1
    with torch.no_grad():
        for t, s in zip(maps(tutor, test), maps(pupil, test), strict=True):
            product = product * interpolate(((t - s) ** 2).sum(1, keepdim=True), (8, 8), mode="bilinear")
    found: np.ndarray = product[:, 0].numpy()
    return found


def test_it_trains_as_plain_pytorch_does(train: Tensor, test: Tensor) -> None:
    found = stpm.localise(train, test, 5, "cpu", backbone=teacher(), **OPTIONS)
    assert found.shape == (3, 8, 8) and found.dtype == np.float32
    np.testing.assert_allclose(found, literal(train, test, 5), rtol=0.05, atol=1e-3)


def test_training_brings_the_student_nearer_to_its_teacher(train: Tensor) -> None:
    def of_normal(epochs: int) -> float:
        options = OPTIONS | {"epochs": epochs}
        return float(stpm.localise(train, train, 5, "cpu", backbone=teacher(), **options).mean())

    assert of_normal(20) < of_normal(0) / 4


def test_the_seed_decides_and_nothing_else(train: Tensor, test: Tensor) -> None:
    def maps(seed: int) -> np.ndarray:
        return stpm.localise(train, test, seed, "cpu", backbone=teacher(), **OPTIONS)

    torch.manual_seed(1)
    first, drawn_after = maps(5), torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(drawn_after, torch.rand(1))  # the global generator is left as it was
    assert np.array_equal(first, maps(5)) and not np.allclose(first, maps(6))


def test_the_student_is_seen_before_its_activations_where_the_teacher_is(train: Tensor) -> None:
    made = stpm.student(teacher("before"), 5)
    assert min(m.min() for m in made.maps(train, LAYERS)) < 0
    assert min(m.min() for m in stpm.student(teacher(), 5).maps(train, LAYERS)) >= 0


def test_a_loss_that_is_not_finite_is_an_error(train: Tensor, test: Tensor) -> None:
    broken = teacher()
    next(broken.network.parameters()).fill_(torch.nan)
    with pytest.raises(ValueError, match="STPM diverged in step 0: the loss is not finite"):
        stpm.localise(train, test, 5, "cpu", backbone=broken, **OPTIONS)
