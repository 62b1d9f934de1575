"""Making a page: what its function is given, and the files that come of it, with made-up functions."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure

from oneclass import published, tidy
from oneclass.catalogue import records
from oneclass.config import load
from oneclass.data import index
from oneclass.data.index import Index
from oneclass.data.record import COLUMNS
from oneclass.errors import UserError
from oneclass.figures.defects import load as load_of_defects
from oneclass.labels import label
from oneclass.pages.make import make
from oneclass.pages.plan import planned
from oneclass.plan.plan import Plan
from oneclass.tables.render import Table

Build = Callable[[str, Callable[..., Any]], str]
ABOUT = {"heading": "Table 99. Nothing", "number": "99", "paper": "objective", "labels": {"dataset": {"x": "The X"}}}


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Build:
    """The name of a function ``draw`` in a module of a folder of the library, ``tables`` or ``figures``."""

    def put(folder: str, function: Callable[..., Any]) -> str:
        module: Any = ModuleType(f"oneclass.{folder}.made_up")
        module.draw = function
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return f"{folder}.made_up:draw"

    return put


@pytest.fixture
def reads(tmp_path: Path) -> dict[str, list[str]]:
    """Files of every kind, two of each but one index."""
    for name, value in (("one", 1.0), ("two", 2.0)):
        row = pd.DataFrame({"dataset": [name], "class": ["mean"], "method": ["hsc"], "metric": ["image_auroc"]})
        tidy.write(row.assign(mean=value, radial=name), "summary", tmp_path / f"{name}_summary.parquet")
        tidy.write(row.assign(value=value, repetition=0), "metrics", tmp_path / f"{name}_metrics.parquet")
    table = pd.DataFrame([["0", "0.png", "a", "train", -1, "image", 0, "", ""]], columns=list(COLUMNS))
    index.write(Index.create(table, "x", tmp_path), tmp_path / "x.parquet")
    return {
        "indexes": [str(tmp_path / "x.parquet")],
        "summary": [str(tmp_path / f"{name}_summary.parquet") for name in ("one", "two")],
        "similarity": [str(tmp_path / f"{name}_metrics.parquet") for name in ("one", "two")],
        "features": [str(tmp_path / f"{name}.h5") for name in ("one", "two")],  # which only the function would open
    }


def require_read(given: dict[str, Any], tmp_path: Path) -> None:
    """Require that ``given`` holds what ``reads`` names."""
    [one] = given["indexes"]
    assert (one.name, one.root, one.ids().tolist()) == ("x", tmp_path, ["0"])
    assert given["features"] == [tmp_path / "one.h5", tmp_path / "two.h5"]
    for keyword, kind, value in (("summary", "summary", "mean"), ("similarity", "metrics", "value")):
        rows = given[keyword]
        assert list(rows.columns)[: len(tidy.SCHEMAS[kind])] == list(tidy.SCHEMAS[kind])
        assert rows[["dataset", value]].to_numpy().tolist() == [["one", 1.0], ["two", 2.0]]
        assert rows["network"].isna().all() and not (rows.dtypes == "category").any()
    assert given["summary"]["radial"].tolist() == ["one", "two"]  # an option


def test_a_table_is_given_what_it_reads_by_keyword(build: Build, reads: dict[str, list[str]], tmp_path: Path) -> None:
    calls = []

    def draw(**given: Any) -> Table:
        calls.append(given)
        wide = pd.DataFrame(
            [["1.0"]], pd.MultiIndex.from_tuples([(label("dataset", "x"),)], names=["Data set"]), ["MS"]
        )
        return Table("What it shows.", given["summary"], wide, ["A note."])

    made = build("tables", draw)
    make(made, reads, tmp_path / "new" / "page.1", settings={"protocol": "B"}, **ABOUT)
    [given] = calls
    require_read(given, tmp_path)
    pd.testing.assert_frame_equal(given["published"], published.load("objective"))
    assert given.keys() - reads.keys() == {"published", "number", "protocol"}
    assert (given["number"], given["protocol"]) == ("99", "B")

    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["page.1.csv", "page.1.html", "page.1.md"]
    assert files["page.1.md"] == (
        "## Table 99. Nothing\n\nWhat it shows.\n\n| Data set | MS |\n| --- | ---: |\n| The X | 1.0 |\n\n- A note.\n"
    )
    assert "<h1>Table 99. Nothing</h1>" in files["page.1.html"]
    assert files["page.1.csv"].splitlines()[1:] == [
        *("one,mean,hsc,image_auroc,1.0000,,,,,,,one", "two,mean,hsc,image_auroc,2.0000,,,,,,,two")
    ]
    assert label("dataset", "x") == "x"  # the configuration's labels are for its pages alone


def test_a_figure_is_given_what_it_reads_by_keyword(build: Build, reads: dict[str, list[str]], tmp_path: Path) -> None:
    calls = []

    def draw(**given: Any) -> tuple[Figure, pd.DataFrame]:
        calls.append(given)
        figure = Figure(figsize=(1, 1))
        figure.suptitle(label("dataset", "x"))
        return figure, pd.DataFrame({"dataset": ["x"], "value": [1 / 3]})

    made = build("figures", draw)
    make(made, reads, tmp_path / "new" / "page.1", settings={"seed": 7}, **ABOUT)
    [given] = calls
    require_read(given, tmp_path)
    assert given.keys() - reads.keys() == {"seed"} and given["seed"] == 7

    files = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["page.1.csv", "page.1.png", "page.1.svg"]
    assert files["page.1.csv"] == b"dataset,value\nx,0.333333\n"
    assert b"The X" in files["page.1.svg"] and files["page.1.png"].startswith(b"\x89PNG")
    assert label("dataset", "x") == "x"


def test_a_page_that_reads_nothing(build: Build, tmp_path: Path) -> None:
    made = build("figures", lambda: (Figure(), pd.DataFrame({"a": [1]})))
    make(made, {}, tmp_path / "page", settings={}, **ABOUT)
    assert (tmp_path / "page.csv").read_text() == "a\n1\n"


def test_a_function_that_fails_leaves_no_files_and_no_labels(
    build: Build, reads: dict[str, list[str]], tmp_path: Path
) -> None:
    def draw(**given: Any) -> tuple[Figure, pd.DataFrame]:
        raise UserError(label("dataset", "x"))

    made = build("figures", draw)
    with pytest.raises(UserError, match="The X"):
        make(made, reads, tmp_path / "new" / "page", settings={}, **ABOUT)
    assert not (tmp_path / "new").exists() and label("dataset", "x") == "x"


def test_files_of_another_kind_are_refused(build: Build, reads: dict[str, list[str]], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"metrics\.parquet: not a table of summary"):
        make(build("figures", dict), {"summary": reads["similarity"]}, tmp_path / "page", settings={}, **ABOUT)


@pytest.mark.parametrize("config", ["config.yaml", "configs/ci.yaml", "configs/paper.yaml"])
def test_every_function_takes_what_its_page_gives_it(config: str) -> None:
    settings = load(yaml.safe_load(Path(config).read_text(encoding="utf-8")))
    made = planned(Plan(settings, Path("workflow_scripts")))
    assert len(made) > 30
    for page in made:
        module, _, name = page.page.build.partition(":")
        function = getattr(records.load(module), name)
        function = load_of_defects if module == "figures.defects" else function  # which best and worst pass all on to
        given = [*page.inputs.keys() - {"pools"}, *page.settings["settings"]]  # of pools a table has a note
        given += ["published", "number"] if module.startswith("tables.") else []
        assert len(given) == len(set(given)), page.page.name
        try:
            inspect.signature(function).bind(**dict.fromkeys(given))
        except TypeError as error:
            pytest.fail(f"{page.page.name}: {error}")


@pytest.mark.parametrize(("count", "note"), [(0, ""), (3, "\n- x: 3 picture(s) that cannot be read are left out.")])
def test_a_table_notes_how_many_pictures_a_pool_goes_without(
    count: int, note: str, build: Build, reads: dict[str, list[str]], tmp_path: Path
) -> None:
    whole = index.read(reads["indexes"][0])
    index.write(replace(whole, unreadable=count), tmp_path / "pool.parquet")

    def draw(summary: pd.DataFrame, published: pd.DataFrame, number: str) -> Table:
        return Table("What it shows.", summary, pd.DataFrame({"MS": ["1.0"]}, pd.Index(["a"], name="Of")), ["A note."])

    shown = {"summary": reads["summary"], "pools": [str(tmp_path / "pool.parquet")]}
    make(build("tables", draw), shown, tmp_path / "page", settings={}, **ABOUT | {"labels": {}})
    assert (tmp_path / "page.md").read_text(encoding="utf-8").split("- A note.")[1] == note + "\n"
