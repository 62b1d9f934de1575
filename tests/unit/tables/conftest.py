from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oneclass import tidy
from oneclass.labels import Labels, chosen
from oneclass.pages.make import make
from oneclass.tables.render import Table, html, markdown
from oneclass.tables.tidy import to_csv

Texts = dict[tuple[str, ...], dict[str, str]]

LABELS = {
    "dataset": {
        "mnist5k": "MNIST (5,000)",
        "mnist5k_leave_one_out": "MNIST (5,000), leave one out",
        "elpv": "ELPV",
        "elpv_drawn": "ELPV, drawn defects",
    },
    "pool": {"photos": "photo crops", "high_digits": "digits 5 to 9", "tiny_imagenet": "Tiny ImageNet"},
}


@pytest.fixture(scope="session")
def labels() -> Labels:
    """Those of the configuration."""
    return LABELS


@pytest.fixture(autouse=True)
def _labelled(labels: Labels) -> Iterator[None]:
    with chosen(labels):
        yield


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The few classes of made-up runs are not held to be fewer than the papers'."""
    monkeypatch.setattr("oneclass.tables.tidy.class_counts", dict)


@pytest.fixture
def require_same_from_files(tmp_path: Path, labels: Labels) -> Callable[..., None]:
    """Require that the page ``build`` made from files, rows of each kind in two of them, is ``table``."""

    def require(
        table: Table,
        build: str,
        paper: str,
        number: str,
        rows: dict[str, pd.DataFrame],
        files: dict[str, list[Path]] | None = None,
        **settings: Any,
    ) -> None:
        reads = dict(files or {})
        for kind, frame in rows.items():
            half = len(frame) // 2
            reads[kind] = [tmp_path / f"{kind}_{part}.parquet" for part in range(2)]
            for path, part in zip(reads[kind], (frame[:half], frame[half:]), strict=True):
                tidy.write(part, kind, path)
        about: dict[str, Any] = {"heading": "Table", "number": number, "paper": paper, "labels": labels}
        texts = {kind: list(map(str, paths)) for kind, paths in reads.items()}
        make(build, texts, tmp_path / "page", settings=settings, **about)
        made = {suffix: (tmp_path / f"page.{suffix}").read_text(encoding="utf-8") for suffix in ("csv", "md", "html")}
        assert made == {"csv": to_csv(table.tidy), "md": markdown(table, "Table"), "html": html(table, "Table")}

    return require


@pytest.fixture(scope="session")
def texts() -> Callable[[Table], Texts]:
    """The cells of a table, by the labels of their row and then by their heading."""

    def read(table: Table) -> Texts:
        return {
            key if isinstance(key, tuple) else (key,): {str(name): text for name, text in values.items()}
            for key, values in table.wide.iterrows()
        }

    return read


@pytest.fixture(scope="session")
def of() -> Callable[[dict[str, str], str], list[str]]:
    """Here, published and difference: a method's cells in a row of ``texts``."""

    def select(row: dict[str, str], method: str) -> list[str]:
        return [row.get(f"{method} {source}", "") for source in ("(here)", "(published)", "difference")]

    return select
