"""The dry runs that the tests look at."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import pytest
import yaml

JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", re.MULTILINE)
SNAPSHOT = Path(__file__).with_name("plans.yaml")
HEADER = "# Jobs per rule of each dry run, and the rules that ask for a GPU. Written by `make plans`.\n"
CI = ("--configfile", "configs/ci.yaml")
FEATURES = ("results/features/elpv/efficientnet_lite0/none.h5", *CI)


@dataclass(frozen=True)
class DryRun:
    """What a dry run says: its exit status, and the fields (input, log, resources, …) of each job with its rule."""

    code: int
    output: str

    @cached_property
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
    def gpus(self) -> dict[str, str]:
        """What each rule asks of the GPU budget, where it asks; raises ``ValueError`` if its jobs differ."""
        asked: dict[str, str] = {}
        for rule, fields in self.jobs:
            found = re.search(r"\bgpu=(\d+)", fields.get("resources", ""))
            if found and asked.setdefault(rule, found[1]) != found[1]:
                raise ValueError(f"jobs of {rule} ask for {asked[rule]} and {found[1]} GPUs")
        return asked

    @property
    def snapshot(self) -> dict[str, Any]:
        """What is kept of it in ``plans.yaml``: the number of jobs of each rule, and the rules that ask for a GPU."""
        return {"jobs": dict(sorted(self.counts.items())), "gpu": " ".join(sorted(self.gpus))}


DryRuns = Callable[[str], DryRun]


@pytest.fixture(scope="session")
def read() -> Callable[..., DryRun]:
    """A dry run from what Snakemake printed."""
    return lambda done: DryRun(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def edited(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, str]]:
    """The option that names a copy of the smallest configuration with other values in a section."""

    def write(*section: str, **values: object) -> tuple[str, str]:
        config = place = yaml.safe_load((project / "configs" / "ci.yaml").read_text())
        for key in section:
            place = place[key]
        place.update(values)
        path = tmp_path_factory.mktemp("edited") / "config.yaml"
        path.write_text(yaml.safe_dump(config))
        return "--configfile", str(path)

    return write


@pytest.fixture(scope="session")
def dry_runs(snakemake: Callable[..., Any], project: Path, edited: Any, once: Callable[..., Path]) -> DryRuns:
    """The dry runs by name; they run two at a time."""
    runs: dict[str, tuple[str, ...]] = {
        "config": (),
        **{path.stem: ("--configfile", str(path)) for path in sorted((project / "configs").glob("*.yaml"))},
        "own_images detector": ("detector", "--configfile", "configs/own_images.yaml"),
        "exposure_table7": ("exposure_table7", *CI),
        "objective_table2": ("objective_table2", *CI),
        "objective_table4": ("objective_table4", *CI),
        "objective_tableS1": ("objective_tableS1", *CI),
        "objective_tableS5.csv": ("results/tables/objective_tableS5.csv", *CI),
        "no gpu": (*CI, "--resources", "gpu=0"),
        "features on eight cores": (*FEATURES, "--cores", "8"),
        "features on a cluster": (*FEATURES, "--workflow-profile", "profiles/slurm", "--cores", "8"),
        "two classes per job": edited("objective", classes_per_job=2, datasets=["elpv", "mnist5k"]),
        "nothing cached": edited("localisation", cache=False),
        "unknown key": edited("objective", center_norm=[1]),
        "old key": edited("objective", norms=[1]),
        "page that lacks a section": ("results/tables/exposure_table6.md", *CI),
        "unknown class": edited("datasets", "elpv", classes=["momo"]),
    }

    def run(folder: Path, name: str) -> None:
        directory = folder / name
        for classes in ("train/airplane", "train/automobile", "train/bird", "test/airplane"):
            (directory / "data/cifar10_subset" / classes).mkdir(parents=True)
        done = snakemake(directory, "--dry-run", *runs[name], env=os.environ | {"CUDA_VISIBLE_DEVICES": ""})
        (directory / "dry_run.json").write_text(json.dumps([done.returncode, done.stdout + done.stderr]))

    def run_all(folder: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(partial(run, folder), runs))

    made = once("dry runs", run_all)
    if "WRITE_PLANS" in os.environ:  # make plans
        shown = {name: plan.snapshot for name in runs if not (plan := _read(made, name)).code}
        SNAPSHOT.write_text(HEADER + yaml.safe_dump(shown, sort_keys=False, width=110))
    return cache(partial(_read, made))


def _read(made: Path, name: str) -> DryRun:
    return DryRun(*json.loads((made / name / "dry_run.json").read_text()))
