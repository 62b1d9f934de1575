"""How a run ends, what the next one takes over of it, and what it leaves alone."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass.detector import graph
from oneclass.detector.scorer import Scorer
from oneclass.scoring import run
from tests.unit.scoring.results import files, interrupt, regions, rows, score

Pictures = Callable[..., Path]


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
    assert f"{done} scored before" in printed
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
    assert "4 pictures scored, 1 anomalous; 1 scored before" in capsys.readouterr().out
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
    assert "1 scored before; 3 rows of other pictures are kept" in capsys.readouterr().out
    assert len(rows(out)) == 4


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
