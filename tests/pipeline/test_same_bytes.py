"""What should not matter changes no byte: cores, order, folder, locale, time zone, and the seed of Python's hashes."""

import os
import subprocess
from pathlib import Path
from types import ModuleType

TARGETS = [
    "objective_tableS3",
    "results/scores/exposure/counts/digits/photos/lenet/0.parquet",
    "results/metrics/clip/digits/mini_clip/zero_shot.parquet",
]
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4321"}


def test_in_another_folder_order_locale_and_time_zone_with_one_core_all_is_the_same(
    finished: Path, kill_test: ModuleType, configuration: Path, tmp_path: Path
) -> None:
    from benchmarks.reference import Reference

    folder = kill_test.workspace(tmp_path / "Ein Ordner – größer, 結果")
    python = folder / ".venv/bin/python"
    request = [*reversed(TARGETS), "--cores", "1", "--configfile", str(configuration)]
    done = subprocess.run(
        [python, "-m", "snakemake", *request],
        cwd=folder,
        env=os.environ | ELSEWHERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    made = [path for path in folder.glob("results/**/*") if path.is_file()]
    assert len(made) > 50
    assert Reference(finished).differences(folder) == []
