"""oneclass fit: what cannot be is one line, before the work; a detector and its files otherwise."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oneclass.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with eight pictures in pics."""
    (tmp_path / "pics").mkdir()
    (tmp_path / "file").touch()
    for number in range(8):
        pixels = np.random.default_rng(number).integers(60, 120, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"pics/{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "none: there is no such folder of pictures"),
        (["pics", "--size", "64", "--crop", "100"], "crop 100 (--crop) is larger than size 64 (--size)"),
        (["pics", "--layers", "9"], "the backbone has no layer 9; choose layers (--layers) among 1 to 4"),
        (["pics", "--held-out", "0.01"], "data set 'pics', class 'pics': 8 normal picture(s), 8 to learn from"),
        (["pics", "--backbone", "resnet81"], "timm has no network 'resnet81' (--backbone); did you mean 'resnet18'?"),
        (["pics", "--weights", "none.pth"], "none.pth: there is no such file of weights"),
        (["pics", "--out", "file"], "file: cannot be written into (Not a directory); choose another --out"),
        (["pics", "--device", "abacus"], "the device 'abacus' cannot be used"),
    ],
)
def test_what_cannot_be_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["fit", *arguments]) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"error: {message}")
    assert not list(folder.glob("detector/*"))


def test_a_folder_of_pictures_becomes_a_detector(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "pics", "--size", "64", "--out", "mine"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Open mine/card.html, then try it: oneclass score --detector mine NEW_PICTURES"
    assert any(line.startswith("warning: Only 2 normal pictures set the threshold") for line in said)
    names = {file.name for file in (folder / "mine").iterdir()}
    assert names == {"detector.onnx", "detector.safetensors", "card.html", "card.json"}
    assert main(["score", "--detector", "mine", "pics"]) == 0


def test_a_detector_that_is_replaced_is_told_of_and_nothing_of_it_stays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "mine: another detector was there, which this one replaces"
    assert main(["fit", "pics", "--size", "64", "--out", "mine", "--resize-in-graph"]) == 0
    assert said not in capsys.readouterr().out.splitlines()
    first = (folder / "mine/detector.onnx").read_bytes()
    assert (folder / "mine/detector_any_size.onnx").exists()
    assert main(["fit", "pics", "--size", "96", "--out", "mine"]) == 0
    assert said in capsys.readouterr().out.splitlines()
    assert (folder / "mine/detector.onnx").read_bytes() != first
    assert not (folder / "mine/detector_any_size.onnx").exists()
