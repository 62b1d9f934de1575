"""The jobs that a configuration asks for: their files, classes, settings."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from oneclass import config
from oneclass.labels import label
from oneclass.pages.plan import planned
from oneclass.plan.plan import DRAWN, REPEATED, Plan

ROOT = Path(__file__).parents[3]
CI: dict[str, Any] = yaml.safe_load((ROOT / "configs" / "ci.yaml").read_text())
PAPER: dict[str, Any] = yaml.safe_load((ROOT / "configs" / "paper.yaml").read_text())


def plan(**sections: Any) -> Plan:
    """The plan of the smallest configuration, with other values in some of its sections (None: without one)."""
    values = deepcopy(CI)
    for name, section in sections.items():
        values[name] = None if section is None else values[name] | section
    return Plan(config.load(values), ROOT / "workflow_scripts")


def of(rule: Any, **wildcards: str) -> Any:
    """What a rule's function is given."""
    return SimpleNamespace(items=wildcards.items, **wildcards)


def test_planning_needs_no_heavy_library() -> None:
    check = "import sys, oneclass.pages.plan; print({'torch', 'numpy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_section_that_is_missing_has_no_plan_and_no_pages() -> None:
    without = plan(exposure=None, clip=None, transfer=None, baselines=None)
    assert (without.exposure, without.search, without.clip, without.transfer) == (None, None, None, None)
    assert without.evaluated == [without.vectors]
    assert not [page for page in planned(without) if page.page.name.startswith("exposure_")]


def test_classes_are_split_over_jobs_in_their_order() -> None:
    vectors = plan(objective={"classes_per_job": 2, "datasets": ["elpv", "mnist5k"]}).vectors
    assert vectors is not None
    assert [vectors.classes("mnist5k", part) for part in "01"] == [["0", "1"], ["3"]]
    files = vectors.parts("scores", "projector", "mnist5k")
    assert files == [f"results/scores/objective/mnist5k/efficientnet_lite0/none/projector/{k}.parquet" for k in (0, 1)]
    assert vectors.parts("scores", "projector", "mnist5k", only="3") == files[1:]


def test_what_is_evaluated_together_is_all_jobs_of_a_data_set() -> None:
    vectors = plan(objective={"classes_per_job": 1, "datasets": ["mnist5k"], "compared_backbones": {}}).vectors
    assert vectors is not None
    found = vectors.evaluated(of("evaluate", dataset="mnist5k", backbone="efficientnet_lite0", fit="closed_form"))
    assert [Path(path).stem for path in found] == ["0", "1", "2"]


def test_every_trained_method_and_the_comparators_have_a_fit() -> None:
    made = plan()
    assert made.vectors and made.maps
    trained = ["projector", "full_batch", "closed_form"]
    assert [fit.name for fit in made.vectors.fits] == [*trained, "comparators", "algorithm1"]
    compared = ["comparators", "cfa", "fastflow", "stpm"]
    assert [fit.name for fit in made.maps.fits] == [*trained, *compared, "algorithm1", "online"]
    few = plan(objective={"trained": ["full_batch", "projector"]}).vectors
    assert few and few.trained == ["projector", "full_batch"]
    assert [fit.name for fit in few.fits] == [*few.trained, "comparators", "algorithm1"]
    [comparators] = [fit for fit in made.maps.fits if fit.name == "comparators"]
    assert list(comparators.comparators) == ["padim", "patchcore", "mahalanobis"]
    assert comparators.modules == ["objective.comparators", *comparators.comparators.values()]


def test_only_the_main_backbone_has_the_full_grid() -> None:
    vectors = plan().vectors
    assert vectors is not None
    [projector] = [fit for fit in vectors.fits if fit.name == "projector"]
    grids = {
        backbone: vectors.settings(projector, "elpv", backbone)["variants"]["none"]
        for backbone in ("efficientnet_lite0", "efficientnet_lite1")
    }
    assert grids["efficientnet_lite0"]["center_norms"] == [1, 32]
    assert len(grids["efficientnet_lite0"]["centers"]) == 5
    assert grids["efficientnet_lite1"]["center_norms"] == [1]
    assert grids["efficientnet_lite1"]["centers"] == ["gaussian"]


def test_maps_are_read_from_a_store_unless_nothing_is_cached() -> None:
    for cache, keys in ((True, {"index", "features"}), (False, {"index"})):
        maps = plan(localisation={"cache": cache}).maps
        assert maps is not None
        assert maps.inputs("textures_drawn", "efficientnet_lite0").keys() == keys


def test_code_depends_on_the_modules_that_are_named_in_it() -> None:
    made = plan()
    assert made.code("fit") != made.code("fit", "objective.methods.projector")
    assert made.code("fit", "objective.methods.projector") != made.code("fit", "objective.methods.full_batch")
    assert made.code("fit") != made.code("evaluate")


def test_outliers_are_drawn_for_what_needs_most() -> None:
    made = plan()
    assert made.most_outliers("digits", "photos") == DRAWN  # though 32 are asked for
    assert made.repetitions_of_outliers("digits", "photos") == REPEATED  # though 2 are asked for
    assert made.most_outliers("elpv", "photos") == 0
    assert made.repetitions_of_outliers("elpv", "photos") == 1
    many = deepcopy(CI["exposure"]["counts"]) | {"outlier_counts": [2 * DRAWN]}
    assert plan(exposure={"counts": many}).most_outliers("digits", "photos") == 2 * DRAWN


def test_the_words_for_readers_change_nothing_that_is_computed() -> None:
    exposure = plan().exposure
    assert exposure is not None
    assert exposure.network_settings("lenet")["network"]["label"] == ""


def test_labels_of_the_configuration_reach_the_pages() -> None:
    labels = plan().labels
    assert labels["dataset"]["elpv"] == "ELPV"
    assert labels["pool"]["photos"] == "photo crops"
    assert labels["backbone"]["mini_clip"] == "miniature CLIP"


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_no_shipped_configuration_shows_readers_a_key(path: Path) -> None:
    values = config.extended(yaml.safe_load(path.read_text()), path.parent)
    sections = {"dataset": "datasets", "pool": "oe_pools", "backbone": "backbones"}
    for column, section in sections.items():
        for name, entry in (values.get(section) or {}).items():
            assert entry.get("label") or label(column, name) != name, name


def test_what_is_told_of_fine_tuning_has_the_learning_rate_of_each_data_set() -> None:
    paper, small = Plan(config.load(PAPER), ROOT / "workflow_scripts").clip, plan().clip
    assert paper and small
    told = "learning rate 2e-05 (CIFAR10; CIFAR10, leave one out) and 0.0001 (ImageNet-30; MVTec AD); batches of 128"
    assert told in "\n".join(paper.describe())
    assert "learning rate 0.0001; batches of 16" in "\n".join(small.describe())


def test_a_page_s_files_are_called_as_its_rule() -> None:
    pages = planned(plan())
    assert len({page.page.name for page in pages}) == len(pages) >= 40
    for page in pages:
        assert {Path(file).stem for file in page.outputs.values()} == {page.page.name}
        assert page.outputs[page.shown]
        assert any(page.inputs.values()) or page.page.name == "exposure_fig1"  # which needs no data


def test_pictures_are_augmented_as_the_authors_code_does_or_as_the_configuration_says() -> None:
    paper = Plan(config.load(PAPER), ROOT / "workflow_scripts")
    assert paper.exposure and paper.clip and paper.search
    everything = ("jitter", "flip", "crop", "noise")
    large = {run.dataset: run for _, run in paper.exposure.runs("benchmark", small=False)}
    seen = {
        name: paper.exposure.settings(paper.exposure.section.benchmark.for_run(run))["pictures"]
        for name, run in large.items()
    }
    assert seen["imagenet30"] == {
        "augmentations": (("crop",), ("flip", "crop")),
        "normalization": "dataset",
        "high_pass_width": "2m",
    }
    assert (seen["mvtec_ad"]["augmentations"][1], seen["mvtec_ad"]["normalization"]) == (
        ("jitter", "flip", "crop"),
        "image",
    )
    for dataset in ("cifar10", "imagenet30", "mvtec_ad"):  # BCE-CL, whatever the size of its images
        assert paper.clip.tuning_settings(dataset)["pictures"] == {"augmentations": ((), everything)}
    told = "\n".join(paper.exposure.describe(paper.exposure.runs("benchmark")))
    assert "flip, crop, as in the authors' code (in the paper's text: jitter, flip, crop, noise)." in told
    assert "jitter, flip, crop, each image normalised by its own contrast" in told
    assert "CIFAR10" in told and "augmentation: jitter, flip, crop, noise." in told


def test_the_papers_text_may_say_how_large_pictures_are_augmented() -> None:
    values = deepcopy(CI["exposure"]["counts"]) | {"augmented": [True]}
    values["runs"] = [{"dataset": "mnist5k", "pool": "photos", "network": "cbam_resnet18"}]
    made = plan(exposure={"counts": values, "augmentation": ["jitter", "flip", "crop", "noise"]}).exposure
    assert made and made.section.counts
    [(_, run)] = made.runs("counts")
    assert made.augmentation(run) == ["jitter", "flip", "crop", "noise"]
    assert "Training images: augmentation: jitter, flip, crop, noise." in made.describe([("counts", run)])[0]


def test_what_is_told_of_a_sweep_has_the_options_that_are_not_the_default() -> None:
    place = {"runs": [{"dataset": "mnist5k", "pool": "photos", "network": "head"}]}
    counts = place | {"methods": ["hsc", "focal"], "options": {"radial": ["norm1"], "gamma": [2]}}
    gamma = place | {"methods": ["focal"], "options": {"gamma": [0, 2]}}
    made = plan(exposure={"counts": counts, "gamma": gamma}).exposure
    assert made
    assert made.describe(made.runs("counts"))[0].endswith(" Options other than the default: HSC, radial ‖z‖₁.")
    for sweep in ("gamma", "benchmark"):
        assert "default" not in "".join(made.describe(made.runs(sweep)))


def test_the_heads_of_a_search_take_features_under_its_filter() -> None:
    made = plan().search
    job = SimpleNamespace(dataset="mnist5k", pool="photos", network="head", filter="lpf8")
    assert made and made.stores("mnist5k", job) == ["results/features/mnist5k/efficientnet_lite0/lpf8.h5"]
    assert made.settings("mnist5k", "head", "hsc")["backbone"] == "efficientnet_lite0"
    assert made.settings("digits", "lenet", "hsc")["backbone"] is None


def test_a_pool_that_is_not_stored_has_no_pixels() -> None:
    values = deepcopy(CI)
    values["oe_pools"]["photos"]["stored"] = False
    made, stored = Plan(config.load(values), ROOT / "workflow_scripts"), plan()
    assert made.exposure and made.search and made.clip and stored.search
    sweep = made.exposure.section.benchmark
    assert sweep
    by_network = {run.network: made.exposure.stores("photos", run) for run in sweep.runs}
    assert by_network["head"] == ["results/features/photos/efficientnet_lite0/none.h5"]
    assert by_network["lenet"] == []
    job = SimpleNamespace(dataset="digits", pool="photos", network="lenet", filter="lpf8")
    assert made.search.stores("photos", job) == []
    assert stored.search.stores("photos", job) == ["results/pixels/photos/32.h5"]
    assert made.clip.pool_pixels("digits") == []
    assert made.images.index_options("photos") == stored.images.index_options("photos")


def test_an_edited_list_of_excluded_classes_is_noticed(tmp_path: Path) -> None:
    values, listed = deepcopy(CI), tmp_path / "excluded.txt"
    values["oe_pools"]["photos"]["exclude_file"] = str(listed)
    images, states = Plan(config.load(values), ROOT / "workflow_scripts").images, set()
    for text in ("", "coffee", "coffee\nrocket"):
        listed.write_text(text)
        states.add(images.index_state("photos"))
    assert len(states) == 3


def test_what_a_run_is_about_is_named_for_readers_each_once() -> None:
    about = plan().about
    assert about["datasets"]["photographs of solar cells"] == ["ELPV"]
    assert "MNIST (5,000)" in about["datasets"]["handwritten digits"]
    assert "photo crops" in about["pools"] and about["clips"] == ["miniature CLIP"]
    assert about["networks"] == ["LeNet (32 px) at 0.125 of the paper's width"]
    assert all(len(set(about[kind])) == len(about[kind]) for kind in ("pools", "backbones", "clips"))


BASELINES = {"datasets": ["mnist5k", "elpv"], "methods": ["gt", "gt_plus_oe"], "pools": {"mnist5k": "photos"}}


def with_baselines(**changed: Any) -> Plan:
    return Plan(config.load(deepcopy(CI) | {"baselines": BASELINES | changed}), ROOT / "workflow_scripts")


def test_a_baseline_that_needs_outliers_is_run_where_there_are_some() -> None:
    part = with_baselines().baselines
    assert part
    of_all, exposed = (
        [f"results/metrics/baselines/{name}.parquet" for name in names]
        for names in (("mnist5k/gt", "mnist5k/gt_plus_oe", "elpv/gt"), ("mnist5k/gt_plus_oe",))
    )
    everywhere = ["mnist5k", "elpv"]
    assert part.metrics(everywhere) == of_all
    assert part.metrics(everywhere, outliers=True) == exposed
    assert part.metrics(["elpv"], outliers=False, pretrained=False) == of_all[2:]
    assert part.metrics(everywhere, pretrained=True) == []
    assert set(part.inputs("mnist5k", part.methods["gt"])) == {"index"}
    assert set(part.inputs("mnist5k", part.methods["gt_plus_oe"])) == {"index", "pool_index", "kept"}


def test_thumbnails_stay_small_for_baselines_and_others_are_seen_as_by_a_backbone() -> None:
    part = with_baselines().baselines
    assert part
    assert part.geometry("mnist5k") == {"resize": 32, "crop": None}
    assert part.geometry("elpv") == part.images.geometry("elpv")


def test_what_is_told_of_baselines_has_the_options_that_are_not_their_papers() -> None:
    part = with_baselines(options={"gt": {"epochs": 2}}).baselines
    assert part
    [line] = part.describe(["results/metrics/baselines/mnist5k/gt.parquet"])
    assert line.startswith("GT (here): epochs 2 (its paper: 3), ")
    assert line.count("(its paper: ") == 1


def test_paper_1_shows_baselines_without_outliers_and_paper_2_all() -> None:
    pages = {page.page.name: page for page in planned(with_baselines())}
    shown = {
        name: [path for path in pages[name].inputs["summary"] if "/baselines/" in path]
        for name in ("objective_table1", "exposure_table7", "exposure_table2")
    }
    assert shown["objective_table1"] and not [path for path in shown["objective_table1"] if "_oe" in path]
    assert [path for path in shown["exposure_table7"] if "_oe" in path]
    assert shown["exposure_table2"] == []


def test_tables_of_defects_tell_how_comparators_are_trained() -> None:
    pages = {page.page.name: page for page in planned(plan())}
    for name in ("objective_table2", "objective_tableS4"):
        first, *others = pages[name].settings["settings"]["training"]
        assert first == "CFA (here): epochs 1 (its paper: 30)." and len(others) == 2
    assert "training" not in pages["objective_tableS6"].settings["settings"]
