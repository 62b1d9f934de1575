"""Makes the page of claims: reads a run's files, judges every claim, writes what comes of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from oneclass.claims import page
from oneclass.claims.catalogue import SOURCES, THEMES
from oneclass.claims.judge import judge
from oneclass.claims.rows import read
from oneclass.files import atomic
from oneclass.labels import Labels, chosen

RESAMPLES = 400  # behind each interval: its width is known to 4 percent


def make(
    reads: Mapping[str, Sequence[str]], stem: Path, *, labels: Labels, lacking: Mapping[str, str], seed: int
) -> None:
    """Write ``stem`` + ``.csv``, ``.md`` and ``.html``, each whole or not at all.

    ``reads`` has the files of each source by its name, and ``lacking`` why a source has none.
    """
    rows = {name: read(name, SOURCES[name].kind, paths, RESAMPLES, seed) for name, paths in reads.items()}
    with chosen(labels):
        judged = [(theme, judge(theme.claims, rows, lacking, seed)) for theme in THEMES]
        texts = {".csv": page.csv(judged), ".md": page.markdown(judged), ".html": page.html(judged)}
    for suffix, text in texts.items():
        with atomic(stem.with_name(stem.name + suffix)) as path:
            path.write_text(text, encoding="utf-8", newline="\n")
