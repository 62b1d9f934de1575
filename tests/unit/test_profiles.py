"""The profiles agree where they say the same, and Snakemake knows what they set."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

PROFILES = Path(__file__).parents[2] / "profiles"
NAMES = sorted(folder.name for folder in PROFILES.iterdir())


def settings(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((PROFILES / name / "config.yaml").read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_snakemake_knows_every_setting_of_a_profile(name: str) -> None:
    from snakemake.cli import get_argument_parser

    parser = get_argument_parser()
    options = {option for action in parser._actions for option in action.option_strings}
    assert {f"--{key}" for key in settings(name)} <= options


@pytest.mark.parametrize("name", NAMES)
def test_what_holds_everywhere_is_in_each_profile(name: str) -> None:
    """A profile takes the place of the default one; it adds nothing to it."""
    everywhere = {key: value for key, value in settings("default").items() if key != "resources"}
    assert everywhere.items() <= settings(name).items()


def test_the_profile_of_a_cluster_without_gpus_differs_in_them_alone() -> None:
    with_gpus, without = settings("slurm"), settings("slurm-cpu")
    assert without.pop("resources") == {"gpu": 0}
    assert without["default-resources"].pop("gpus") == 0
    assert without == with_gpus


def test_a_job_on_a_cluster_without_gpus_asks_its_node_for_none() -> None:
    """It does not know the budget `gpu: 0`, but it is told the default resources; see the tests of a cluster."""
    from snakemake_executor_plugin_slurm_jobstep import get_gpu_setting

    def asked(profile: str) -> str:
        return str(get_gpu_setting(SimpleNamespace(resources={**settings(profile)["default-resources"], "gpu": 1})))

    assert (asked("slurm"), asked("slurm-cpu")) == ("--gpus=1", "")
