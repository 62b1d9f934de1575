"""What is finished is not computed again, what is damaged or of another job is; a job that is done leaves nothing."""

import logging
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from oneclass.training import finished
from oneclass.training.finished import Finished, resumable
from oneclass.training.trials import Trial

SETTINGS = {"code": "1", "seed": 1024, "settings": {"schedule": {"epochs": 3}, "classes": ["cat"]}}
ARRAY = np.array([[0.1, np.inf, -0.0]], np.float32)


def refuse() -> np.ndarray:
    raise AssertionError


@pytest.mark.parametrize("array", [ARRAY, np.arange(3.0) / 7, np.zeros(0)], ids=lambda array: str(array.dtype))
def test_what_was_computed_comes_back_bit_by_bit(array: np.ndarray, tmp_path: Path) -> None:
    kept = Finished(tmp_path)
    trial = Trial("cat", 0, "hsc", {"radial": "norm1"})
    assert trial not in kept
    kept.get(trial, lambda: array)
    again = Finished(tmp_path).get(Trial("cat", 0, "hsc", {"radial": "norm1"}), refuse)
    assert trial in kept and again.dtype == array.dtype and again.shape == array.shape
    assert again.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "other",
    [
        Trial("dog", 0, "hsc"),
        Trial("cat", 1, "hsc"),
        Trial("cat", 0, "bce"),
        Trial("cat", 0, "hsc", {"radial": "norm1"}),
        Trial("cat", 0, "hsc", outlier_count=1),
        Trial("cat", 0, "hsc", outlier_class_count=1),
        Trial("cat", 0, "hsc", filter="lpf3"),
        Trial("cat", 0, "hsc", augmented=True),
    ],
    ids=repr,
)
def test_networks_that_differ_in_anything_are_told_apart(other: Trial, tmp_path: Path) -> None:
    kept = Finished(tmp_path)
    kept.get(Trial("cat", 0, "hsc"), lambda: ARRAY)
    assert other not in kept


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:20],
        lambda content: content[:-1],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes(len(content)),
    ],
    ids=["empty", "in the digest", "cut", "one bit", "zeros"],
)
def test_a_damaged_file_is_computed_again(
    damage: Callable[[bytes], bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Finished(tmp_path)
    kept.get("a network", lambda: ARRAY)
    [file] = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert "a network" not in kept
    assert kept.get("a network", lambda: 2 * ARRAY).tobytes() == (2 * ARRAY).tobytes()
    assert f"{file} is damaged: computed again" in caplog.text
    assert kept.get("a network", refuse).tobytes() == (2 * ARRAY).tobytes()


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    kept = Finished(tmp_path)
    with pytest.raises(AssertionError):
        kept.get("a network", refuse)
    assert "a network" not in kept and not list(tmp_path.iterdir())


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., list[str]]:
    """Run a job of two networks that is stopped before the second or goes to its end; which of them it computed."""
    (tmp_path / "index").write_bytes(b"images")
    (tmp_path / "pixels").write_bytes(b"bytes")

    def run(stopped: bool = False, settings: Any = SETTINGS, device: str = "cpu") -> list[str]:
        computed = []

        def compute(name: str) -> np.ndarray:
            if stopped and name == "second":
                raise KeyboardInterrupt
            computed.append(name)
            return ARRAY

        output = tmp_path / "scores" / "0.parquet"
        try:
            with resumable(output, [tmp_path / "index", tmp_path / "pixels"], settings, device) as kept:
                for name in ("first", "second"):
                    kept.get(name, lambda name=name: compute(name))
                output.write_bytes(b"scores")
        except KeyboardInterrupt:
            assert stopped
        return computed

    return run


def test_a_job_goes_on_where_it_was_stopped_and_leaves_nothing(
    job: Callable[..., list[str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert job(stopped=True) == ["first"] and job(stopped=True) == []
    assert "goes on where it was stopped: 1 finished before" in caplog.text
    assert len([path for path in tmp_path.rglob("*.npy")]) == 1
    assert job() == ["second"]
    assert [path.name for path in (tmp_path / "scores").iterdir()] == ["0.parquet"]
    caplog.clear()
    assert job() == ["first", "second"]  # the output was removed: all anew
    assert not caplog.text


@pytest.mark.parametrize(
    "changed",
    [
        {"settings": SETTINGS | {"seed": 1}},
        {"settings": SETTINGS | {"code": "2"}},
        {"settings": SETTINGS | {"settings": {"schedule": {"epochs": 4}, "classes": ["cat"]}}},
        {"device": "cuda:0"},
    ],
    ids=repr,
)
def test_another_job_starts_over_and_removes_what_it_cannot_use(
    changed: dict[str, Any], job: Callable[..., list[str]], tmp_path: Path
) -> None:
    job(stopped=True)
    [before] = (tmp_path / "scores").iterdir()
    assert job(stopped=True, **changed) == ["first"]
    [after] = (tmp_path / "scores").iterdir()
    assert after != before


@pytest.mark.parametrize("file", ["index", "pixels"])
def test_other_images_start_over(file: str, job: Callable[..., list[str]], tmp_path: Path) -> None:
    job(stopped=True)
    (tmp_path / file).write_bytes(b"others")
    assert job() == ["first", "second"]


@pytest.mark.parametrize(
    ("package", "computed"),
    [("torch", ["first", "second"]), ("open_clip_torch", ["first", "second"]), ("x", ["second"])],
)
def test_another_version_of_a_package_that_computes_starts_over(
    package: str, computed: list[str], job: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    job(stopped=True)
    installed = [*distributions(), SimpleNamespace(name=package, version="99")]
    monkeypatch.setattr(finished, "distributions", lambda: installed)
    assert job() == computed


def test_any_gpu_will_do(job: Callable[..., list[str]]) -> None:
    job(stopped=True, device="cuda:1")
    assert job(device="cuda:0") == ["second"]


def test_what_other_outputs_have_finished_stays(job: Callable[..., list[str]], tmp_path: Path) -> None:
    job(stopped=True)
    with pytest.raises(InterruptedError), resumable(tmp_path / "scores/10.parquet", [], SETTINGS, "cpu") as kept:
        kept.get("a network", lambda: ARRAY)
        raise InterruptedError
    assert len(list((tmp_path / "scores").iterdir())) == 2
    assert job() == ["second"]
