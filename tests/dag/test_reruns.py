"""Which rules an edit of the library runs again: those whose script, directly or not, imports what was edited."""

import shutil
from pathlib import Path

import pytest

from oneclass.provenance import PACKAGE, source_hash, sources

SCRIPTS = Path(__file__).parents[2] / "workflow_scripts"
TABLES = {"objective_table", "objective_table1", "objective_tableS1", "exposure_table"}
TABLES |= {"transfer_table", "exposure_search_table"}
FIGURES = {f"objective_{name}" for name in ("fig2", "figS4", "fig3", "figS5", "fig4", "figS1", "figS6", "closed_form")}
FIGURES |= {"objective_figS2", "objective_figS3", "objective_online"}
FIGURES |= {"exposure_fig1", "exposure_outliers_figure", "exposure_frequency_figure"}
FIGURES |= {"exposure_clip_prompts", "exposure_gallery", "exposure_search"}
ON_PIXELS = {"train_exposure", "fine_tune_clip", "search"}  # or, the first of them, on features
FITTED_ON_MAPS = {f"localisation_{name}" for name in ("train", "closed_form", "literal", "comparators", "online")}
FITTED_ON_MAPS |= {"detector"}
OF_MAPS = FITTED_ON_MAPS | {"localisation_similarity"}
TRAINERS = {"train_minibatch", "train_moments", "train_literal", "closed_form"}
TRAINERS |= FITTED_ON_MAPS - {"localisation_comparators"}
USERS: dict[str, set[str]] = {}
for script in sorted(SCRIPTS.glob("*.py")):
    for file in sources(script)[1:]:
        USERS.setdefault(file.relative_to(PACKAGE).as_posix(), set()).add(script.stem)


@pytest.mark.parametrize(
    ("module", "scripts"),
    [
        ("data/sources/cifar100.py", {"index", "index_pool"}),
        ("data/pools.py", {"index_pool"}),
        ("data/outliers.py", {"outliers"}),
        ("data/build.py", {"index"}),
        (
            "features/backbone.py",
            {"features", "train_transfer"} | OF_MAPS,
        ),  # which compute maps themselves where nothing is cached
        ("features/transform.py", {"features", "train_transfer", "objective_figS2", "objective_figS3"} | OF_MAPS),
        (
            "objective/minibatch.py",
            {f"localisation_{name}" for name in ("train", "literal", "online")} | {"train_minibatch"},
        ),
        (
            "objective/moments.py",
            {"train_moments", "closed_form", "localisation_closed_form", "localisation_online", "detector"},
        ),
        ("objective/reference.py", {"train_literal", "localisation_literal"}),
        ("objective/closed_form.py", {"closed_form", "localisation_closed_form", "localisation_online", "detector"}),
        ("objective/comparators.py", {"comparators", "train_transfer"}),
        ("objective/similarity.py", {"similarity", "localisation_similarity"}),
        ("localisation/online.py", {"localisation_online"}),
        ("localisation/comparators.py", {"localisation_comparators"}),
        ("localisation/closed_form.py", {"localisation_closed_form", "localisation_online", "detector"}),
        ("localisation/maps.py", OF_MAPS),
        ("pixel_metrics.py", {"localisation_evaluate", "localisation_online", "detector"}),
        ("data/drawing.py", {"draw_defects", "detector"}),
        (
            "data/geometry.py",
            {"features", "pixels", "train_clip", "embed_clip", "train_transfer"}
            | {"exposure_frequency_figure", "exposure_gallery"}
            | ON_PIXELS
            | {"objective_figS2", "objective_figS3"}
            | OF_MAPS,
        ),
        ("exposure/training.py", ON_PIXELS | {"train_transfer"}),
        ("exposure/methods/dsad.py", ON_PIXELS | {"train_transfer", "exposure_fig1"}),
        ("exposure/toy.py", {"exposure_fig1"}),
        (
            "filters.py",
            {"features", "exposure_frequency_figure", "exposure_gallery"} | ON_PIXELS | {"train_transfer"} | OF_MAPS,
        ),
        ("adam.py", TRAINERS | ON_PIXELS | {"train_clip", "embed_clip", "train_transfer", "exposure_fig1"}),
        ("localisation/smoothing.py", {"localisation_evaluate", "objective_figS2", "objective_figS3"} | OF_MAPS),
        ("detector/card.py", {"detector"}),
        ("objective/training.py", TRAINERS),
        ("published/__init__.py", TABLES),
        ("tables/objective.py", TABLES | {"exposure_gallery", "exposure_search"}),
        ("figures/polar.py", {"objective_fig2", "objective_figS4"}),
        ("figures/tsne.py", {"objective_figS6"}),
        ("figures/style.py", FIGURES),
    ],
)
def test_an_edit_reaches_only_what_uses_it(module: str, scripts: set[str]) -> None:
    assert USERS[module] == scripts


def test_the_layout_of_tables_and_figures_never_retrains() -> None:
    computing = {script.stem for script in SCRIPTS.glob("*.py")} - TABLES - FIGURES
    pages = ("tables/", "figures/", "published/")
    layout = [users for module, users in USERS.items() if module.startswith(pages)]
    assert layout
    assert not set().union(*layout) & computing


def test_the_configuration_s_own_code_runs_nothing_again() -> None:
    assert USERS["provenance.py"] == {"search"}  # what it remembers goes by the code behind it
    assert not [module for module in USERS if module.startswith("config/")]


def test_every_other_module_belongs_to_a_script() -> None:
    modules = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")}
    by_hand = {"__main__.py", "detector/score.py"}  # what the user runs afterwards
    checked = {module for module in modules if module.startswith("config/")}
    assert modules - set(USERS) == checked | by_hand


def test_a_changed_constant_changes_what_depends_on_it_and_a_remark_changes_nothing(tmp_path: Path) -> None:
    def hashes(package: Path) -> dict[str, str]:
        return {script.stem: source_hash(script, package) for script in SCRIPTS.glob("*.py")}

    def edited(name: str, addition: str) -> dict[str, str]:
        package = Path(shutil.copytree(tmp_path / PACKAGE.name, tmp_path / name / PACKAGE.name))
        with (package / "objective" / "closed_form.py").open("a") as module:
            module.write(addition)
        return hashes(package)

    before = hashes(Path(shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)))
    remarked, changed = edited("remarked", "\n# a remark\n"), edited("changed", "\nEXTRA = 1\n")
    assert remarked == before
    assert {script for script in changed if changed[script] != before[script]} == {
        "closed_form",
        "localisation_closed_form",
        "localisation_online",
        "detector",
    }
