"""Which jobs a run is made of: dry runs of every shipped configuration, whole and in part."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

TABLES = {f"objective_{name}": 1 for name in ("table1", "tableS1", "table4", "tableS2", "tableS3", "tableS5")}
FIGURES = {
    f"objective_{name}": 1 for name in ("fig2", "figS4", "fig3", "figS5", "fig4", "figS1", "figS6", "closed_form")
}
PAGES = TABLES | FIGURES
MAP_PAGES = {f"objective_{name}": 1 for name in ("table2", "table3", "tableS4", "tableS6", "figS2", "figS3", "online")}

SMALL = {
    "index": 2,
    "features": 3,  # two data sets, and Table S2's second backbone on ELPV
    "train_minibatch": 3,
    "train_moments": 2,
    "train_literal": 1,
    "closed_form": 2,
    "comparators": 2,
    "similarity": 2,
    "evaluate": 10,
    "projection": 2,
}
MAPS = {  # Protocols B and C on one data set
    "localisation_train": 2,
    "localisation_closed_form": 1,
    "localisation_comparators": 1,
    "localisation_online": 1,
    "localisation_similarity": 1,
    "localisation_evaluate": 5,
}
SMALLEST = {"train_minibatch": 2, "train_literal": 1, "evaluate": 6}  # ELPV, with a second backbone for Table S2
SMALLEST |= {rule: 1 for rule in ("train_moments", "closed_form", "comparators", "similarity", "projection")}
CI_RUN = SMALLEST | MAPS | PAGES | MAP_PAGES | {"draw_defects": 1}
CI_RUN |= {"localisation_literal": 1, "localisation_evaluate": 6}  # Table S3 on maps as well
EXPOSED = {f"exposure_{name}": 1 for name in ("table1", "table7", "table8", "table9")}
EXPOSED |= {f"exposure_fig{number}": 1 for number in (1, 2, 8, 16)}
CI_RUN |= EXPOSED | {"index_pool": 2, "choose_outliers": 3, "pixels": 3, "train_exposure": 4, "evaluate_exposure": 4}
CI_RUN |= {"index": 5, "features": 5}  # ELPV twice, the drawn textures, digits and their outliers for heads
CLIP = {"train_clip": 1, "fine_tune_clip": 1}  # and with either
CLIP |= {rule: 1 for rule in ("embed_clip", "score_clip", "evaluate_clip", "evaluate_fine_tuned")}
TRANSFER = {"train_transfer": 1, "evaluate_transfer": 1}
CLIP_PAGES = {f"exposure_{name}": 1 for name in ("table2", "table10", "table11", "clip_prompts")}
SEARCH_PAGES = {f"exposure_{name}": 1 for name in ("table3", "table5", "table16", "fig5", "fig12", "fig18", "search")}
FILTERED_PAGES = {f"exposure_{name}": 1 for name in ("table4", "table17", "fig7", "fig19", "fig20")}
CI_RUN |= CLIP | TRANSFER | CLIP_PAGES | SEARCH_PAGES | {"search": 3}
DEFAULT = SMALL | {rule: 3 * count for rule, count in MAPS.items()} | PAGES | MAP_PAGES
DEFAULT |= {"draw_defects": 2, "fit_detector": 1}
DEFAULT |= {"train_minibatch": 4, "evaluate": 11}  # Tables S2 and S3 are on a data set of their own
DEFAULT_PAGES = EXPOSED | {f"exposure_{name}": 1 for name in ("table6", "table14", "table15")}
DEFAULT_PAGES |= {f"exposure_fig{number}": 1 for number in (3, 4, 6, 9, 13, 14, 15, 17)}
DEFAULT |= DEFAULT_PAGES
DEFAULT |= {"index_pool": 3, "choose_outliers": 6, "pixels": 6, "train_exposure": 13, "evaluate_exposure": 13}
DEFAULT |= {"index": 9, "features": 8}
DEFAULT |= {rule: 2 * count for rule, count in CLIP.items()} | {"train_clip": 4}  # three repetitions and the control
DEFAULT |= TRANSFER | CLIP_PAGES | SEARCH_PAGES | FILTERED_PAGES | {"search": 36}  # 2 digits × 2 × 3 × 3
PAPER = {
    "index": 11,
    "features": 12,  # six data sets and two more backbones on two of them; maps of MPDD and VisA
    "train_minibatch": 23,  # ten classes a job: 1 + 1 + 10 + 2 + 1 + 2, and two more backbones on 1 + 2
    "train_moments": 17,
    "train_literal": 3,
    "closed_form": 17,
    "comparators": 17,
    "similarity": 6,
    "evaluate": 30,
    "projection": 6,
}
PAPER |= {rule: 11 * count for rule, count in MAPS.items()}  # three categories a job: 5 + 2 + 4
PAPER |= {"localisation_similarity": 3, "localisation_evaluate": 15} | PAGES | MAP_PAGES
PAPER |= DEFAULT_PAGES | {f"exposure_{name}": 1 for name in ("table13", "fig10", "fig11")}
# a class a job: of the benchmark's five runs 10 + 30 + 10 + 30 + 15, of the counts' as many, and 10 + 10 + 40 + 40
PAPER |= {"index_pool": 3, "choose_outliers": 6, "pixels": 8, "train_exposure": 290, "evaluate_exposure": 16}
PAPER |= {"embed_clip": 5, "score_clip": 5, "evaluate_clip": 5, "evaluate_fine_tuned": 4}
PAPER |= {"fine_tune_clip": 7, "train_transfer": 2, "evaluate_transfer": 2}  # ten classes a job: 1 + 1 + 3 + 2
PAPER |= CLIP_PAGES | SEARCH_PAGES | FILTERED_PAGES | {"search": 360}  # 2 data sets × 10 classes × 2 × 3 × 3
PAPER |= {f"exposure_{name}": 1 for name in ("table12", "table18", "table19", "fig21", "fig22", "fig23")}
FASHION = {rule: 1 for rule in SMALL if rule != "train_literal"} | {"evaluate": 4}  # without Tables S2 and S3
FASHION |= {page: 1 for page in PAGES if page not in {"objective_tableS2", "objective_tableS3"}}
TRANSISTOR = FASHION | MAPS | MAP_PAGES
OURS = {"index": 1, "features": 1, "train_minibatch": 1, "train_moments": 1, "closed_form": 1, "evaluate": 3}
OURS_ON_MAPS = {"index": 3, "draw_defects": 1, "features": 2} | {
    rule: count for rule, count in MAPS.items() if rule in ("localisation_train", "localisation_closed_form")
}
OURS_ON_MAPS |= {"localisation_evaluate": 3}
OFFLINE_MAPS = {
    rule: count for rule, count in MAPS.items() if rule not in ("localisation_online", "localisation_similarity")
}
OFFLINE_MAPS |= {"index": 2, "draw_defects": 1, "features": 1, "localisation_evaluate": 4}
MNIST_OUTLIERS = {"exposure_fig1": 1, "exposure_fig2": 1, "exposure_fig16": 1}
MNIST_OUTLIERS |= {"index": 2, "index_pool": 2, "choose_outliers": 2, "pixels": 4}
MNIST_OUTLIERS |= {"train_exposure": 2, "evaluate_exposure": 2}
CIFAR10 = {f"exposure_{name}": 1 for name in ("fig1", "table1", "table7", "table8", "fig10", "fig11")}
CIFAR10 |= {"index": 2, "index_pool": 2, "choose_outliers": 2, "pixels": 2, "features": 14}
CIFAR10 |= {"train_exposure": 2, "evaluate_exposure": 2}
FITTED = ("train_moments", "closed_form", "comparators")
BOTH = {"similarity": 2, "projection": 2, "evaluate": 10}  # data sets
CIFAR10_SEARCH = SEARCH_PAGES | {"exposure_fig1": 1, "index": 1, "index_pool": 1, "choose_outliers": 1, "pixels": 2}
CIFAR10_SEARCH |= {"search": 18}  # 3 classes × 2 × 3
GPU_RULES = {"features", "train_exposure", "train_minibatch", "train_moments", "train_literal"}
GPU_RULES |= {"embed_clip", "fine_tune_clip", "train_transfer", "search"} | set(MAPS) - {"localisation_evaluate"}
MINIATURE = {"train_clip"}  # the papers' run has the real one

JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", re.MULTILINE)
CI = ("--configfile", "configs/ci.yaml")


@dataclass(frozen=True)
class Plan:
    """What a dry run says: its exit status, and the fields (input, log, resources, …) of each job with its rule."""

    code: int
    output: str

    @property
    def jobs(self) -> list[tuple[str, dict[str, str]]]:
        """Without the target that only collects files."""
        return [
            (rule, dict(re.findall(r"^    (\w+): (.*)$", fields, re.MULTILINE)))
            for rule, fields in JOB.findall(self.output)
            if rule != "all"
        ]

    @property
    def counts(self) -> dict[str, int]:
        """The number of jobs of each rule."""
        return dict(Counter(rule for rule, _ in self.jobs))

    @property
    def gpus(self) -> dict[str, set[str]]:
        """What the jobs of each rule ask of the GPU budget, where they ask."""
        asked: dict[str, set[str]] = {}
        for rule, fields in self.jobs:
            if found := re.search(r"\bgpu=(\d+)", fields.get("resources", "")):
                asked.setdefault(rule, set()).add(found[1])
        return asked


Plans = Callable[[str], Plan]


@pytest.fixture(scope="session")
def plans(snakemake: Callable[..., Any], project: Path, tmp_path_factory: pytest.TempPathFactory) -> Plans:
    """The dry runs that the tests look at, by name; they run two at a time."""
    folder = tmp_path_factory.mktemp("dag")

    def edited(section: str, key: str, **values: object) -> tuple[str, str]:
        config = yaml.safe_load((project / "configs" / "ci.yaml").read_text())
        (config[section][key] if key else config[section]).update(values)
        path = folder / f"{'_'.join(values)}.yaml"
        path.write_text(yaml.safe_dump(config))
        return "--configfile", str(path)

    runs: dict[str, tuple[str, ...]] = {
        "default": (),
        "ci": CI,
        "paper": ("--configfile", "configs/paper.yaml"),
        "fashion_mnist": ("--configfile", "configs/fashion_mnist.yaml"),
        "transistor": ("--configfile", "configs/transistor.yaml"),
        "mnist_outliers": ("--configfile", "configs/mnist_outliers.yaml"),
        "cifar10_outliers": ("--configfile", "configs/cifar10_outliers.yaml"),
        "cifar10_search": ("--configfile", "configs/cifar10_search.yaml"),
        "exposure_table7": ("exposure_table7", *CI),
        "table4": ("objective_table4", *CI),
        "tableS1": ("objective_tableS1", *CI),
        "tableS5.csv": ("results/tables/objective_tableS5.csv", *CI),
        "no gpu": (*CI, "--resources", "gpu=0"),
        "split": edited("objective", "", classes_per_job=2, datasets=["elpv", "mnist5k"]),
        "nothing cached": edited("localisation", "", cache=False),
        "table2": ("objective_table2", *CI),
        "own_images": ("detector", "--configfile", "configs/own_images.yaml"),
        "unknown key": edited("objective", "", norm=[1]),
        "unknown class": edited("datasets", "elpv", classes=["momo"]),
    }

    def plan(name: str) -> Plan:
        directory = folder / name
        directory.mkdir()
        for folder_name in ("train/airplane", "train/automobile", "train/bird", "test/airplane"):
            (directory / "data/cifar10_subset" / folder_name).mkdir(parents=True)
        done = snakemake(directory, "--dry-run", *runs[name])
        return Plan(done.returncode, done.stdout + done.stderr)

    with ThreadPoolExecutor(2) as pool:
        made = dict(zip(runs, pool.map(plan, runs), strict=True))
    return made.__getitem__


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("default", DEFAULT),
        ("ci", CI_RUN),
        ("paper", PAPER),
        ("fashion_mnist", FASHION),
        ("transistor", TRANSISTOR),
        ("mnist_outliers", MNIST_OUTLIERS),
        ("cifar10_outliers", CIFAR10),
        ("cifar10_search", CIFAR10_SEARCH),
        (
            "exposure_table7",
            {rule: 1 for rule in ("index", "index_pool", "choose_outliers", "train_exposure", "evaluate_exposure")}
            | {"pixels": 2, "exposure_table7": 1},
        ),
        ("table4", OURS | OURS_ON_MAPS | {"objective_table4": 1}),
        ("tableS1", {"index": 3, "draw_defects": 1, "objective_tableS1": 1}),
        ("tableS5.csv", OURS | {"projection": 1, "objective_tableS5": 1}),
        ("table2", OFFLINE_MAPS | {"objective_table2": 1}),
        ("no gpu", CI_RUN),
        # mnist5k's three classes take two jobs; ELPV's one class still takes one
        ("split", CI_RUN | {rule: 3 for rule in FITTED} | {"train_minibatch": 4} | BOTH),
        ("nothing cached", CI_RUN | {"features": 4}),
        ("own_images", {"index": 1, "fit_detector": 1, "detector": 1}),
    ],
)
def test_the_jobs_of_a_run(plans: Plans, name: str, expected: dict[str, int]) -> None:
    plan = plans(name)
    assert plan.code == 0, plan.output
    assert plan.counts == expected


def test_every_shipped_configuration_is_among_them(plans: Plans, project: Path) -> None:
    assert all(plans(path.stem).code == 0 for path in (project / "configs").glob("*.yaml"))


def test_the_papers_run_is_less_than_a_thousand_jobs(plans: Plans) -> None:
    assert len(plans("paper").jobs) < 1000


@pytest.mark.parametrize("name", ["default", "ci", "paper"])
def test_each_gpu_rule_asks_for_one_gpu_and_no_other_rule_for_any(plans: Plans, name: str) -> None:
    further = {"ci": {"localisation_literal"} | MINIATURE, "default": {"fit_detector"} | MINIATURE}.get(name, set())
    assert plans(name).gpus == {rule: {"1"} for rule in GPU_RULES | further}


def test_a_detector_asks_for_a_gpu(plans: Plans) -> None:
    assert plans("own_images").gpus == {"fit_detector": {"1"}}


def test_without_a_gpu_no_job_asks_for_one(plans: Plans) -> None:
    assert plans("no gpu").gpus == {rule: {"0"} for rule in GPU_RULES | MINIATURE | {"localisation_literal"}}


def test_a_configuration_on_the_command_line_replaces_the_default(plans: Plans) -> None:
    features = [fields["output"] for rule, fields in plans("paper").jobs if rule == "features"]
    assert not [path for path in features if "elpv" in path or "efficientnet" in path]
    assert len([path for path in features if "/resnet152/" in path]) == 6


def test_every_job_has_a_log_of_its_own(plans: Plans) -> None:
    logs = [fields["log"] for _, fields in plans("paper").jobs]
    assert len(set(logs)) == len(logs)
    assert all(re.fullmatch(r"results/logs/.+\.log", log) for log in logs)


def test_every_rule_that_computes_names_an_environment(project: Path) -> None:
    sources = "".join(path.read_text() for path in sorted((project / "rules").glob("*.smk")))
    rules = dict(re.findall(r"^ *rule ?(\w*):\n((?:(?:    .*)?\n)+?)(?= *rule\b|\S|\Z)", sources, re.MULTILINE))
    collecting = {"objective_tables", "objective_figures", "exposure_pages", "clip_pages", "search_pages", "detector"}
    in_loops = {page for page in CI_RUN if re.match(r"objective_table|exposure_", page)}
    in_loops -= {"objective_table1", "objective_tableS1"}
    in_loops -= {"exposure_fig1", "exposure_clip_prompts", "exposure_search"}
    assert set(rules) == (set(CI_RUN) - in_loops) | collecting | {"fit_detector", ""}
    for rule in set(rules) - collecting:
        environment = re.search(r'^ *conda:\n *"\.\./(envs/\w+\.yaml)"', rules[rule], re.MULTILINE)
        assert environment, rule
        assert (project / environment[1]).is_file(), rule


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("unknown key", "objective.norm: unknown key; did you mean 'norms'?"),
        ("unknown class", "datasets.elpv.classes: no class 'momo'; did you mean 'mono'?"),
    ],
)
def test_a_mistake_in_the_configuration_is_a_few_lines(plans: Plans, name: str, line: str) -> None:
    plan = plans(name)
    assert plan.code == 1
    assert line in plan.output
    assert "Traceback" not in plan.output
    assert len(plan.output.strip().splitlines()) <= 6
