"""Every code block of README and docs is run here, or checked against what there is."""

import ast
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import yaml
from PIL import Image

from oneclass import __main__ as command_line
from oneclass import config
from oneclass.config import Config
from oneclass.pages.catalogue import PAGES
from oneclass.serving.app import Limits, create

ROOT = Path(__file__).parents[2]
PAGES_OF_DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
OF_TODAY = [file for file in PAGES_OF_DOCS if file.name != "CHANGELOG.md"]  # which also has what there was
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"# (src/\S+\.py)(?:, (in|above) (\w+))?\n")
FOLDERS = "src|rules|workflow_scripts|configs|docs|tests|envs|profiles|schemas|report|benchmarks"
FILES = {"onnx", "safetensors", "yaml", "csv"}  # suffixes, after the name of a section
PROGRAMS = {"make", "oneclass", "curl", "snakemake", "python", "mkdir", "git", "ruff", "pytest"}


@dataclass(frozen=True)
class Block:
    """A code block of a page: its language, its text and its line."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> tuple[str, str, str] | None:
        """The file that its first line names, and where in it the rest goes: ``in`` or ``above`` a name."""
        match = PLACE.match(self.text)
        return (match[1], match[2] or "", match[3] or "") if match else None

    @property
    def body(self) -> str:
        """What goes to that place; an entry of a collection has a comma there."""
        text = self.text.split("\n", 1)[1] if self.place else self.text
        return text.rstrip().removesuffix(",") + ",\n" if self.place and self.place[1] == "in" else text


def blocks(*languages: str, page: str = "") -> list[Block]:
    """The code blocks in ``languages``, of one page where it is named."""
    found = []
    for file in PAGES_OF_DOCS:
        text, name = file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix()
        for match in FENCE.finditer(text):
            if match[1] in languages and page in ("", name):
                found.append(Block(name, text[: match.start()].count("\n") + 1, match[1], match[2]))
    return found


def indented() -> list[Block]:
    """The commands that are blocks by their indentation, a block each."""
    found = []
    for file in PAGES_OF_DOCS:
        text = FENCE.sub(lambda match: "\n" * match[0].count("\n"), file.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"    +(make |\.venv/bin/)", line):
                found.append(Block(file.relative_to(ROOT).as_posix(), number, "", line.strip()))
    return found


def named(block: Block) -> str:
    return f"{block.page}:{block.line}"


def picture(file: Path, rng: np.random.Generator, square: bool = False) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.integers(60, 120, (48, 48, 3), dtype=np.uint8)
    if square:
        pixels[10:30, 10:30] = 255
    Image.fromarray(pixels).save(file)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a reader, with the pictures that docs/library.md speaks of."""
    rng = np.random.default_rng(0)
    places = {"pictures/train/good": 8, "pictures/test/good": 3, "good_pictures": 8, "new_pictures": 2}
    for place, count in places.items():
        for number in range(count):
            picture(tmp_path / place / f"{number}.png", rng)
    for number in range(3):
        picture(tmp_path / f"pictures/test/scratch/{number}.png", rng, square=True)
    picture(tmp_path / "new_pictures/square.png", rng, square=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(block: Block) -> None:
    exec(compile(block.text, named(block), "exec"), {"__name__": "__main__"})


def test_the_examples_of_the_library_do_what_they_say(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from oneclass.detector import pictures

    monkeypatch.setattr(pictures, "DRAWN", 5)  # of 60
    first, second = blocks("python", page="docs/library.md")
    assert all(len(block.text.strip().splitlines()) <= 16 for block in (first, second))
    run(first)
    printed = capsys.readouterr().out
    for method in ("closed_form", "projector", "knn"):
        assert f"{method}: image AUROC 100.0 %" in printed
    assert printed.count("test/scratch/") == 3  # the most anomalous ones
    run(second)
    assert re.search(r"^\S+ False \(256, 256\)$", capsys.readouterr().out, re.MULTILINE)
    made = {file.name for file in (folder / "detector").iterdir()}
    assert made == {"detector.onnx", "detector.safetensors", "card.html", "card.json"}
    [onnx] = [block for block in blocks("python", page="docs/detector.md") if "onnxruntime" in block.text]
    shutil.copy(folder / "new_pictures/square.png", folder / "new.png")
    run(onnx)
    assert capsys.readouterr().out.split() == ["True"]


def test_all_that_is_added_in_extending_runs(tmp_path: Path) -> None:
    package = tmp_path / "src/oneclass"
    shutil.copytree(ROOT / "src/oneclass", package)
    added, listed = set(), set()
    for block in blocks("python", page="docs/extending.md"):
        assert block.place, f"{named(block)} does not say where it goes"
        place, how, name = block.place
        file = tmp_path / place
        if not how:
            assert not file.exists(), f"{place} is there already"
            file.write_text(block.body, encoding="utf-8")
            added.add(place)
        else:
            file.write_text(put(file.read_text(encoding="utf-8"), how, name, block.body), encoding="utf-8")
            listed.add(place)
    assert len(added) == 10
    assert listed == {
        "src/oneclass/data/sources/__init__.py",
        "src/oneclass/catalogue/methods.py",
        "src/oneclass/catalogue/networks.py",
        "src/oneclass/pages/objective.py",
        "src/oneclass/price/compared.py",
        "src/oneclass/claims/few.py",
    }
    weights = tmp_path / "path/to/open_clip_model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.touch()
    (tmp_path / "pictures/screws").mkdir(parents=True)
    (tmp_path / "pictures/screws/images.csv").write_text("file,class,split,defect\na.png,screws,train,\n")
    fragments = [yaml.safe_load(block.text) for block in blocks("yaml", page="docs/extending.md")]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("additions.py")), json.dumps(fragments)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def put(text: str, how: str, name: str, body: str) -> str:
    """``text`` of a module with ``body`` at the end of its collection ``name``, or above it."""
    [assigned] = [
        node for node in ast.parse(text).body if isinstance(node, ast.Assign | ast.AnnAssign) and is_(node, name)
    ]
    lines = text.splitlines(keepends=True)
    at = assigned.lineno - 1
    if how == "in":
        at = assigned.end_lineno or 0
        while re.fullmatch(r"\s*[)}\]]+\n", lines[at - 1]):
            at -= 1
    return "".join([*lines[:at], body, *lines[at:]])


def is_(node: ast.Assign | ast.AnnAssign, name: str) -> bool:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return isinstance(target, ast.Name) and target.id == name


@pytest.mark.parametrize("block", blocks("python", "py"), ids=named)
def test_what_python_imports_is_there(block: Block) -> None:
    place = block.place
    whole = {"": block.body, "above": block.body, "in": f"[\n{block.body}]"}[place[1] if place else ""]
    if place and place[2] in ("SOURCES", "ON_IMAGES") and place[1] == "in":
        whole = f"{{\n{block.body}}}"
    made_up = "oneclass.data.sources.listed"  # by the block before it
    for node in ast.walk(ast.parse(whole, named(block))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("oneclass") and node.module != made_up:
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                assert hasattr(module, alias.name) or importlib.import_module(f"{node.module}.{alias.name}")


def test_every_configuration_is_one_of_those_that_are_run() -> None:
    """With what docs/extending.md adds: see above. One on another page would be checked by nobody."""
    assert {block.page for block in blocks("yaml")} == {"docs/extending.md"}


def commands() -> Iterator[tuple[Block, list[str]]]:
    """The commands of all shell blocks, fenced or indented, as words."""
    for block in [*blocks("bash", "console", "sh", "shell"), *indented()]:
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words = words[1:]
            if words:
                yield block, words


@pytest.mark.parametrize(
    ("block", "words"), [pytest.param(*each, id=f"{named(each[0])} {each[1]}") for each in commands()]
)
def test_commands_name_what_there_is(block: Block, words: list[str]) -> None:
    program, *arguments = Path(words[0]).name, *words[1:]
    assert program in PROGRAMS, "a command that no test looks at"
    if program == "make":
        goals = set(re.findall(r"^([\w ]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        given = dict(word.split("=", 1) for word in arguments if "=" in word)
        assert {word for word in arguments if "=" not in word} <= {name for names in goals for name in names.split()}
        check_snakemake(shlex.split(given.get("ARGS", "")))
    elif program == "snakemake":
        check_snakemake(arguments)
    elif program == "oneclass":
        command_line.parser().parse_args(arguments)
    elif program == "curl":
        address = urlsplit(arguments[-1])
        post = create(Mock(), {}, Limits(1, 1, 1, 1), 1).openapi()["paths"][address.path]["post"]
        assert {name for name, _ in parse_qsl(address.query)} <= {each["name"] for each in post["parameters"]}
    elif program == "python" and arguments[0] == "-m" and "." in arguments[1]:
        assert (ROOT / f"{arguments[1].replace('.', '/')}.py").is_file() or importlib.util.find_spec(arguments[1])
    for word in arguments:
        if re.match(rf"({FOLDERS})/", word):
            assert (ROOT / word.split("::")[0]).exists(), word


def check_snakemake(arguments: list[str]) -> None:
    """The options are Snakemake's, the targets are rules, the files are there."""
    from snakemake.cli import get_argument_parser

    parsed = get_argument_parser().parse_args([word for word in arguments])
    rules = {page.name for page in PAGES}
    for file in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]:
        rules |= set(re.findall(r"^ *rule (\w+):", file.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(parsed.targets or ()) <= rules
    for name in parsed.configfile or ():
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("file", PAGES_OF_DOCS, ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    text = FENCE.sub("", file.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("file", OF_TODAY, ids=lambda file: file.name)
def test_paths_lead_somewhere(file: Path) -> None:
    text = FENCE.sub("", file.read_text(encoding="utf-8"))
    for path in re.findall(rf"`((?:{FOLDERS})/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


def anchors(file: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of ``file``."""
    text = re.sub(r"^```.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", OF_TODAY, ids=lambda file: file.name)
def test_keys_and_modules_have_these_names(file: Path) -> None:
    text = FENCE.sub("", file.read_text(encoding="utf-8"))
    sections = "|".join(name for name, field in Config.model_fields.items() if is_section(name))
    for name in re.findall(rf"`((?:{sections})(?:\.[a-z_]+)+)`", text):
        if name.split(".")[1] in FILES:
            continue
        assert is_key(name.split(".")) or is_code(f"oneclass.{name}"), name
    for name in re.findall(r"`(oneclass(?:\.\w+)+)`", text):
        assert is_code(name), name


def is_section(name: str) -> bool:
    return name not in ("seed", "data_root", "datasets", "oe_pools", "backbones", "clips")


def is_key(parts: list[str]) -> bool:
    try:
        return parts[-1] in config._keys_at(Config, tuple(parts[:-1]))
    except (AttributeError, KeyError):
        return False


def is_code(name: str) -> bool:
    """Whether a module has that name, or something in one."""
    module, _, rest = name.rpartition(".")
    if not module:
        return False
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return is_code(module) and hasattr(sys.modules.get(module), rest)
    return True


def test_messages_that_are_explained_are_those_of_the_code() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    messages = re.findall(r"^\| `([^|]+)` \|", page, re.MULTILINE)
    assert len(messages) > 25
    said = texts()
    for message in messages:
        pieces = re.compile(".*".join(re.escape(piece) for piece in message.split("…")), re.DOTALL)
        assert any(pieces.search(text) for text in said), message


def texts() -> list[str]:
    """All texts in the library's code, with … for what is put in."""
    found = []
    for file in (ROOT / "src/oneclass").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found
