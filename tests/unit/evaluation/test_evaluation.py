"""A finished detector on labelled pictures: what is counted, and how it is told."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oneclass.__main__ import main

Labelled = Callable[..., Path]
SIDE = 32


@pytest.fixture
def detector(pixel_detector: Path) -> Path:
    return pixel_detector


@pytest.fixture
def pictures(tmp_path: Path) -> Labelled:
    """A folder of grey pictures, by folder and brightness; anomalous ones are so in one corner, which is their mask."""

    def make(place: str = "labelled", *, masks: str = "", **kinds: list[float]) -> Path:
        for kind, levels in kinds.items():
            for number, level in enumerate(levels):
                pixels, mask = (np.zeros((SIDE, SIDE, 3), np.uint8) for _ in range(2))
                pixels[:8, :8], mask[:8, :8] = round(255 * level), 255
                files = [(tmp_path / place / kind / f"{number}.png", pixels)]
                if masks and kind != "good":
                    files.append((tmp_path / masks / kind / f"{number}_mask.png", mask))
                for file, content in files:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(content).save(file)
        return tmp_path / place

    return make


GOOD = [0.1] * 8 + [0.2, 0.6]
KINDS = {"good": GOOD, "dent": [0.9, 0.7, 0.3], "hole": [0.8]}


def evaluate(detector: Path, folder: Path, *more: str) -> tuple[int, dict, list[dict[str, str]], str]:
    out = folder.parent / "evaluation"
    status = main(["evaluate", "--detector", str(detector), str(folder), "--out", str(out), *more])
    rows = list(csv.DictReader((out / "evaluation.csv").open(encoding="utf-8")))
    return status, json.loads((out / "evaluation.json").read_text()), rows, (out / "evaluation.html").read_text()


def test_what_is_above_the_threshold_is_counted(
    detector: Path, pictures: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    status, measured, rows, page = evaluate(detector, pictures(**KINDS))
    assert status == 0
    here = measured["at_threshold"]
    assert [here[key] for key in ("found", "missed", "flagged", "passed")] == [3, 1, 1, 9]
    assert measured["metrics"] == {"image_auroc": 97.5, "image_ap": 95.0}
    assert measured["by_kind"]["dent"] == {"pictures": 3, "found": 2, "image_auroc": 96.67}
    assert [row["path"] for row in rows[:2]] == ["dent/0.png", "hole/0.png"]
    assert [row["flagged"] for row in rows] == ["yes"] * 4 + ["no"] * 10
    printed = capsys.readouterr().out
    assert "it finds 3 of 4 anomalous pictures" in printed
    titles = re.findall("<h3>(.*?)</h3>", page)
    assert titles[:2] == ["Missed anomalies", "Normal pictures that are flagged"]
    assert page.count("<svg") == 3


def test_the_threshold_of_a_wanted_rate_of_false_alarms(detector: Path, pictures: Labelled) -> None:
    folder = pictures(**KINDS)
    _, strict, _, _ = evaluate(detector, folder, "--false-alarms", "0.05")
    _, lenient, _, page = evaluate(detector, folder, "--false-alarms", "0.2")
    there = strict["at_wanted_false_alarms"]
    assert there["threshold"] == pytest.approx(0.6, abs=0.001)  # the highest of ten: one in eleven is all they promise
    assert there["expected"] == pytest.approx(1 / 11, abs=1e-4)
    assert (there["flagged"], there["found"]) == (0, 3)
    there = lenient["at_wanted_false_alarms"]
    assert there["threshold"] == pytest.approx(0.2, abs=0.003)
    assert (there["flagged"], there["found"]) == (1, 4)
    assert "--threshold 0.2" in page


@pytest.mark.parametrize("layout", ["plain", "around test", "test itself"])
def test_masks_are_found_in_every_layout(detector: Path, pictures: Labelled, layout: str) -> None:
    folder = pictures("set" if layout == "plain" else "set/test", masks="set/ground_truth", **KINDS)
    _, measured, _, page = evaluate(detector, folder.parent if layout == "around test" else folder)
    assert measured["metrics"]["pixel_auroc"] > 95
    assert "outlined in magenta" in page


def test_a_picture_that_cannot_be_read_is_told_of(
    detector: Path, pictures: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pictures(**KINDS)
    (folder / "hole" / "0.png").write_bytes(b"")
    status, measured, rows, page = evaluate(detector, folder)
    assert status == 1
    assert measured["pictures"] == {"normal": 10, "anomalous": 3, "unreadable": ["hole/0.png"]}
    assert "cannot be read" in rows[-1]["error"]
    assert "cannot be read" in page
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({"good": GOOD}, "must hold 'good'"),
        ({"dent": [0.9]}, "must hold 'good'"),
        ({}, "must hold 'good'"),
    ],
)
def test_a_folder_without_one_of_the_kinds_is_an_error(
    kinds: dict[str, list[float]],
    message: str,
    detector: Path,
    pictures: Labelled,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = pictures(**kinds)
    folder.mkdir(exist_ok=True)
    assert main(["evaluate", "--detector", str(detector), str(folder), "--out", str(folder.parent / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not (folder.parent / "out").exists()


def test_some_masks_only_are_an_error(detector: Path, pictures: Labelled, capsys: pytest.CaptureFixture[str]) -> None:
    folder = pictures(masks="labelled/ground_truth", **KINDS)
    (folder / "ground_truth" / "dent" / "0_mask.png").unlink()
    assert main(["evaluate", "--detector", str(detector), str(folder), "--out", str(folder.parent / "out")]) == 2
    assert "dent/0.png has no mask" in capsys.readouterr().err


def test_a_kind_of_which_nothing_can_be_read_is_an_error(
    detector: Path, pictures: Labelled, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pictures(good=GOOD, dent=[0.9])
    (folder / "dent" / "0.png").write_bytes(b"")
    assert main(["evaluate", "--detector", str(detector), str(folder), "--out", str(folder.parent / "out")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_equal_pictures_give_equal_files(detector: Path, pictures: Labelled) -> None:
    folder = pictures(masks="labelled/ground_truth", **KINDS)
    assert evaluate(detector, folder) == evaluate(detector, folder)


@pytest.mark.parametrize("share", ["0", "1", "-0.1", "x"])
def test_a_wanted_rate_is_a_share(share: str, detector: Path, pictures: Labelled) -> None:
    with pytest.raises(SystemExit):
        evaluate(detector, pictures(**KINDS), "--false-alarms", share)
