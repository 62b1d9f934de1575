"""A run from pictures to the folder of results: what is written."""

import shutil
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.scoring import run
from tests.unit.scoring.results import files, interrupt, regions, rows, score

Pictures = Callable[..., Path]


def test_every_picture_has_a_row_an_overlay_and_its_regions(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    new, out = pictures(4, bright=(1,)), tmp_path / "out"
    assert score(detector, new, "--out", out) == 0
    found = rows(out)
    assert [row["path"] for row in found] == [str(new / f"{number:02d}.png") for number in range(4)]
    assert [row["anomalous"] for row in found] == ["no", "yes", "no", "no"]
    assert [row["overlay"] for row in found] == [f"overlays/{number:02d}.png.jpg" for number in range(4)]
    assert all((out / row["overlay"]).is_file() for row in found)
    assert float(found[1]["score"]) == np.float32(230 / 255)
    assert regions(out)[found[1]["path"]] == [{"box": [8, 8, 16, 16], "score": np.float32(230 / 255), "area": 64}]
    assert regions(out)[found[0]["path"]] == []
    assert sorted(files(out)) == sorted([*(row["overlay"] for row in found), "regions.jsonl", "scores.csv"])


@pytest.mark.parametrize(("overlays", "count"), [("all", 4), ("anomalous", 1), ("none", 0)])
def test_overlays_of_all_of_anomalous_or_of_no_pictures(
    detector: Path, pictures: Pictures, tmp_path: Path, overlays: str, count: int
) -> None:
    assert score(detector, pictures(4, bright=(1,)), "--out", tmp_path, "--overlays", overlays) == 0
    assert len(list(tmp_path.glob("overlays/*"))) == count
    assert sum(row["overlay"] != "" for row in rows(tmp_path)) == count


def test_of_many_pictures_only_anomalous_ones_have_an_overlay_and_the_run_says_so(
    detector: Path,
    pictures: Pictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(run, "MANY", 3)
    assert score(detector, pictures(4, bright=(1,)), "--out", tmp_path / "out") == 0
    assert len(list(tmp_path.glob("out/overlays/*"))) == 1
    assert "1 anomalous; overlays of these alone" in capsys.readouterr().out


def test_a_threshold_of_one_s_own(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    assert score(detector, pictures(4, bright=(1,)), "--out", tmp_path, "--threshold", 0.15) == 0
    assert [row["anomalous"] for row in rows(tmp_path)] == ["no", "yes", "yes", "no"]
    assert {row["threshold"] for row in rows(tmp_path)} == {"0.15"}


def test_raw_maps(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    assert score(detector, pictures(1, bright=(0,)), "--out", tmp_path, "--maps", "--overlays", "none") == 0
    [row] = rows(tmp_path)
    anomaly = np.load(tmp_path / row["map"])
    assert (anomaly.dtype, anomaly.shape, anomaly.max()) == (np.float32, (32, 32), np.float32(230 / 255))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.25, "1970-01-01T00:00:00.250000+00:00"), (-1e15, "0068-09-03T13:20:00.000000+00:00")],
)
def test_any_time_of_a_file_will_do(seconds: float, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "stat", lambda self: Namespace(st_mtime=seconds))
    assert run._modified(Path("a.png")) == expected


@pytest.mark.parametrize("out", [".", "..", "scores", "new", "new/scores"])
def test_results_may_lie_among_the_pictures(
    detector: Path, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    """Twice, since the second run finds the overlays of the first."""
    new = pictures(3)
    pictures(2, folder="new/overlays")
    pictures(1, folder="new/scores")
    monkeypatch.chdir(new if out != "new" else tmp_path)
    for _ in range(2):
        assert score(detector, tmp_path / "new", "--out", out) == 0
        assert len(rows(Path(out))) == 6


def test_long_names_are_shortened_and_stay_different(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    new, out = pictures(1), tmp_path / "out"
    for stem in ("检" * 78, "a" * 240, "a" * 239 + "b", "ü" * 120):
        shutil.copy(new / "00.png", new / f"{stem}.png")
    assert score(detector, new, "--out", out, "--maps") == 0
    found = [row[kind] for row in rows(out) for kind in ("overlay", "map")]
    assert len(set(found)) == 10
    assert all((out / name).is_file() for name in found)


def test_files_that_differ_in_their_suffix_alone_have_overlays_that_tell_which(
    detector: Path, pictures: Pictures, tmp_path: Path
) -> None:
    new, out = pictures(1), tmp_path / "out"
    Image.open(new / "00.png").save(new / "00.jpg")
    assert score(detector, new, "--out", out) == 0
    assert [row["overlay"] for row in rows(out)] == ["overlays/00.jpg.jpg", "overlays/00.png.jpg"]


def test_a_picture_that_is_gone_says_so(
    detector: Path, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, out = pictures(3), tmp_path / "out"
    (new / "broken.png").symlink_to(new / "nowhere")
    interrupt(monkeypatch, 1, lambda: (new / "02.png").unlink())
    assert score(detector, new, "--out", out) == 1
    assert [row["error"] for row in rows(out)] == [
        *("", ""),
        f"{new / '02.png'}: is not there any more, so it has no score",
        f"{new / 'broken.png'}: is not there any more, so it has no score",
    ]


def test_a_score_that_is_no_number_is_an_error_and_not_normal(
    detector: Path, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [np.full((1, 32, 32), np.nan, np.float32), np.array([np.nan], np.float32)]
    monkeypatch.setattr("onnxruntime.InferenceSession.run", lambda *_: broken)
    assert score(detector, pictures(1), "--out", tmp_path) == 1
    [row] = rows(tmp_path)
    assert (row["anomalous"], row["overlay"]) == ("", "") and "its file may be damaged" in row["error"]


def test_each_page_of_a_tiff_and_each_frame_of_an_animation_is_scored(
    detector: Path, pictures: Pictures, tmp_path: Path
) -> None:
    new, out = pictures(1), tmp_path / "out"
    shown = [Image.fromarray(np.full((20, 30), level, np.uint8)) for level in (20, 40, 230, 60)]
    for name in ("pages.tif", "frames.gif", "frames.webp", "frames.png"):
        options: dict[str, Any] = {"lossless": True} if name.endswith("webp") else {}
        shown[0].save(new / name, save_all=True, append_images=shown[1:], **options)
    shown[0].save(new / "still.tif")
    assert score(detector, new, "--out", out) == 0
    found = rows(out)
    assert [(Path(row["path"]).name, row["page"]) for row in found] == [
        ("00.png", ""),
        *((name, page) for name in ("frames.gif", "frames.png", "frames.webp", "pages.tif") for page in "1234"),
        ("still.tif", ""),
    ]
    by_page = {page: {row["anomalous"] for row in found if row["page"] == page} for page in "1234"}
    assert by_page == {"1": {"no"}, "2": {"no"}, "3": {"yes"}, "4": {"no"}}
    assert found[-2]["overlay"] == "overlays/pages.tif.4.jpg"
    before = files(out)
    assert score(detector, new, "--out", out) == 0
    assert files(out) == before


def test_reduced_copies_and_masks_in_a_tiff_are_no_pages(detector: Path, tmp_path: Path) -> None:
    from PIL import TiffImagePlugin

    frames = [Image.new("L", (20, 20)), Image.new("L", (5, 5), 255), Image.new("L", (20, 20))]
    with TiffImagePlugin.AppendingTiffWriter(str(tmp_path / "a.tif"), new=True) as file:
        for frame, kind in zip(frames, (0, 1, 0), strict=True):
            frame.save(file, format="TIFF", tiffinfo={254: kind})
            file.newFrame()
    assert score(detector, tmp_path / "a.tif", "--out", tmp_path / "out") == 0
    assert [(row["page"], row["anomalous"]) for row in rows(tmp_path / "out")] == [("1", "no"), ("3", "no")]


def test_what_is_passed_over_is_said_in_one_line(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = pictures(1)
    for name in ("a.heic", "b.heic", "c.txt"):
        (new / name).touch()
    assert score(detector, new, "--out", tmp_path / "out") == 0
    assert capsys.readouterr().err == "not pictures, and left out: 2 .heic, 1 .txt\n"


def test_the_number_of_threads_changes_nothing(
    detector: Path, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = pictures(20, bright=(3, 11))
    for workers in (1, 7):
        monkeypatch.setattr(run.cpus, "usable", lambda workers=workers: workers)
        assert score(detector, new, "--out", tmp_path / f"{workers}") == 0
    assert files(tmp_path / "1") == files(tmp_path / "7")


def test_results_keep_their_order_and_few_wait() -> None:
    taken: list[int] = []

    def items() -> Any:
        for number in range(50):
            taken.append(number)
            yield number

    for position, result in enumerate(run.in_order(lambda number: number**2, items(), 3)):
        assert result == position**2
        assert len(taken) <= position + 1 + 2 * 3
