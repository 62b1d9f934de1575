"""The two files of a detector give what the detector gives."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from oneclass.detector import export
from oneclass.detector.distances import METHODS
from oneclass.detector.export import load, require_agreement
from oneclass.detector.network import FeatureExtractor
from oneclass.detector.scorer import Scorer
from oneclass.errors import UserError


@pytest.mark.parametrize("count", [1, 3])
def test_onnx_runtime_agrees_with_pytorch(made: Any, count: int) -> None:
    images = torch.stack([torch.from_numpy(shown.picture).permute(2, 0, 1) for shown in made.findings.shown])[:count]
    scorer = Scorer.load(made.folder)
    session, settings = scorer.session, scorer.settings
    found = session.run(["map", "score"], {"images": images.numpy()})
    expected = made.detector(images)
    assert found[0].shape == (count, 128, 128)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=0, atol=1e-4)
    assert settings["threshold"] == made.findings.threshold


Program = Callable[[Path, np.ndarray], Any]


@pytest.fixture(params=["onnxruntime", "openvino", "cv2"])
def program(request: pytest.FixtureRequest) -> Program:
    """From an ONNX file and pictures to maps and scores, where the program is installed."""
    module = pytest.importorskip(request.param)

    def onnxruntime(file: Path, images: np.ndarray) -> Any:
        return Scorer.load(file).session.run(["map", "score"], {"images": images})

    def openvino(file: Path, images: np.ndarray) -> Any:
        model = module.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return list(model(images).values())

    def cv2(file: Path, images: np.ndarray) -> Any:
        network = module.dnn.readNetFromONNX(str(file))
        network.setInput(images, "images")
        return network.forward(["map", "score"])

    return {"onnxruntime": onnxruntime, "openvino": openvino, "cv2": cv2}[request.param]


@pytest.fixture(scope="module")
def of_noise(
    save_pictures: Callable[..., Path],
    index_of: Callable[..., Any],
    fitted: Callable[..., Any],
    written: Callable[..., Path],
    tiny_extractors: Callable[[], FeatureExtractor],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Any]:
    """A new detector by a method, of the same twelve pictures; what was found, and the folder."""
    index = index_of(save_pictures(tmp_path_factory.mktemp("pictures") / "noise", 12))

    def make(method: str) -> Any:
        detector, findings = fitted(index, tiny_extractors(), 64, method=method)
        folder = tmp_path_factory.mktemp("made") / "detector"
        return detector, findings, written(detector, findings, index, folder, "test_efficientnet")

    return make


@pytest.fixture(scope="module")
def first(of_noise: Callable[[str], Any]) -> Callable[[str], Any]:
    """The first one by a method."""
    return cache(of_noise)


@pytest.mark.parametrize("method", METHODS)
def test_other_programs_agree(program: Program, method: str, first: Callable[[str], Any]) -> None:
    """docs/detector.md says which versions were tried."""
    detector, findings, folder = first(method)
    images = torch.stack([torch.from_numpy(shown.picture).permute(2, 0, 1) for shown in findings.shown])
    found_and_expected = zip(program(folder / "detector.onnx", images.numpy()), detector(images), strict=True)
    for found, expected in found_and_expected:
        np.testing.assert_allclose(np.reshape(found, expected.shape), expected.numpy(), rtol=1e-4, atol=1e-4)


def test_the_file_is_for_old_programs_too(made: Any) -> None:
    """ONNX Runtime 1.16 reads IR versions to 9 and opsets to 19."""
    model = onnx.load(made.folder / "detector.onnx")
    assert model.ir_version <= 9
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
    written = {prop.key: prop.value for prop in model.metadata_props}
    assert (written["ir_version"], written["opset"]) == (str(model.ir_version), "18")


def test_pytorch_reads_back_what_was_written(made: Any) -> None:
    images = torch.from_numpy(made.findings.shown[0].picture).permute(2, 0, 1)[None]
    for found, expected in zip(load(made.folder)(images), made.detector(images), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_pictures_give_the_same_bytes(
    method: str, first: Callable[[str], Any], of_noise: Callable[[str], Any]
) -> None:
    folders = []
    for _, _, folder in (first(method), of_noise(method)):
        folders.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert set(folders[0]) == {"detector.safetensors", "detector.onnx", "card.json", "card.html"}
    assert folders[0] == folders[1]
    assert str(Path(export.__file__).parent).encode() not in folders[0]["detector.onnx"]


def test_whoever_may_read_the_card_may_read_the_model(made: Any) -> None:
    assert len({file.stat().st_mode for file in made.folder.iterdir()}) == 1


def test_another_model_s_file_is_found_out(made: Any) -> None:
    images = torch.from_numpy(made.findings.shown[0].picture).permute(2, 0, 1)[None]
    assert require_agreement(made.detector, made.folder / "detector.onnx", images) <= export.AGREEMENT
    other = load(made.folder)
    other.distance.mean += 0.1
    with pytest.raises(UserError, match="ONNX Runtime differs from PyTorch"):
        require_agreement(other, made.folder / "detector.onnx", images)


@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_what_is_no_detector_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    for name in ("detector.safetensors", "detector.onnx"):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    for read in (lambda: load(tmp_path), lambda: Scorer.load(tmp_path)):
        with pytest.raises(UserError, match=r"not .* detector|holds no detector\.onnx") as error:
            read()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(("first", "second", "difference"), [(0.002, 0.0, 4e-6), (1.0, 1.002, 0.002), (3.0, 3.0, 0)])
def test_rounding_of_a_distance_near_zero_is_no_disagreement(first: float, second: float, difference: float) -> None:
    arrays = [np.array([[0.5, value]], np.float32) for value in (first, second)]
    assert export.disagreement(*arrays) == pytest.approx(difference, rel=1e-3)
    assert np.isnan(export.disagreement(arrays[0], np.full((1, 2), np.nan, np.float32)))
