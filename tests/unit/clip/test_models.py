"""open_clip's models: the right weights, from the right place, or one line that says what to do."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torchvision.transforms.functional import resize, to_tensor

from oneclass.clip import models
from oneclass.clip.models import Clip, load
from oneclass.errors import UserError

SMALL = "RN50-quickgelu"  # its configuration is replaced by a tiny one
CONFIG = {
    "embed_dim": 8,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 4, "head_width": 32},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[nn.Module]:
    """open_clip's RN50-quickgelu, but tiny."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, SMALL, CONFIG)
    yield open_clip.create_model(SMALL, pretrained=None).eval()


@pytest.mark.parametrize("file", ["weights.safetensors", "weights.pt"])
@pytest.mark.parametrize("tag", [None, "openai"])
def test_a_local_checkpoint(file: str, tag: str | None, small: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / file
    save_file(small.state_dict(), path) if path.suffix == ".safetensors" else torch.save(small.state_dict(), path)
    clip = load(SMALL, tag, str(path))
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(clip.tower(images), small.encode_image(images))
    assert clip.size == (32, 32)
    assert clip.mean == open_clip.OPENAI_DATASET_MEAN
    assert clip.sha256 == models.file_sha256(path)
    assert not any(parameter.requires_grad for parameter in clip.network.parameters())


class Evil:
    def __reduce__(self) -> tuple[Callable, tuple[str]]:
        return Path.touch, (Path("ran"),)


@pytest.mark.parametrize("kind", ["code", "other tensors", "text"])
def test_a_file_that_does_not_fit(kind: str, small: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.pt"
    if kind == "code":
        path.write_bytes(pickle.dumps({"visual.proj": Evil()}, protocol=2))
    elif kind == "text":
        path.write_text("no weights")
    else:
        torch.save({"conv.weight": torch.ones(2)}, path)
    with pytest.raises(UserError, match=r"weights.pt: not weights of 'RN50-quickgelu'") as error:
        load(SMALL, None, str(path))
    assert len(str(error.value).splitlines()) == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("architecture", "tag", "right"),
    [
        ("ViT-B-32", "openai", "ViT-B-32-quickgelu"),
        ("RN50", "openai", "RN50-quickgelu"),
        ("ViT-B-32-quickgelu", "laion2b_s34b_b79k", "ViT-B-32"),
    ],
)
def test_weights_of_another_activation_are_refused(architecture: str, tag: str, right: str) -> None:
    with pytest.raises(UserError, match=f"another activation.* take architecture: {right}$"):
        load(architecture, tag, None)


def test_weights_of_the_same_activation_are_not() -> None:
    for architecture, tag in open_clip.list_pretrained():
        quick = bool(open_clip.get_model_config(architecture).get("quick_gelu"))
        if quick == bool(open_clip.pretrained.get_pretrained_cfg(architecture, tag).get("quick_gelu")):
            assert models._weights_of(architecture, tag)


def test_unknown_weights() -> None:
    with pytest.raises(UserError, match="no weights 'openia'; there is: openai"):
        load("ViT-B-32-quickgelu", "openia", None)


@pytest.mark.parametrize(
    ("architecture", "tag", "file", "card"),
    [
        ("ViT-B-32-quickgelu", "openai", "open_clip_model.safetensors", "timm/vit_base_patch32_clip_224.openai"),
        ("ViT-B-32", "laion2b_s34b_b79k", "open_clip_model.safetensors", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"),
    ],
)
def test_without_a_network_the_error_says_which_file_from_where(
    architecture: str, tag: str, file: str, card: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match="could not be downloaded") as error:
        load(architecture, tag, None)
    message = str(error.value)
    assert f"fetch {file} from the model card {card} on the Hugging Face hub" in message
    assert f"set checkpoint: path/to/{file} beside tag" in message
    assert "http" not in message and len(message.splitlines()) == 1


def clip_of(network: nn.Module) -> Clip:
    tokenise = open_clip.SimpleTokenizer(context_length=16)
    return Clip(network, tokenise, (0.5, 0.4, 0.3), (0.2, 0.2, 0.1), "")


def test_images_are_enlarged_as_pillow_does(tiny: Callable[[str], nn.Module]) -> None:
    values = np.random.default_rng(0).integers(80, 170, (16, 16, 3), dtype=np.uint8)  # no overshoot is cut off
    picture = Image.fromarray(values)
    clip = clip_of(tiny("resnet"))
    expected = to_tensor(resize(picture, [32, 32], 3))  # 3: bicubic
    mean, std = torch.tensor(clip.mean).view(3, 1, 1), torch.tensor(clip.std).view(3, 1, 1)
    found = clip.inputs(to_tensor(picture)[None])[0]
    torch.testing.assert_close(found * std + mean, expected, atol=2 / 255, rtol=0)


def test_texts_are_of_unit_length_and_not_cut_short(tiny: Callable[[str], nn.Module]) -> None:
    clip = clip_of(tiny("resnet"))
    fits = " ".join(["photo"] * 14)
    texts = clip.texts(["a photo", fits], "cpu")
    torch.testing.assert_close(texts.norm(dim=1), torch.ones(2))
    with pytest.raises(UserError, match=r"prompt 'photo .*: longer than the 16 tokens"):
        clip.texts(["a photo", f"{fits} photo"], "cpu")
