"""Fitting a detector by the workflow, in a folder whose name holds a space."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

FILES = ("detector.safetensors", "detector.onnx", "card.json", "card.html")


@pytest.fixture
def configuration(project: Path, tmp_path: Path) -> Path:
    """A detector of eight pictures of noise, with weights that are none."""
    (tmp_path / "pictures").mkdir()
    for number in range(8):
        pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"pictures/{number}.png")
    (tmp_path / "weights.pth").write_bytes(b"no weights")
    changed = yaml.safe_load((project / "configs/own_images.yaml").read_text())
    changed["datasets"]["mine"]["path"] = str(tmp_path / "pictures")
    [backbone] = changed["backbones"].values()
    backbone["weights"] = {"file": str(tmp_path / "weights.pth")}
    path = tmp_path / "own images.yaml"
    path.write_text(yaml.safe_dump(changed))
    return path


def test_a_detector_that_works_stays_when_another_one_cannot_be_made(
    project: Path, configuration: Path, tmp_path: Path
) -> None:
    (tmp_path / "my project").symlink_to(project)
    detector = tmp_path / "my run/results/detector/mine"
    detector.mkdir(parents=True)
    for name in FILES:
        (detector / name).write_text(f"the {name} of before")
    command = [
        *(str(tmp_path / "my project/.venv/bin/python"), "-m", "snakemake", "detector", "--forcerun", "fit_detector"),
        *("--configfile", str(configuration), "--directory", str(tmp_path / "my run"), "--cores", "1"),
    ]
    done = subprocess.run(command, cwd=tmp_path / "my project", capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (tmp_path / "my run/results/index/mine.parquet").is_file(), done.stderr[-3000:]
    assert "weights.pth: not a readable checkpoint" in done.stderr
    assert {name: (detector / name).read_text() for name in FILES} == {name: f"the {name} of before" for name in FILES}
