"""What the jobs of a run took."""

from pathlib import Path

import pytest

from oneclass.site.jobs import Job, contents, read

HEAD = "s\th:m:s\tmax_rss\tcpu_time\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three jobs: one that was measured whole, one in part, one not at all."""
    for name, row in {"index/a": "2.50\t0:00:02\t100.25\t1.50\n", "figures/b": "0.5\t0:00:00\tNA\t-\n"}.items():
        for place, text in {f"logs/{name}.log": "", f"benchmarks/{name}.tsv": HEAD + row}.items():
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_text(text)
    return tmp_path


def test_a_job_has_its_files_and_what_it_took(folder: Path) -> None:
    assert read(folder, "index/a") == Job("index/a", "logs/index/a.log", "benchmarks/index/a.tsv", 2.5, 1.5, 100.25)


def test_what_was_not_measured_is_not_known(folder: Path) -> None:
    assert read(folder, "figures/b") == Job("figures/b", "logs/figures/b.log", "benchmarks/figures/b.tsv", 0.5)
    assert read(folder, "gone") == Job("gone", None, None)
    (folder / "benchmarks" / "figures" / "b.tsv").write_text("")
    assert read(folder, "figures/b").seconds is None


def test_jobs_are_listed_once_and_added_up_for_each_page(folder: Path) -> None:
    made = contents(folder, {"b": ["figures/b", "index/a"], "c": ["index/a"]}, ["gone"])
    assert [job.name for job in made["jobs"]] == ["figures/b", "gone", "index/a"]
    assert [(page, seconds) for page, _, seconds in made["pages"]] == [("b", 3.0), ("c", 2.5)]
    assert made["total"] == 3.0
