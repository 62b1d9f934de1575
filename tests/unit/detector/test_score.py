"""A folder of 30 normal pictures, a detector, 10 new pictures: the whole way, and what can go wrong on it."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from oneclass.__main__ import main
from oneclass.data import images
from oneclass.data.geometry import Geometry
from oneclass.features.decode import to_tensor
from oneclass.metrics import auroc


def scored(out: Path) -> list[dict[str, str]]:
    with (out / "scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_ten_new_pictures_of_which_five_have_a_defect(made: Any, tmp_path: Path) -> None:
    assert main(["score", "--detector", str(made.folder), str(made.new), "--out", str(tmp_path / "out")]) == 0
    rows = scored(tmp_path / "out")
    assert [Path(row["path"]).name for row in rows] == sorted(made.labels)
    labels = [made.labels[Path(row["path"]).name] for row in rows]
    assert auroc(np.array(labels), np.array([float(row["score"]) for row in rows])) >= 0.9
    for row in rows:
        assert row["anomalous"] == ("yes" if float(row["score"]) > made.findings.threshold else "no")
        assert row["error"] == ""
        picture = images.load(made.new, Path(row["path"]).name)
        [expected] = made.detector(to_tensor(Geometry(128).apply(picture))[None])[1]
        assert float(row["score"]) == pytest.approx(float(expected), abs=1e-4)
        with Image.open(tmp_path / "out" / row["overlay"]) as overlay:
            assert overlay.size == (128, 128)


def test_the_folder_alone_is_enough(made: Any, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(made.folder / "detector.onnx", tmp_path / "elsewhere")
    arguments = ["--detector", str(tmp_path / "elsewhere"), str(made.new / "0.png"), "--out", str(tmp_path / "out")]
    assert main(["score", *arguments]) == 0
    assert len(scored(tmp_path / "out")) == 1


def test_an_unreadable_picture_is_named_and_the_others_are_scored(
    made: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = Path(shutil.copytree(made.new, tmp_path / "new"))
    (new / "5.png").write_bytes(b"no picture")
    (new / "notes.txt").write_text("not a picture either")
    assert main(["score", "--detector", str(made.folder), str(new), "--out", str(tmp_path / "out")]) == 1
    rows = {Path(row["path"]).name: row for row in scored(tmp_path / "out")}
    bad = rows.pop("5.png")
    assert (bad["score"], bad["anomalous"], bad["overlay"]) == ("", "", "")
    assert "cannot be read as an image" in bad["error"]
    assert len(rows) == 9
    assert all(row["score"] and not row["error"] for row in rows.values())
    printed = capsys.readouterr()
    assert "9 pictures scored" in printed.out
    assert "5.png: cannot be read" in printed.err


def test_any_kind_and_size_of_picture_is_scored(made: Any, tmp_path: Path) -> None:
    new = tmp_path / "new" / "deep" / "er"
    new.mkdir(parents=True)
    grey = np.random.default_rng(0).integers(0, 256, (50, 90), dtype=np.uint8)
    Image.fromarray(grey).save(new / "same.png")
    Image.fromarray(grey).convert("RGB").resize((1500, 700)).save(new / "same.jpg")
    Image.fromarray(grey).convert("RGBA").save(new / "with alpha.tiff")
    out = tmp_path / "out"
    assert main(["score", "--detector", str(made.folder), str(tmp_path / "new"), "--out", str(out)]) == 0
    rows = scored(out)
    overlays = [row["overlay"] for row in rows]
    assert overlays == [f"overlays/deep/er/{name}.jpg" for name in ("same.jpg", "same.png", "with alpha.tiff")]
    assert rows[1]["score"] == rows[2]["score"]
    assert all((out / name).is_file() for name in overlays)


def test_results_are_not_taken_for_pictures(made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Path(shutil.copytree(made.new, tmp_path / "new"))
    monkeypatch.chdir(tmp_path)
    arguments = ["score", "--detector", str(made.folder), str(new), "--out", "new/scores"]
    assert [main(arguments) for _ in range(2)] == [0, 0]
    assert len(scored(new / "scores")) == 10


@pytest.mark.parametrize(
    ("detector", "pictures", "message"),
    [
        ("missing", ["new"], "missing: there is no such folder"),
        ("empty", ["new"], "empty: not the folder of a detector (it holds no detector.onnx)"),
        ("detector", ["empty"], "empty: there are no pictures here"),
        ("detector", ["new", "nowhere"], "nowhere: there is no such file or folder"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    made: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    detector: str,
    pictures: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("new").symlink_to(made.new)
    Path("detector").symlink_to(made.folder)
    assert main(["score", "--detector", detector, *pictures]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert not Path("scores").exists()


def test_scoring_needs_neither_pytorch_nor_timm() -> None:
    program = "import sys, oneclass.scoring.run; print({'torch', 'timm'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "set()"


def test_the_command_explains_itself() -> None:
    done = subprocess.run([sys.executable, "-m", "oneclass", "score", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("--detector DIR", "--out DIR", "IMAGES"))


def test_a_picture_is_resized_as_in_training(made: Any, tmp_path: Path) -> None:
    """A large picture through the command, and through PyTorch with the pipeline's own geometry."""
    pixels = np.random.default_rng(1).integers(0, 256, (333, 517, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    out = tmp_path / "out"
    assert main(["score", "--detector", str(made.folder), str(tmp_path / "large.png"), "--out", str(out)]) == 0
    with torch.no_grad():
        _, [expected] = made.detector(to_tensor(Geometry(128).apply(Image.fromarray(pixels)))[None])
    assert float(scored(out)[0]["score"]) == pytest.approx(float(expected), abs=1e-4)
