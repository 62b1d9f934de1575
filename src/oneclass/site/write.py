"""Writes the site of a run, the page of its jobs, and its configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import jinja2
import yaml

from oneclass.files import atomic
from oneclass.site.claims import read
from oneclass.site.contents import emphasised, sections
from oneclass.site.glossary import TERMS, anchor
from oneclass.site.jobs import contents

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("oneclass.site"),
    autoescape=jinja2.select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


SAMPLES = "objective_figS1"  # the page that shows what the data sets look like
PAPERS = [
    {
        "number": "1",
        "short": "one-class objective",
        "title": "Exploring the Optimization Objective of One-Class Classification for Anomaly Detection",
        "authors": "Gao et al. 2023",
        "address": "https://arxiv.org/abs/2308.11898",
    },
    {
        "number": "2",
        "short": "outlier exposure",
        "title": "Exposing Outlier Exposure",
        "authors": "Liznerski et al. 2022",
        "address": "https://arxiv.org/abs/2205.11474",
    },
]


@dataclass(frozen=True)
class Files:
    """What is written: the site, the page of its jobs, and the configuration as YAML; all in one folder."""

    index: Path
    jobs: Path
    configuration: Path


def write(
    files: Files,
    *,
    pages: Sequence[Mapping[str, Any]],
    behind: Mapping[str, Sequence[str]],
    about: Mapping[str, Any],
    values: Mapping[str, Any],
    cards: Sequence[Path],
    claims: Path | None = None,
) -> None:
    """Write the site of a run into the folder of its results, to whose files it refers by relative addresses.

    ``pages`` are entries of the catalogue as ``PagePlan.entry`` has them, ``behind`` the logs of the jobs of each,
    ``about`` the names of what the run is about by kind, for readers, ``values`` the configuration, ``cards`` the pages
    of detectors, and ``claims`` the CSV of claims, if the run has one. The same files give the same bytes, but for the
    page of jobs, which tells measured times.
    """
    results = files.index.parent
    shown, names = sections(pages, results), {page["name"] for page in pages}
    configured = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)
    index = TEMPLATES.get_template("index.html").render(
        papers=[paper | {"sections": [each for each in shown if each.paper == paper["number"]]} for paper in PAPERS],
        about=about,
        terms=[(anchor(term), term, emphasised(escape(meaning))) for term, meaning in TERMS.items()],
        samples=SAMPLES if SAMPLES in names else None,
        claims=read(claims, names) if claims else None,
        detectors={card.parent.name: card.relative_to(results).as_posix() for card in cards},
        jobs=files.jobs.name,
        configuration=files.configuration.name,
        configured=configured,
        versions=sorted({f"{found.name} {found.version}" for found in distributions()}, key=str.lower),
    )
    further = [*(f"detector/{card.parent.name}" for card in cards), *(["claims"] if claims else [])]
    ran = TEMPLATES.get_template("jobs.html").render(**contents(results, behind, further))
    for file, content in ((files.configuration, configured), (files.jobs, ran + "\n"), (files.index, index + "\n")):
        with atomic(file) as path:
            path.write_text(content, encoding="utf-8", newline="\n")
