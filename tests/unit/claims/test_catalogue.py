"""The entries of all claims: complete, in step with the docs, and light."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from oneclass.claims import sources
from oneclass.claims.catalogue import CLAIMS, SOURCES, THEMES
from oneclass.claims.claim import Bar, Claim
from oneclass.claims.plan import FILES
from oneclass.claims.printed import as_text, printed
from oneclass.claims.reference import reference

ROOT = Path(__file__).parents[3]


def named(name: str) -> Claim:
    [found] = [claim for claim in CLAIMS if claim.name == name]
    return found


def test_what_is_best_minus_another_cannot_be_negative() -> None:
    assert {claim.name for claim in CLAIMS if claim.limits[0] == 0} == {
        *("center_kind", "norm_one", "one_percent_time", "method_hardly_matters", "gamma")
    }


def test_names_and_titles_are_unique() -> None:
    for attribute in ("name", "title", "statistic"):
        assert len({getattr(claim, attribute) for claim in CLAIMS}) == len(CLAIMS)
    assert len({theme.title for theme in THEMES}) == len(THEMES)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_an_entry_is_complete(claim: Claim) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", claim.name)
    assert claim.place and claim.needs and claim.sources and claim.printed_in
    assert claim.statistic.endswith(".") and not claim.title.endswith(".")
    assert claim.bar != Bar()


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.printed], ids=lambda claim: claim.name)
def test_the_papers_own_numbers_meet_the_bar(claim: Claim) -> None:
    """On average over its data sets: a bar that the paper itself misses would test something else."""
    numbers = list(printed(claim).values())
    assert numbers and claim.bar.has(float(np.mean(numbers)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("center_kind", "CIFAR10 0.07, MVTec AD 0.07 (Table 4)"),
        ("norm_one", "CIFAR10 0.2, MVTec AD 0.0 (Tables S5 and S6)"),
        ("norm_degrades", "CIFAR10 +2.6, MVTec AD +9.8 (Tables S5 and S6: norms 1 and 32, 1 and 8)"),
        ("online_level", "MVTec AD −5.6, MPDD −7.8, VisA −0.7 (Tables 2 and 3)"),
        ("method_hardly_matters", "CIFAR10 1.6, ImageNet-30 1.0 (Table 1)"),
        ("leave_one_out_harder", "CIFAR10 +9.5, ImageNet-30 +11.7 (Tables 1, 13 and 14)"),
        ("best_outlier", "CIFAR10 +7.8, ImageNet-30 +3.8 (Table 3)"),
        ("low_frequencies", "CIFAR10 +8.7, ImageNet-30 +2.2 (Table 4)"),
        ("augmentation_helps", "CIFAR10 +3.35 (Table 6)"),
        ("clip_fine_tuned", "CIFAR10 +1.1, ImageNet-30 +0.02 (Table 2)"),
    ],
)
def test_what_the_papers_print(name: str, text: str) -> None:
    assert as_text(named(name)) == text


def test_the_docs_list_every_claim_as_it_is_tested() -> None:
    assert (ROOT / "docs" / "claims.md").read_text(encoding="utf-8") == reference(), "run make claims"


def test_every_source_is_used_and_has_files() -> None:
    known = {value.name for value in vars(sources).values() if isinstance(value, sources.Source)}
    assert known == set(SOURCES) == set(FILES)


def test_the_snakefile_reads_them_without_anything_heavy() -> None:
    code = (
        "import sys; import oneclass.claims.plan; print([m for m in ('pandas', 'numpy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
