"""A detector's ONNX file that was damaged or changed is an error, never a score."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from oneclass.checksum import EMPTY, seal
from oneclass.detector.export import load
from oneclass.detector.scorer import MOST_BYTES, Scorer
from oneclass.errors import UserError, line

Change = Callable[[onnx.ModelProto, dict[str, Any]], None]


@pytest.fixture
def changed(made: Any, tmp_path: Path) -> Callable[[Change], Path]:
    """The file after a change, with its checksum put right."""

    def make(change: Change) -> Path:
        model = onnx.load(made.folder / "detector.onnx")
        settings = {prop.key: json.loads(prop.value) for prop in model.metadata_props} | {"sha256": EMPTY}
        change(model, settings)
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in settings.items()})
        file = tmp_path / "detector.onnx"
        file.write_bytes(seal(model.SerializeToString()))
        return file

    return make


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["detector.onnx", "detector.safetensors"])
def test_a_flipped_bit_in_a_weight_is_found(made: Any, tmp_path: Path, name: str) -> None:
    content = bytearray((made.folder / name).read_bytes())
    content[len(content) // 2] ^= 64
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match="damaged or changed") as error:
        (Scorer.load if name.endswith("onnx") else load)(tmp_path)
    assert str(tmp_path / name) in one_line(error)


def test_a_changed_threshold_is_found(made: Any, tmp_path: Path) -> None:
    content = (made.folder / "detector.onnx").read_bytes()
    old = json.dumps(made.findings.threshold).encode()
    assert content.count(old) == 1
    (tmp_path / "detector.onnx").write_bytes(content.replace(old, b"9" * len(old)))
    with pytest.raises(UserError, match="damaged or changed"):
        Scorer.load(tmp_path)


def test_a_file_without_a_checksum(changed: Callable[[Change], Path]) -> None:
    def change(model: onnx.ModelProto, settings: dict[str, Any]) -> None:
        settings["note"] = settings.pop("sha256")

    with pytest.raises(UserError, match="no checksum"):
        Scorer.load(changed(change))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("threshold", "high", "its threshold is 'high', which is no number"),
        ("threshold", float("nan"), "its threshold is nan"),
        ("threshold", None, "its threshold is None"),
        ("normal_level", True, "its normal_level is True"),
        ("resize", None, "do not go together"),
        ("resize", -5, "its resize -5, crop None and size 128 do not go together"),
        ("resize", "128", "do not go together"),
        ("size", 64, "do not go together"),
        ("crop", 64, "do not go together"),
    ],
)
def test_settings_that_no_detector_has(
    changed: Callable[[Change], Path], key: str, value: object, message: str
) -> None:
    file = changed(lambda model, settings: settings.update({key: value}))
    with pytest.raises(UserError, match=message) as error:
        Scorer.load(file)
    assert one_line(error).startswith(f"{file}: not the ONNX file of a detector (")


def test_weights_that_are_not_numbers_give_no_score(changed: Callable[[Change], Path]) -> None:
    def change(model: onnx.ModelProto, settings: dict[str, Any]) -> None:
        weight = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("conv_stem.weight"))
        values = onnx.numpy_helper.to_array(weight).copy()
        values.flat[0] = np.nan
        weight.CopyFrom(onnx.numpy_helper.from_array(values, weight.name))

    scorer = Scorer.load(changed(change))
    with pytest.raises(UserError, match="not a number") as error:
        scorer.score(Image.new("RGB", (40, 30), "red"))
    one_line(error)


@pytest.mark.parametrize("place", ["weights.bin", "../weights.bin", "/etc/passwd"])
def test_weights_beside_the_file_are_never_looked_for(
    changed: Callable[[Change], Path], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(model: onnx.ModelProto, settings: dict[str, Any]) -> None:
        weight = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("conv_stem.weight"))
        (tmp_path / "weights.bin").write_bytes(weight.raw_data)
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=place)

    monkeypatch.chdir(tmp_path)
    file = changed(change)
    with pytest.raises(UserError, match=r"not the ONNX file of a detector .*External data") as error:
        Scorer.load(file)
    one_line(error)


def test_a_graph_from_something_else(changed: Callable[[Change], Path]) -> None:
    def change(model: onnx.ModelProto, settings: dict[str, Any]) -> None:
        model.graph.input.append(onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1]))

    with pytest.raises(UserError, match="takes or gives something else than a detector does") as error:
        Scorer.load(changed(change))
    one_line(error)


def test_a_graph_that_fails_on_a_picture(changed: Callable[[Change], Path]) -> None:
    scorer = Scorer.load(changed(lambda model, settings: settings.update({"size": 64, "resize": 64})))
    with pytest.raises(UserError, match=r"the detector fails on a picture|map of shape") as error:
        scorer.score(Image.new("RGB", (40, 30), "red"))
    one_line(error)


def test_a_file_larger_than_its_format_allows_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "detector.onnx").open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # a hole: it takes no room
    with pytest.raises(UserError, match="it is too large for one"):
        Scorer.load(tmp_path)


def test_too_little_memory_to_load_it_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise MemoryError

    (tmp_path / "detector.onnx").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UserError, match=r"not the ONNX file of a detector \(MemoryError\)") as error:
        Scorer.load(tmp_path)
    assert line(error.value).startswith("there is not enough memory")
