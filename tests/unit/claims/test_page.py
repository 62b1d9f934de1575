"""The page of claims as CSV, Markdown and HTML."""

import csv
import io
import itertools
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from oneclass import config, tidy
from oneclass.claims import page
from oneclass.claims.catalogue import CLAIMS
from oneclass.claims.claim import HOLDS, UNDECIDED, Bar, Claim, Theme
from oneclass.claims.interval import Estimate
from oneclass.claims.judge import Judged
from oneclass.claims.make import make
from oneclass.claims.plan import ClaimsPlan
from oneclass.plan.plan import Plan

ROOT = Path(__file__).parents[3]
FOUND = Estimate(1.25, -0.5, 3.0, 12, [("digits", Estimate(1.25, -0.5, 3.0, 12))])


@pytest.fixture
def judged(claim: Callable[..., Claim]) -> page.All:
    one = claim(title="HSC <is> ahead", place="Section 1 | Table 2")
    open_, alone = claim(name="open", title="Open"), claim(name="alone", title="Alone", bar=Bar(high=2))
    return [
        (
            Theme("First & only", (one, open_)),
            [
                Judged(one, HOLDS, "It meets the bar\non a|b.", "CIFAR10 +0.2 (Table 1 | 2)", FOUND),
                Judged(open_, UNDECIDED, "No <section>.", "no number"),
                Judged(alone, UNDECIDED, "One training.", "no number", Estimate(1, np.nan, np.nan, 1)),
            ],
        )
    ]


def test_the_csv_has_a_row_for_each_claim(judged: page.All) -> None:
    first, open_, alone = csv.DictReader(io.StringIO(page.csv(judged)))
    assert list(first) == list(page.COLUMNS)
    assert (first["here"], first["low"], first["high"], first["trainings"]) == ("1.2500", "-0.5000", "3.0000", "12")
    assert (first["bar"], first["verdict"], first["number"]) == ("above 0", HOLDS, "+1.25 (−0.5 to +3.0)")
    assert (first["by_run"], first["by_head"]) == ("digits: +1.25 (−0.5 to +3.0)", "")
    assert (open_["here"], open_["low"], open_["trainings"], open_["number"]) == ("", "", "0", "–")
    assert (alone["here"], alone["low"], alone["bar"]) == ("1.0000", "", "below 2")


def test_the_markdown_has_a_table_for_each_theme(judged: page.All) -> None:
    text = page.markdown(judged)
    assert "## First & only" in text and (
        "Of 3 claims, 1 holds here, 0 do not, and 2 cannot be told from this run: 1 was not tested, and the numbers of "
        "1 do not decide." in text
    )
    assert [line for line in text.splitlines() if line.startswith("|")] == [
        "| Claim | Published | Here | Bar | Verdict |",
        "| --- | --- | --- | --- | --- |",
        "| HSC <is> ahead | CIFAR10 +0.2 (Table 1 \\| 2) | +1.25 (−0.5 to +3.0) points of AUROC | above 0 "
        f"| **{HOLDS}**: It meets the bar on a\\|b. |",
        f"| Open | no number | – | above 0 | **{UNDECIDED}**: No <section>. |",
        f"| Alone | no number | +1.0 points of AUROC | below 2 | **{UNDECIDED}**: One training. |",
    ]


class Elements(HTMLParser):
    """Start tags with their attributes, and the ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.found if name in attributes]


def test_the_html_escapes_every_text_and_needs_nothing_else(judged: page.All) -> None:
    text = page.html(judged)
    assert "HSC &lt;is&gt; ahead" in text and "No &lt;section&gt;." in text and "First &amp; only" in text
    elements = Elements(text)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in elements.found}
    assert all(target.startswith("#") for target in elements.values("href"))


def test_the_html_is_navigable(judged: page.All) -> None:
    elements = Elements(page.html(judged))
    ids = elements.values("id")
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in elements.values("href")} <= set(ids)
    assert {name for value in elements.values("aria-labelledby") for name in value.split()} <= set(ids)
    assert [tag for tag, _ in elements.found if tag in ("h1", "main", "header")] == ["header", "h1", "main"]
    assert dict(elements.found[[tag for tag, _ in elements.found].index("html")][1]) == {"lang": "en"}


def test_a_number_that_cannot_be_computed_is_a_dash_without_a_drawing(claim: Callable[..., Claim]) -> None:
    one = claim()
    judged = [(Theme("One", (one,)), [Judged(one, UNDECIDED, "NaN.", "-", Estimate(np.nan, np.nan, np.nan, 12))])]
    assert "| – | above 0 |" in page.markdown(judged)
    assert "<dd>–</dd>" in page.html(judged) and "<svg" not in page.html(judged)


def test_a_drawing_says_in_words_what_it_shows(judged: page.All) -> None:
    drawings = [attributes for tag, attributes in Elements(page.html(judged)).found if tag == "svg"]
    assert [drawing["aria-label"] for drawing in drawings] == ["+1.25, interval from −0.5 to +3.0; bar above 0"]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ClaimsPlan]:
    """The claims of a shipped configuration, with other values in some of its sections."""

    def make_plan(name: str, *sections: str, **other: Any) -> ClaimsPlan:
        for folder in ("train/airplane", "train/automobile", "train/bird", "test/airplane"):
            (tmp_path / "data/cifar10_subset" / folder).mkdir(parents=True)
        monkeypatch.chdir(tmp_path)
        file = ROOT / name
        values = config.extended(yaml.safe_load(file.read_text()), file.parent) | {"extends": None}
        for section in sections:
            values[section] |= other
        return ClaimsPlan(Plan(config.load(values), ROOT / "workflow_scripts"))

    return make_plan


def test_a_run_of_few_sections_judges_what_it_can(plan: Callable[..., ClaimsPlan], tmp_path: Path) -> None:
    """Every claim has a row; those of sections that are missing say which."""
    planned = plan("configs/mnist_outliers.yaml")
    assert set(planned.inputs) == {"counts"}
    generator = np.random.default_rng(1)
    for path in planned.inputs["counts"]:
        dataset, pool = path.split("/")[4:6]
        parts = []
        for method, count in itertools.product(("hsc", "bce"), (1.0, 32.0, 1024.0)):
            for repetition in range(3):
                for name in "01234":
                    label = np.repeat([0, 1], 40)
                    score = generator.normal(size=80) + label * (3 if method == "hsc" else 0.5)
                    about = {"class": name, "method": method, "outlier_count": count, "repetition": repetition}
                    ids = [f"{k:02d}" for k in range(80)]
                    parts.append(pd.DataFrame({"id": ids, "label": label, "score": score}).assign(**about))
        same = {"dataset": dataset, "pool": pool, "network": "lenet", "task": "one_vs_rest", "filter": "none"}
        tidy.write(pd.concat(parts).assign(**same, magnitude=0.0, augmented="no"), "scores", path)
    make(planned.inputs, tmp_path / "results/claims", **planned.settings)
    rows = {row["name"]: row for row in csv.DictReader((tmp_path / "results/claims.csv").open(encoding="utf-8"))}
    assert list(rows) == [claim.name for claim in CLAIMS]
    assert (rows["one_outlier"]["verdict"], rows["one_outlier"]["trainings"]) == (HOLDS, "30")
    assert rows["thirty_two"]["verdict"] == "does not hold here"
    assert "MNIST (5,000) / photo crops / LeNet (32 px)" in rows["one_outlier"]["by_run"]
    assert rows["center_kind"]["reason"] == "The configuration has no section objective or localisation."
    assert rows["outliers_help"]["reason"] == "The configuration has no section exposure.benchmark."
    assert rows["defects_number"]["reason"].startswith("This run has no networks trained from scratch")
    before = {path.name: path.read_bytes() for path in (tmp_path / "results").glob("claims.*")}
    make(planned.inputs, tmp_path / "results/claims", **planned.settings)
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "results").glob("claims.*")}
    assert sorted(before) == ["claims.csv", "claims.html", "claims.md"]


def test_a_configuration_without_anything_to_test_makes_no_page(plan: Callable[..., ClaimsPlan]) -> None:
    assert not plan("configs/own_images.yaml").is_made


def test_what_a_configuration_does_not_train_is_not_asked_for(plan: Callable[..., ClaimsPlan]) -> None:
    planned = plan("configs/transistor.yaml", "objective", "localisation", trained=["projector"])
    assert "projector" in planned.inputs and not {"closed_form", "stopping"} & set(planned.inputs)
    assert planned.settings["lacking"]["stopping"].endswith("that trains the closed form")
    assert all("closed_form" not in path for paths in planned.inputs.values() for path in paths)


def test_a_miniature_of_clip_is_not_clip(plan: Callable[..., ClaimsPlan]) -> None:
    planned = plan("config.yaml")
    assert planned.is_made and "clip" not in planned.inputs
    assert "miniature" in planned.settings["lacking"]["clip"]
