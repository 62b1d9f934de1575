"""What an edit of the library runs again, in the folder of a finished run; and what a new entry of a catalogue adds."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

COMPARATOR = '''"""The distance to the mean."""

import numpy as np


def score_vectors(train, test):
    return np.linalg.norm(test - train.mean(0), axis=1)
'''
LOSS = '''"""A quadratic loss."""

from oneclass.exposure.losses import Fixed


class Loss(Fixed):
    classifier = True

    def losses(self, z, outlier):
        return (z[:, 0] - outlier.to(z.dtype)) ** 2

    def score(self, z):
        return z[:, 0]
'''
TABLE = '''"""A table of means."""

from oneclass.tables.render import Table


def means(summary, published, number):
    wide = summary.set_index(["dataset", "class"])[["mean"]].round(1)
    return Table("Means.", summary, wide, ["A note."])
'''
NEW_METHODS = """METHODS = {
    "mean_distance": Comparator("mean_distance", "Mean distance", module="objective.methods.mean_distance"),
    "quadratic": Loss("quadratic", "Quadratic", colour="#123456", module="exposure.losses.quadratic"),
} | {"""
NEW_PAGE = """OBJECTIVE_PAGES = (
    Page("objective_means", IMAGES, "tables.means:means", shown.AVERAGES).about("Means here\\nOf all."),"""
ENTRIES: dict[str, Callable[[str], str]] = {
    "objective/methods/mean_distance.py": lambda text: COMPARATOR,
    "exposure/losses/quadratic.py": lambda text: LOSS,
    "tables/means.py": lambda text: TABLE,
    "catalogue/methods.py": lambda text: text.replace("METHODS = {", NEW_METHODS, 1),
    "pages/objective.py": lambda text: text.replace("OBJECTIVE_PAGES = (", NEW_PAGE, 1),
}


def changed(text: str) -> str:
    """With a statement that computes nothing, and that the hash of code sees."""
    return f"{text}\nEXTRA = 1\n"


def remarked(text: str) -> str:
    return f"{text}\n# a remark\n"


def only(name: str) -> Callable[[dict[str, Callable[[str], str]]], dict[str, Callable[[str], str]]]:
    return lambda entries: {file: edit for file, edit in entries.items() if file.startswith((name, "catalogue"))}


@pytest.fixture
def planned(workflow: Any, edit: Any) -> Callable[..., set[str]]:
    """The rules that would run again after changes."""

    def plan(changes: dict[str, Callable[[str], str]]) -> set[str]:
        return set(workflow.rules("--dry-run", workflow=edit(changes)))

    return plan


def test_a_remark_runs_nothing_again(planned: Any) -> None:
    assert planned({"objective/closed_form.py": remarked, "training/inputs.py": remarked}) == set()


def test_a_changed_formula_runs_again_what_depends_on_it_and_nothing_else(planned: Any) -> None:
    tables = {f"objective_{name}" for name in ("table1", "table2", "table3", "table4", "tableS4", "tableS5", "tableS6")}
    computing = {"vectors_closed_form", "vectors_evaluate", "maps_closed_form", "maps_online", "maps_evaluate"}
    shown = {"objective_closed_form", "objective_fig3", "objective_online"}
    assert planned({"objective/closed_form.py": changed}) == computing | tables | shown | {"claims", "site"}


def test_an_edited_loss_runs_its_trainings_again_and_nothing_of_other_methods(planned: Any) -> None:
    """HSC is searched and drawn, too; nothing of paper 1, of CLIP or of transfer learning depends on it."""
    again = planned({"exposure/losses/hsc.py": changed})
    assert {"train_exposure", "search", "exposure_evaluate", "exposure_fig1"} <= again
    assert not [rule for rule in again if rule.startswith(("vectors_", "maps_", "features", "objective_"))]
    assert not again & {"train_transfer", "train_clip", "fine_tune_clip", "embed_clip", "score_clip"}


def test_an_edited_loss_leaves_searches_with_another_alone(planned: Any) -> None:
    assert "search" not in planned({"exposure/losses/focal.py": changed})


def test_the_looks_of_pages_run_nothing_but_pages_again(planned: Any, finished: Path) -> None:
    changes = dict.fromkeys(["figures/style.py", "tables/render.py", "labels.py"], changed)
    assert all(rule.startswith(("objective_", "exposure_", "claims", "site")) for rule in planned(changes))


def test_editing_one_figure_draws_it_and_the_site_alone(planned: Any) -> None:
    assert planned({"figures/tsne.py": changed}) == {"objective_figS6", "site"}


def test_a_new_comparator_trains_nothing_again(planned: Any) -> None:
    again = planned(only("objective")(ENTRIES))
    assert "vectors_comparators" in again
    assert not [rule for rule in again if rule.startswith(("train", "maps_"))]
    assert not again & {f"vectors_{name}" for name in ("projector", "full_batch", "closed_form", "algorithm1")}
    assert not again & {"search", "fine_tune_clip", "features", "index"}


def test_made_up_methods_and_a_page_are_in_tables_and_figures(
    workflow: Any, edit: Any, finished: Path, configuration: Path, tmp_path: Path
) -> None:
    """A comparator, a loss and a table, each a module and an entry, in a run of the pages that show them."""
    copy = edit(ENTRIES)
    folder = tmp_path / "run"
    for name in ("results", ".snakemake"):  # goes on from the finished run
        shutil.copytree(finished / name, folder / name)
    config = yaml.safe_load(configuration.read_text())
    config["exposure"]["counts"]["methods"] = ["hsc", "quadratic"]
    made_up = tmp_path / "config.yaml"
    made_up.write_text(yaml.safe_dump(config))
    pages = ["objective_table1", "objective_means", "exposure_fig2"]
    done = workflow.snakemake(folder, *pages, "--configfile", str(made_up), "--cores", "all", workflow=copy)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    table1 = pd.read_csv(folder / "results/tables/objective_table1.csv")
    rows = table1.query("method == 'mean_distance' and dataset == 'elpv' and `class` == 'mono'")
    assert rows["mean"].between(50, 100).all() and len(rows) == 1
    assert "Mean distance" in (folder / "results/tables/objective_table1.html").read_text()
    assert "Means here" in (folder / "results/tables/objective_means.html").read_text()
    assert "Quadratic" in (folder / "results/figures/exposure_fig2.svg").read_text()
    drawn = pd.read_csv(folder / "results/figures/exposure_fig2.csv")
    assert "quadratic" in set(drawn["method"])
