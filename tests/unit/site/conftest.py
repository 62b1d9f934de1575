from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oneclass.site.write import Files, write
from oneclass.tables.cells import DASH, Best
from oneclass.tables.render import Table, render

EVIL = "<img src=x onerror=document.title='run'>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="150pt"><circle r="9"/></svg>'


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """What the catalogue says of a page."""

    def make(name: str, kind: str, paper: str = "1", caption: str = "Of *no* use.") -> dict[str, Any]:
        section = {"number": f"{paper}.1", "title": f"Part {EVIL}", "about": "What it asks.", "paper": paper}
        files = ["html", "csv", "md"] if kind == "tables" else ["svg", "png", "csv"]
        heading = f"{kind.capitalize()} {name} {EVIL}"
        return {
            **{"name": name, "kind": kind, "heading": heading, "caption": caption, "section": section, "files": files},
        }

    return make


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The files of two figures and two tables."""
    folder = tmp_path / "results"
    rows = {
        ("Image AUROC (%)", "b"): ["70.0 ± 1.0", DASH],
        ("Image AUROC (%)", "a"): [Best("90.0"), "95.5"],
        ("Image AUROC (%)", EVIL): [DASH, "8.0"],
        ("Image AUROC (%)", "Average"): ["80.0", "51.8"],
    }
    wide = pd.DataFrame(list(rows.values()), columns=["kNN (here)", "IGD (published)"], dtype=object)
    wide.index = pd.MultiIndex.from_tuples(list(rows), names=["Metric", "Category"])
    tidy = pd.DataFrame({"dataset": ["x"], "class": ["a"], "method": ["knn"], "metric": ["m"], "mean": [1.0]})
    for paper in ("1", "2"):
        render(Table("Numbers.", tidy, wide, ["A note."]), f"Table {EVIL}", folder / "tables" / f"table{paper}")
        (folder / "figures").mkdir(exist_ok=True)
        for suffix, text in {"svg": SVG, "png": "", "csv": "x"}.items():
            (folder / "figures" / f"fig{paper}.{suffix}").write_text(text)
        for page in (f"tables/table{paper}", f"figures/fig{paper}"):
            for place in (f"logs/{page}.log", f"benchmarks/{page}.tsv"):
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                (folder / place).write_text("")
    (folder / "detector" / "cells").mkdir(parents=True)
    (folder / "detector" / "cells" / "card.html").write_text("<!doctype html><title>Card</title>")
    return folder


@pytest.fixture
def make(results: Path, entry: Callable[..., dict[str, Any]]) -> Callable[..., Path]:
    """Write the site of ``results``, a figure and a table of each paper and a detector: where it is."""

    def run(folder: Path = results, **changes: Any) -> Path:
        kinds = (("fig", "figures"), ("table", "tables"))
        pages = [entry(f"{name}{paper}", kind, paper) for paper in ("1", "2") for name, kind in kinds]
        told = {
            "pages": pages,
            "behind": {page["name"]: [f"{page['kind']}/{page['name']}", "index/x"] for page in pages},
            "about": {
                "datasets": {"cells": [f"Cells {EVIL}"]},
                "pools": [],
                "backbones": ["B"],
                "networks": [],
                "clips": [],
            },
            "values": {"seed": 1, "label": EVIL},
            "cards": [folder / "detector" / "cells" / "card.html"],
        }
        names = {"index": "index.html", "jobs": "jobs.html", "configuration": "configuration.yaml"}
        files = Files(**{name: folder / file for name, file in names.items()})
        write(files, **(told | changes))
        return files.index

    return run


@pytest.fixture
def site(make: Callable[..., Path]) -> Path:
    return make()
