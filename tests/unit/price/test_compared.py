"""What systems of other papers take, against their own networks and batches."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import Generator, nn
from torch.utils.flop_counter import FlopCounterMode

from oneclass.baselines import adip, gt, gt_plus
from oneclass.baselines.igd_networks import Critic, Decoder
from oneclass.price.backbones import ARCHITECTURES
from oneclass.price.compared import BACKBONE, KEPT, ON_IMAGES, TRAINED
from oneclass.price.makers import Job
from oneclass.price.model import Price
from oneclass.training.batches import CyclicSampler

WIDE = {"width": 4, "blocks": 1, "side": 32}
NETWORK = {BACKBONE: 1, TRAINED: 1, KEPT: 1, "image_size": 224}


def gmac(network: nn.Module, *shape: int) -> float:
    """Billions of multiplications for one input; nothing is computed."""
    with FlopCounterMode(display=False) as counted:
        network.to("meta").eval()(torch.zeros(1, *shape, device="meta"))
    return counted.get_total_flops() / 2e9


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_backbone_has_the_arithmetic_and_the_weights_that_are_known_of_it(name: str) -> None:
    with torch.device("meta"):
        network = timm.create_model(name)
    known = ARCHITECTURES[name]
    assert known.gmac == pytest.approx(gmac(network, 3, 224, 224), rel=0.02)
    assert known.parameters == pytest.approx(sum(each.numel() for each in network.parameters()) / 1e6, rel=0.02)


@pytest.mark.parametrize("width", [0.5, 1.0])
@pytest.mark.parametrize(("side", "places"), [(28, 0), (32, 0), (256, 225)])
def test_an_image_of_igd_takes_what_its_networks_take(side: int, places: int, width: float) -> None:
    options = {"epochs": 1, "width": width, "size": 256, "patches": 10, BACKBONE: 0}
    learning = ON_IMAGES["igd"](side, 100, options)
    image, patch = (gmac(Decoder(128, size, width), 128) for size in (max(32, side), 32))
    judged, judged_patch = (gmac(Critic(size, width), 3, size, size) for size in (max(32, side), 32))
    assert learning.image == pytest.approx(image + places * patch, rel=0.05)
    trained = min(places, 10)
    step = 3 * (2 * (image + trained * patch) + 3 * (judged + trained * judged_patch))  # gradients: about twice more
    assert learning.step == pytest.approx(step, rel=0.1)


@pytest.mark.parametrize("count", [7, 64, 65, 130])
def test_systems_take_as_many_steps_as_they_have_batches(count: int) -> None:
    epochs, random = 3, Generator()
    asked = {
        "gt": (WIDE, gt.batches(count * 72, epochs, random)),
        "gt_plus": (WIDE, gt_plus.batches(count, 0, epochs, random)),
        "adip": (NETWORK, adip.schedule(epochs).steps(count, CyclicSampler(9, random), random)),
    }
    for name, (options, batches) in asked.items():
        assert ON_IMAGES[name](32, count, {**options, "epochs": epochs}).steps == len(list(batches)), name


@pytest.mark.parametrize("name", ["adip", "igd"])
def test_a_system_that_starts_from_a_backbone_is_priced_by_it(name: str, price: Callable[..., Price]) -> None:
    job = Job(f"baseline_{name}", {"dataset": "cifar10", "part": "0"})
    small, large = (
        price("paper", baselines={"backbone": backbone}).cost(job.rule, job) for backbone in ("resnet18", "resnet152")
    )
    times = ARCHITECTURES["resnet152"].gmac / ARCHITECTURES["resnet18"].gmac
    if name == "adip":
        assert large.work["tuning GMAC"] == pytest.approx(times * small.work["tuning GMAC"])
        assert large.gpu_mb > 2 * small.gpu_mb
    assert large.work["tuning GMAC"] > small.work["tuning GMAC"]
