"""Pictures that arrive while a folder is watched. Waiting is scripted: nothing here sleeps."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oneclass.__main__ import main
from oneclass.scoring.stopping import Stop
from oneclass.scoring.table import Table
from oneclass.scoring.watching import arriving

Step = Callable[[], object]


class Scripted(Stop):
    """Does the next step where a run would wait, and asks it to end after the last."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps: Iterator[Step] = iter(steps)

    def wait(self, seconds: float) -> None:
        step = next(self.steps, None)
        if step is None:
            self.reason = "the end"
        else:
            step()


def names(folder: Path, *steps: Step) -> list[list[str]]:
    return [[picture.name for picture in batch] for batch in arriving([folder], Scripted(*steps))]


def nothing() -> None:
    pass


def test_a_picture_is_taken_once_when_it_no_longer_changes(tmp_path: Path) -> None:
    def grow(text: str) -> Step:
        return lambda: (tmp_path / "b.png").write_text(text)

    (tmp_path / "a.png").touch()
    assert names(tmp_path, grow("h"), grow("ha"), grow("half"), nothing, nothing) == [["a.png"], ["b.png"]]


def test_a_picture_that_is_replaced_is_taken_again(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()

    def replaced() -> None:
        os.utime(tmp_path / "a.png", (1, 1))

    assert names(tmp_path, nothing, replaced, nothing, nothing) == [["a.png"], ["a.png"]]


def test_a_folder_that_is_away_for_a_while_is_watched_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").touch()

    def away() -> None:
        folder.rename(tmp_path / "away")

    def back() -> None:
        (tmp_path / "away").rename(folder)
        (folder / "b.png").touch()

    assert names(folder, nothing, away, nothing, back, nothing) == [["a.png"], ["b.png"]]


@pytest.mark.parametrize(("broken", "status"), [(False, 0), (True, 1)])
def test_a_watched_folder_is_scored_until_ctrl_c(
    detector: Path,
    pictures: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    broken: bool,
    status: int,
) -> None:
    new, out = tmp_path / "new", tmp_path / "out"
    new.mkdir()  # empty to begin with
    other = pictures(3, bright=(1,), folder="other")
    steps: Iterator[Step] = iter(
        [
            lambda: shutil.copy(other / "00.png", new),
            lambda: shutil.copy(other / "01.png", new),
            lambda: (new / "02.png").write_bytes(b"no picture" if broken else (other / "02.png").read_bytes()),
            *(nothing, nothing),
            lambda: os.kill(os.getpid(), signal.SIGINT),
        ]
    )
    monkeypatch.setattr(Stop, "wait", lambda self, seconds: next(steps)())
    command = ["score", "--detector", str(detector), str(new), "--out", str(out), "--watch"]
    assert main(command) == status
    assert [Path(path).name for path, _ in Table(out / "scores.csv").rows] == ["00.png", "01.png", "02.png"]
    assert [file.name for file in out.glob("overlays/*")] == ["01.png.jpg"]
    assert f"{3 - broken} pictures scored, 1 anomalous" in capsys.readouterr().out


def test_a_list_on_standard_input_cannot_be_watched(detector: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "--detector", str(detector), "-", "--watch"]) == 2
    assert "cannot be watched" in capsys.readouterr().err
