"""A run from pictures to the folder of results: what is written, what is taken over, and how it ends."""

import csv
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oneclass.__main__ import main
from oneclass.detector import graph
from oneclass.detector.scorer import Scorer
from oneclass.scoring import run
from oneclass.scoring.examine import Examined, Examiner, Task

Pictures = Callable[..., Path]


def score(detector: Path, *arguments: object) -> int:
    return main(["score", "--detector", str(detector), *map(str, arguments)])


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def regions(out: Path) -> dict[str, list[dict[str, Any]]]:
    lines = [json.loads(line) for line in (out / "regions.jsonl").read_text().splitlines()]
    assert len({(line["path"], line["page"]) for line in lines}) == len(lines)
    return {line["path"]: line["regions"] for line in lines}


def files(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int, what: Callable[[], None]) -> None:
    """``what`` happens when as many pictures are examined; a thread of its own examines them."""
    examined = []
    original = Examiner.__call__

    def counting(self: Examiner, task: Task) -> Examined:
        examined.append(task)
        if len(examined) == after:
            what()
        return original(self, task)

    monkeypatch.setattr(Examiner, "__call__", counting)
    monkeypatch.setattr(run.cpus, "usable", lambda: 1)


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


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_goes_on_to_the_same_files(
    detector: Path,
    pictures: Pictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: signal.Signals,
) -> None:
    new, out = pictures(12, bright=(1, 7)), tmp_path / "out"
    assert score(detector, new, "--out", tmp_path / "whole") == 0
    with monkeypatch.context() as patched:
        interrupt(patched, 6, lambda: os.kill(os.getpid(), asked))
        assert score(detector, new, "--out", out) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "run the same command again to go on" in error
    done = len(rows(out))
    assert 0 < done < 12 and len(list(out.glob("overlays/*"))) == done
    assert score(detector, new, "--out", out) == 0
    assert f"{12 - done} pictures scored" in (printed := capsys.readouterr().out)
    assert f"{done} taken over" in printed
    assert files(out) == files(tmp_path / "whole")


def test_a_run_that_is_killed_goes_on_to_the_same_files(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    new, out = pictures(12, bright=(1, 7)), tmp_path / "out"
    code = f"""
import os, signal
from oneclass import files
from oneclass.__main__ import main
from oneclass.scoring import results
kept, written = results.atomic, []
def atomic(path):
    written.append(path)
    if len(written) == 5:
        path.with_name(".partial-" + path.name).write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    return kept(path)
results.atomic = atomic
main(["score", "--detector", {str(detector)!r}, {str(new)!r}, "--out", {str(out)!r}])
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert len(rows(out)) == 4
    assert score(detector, new, "--out", out) == 0
    assert score(detector, new, "--out", tmp_path / "whole") == 0
    assert files(out) == files(tmp_path / "whole")


def test_a_full_disk_ends_the_run_and_keeps_what_is_done(
    detector: Path,
    pictures: Pictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new, out = pictures(8), tmp_path / "out"

    def full(path: Path, content: bytes) -> int:
        if path.name.endswith("05.png.jpg"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return original(path, content)

    original = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", full)
    assert score(detector, new, "--out", out) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "No space left on device" in error
    assert [Path(row["path"]).name for row in rows(out)] == [f"{number:02d}.png" for number in range(5)]
    assert sorted(path.name for path in out.glob("overlays/*")) == [f"{number:02d}.png.jpg" for number in range(5)]
    monkeypatch.undo()
    assert score(detector, new, "--out", out) == 0
    assert len(rows(out)) == 8


def test_a_table_that_may_not_grow_has_whole_rows(detector: Path, pictures: Pictures, tmp_path: Path) -> None:
    """A limit on the size of files cuts a line in two, as a full disk does."""
    command = [
        sys.executable,
        "-m",
        "oneclass",
        "score",
        "--detector",
        detector,
        pictures(8),
        "--out",
        tmp_path / "out",
    ]
    limit = 1000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(list(map(str, command)), preexec_fn=limited, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "(" in done.stderr and done.stderr.count("\n") == 1
    assert (tmp_path / "out" / "scores.csv").read_bytes().endswith(b"\r\n")
    assert 0 < len(rows(tmp_path / "out")) < 8


def test_what_changed_or_failed_or_lacks_its_overlay_is_scored_again(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, out = pictures(5), tmp_path / "out"
    (new / "04.png").write_bytes(b"no picture")
    assert score(detector, new, "--out", out) == 1
    pictures(2, bright=(1,))  # 00 and 01 are written again
    pictures(5, folder="other")
    shutil.copy(tmp_path / "other" / "04.png", new)
    (out / "overlays" / "02.png.jpg").unlink()
    capsys.readouterr()
    assert score(detector, new, "--out", out) == 0
    assert "4 pictures scored, 1 anomalous; 1 taken over" in capsys.readouterr().out
    assert sorted(Path(row["path"]).name for row in rows(out)) == [f"{number:02d}.png" for number in range(5)]
    assert len(regions(out)) == 5
    assert {row["overlay"] for row in rows(out)} == {f"overlays/{number:02d}.png.jpg" for number in range(5)}
    assert score(detector, new, "--out", out, "--maps") == 0
    assert "5 pictures scored" in capsys.readouterr().out


def test_pictures_of_an_earlier_run_stay_and_none_shares_their_overlays(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, out = pictures(2, folder="one"), pictures(2, folder="two"), tmp_path / "out"
    assert [score(detector, place, "--out", out) for place in (one, two)] == [0, 0]
    assert [row["overlay"] for row in rows(out)] == [
        *("overlays/00.png.jpg", "overlays/01.png.jpg"),
        *("overlays/00.png-2.jpg", "overlays/01.png-2.jpg"),
    ]
    (one / "00.png").unlink()
    capsys.readouterr()
    assert score(detector, one, "--out", out) == 0
    assert "1 taken over from before; 3 rows of other pictures stay" in capsys.readouterr().out
    assert len(rows(out)) == 4


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.25, "1970-01-01T00:00:00.250000+00:00"), (-1e15, "0068-09-03T13:20:00.000000+00:00")],
)
def test_any_time_of_a_file_will_do(seconds: float, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "stat", lambda self: Namespace(st_mtime=seconds))
    assert run._modified(Path("a.png")) == expected


def test_another_detector_or_threshold_is_one_line(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, out = pictures(2), tmp_path / "out"
    assert score(detector, new, "--out", out) == 0
    before = files(out)
    assert score(detector, new, "--out", out, "--threshold", 0.7) == 2
    assert "scores.csv: holds scores for the threshold 0.5, not 0.7; choose another --out" in capsys.readouterr().err
    import onnx

    other = tmp_path / "other"
    other.mkdir()
    model = onnx.load(detector / "detector.onnx")
    model.doc_string = "another"
    graph.write(model, Scorer.load(detector).settings, other / "detector.onnx")
    assert score(other, new, "--out", out) == 2
    assert "holds scores by another detector" in capsys.readouterr().err
    assert files(out) == before
    (out / "scores.csv").unlink()
    (new / "01.png").unlink()
    assert score(other, new, "--out", out) == 0
    assert sorted(path.name for path in out.glob("overlays/*")) == ["00.png.jpg"]
    assert len(regions(out)) == 1


def test_a_table_of_someone_else_s_is_not_touched(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = pictures(1)
    for text in ("a,b\n1,2\n", "a,b"):
        (new / "scores.csv").write_text(text)
        assert score(detector, new, "--out", new) == 2
        assert "not a table that this version of `oneclass score` wrote" in capsys.readouterr().err
        assert (new / "scores.csv").read_text() == text


@pytest.mark.parametrize("end", ["path,pa", None])
def test_a_line_that_was_cut_off_is_written_again(
    detector: Path, pictures: Pictures, tmp_path: Path, end: str | None
) -> None:
    new, out = pictures(2), tmp_path / "out"
    assert score(detector, new, "--out", out) == 0
    before = files(out)
    cut = before["scores.csv"][:-9] if end is None else end.encode()
    (out / "scores.csv").write_bytes(cut)
    (out / "regions.jsonl").write_bytes(before["regions.jsonl"][:-9])
    assert score(detector, new, "--out", out) == 0
    assert files(out) == before


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


def test_a_place_that_cannot_be_written_into_is_one_line(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results.csv").write_text("mine")
    for out in ("results.csv", "results.csv/below"):
        assert score(detector, pictures(1), "--out", tmp_path / out) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and f"{out}: cannot be written into" in error
    assert (tmp_path / "results.csv").read_text() == "mine"
    assert score(detector, pictures(1), "--out", "/proc/nowhere") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_two_runs_into_one_folder_do_not_mix(
    detector: Path, pictures: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with run.opened(tmp_path / "out", "some", 0.5):
        assert score(detector, pictures(1), "--out", tmp_path / "out") == 2
    assert "another run is writing into it" in capsys.readouterr().err


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
    assert capsys.readouterr().err == "passed over, not known as pictures: 2 .heic, 1 .txt\n"


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
