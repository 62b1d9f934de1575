"""ADIP: adapters that begin as nothing, a front that is computed once, and what is trained."""

from types import ModuleType

import numpy as np
import pytest
import timm
import torch
from torch import Tensor, nn

from oneclass.baselines import adip
from oneclass.baselines.adip import Adapted, Inputs, adapted, loss, schedule, score_images
from oneclass.features.backbone import Backbone, frozen
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 4.0, "image_size": 32.0}


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return frozen(
        drawn(lambda: timm.create_model("test_resnet", pretrained=False, zero_init_last=False), 0), "after", ""
    )


def images(count: int, level: int, seed: int) -> Tensor:
    noise = torch.randint(60, (count, 3, 16, 16), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return noise + level


def test_the_loss_by_hand() -> None:
    logits = torch.tensor([-1.0, 2.0, 3.0])
    # normal at -1: log(1 + e^-1) = 0.31326; normal at 2: log(1 + e^2) = 2.12693; outlier at 3: log(1 + e^-3) = 0.04859
    assert float(loss(logits, 2)) == pytest.approx((0.31326 + 2.12693 + 0.04859) / 3, abs=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
def test_an_adapter_is_one_more_weight_in_the_middle_of_each_kernel(stride: int) -> None:
    convolution, joined, both = drawn(
        lambda: (*(nn.Conv2d(3, 4, 3, stride, padding=1) for _ in range(2)), Adapted(nn.Conv2d(3, 4, 3, stride, 1))), 0
    )
    both.convolution = convolution
    random = torch.Generator().manual_seed(0)
    for parameter in both.adapter.parameters():
        nn.init.normal_(parameter, generator=random)
    joined.load_state_dict(convolution.state_dict())
    assert joined.bias is not None and both.adapter.bias is not None
    joined.weight.data[:, :, 1, 1] += both.adapter.weight.data[:, :, 0, 0]
    joined.bias.data += both.adapter.bias.data
    x = torch.rand(2, 3, 9, 9, generator=random)
    torch.testing.assert_close(both(x), joined(x))


@pytest.mark.parametrize("blocks", [1, 2, 5, 9])
def test_before_training_it_is_the_pretrained_network(backbone: Backbone, blocks: int) -> None:
    front, back = adapted(backbone, blocks)
    seen = Inputs(images(3, 0, 0), front, 16, "cpu").batch(torch.arange(3), None)
    torch.testing.assert_close(back(seen), backbone.features(images(3, 0, 0), [])[0], rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, Adapted) for module in front.network.modules())
    assert sum(isinstance(module, Adapted) for module in back.modules()) == spatial(back) > 0


def spatial(network: nn.Module) -> int:
    return sum(max(m.kernel_size) > 1 for m in network.modules() if isinstance(m, nn.Conv2d))


def test_five_stages_are_all_that_a_resnet_has(backbone: Backbone) -> None:
    front, back = adapted(backbone, 5)
    assert not list(front.network.children()) and spatial(back) == spatial(backbone.network)


def test_only_adapters_and_the_last_layer_are_trained(backbone: Backbone) -> None:
    front, back = adapted(backbone, 2)
    before = {name: tensor.clone() for name, tensor in back.state_dict().items()}
    normal, outliers = (Inputs(images(6, level, level), front, 16, "cpu") for level in (0, 150))
    head = drawn(lambda: nn.Linear(96, 1), 0)
    adip.fit(nn.Sequential(back, head, nn.Flatten(0)), normal, outliers, schedule(3), 1)
    changed = {name for name, tensor in back.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed == {name for name in before if "adapter" in name}
    assert head.weight.grad is None and not torch.equal(head.weight, drawn(lambda: nn.Linear(96, 1), 0).weight)


def test_what_is_kept_is_what_is_computed(backbone: Backbone) -> None:
    front, _ = adapted(backbone, 2)
    pixels, rows = images(5, 40, 0), torch.tensor([4, 0])
    kept = Inputs(pixels, front, 32, "cpu")
    larger = nn.functional.interpolate(pixels[rows].float(), [32, 32], mode="bilinear", antialias=True)
    expected = front.features(larger, [])[0]
    for random in (None, torch.Generator().manual_seed(0)):
        torch.testing.assert_close(kept.batch(rows, random), expected)


def test_images_are_cropped_and_mirrored_where_nothing_is_kept(backbone: Backbone) -> None:
    front, _ = adapted(backbone, 9)
    seen = Inputs(images(5, 40, 0), front, 16, "cpu")
    plain, cropped = (seen.batch(torch.arange(5), r) for r in (None, torch.Generator().manual_seed(0)))
    assert plain.shape == cropped.shape == (5, 3, 16, 16) and not torch.equal(plain, cropped)


def test_the_learning_rate_falls_where_the_paper_s_does() -> None:
    rates = [schedule(100).rate(number) / adip.LEARNING_RATE for number in (0, 59, 60, 79, 80, 99)]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("blocks", [2.0, 9.0])
def test_other_images_score_higher_and_the_seed_decides(
    backbone: Backbone, blocks: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adip, "LEARNING_RATE", 0.02)
    before = [parameter.clone() for parameter in backbone.network.parameters()]
    test = torch.cat([images(5, 0, 3), images(5, 150, 4)])

    def scores(seed: int) -> np.ndarray:
        needed = {"outliers": images(20, 150, 2), "backbone": backbone}
        return score_images(images(20, 0, 1), test, seed, "cpu", **needed, **OPTIONS, blocks=blocks)

    found = scores(1)
    assert found.dtype == np.float32 and found[:5].max() < found[5:].min()
    np.testing.assert_array_equal(found, scores(1))
    assert not np.array_equal(found, scores(2))
    assert all(map(torch.equal, before, backbone.network.parameters())), "it is others' backbone, too"


def test_training_that_diverges_is_an_error(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adip, "LEARNING_RATE", 1e30)
    needed = {"outliers": images(8, 9, 3), "backbone": backbone}
    with pytest.raises(ValueError, match="ADIP diverged in step"):
        score_images(images(8, 0, 1), images(2, 0, 2), 1, "cpu", **needed, **OPTIONS, blocks=9)


def test_a_gpu_gives_the_same(backbone: Backbone, pretend: ModuleType) -> None:
    def scores(device: str) -> np.ndarray:
        needed = {"outliers": images(9, 150, 2), "backbone": backbone}
        return score_images(images(9, 0, 1), images(4, 0, 2), 1, device, **needed, **OPTIONS, blocks=2)

    before = pretend.operations
    found = scores(pretend.DEVICE)
    assert pretend.operations > before
    np.testing.assert_allclose(found, scores("cpu"), rtol=1e-3, atol=1e-4)
