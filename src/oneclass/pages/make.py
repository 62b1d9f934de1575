"""Makes a page, a table or a figure: reads its files, calls its function, writes what that gives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from oneclass import published, tidy
from oneclass.catalogue.records import load
from oneclass.data import index
from oneclass.labels import Labels, chosen, label

KINDS = {"similarity": "metrics"}  # of tidy tables that a page knows by another name


def make(
    build: str,
    reads: Mapping[str, Sequence[str]],
    stem: Path,
    *,
    heading: str,
    number: str,
    paper: str,
    settings: Mapping[str, Any],
    labels: Labels,
) -> None:
    """Call the function that ``build`` names, ``tables.module:function`` or ``figures.module:function``, and write what
    it gives as ``stem`` with several suffixes.

    It is given what each keyword of ``reads`` holds: ``indexes`` a list of indexes, the name of a kind of ``tidy`` one
    table of all rows, anything else the paths. A table is also given the ``published`` numbers of ``paper``, and its
    ``number`` there. ``labels`` are those of the configuration. ``pools`` among ``reads`` are given to no function: a
    table gets a note on the pictures that were left out of them.
    """
    module, _, name = build.partition(":")
    function = getattr(load(module), name)
    shown = {keyword: paths for keyword, paths in reads.items() if keyword != "pools"}
    given = {keyword: _read(keyword, paths) for keyword, paths in shown.items()} | dict(settings)
    with chosen(labels):
        if module.startswith("tables."):
            # pages of one kind do not depend on how the other is written
            from oneclass.tables.notes import of_fewer_classes
            from oneclass.tables.render import render

            whole = given | {"published": published.load(paper), "number": number}
            table = function(**whole)
            left_out = filter(None, map(_left_out, reads.get("pools", ())))
            notes = [*table.notes, *of_fewer_classes(table.tidy), *left_out]
            render(replace(table, notes=notes), heading, stem)
        else:
            from oneclass.figures.style import save

            figure, data = function(**given)
            save(figure, data, stem)


def _left_out(path: str) -> str:
    """How many pictures the pool of an index goes without, for a reader; nothing if none."""
    name, count = index.left_out(path)
    return f"{label('pool', name)}: {count} picture(s) that cannot be read are left out." if count else ""


def _read(keyword: str, paths: Sequence[str]) -> Any:
    if keyword == "indexes":
        return [index.read(path) for path in paths]
    kind = KINDS.get(keyword, keyword)
    if kind not in tidy.SCHEMAS:
        return [Path(path) for path in paths]
    rows = tidy.read(paths, kind)
    return rows.astype(dict.fromkeys(rows.select_dtypes("category").columns, object))  # pages have few rows
