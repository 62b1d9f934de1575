"""Folders of pictures that something is wrong with: each has its row, and the run comes to its end."""

import csv
import json
from pathlib import Path

import pytest

from oneclass.scoring.table import HEADER
from tests.faults import pictures
from tests.faults.pictures import BAD, NAMES, WHOLE
from tests.unit.scoring.results import files, rows, score

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning", "ignore::UserWarning")


def test_each_has_its_row_and_what_was_written_names_it(detector: Path, tmp_path: Path) -> None:
    kinds, out = pictures.write(tmp_path / "new"), tmp_path / "out"
    assert score(detector, tmp_path / "new", "--out", out) == 1
    found = rows(out)
    by_name = {Path(row["path"]).name: row for row in found}
    assert set(by_name) == set(kinds)
    for name, row in by_name.items():
        assert bool(row["score"]) != bool(row["error"])
        assert row["error"].isprintable()
        if kinds[name] in (WHOLE, BAD):
            assert bool(row["score"]) == (kinds[name] == WHOLE), name
    overlays = [row["overlay"] for row in found if row["score"]]
    assert len({name.casefold() for name in overlays}) == len(overlays)
    assert set(files(out)) == {*overlays, "scores.csv", "regions.jsonl"}  # nothing is written elsewhere
    assert not (tmp_path / "hit").exists()
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        assert all(len(row) == len(HEADER) for row in csv.reader(file))
    assert all(json.loads(line) for line in (out / "regions.jsonl").read_text().splitlines())


def test_names_are_kept_and_a_second_run_has_nothing_to_do(
    detector: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, out = tmp_path / "new", tmp_path / "out"
    new.mkdir()
    for name in NAMES:
        (new / name).write_bytes(pictures.plain("png"))
    assert score(detector, new, "--out", out) == 0
    assert [Path(row["path"]).name for row in rows(out)] == sorted(NAMES)
    before = files(out)
    assert score(detector, new, "--out", out) == 0
    assert files(out) == before
    assert "\x1b[31m" not in capsys.readouterr().err
