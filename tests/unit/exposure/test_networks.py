"""Networks against plain PyTorch, and a batch with counts against the copies it stands for."""

import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from types import ModuleType

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers.cbam import CbamModule
from torch import Tensor, nn

from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Network
from oneclass.exposure.losses import Method, bce, hsc
from oneclass.exposure.networks import Classifier, build
from oneclass.exposure.networks.cbam_resnet18 import CbamResNet18
from oneclass.exposure.networks.layers import EPS, MOMENTUM, counted
from oneclass.exposure.networks.lenet import LeNet

INPUTS = 7  # features of a head
HSC, BCE = hsc.Loss(), bce.Loss()
SHAPES = {"lenet": (3, 32, 32), "head": (INPUTS,)}


def network(
    kind: str, method: Method = HSC, seed: int = 0, width: float = 0.1, precision: str = "float32", inputs: int = INPUTS
) -> nn.Module:
    return build(NETWORKS[kind], width, precision, method, inputs, seed)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def plain() -> nn.Sequential:
    """The architecture of the authors' code for CIFAR-10."""
    layers: list[nn.Module] = []
    for a, b in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.BatchNorm2d(b, eps=1e-4), nn.LeakyReLU(0.01), nn.MaxPool2d(2)]
    head = [nn.Linear(2048, 512), nn.BatchNorm1d(512, eps=1e-4), nn.LeakyReLU(0.01), nn.Linear(512, 256)]
    return nn.Sequential(*layers, nn.Flatten(), *head)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=6), st.sampled_from([(), (3, 2)]), st.integers(0, 99))
@settings(deadline=None)
def test_counted_normalisation_is_that_of_the_copies(counts: list[int], extent: tuple[int, ...], seed: int) -> None:
    make_norm = nn.BatchNorm2d if extent else nn.BatchNorm1d
    norm, literal = (make_norm(4, eps=EPS, momentum=MOMENTUM).double() for _ in range(2))
    times = torch.tensor(counts)
    for step in range(2):
        x = random(len(counts), 4, *extent, seed=seed + step) + 3
        weighted = counted(norm, x, times.double())
        torch.testing.assert_close(weighted.repeat_interleave(times, 0), literal(x.repeat_interleave(times, 0)))
    torch.testing.assert_close(norm.running_mean, literal.running_mean)
    torch.testing.assert_close(norm.running_var, literal.running_var)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("method", [HSC, BCE], ids=["hsc", "bce"])
def test_counts_stand_for_copies(kind: str, method: Method) -> None:
    merged = network(kind, method).double()
    literal = deepcopy(merged)
    x, times = random(5, *SHAPES[kind]), torch.tensor([1, 1, 1, 1, 4])
    outlier = torch.arange(5) >= 4

    z = merged(x, times.double())
    copies = literal(x.repeat_interleave(times, 0))
    torch.testing.assert_close(z.repeat_interleave(times, 0), copies)
    ((method.losses(z, outlier) * times).sum() / times.sum()).backward()
    method.losses(copies, outlier.repeat_interleave(times)).mean().backward()
    for (name, one), two in zip(merged.named_parameters(), literal.parameters(), strict=True):
        assert one.grad is not None and two.grad is not None
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-7, atol=1e-12, msg=name)
    statistics = [name for name, _ in merged.named_buffers() if "running" in name]
    assert len(statistics) == {"lenet": 8, "head": 2}[kind]
    for name in statistics:
        torch.testing.assert_close(merged.get_buffer(name), literal.get_buffer(name), msg=name)

    merged.eval()
    literal.eval()
    torch.testing.assert_close(merged(x), literal(x))
    assert torch.equal(merged(x, times.double()), merged(x)), "in evaluation samples do not meet"


@pytest.mark.parametrize("kind", SHAPES)
def test_counts_of_one_change_nothing(kind: str) -> None:
    first = network(kind).double()
    second, x = deepcopy(first), random(4, *SHAPES[kind])
    torch.testing.assert_close(first(x, torch.ones(4).double()), second(x))
    first.eval()
    second.eval()
    torch.testing.assert_close(first(x), second(x))


def test_lenet_is_the_papers() -> None:
    lenet, literal = LeNet(1).double(), plain().double()
    values = lenet.state_dict().values()
    literal.load_state_dict(dict(zip(literal.state_dict(), values, strict=True)))  # the same shapes in the same order
    assert lenet.outputs == 256
    assert sum(p.numel() for p in lenet.parameters()) == sum(p.numel() for p in literal.parameters()) == 1_440_512
    x = random(4, 3, 32, 32)
    torch.testing.assert_close(lenet(x), literal(x))
    lenet.eval()
    literal.eval()
    torch.testing.assert_close(lenet(x), literal(x))


def test_head_is_the_end_of_lenet() -> None:
    head = network("head", width=1, inputs=2048).double()
    literal = plain()[-4:].double()
    literal.load_state_dict(dict(zip(literal.state_dict(), head.state_dict().values(), strict=True)))
    x = random(3, 2048)
    torch.testing.assert_close(head(x), literal(x))


def test_a_classifier_adds_one_linear_layer() -> None:
    classifier = network("lenet", BCE, width=1)
    assert isinstance(classifier, Classifier)
    assert [tuple(p.shape) for p in classifier.logit.parameters()] == [(1, 256), (1,)]
    classifier.eval()
    x = random(2, 3, 32, 32).float()
    torch.testing.assert_close(classifier(x), classifier.logit(classifier.network(x)))


@pytest.mark.parametrize(("width", "units"), [(0.25, [8, 16, 32, 128, 64]), (2, [64, 128, 256, 1024, 512])])
def test_width_scales_every_layer(width: float, units: list[int]) -> None:
    lenet = LeNet(width)
    layers = [module for module in lenet.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert [len(layer.weight) for layer in layers] == units


def test_a_narrow_network_keeps_a_unit() -> None:
    assert network("lenet", width=0.001)(random(2, 3, 32, 32).float()).shape == (2, 1)


@pytest.mark.parametrize("method", [HSC, BCE], ids=["hsc", "bce"])
def test_cbam_resnet18_takes_224_pixels(method: Method) -> None:
    large = network("cbam_resnet18", method, width=0.05)
    x = random(2, 3, 224, 224).float()
    assert large(x).shape == (2, 1 if method.classifier else 13)
    with pytest.raises(ValueError, match="cropped at random"):
        large(x, torch.ones(2))


def test_cbam_resnet18_has_cbam_in_every_block() -> None:
    large = CbamResNet18(1)
    blocks = [block for layer in ("layer1", "layer2", "layer3", "layer4") for block in getattr(large.network, layer)]
    assert len(blocks) == 8
    for block in blocks:
        [gate] = [module for module in block.modules() if isinstance(module, CbamModule)]
        channels = block.conv2.out_channels
        assert gate.channel.fc1.weight.shape[:2] == (channels // 16, channels)
        assert gate.spatial.conv.conv.kernel_size == (7, 7)
    assert len([module for module in large.modules() if isinstance(module, CbamModule)]) == 8
    assert large.network.fc.weight.shape == (256, 512)


def test_cbam_resnet18_starts_from_pytorchs_defaults() -> None:
    """Uniform within 1 / sqrt(inputs of a unit), where timm's own would be normal or zero."""
    for name, module in network("cbam_resnet18", width=0.25).named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = module.weight[0].numel() ** -0.5
            assert 0.5 * bound < module.weight.abs().max() <= bound * 1.0001, name
        elif isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and (module.bias == 0).all(), name


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_seed_decides_whatever_the_threads(kind: str) -> None:
    alone = [network(kind, seed=seed, width=0.05) for seed in range(8)]
    state = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda seed: network(kind, seed=seed, width=0.05), range(8)))
    assert torch.equal(torch.get_rng_state(), state), "the global generator is left as it was"
    for one, two in zip(alone, together, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    weights = [next(one.parameters()) for one in alone]
    assert not any(torch.equal(weights[0], other) for other in weights[1:])


@pytest.mark.parametrize(
    ("kind", "shape"), [("lenet", (3, 32, 32)), ("cbam_resnet18", (3, 64, 64)), ("head", (INPUTS,))]
)
def test_bfloat16_rounds_products_alone(kind: str, shape: tuple[int, ...]) -> None:
    """Scores and gradients stay near those of float32; weights, gradients and scores are float32, and do not tie."""
    exact, rounded = (network(kind, BCE, width=0.25, precision=name) for name in ("float32", "bfloat16"))
    x = random(64, *shape).float()
    gradients = []
    for one in (exact, rounded):
        parameters = list(one.parameters())
        assert {parameter.dtype for parameter in parameters} == {torch.float32}
        gradients.append(torch.cat([g.flatten() for g in torch.autograd.grad(one(x).square().mean(), parameters)]))
    a, b = exact(x), rounded(x)
    assert b.dtype == gradients[1].dtype == torch.float32
    assert 0 < (a - b).square().mean() < 1e-3 * a.var()
    assert len(b.unique()) == 64 and not torch.equal(b, b.bfloat16())
    assert torch.cosine_similarity(*gradients, dim=0) > 0.98


@pytest.mark.parametrize("kind", NETWORKS)
def test_methods_share_first_weights(kind: str) -> None:
    one_class, classifier = (network(kind, method, width=0.05) for method in (HSC, BCE))
    assert isinstance(classifier, Classifier)
    shared = classifier.network.parameters()
    assert all(torch.equal(a, b) for a, b in zip(one_class.parameters(), shared, strict=True))


@pytest.mark.parametrize("kind", NETWORKS)
def test_what_the_catalogue_says_of_a_network_holds(kind: str) -> None:
    entry, built = NETWORKS[kind], network(kind, width=0.05)
    x = random(2, *((3, entry.image_size, entry.image_size) if entry.image_size else (INPUTS,))).float()
    assert built(x).shape == (2, built.outputs)
    assert entry.stored_size >= entry.image_size
    if entry.counts:
        built(x, torch.ones(2))
    elif not entry.on_features:
        with pytest.raises(ValueError, match="no two samples are the same"):
            built(x, torch.ones(2))


def test_a_network_of_another_module_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(nn.Linear):
        outputs = 5

        def forward(self, x: Tensor, counts: Tensor | None = None) -> Tensor:
            return super().forward(x)

    module = ModuleType("oneclass.exposure.networks.plain")
    module.build = lambda width, precision, inputs: Plain(inputs, 5)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    plain = Network("plain", "a plain layer", "exposure.networks.plain")
    assert build(plain, 1, "float32", HSC, INPUTS, 0)(torch.ones(2, INPUTS)).shape == (2, 5)
    assert build(plain, 1, "float32", BCE, INPUTS, 0)(torch.ones(2, INPUTS)).shape == (2, 1)
