"""The table that a person reads."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from oneclass import __main__ as command_line
from oneclass.price import speeds
from oneclass.price.model import Price
from oneclass.price.report import PARTS, rows, text
from oneclass.price.speeds import Range

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("row", speeds.table(), ids=lambda row: f"{row['unit']}, {row['device']}")
def test_every_speed_says_where_it_comes_from(row: dict[str, str]) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["date"])
    assert row["machine"] and row["how"]
    assert row["basis"] == "measured" or (row["basis"], row["device"]) == ("assumed", "gpu")
    assert 0 <= float(row["seconds"]) <= float(row["to"])
    assert (row["unit"], "cpu") in speeds.speeds()


def test_the_parts_are_all_that_is_run(price: Callable[..., Price]) -> None:
    made = price("paper")
    parts, _ = rows(made)
    assert sum(row.jobs for row in parts.values()) == len(made.jobs)
    assert list(parts) == [part for part in PARTS if part != "Detectors"]
    assert all(0 < row.gpu.low <= row.gpu.high <= row.cpu.high for row in parts.values())


def test_the_default_run_took_about_fourteen_minutes_on_two_cores(price: Callable[..., Price]) -> None:
    """It was measured: 13.8 minutes (2026-11-26), without the environment."""
    parts, _ = rows(price("config"))
    assert sum((row.cpu for row in parts.values()), Range()).high == pytest.approx(13.8 * 60, rel=0.15)


def test_what_was_not_measured_is_called_an_estimate(price: Callable[..., Price]) -> None:
    shown = text(price("paper"))
    assert "one H100*" in shown
    assert "An estimate: nobody has run this whole on a GPU." in shown
    assert "finished jobs" not in shown


def test_the_table_says_how_many_jobs_were_measured_here(price: Callable[..., Price], tmp_path: Path) -> None:
    made = price("ci")
    job = next(job for job in made.jobs if job.rule == "index")
    file = tmp_path / "results/benchmarks" / f"{job.log}.tsv"
    file.parent.mkdir(parents=True)
    file.write_text("s\n4.5\n")
    assert "Measured here: 1 finished jobs of 1 kinds correct" in text(made)
    assert "whatever settings they were run with" in text(made)


def test_what_must_be_fetched_is_named_with_its_page(price: Callable[..., Price]) -> None:
    shown = text(price("paper"))
    assert re.search(r"- MVTec AD: fetch by hand, into data/mvtec_ad \(https://www.mvtec.com\S+\)", shown)
    assert re.search(r"CIFAR10, .*: downloaded where there is a network", shown)
    assert "Images and weights" not in text(price("ci"))


@pytest.mark.parametrize("name", ["paper_day", "paper_week", "paper"])
def test_the_readme_has_the_sums_of_the_papers(name: str, price: Callable[..., Price]) -> None:
    """After a change of the model: `make plan`, and its last row into README.md."""
    whole = next(line for line in text(price(name)).splitlines() if line.startswith("| **all**"))
    jobs, networks, _, _, *rest = (cell.strip() for cell in whole.split("|")[2:-1])
    row = " | ".join([f"| `configs/{name}.yaml`", jobs, networks, *rest]) + " |"
    assert row in (ROOT / "README.md").read_text()


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert command_line.main(["plan", "--configfile", "configs/ci.yaml"]) == 0
    assert "| Paper 2, search" in capsys.readouterr().out


@pytest.mark.parametrize(("content", "problem"), [("a: [", "cannot be read"), ("- a", "not a configuration")])
def test_a_file_that_is_no_configuration_is_an_error(
    content: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(content)
    assert command_line.main(["plan", "--configfile", str(file)]) == 2
    assert problem in capsys.readouterr().err
