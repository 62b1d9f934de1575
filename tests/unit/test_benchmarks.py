"""Every benchmark runs on tiny inputs; nothing here looks at the times."""

import importlib
import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from PIL import Image

from oneclass import config as configuration
from oneclass.errors import UserError
from oneclass.features import store
from oneclass.price.speeds import speeds

PROJECT = Path(__file__).parents[2]
Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a program of benchmarks/ in the project's folder; what it printed."""
    monkeypatch.chdir(PROJECT)
    monkeypatch.syspath_prepend(PROJECT)
    threads = torch.get_num_threads()

    def program(name: str, arguments: str) -> str:
        importlib.import_module(f"benchmarks.{name}").main([*arguments.split(), "--rounds", "1", "--threads", "1"])
        return capsys.readouterr().out

    yield program
    torch.set_num_threads(threads)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def rows(printed: str) -> list[dict[str, str]]:
    """The Markdown table in ``printed``."""
    header, _, *lines = [line for line in printed.splitlines() if line.startswith("|")]
    return [dict(zip(cells(header), cells(line), strict=True)) for line in lines]


@pytest.fixture
def features(run: Run, tmp_path: Path) -> Path:
    """A store of 6-dimensional features for the smallest config's solar cells."""
    inputs = importlib.import_module("benchmarks.inputs")
    index = inputs.make_index(configuration.read(Path("configs/ci.yaml")), "elpv")
    random = np.random.default_rng(0).normal(size=(len(index), 6)) + index.table["label"].to_numpy()[:, None]
    with h5py.File(tmp_path / "features.h5", "w") as file:
        writer = store.Writer(file, index.ids().tolist(), {"index_hash": index.hash})
        writer.add(random.astype(np.float32), {})
    return tmp_path / "features.h5"


def test_trainers_agree_with_the_literal_algorithm(run: Run, features: Path) -> None:
    table = rows(run("trainers", f"--config configs/ci.yaml --features {features} --literal 3"))
    by_method = {row["method"]: row for row in table}
    assert list(by_method)[2:] == ["batched", "full batch", "closed form"]
    assert by_method["one by one, linear"]["timed projectors"] == "3"
    assert by_method["batched"]["timed projectors"] == "4"
    for method in ("one by one, linear", "batched"):  # one pair of images in the other order is 0.1 points
        assert float(by_method[method]["largest AUROC difference"]) <= 0.1
    assert all(float(row["AUROC, norm 32"]) > 50 for row in table)


def test_features_are_made_once_and_kept(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inputs = importlib.import_module("benchmarks.inputs")
    monkeypatch.setattr(inputs, "CACHE", tmp_path)
    made = []

    def extract_to(path: Path, *_: object) -> None:
        made.append(path)
        path.touch()

    monkeypatch.setattr(inputs, "extract_to", extract_to)
    monkeypatch.setattr(inputs, "load_backbone", lambda *_: None)
    monkeypatch.setattr(inputs, "read_pooled", lambda path, index: np.zeros((len(index), 2), np.float32))
    options = Namespace(dataset="elpv", normal="mono")
    config = configuration.read(Path("configs/ci.yaml"))
    first, second = (inputs.read_class(config, options, None) for _ in range(2))
    assert len(made) == 1
    assert first.train.shape == second.train.shape == (64, 2)


def test_recomputed_features_give_the_same_projector(run: Run) -> None:
    printed = run("cached_features", "--config configs/ci.yaml --images 4")
    assert [row["features"] for row in rows(printed)] == ["recomputed", "extracted once"]
    difference = float(printed.split("differ by ")[1].split()[0])
    assert difference < 1e-4


def test_inference_prints_a_speed_for_each_batch_and_format(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ci.yaml").write_bytes((PROJECT / "configs/ci.yaml").read_bytes())
    (tmp_path / "more.yaml").write_text("extends: ci.yaml\n")
    table = rows(run("inference", f"--config {tmp_path / 'more.yaml'} --batches 1 2 --images 2 --size 32"))
    assert len(table) == 4
    assert all(float(row["batch 2"]) > 0 for row in table)


def test_bootstrap_gives_the_literal_resamples(run: Run) -> None:
    (row,) = rows(run("bootstrap", "--images 30 --runs 2 --resamples 20 --literal 10"))
    assert float(row["largest difference"]) < 1e-12


def test_protocol_b_against_the_literal_loop(run: Run, tmp_path: Path) -> None:
    config = (PROJECT / "configs" / "ci.yaml").read_text().replace("datasets: [textures_drawn]", "datasets: [elpv]")
    (tmp_path / "elpv.yaml").write_text(config.replace("compared_projectors: [textures_drawn]", ""))
    arguments = f"--config {tmp_path / 'elpv.yaml'} --dataset elpv --normal mono --images 8"
    table = {row["from images to scores"]: row for row in rows(run("localisation", arguments))}
    assert list(table) == ["the paper's loop", "mini-batch", "full batch", "closed form"]
    assert all(50 < float(table[name]["image AUROC"]) <= 100 for name in list(table)[1:])


def test_memory_of_protocol_b(run: Run) -> None:
    assert "16 images, 56 channels: peak memory" in run("memory", "--images 16 --shrink 32")


@pytest.mark.parametrize("network", ["lenet:0.05", "head:0.05"])
def test_every_way_to_train_a_population_gives_the_same_networks(run: Run, network: str) -> None:
    tiny = "--members 2 --steps 2 --batch-size 4 --features 6 --processes 1 --rounds 1"
    ways = {row["way"]: row for row in rows(run("population", f"--networks {network} {tiny}"))}
    assert set(ways) == {"one after another", "a core each", "a process each", "a stack", "copies", "merged"}
    assert all(float(row["largest difference"]) < 1e-4 for row in ways.values())


def test_stacks_and_a_generation_are_timed_on_a_cpu(run: Run) -> None:
    tiny = "--device cpu --networks head --members 1 3 --steps 2 --batch-size 4 --images 8 --outliers 2 --epochs 1 2"
    printed = run("stacks", tiny).split("\n\n")
    assert [row["networks"] for row in rows(printed[0])] == ["1", "1", "3"]
    assert [row["precision"] for row in rows(printed[1])] == ["float32", "bfloat16"]


def test_every_unit_that_can_be_measured_on_a_gpu_has_a_speed_there() -> None:
    units = importlib.import_module("benchmarks.units").UNITS
    assert units.keys() <= {unit for unit, device in speeds() if device == "gpu"}


def test_clip_from_random_weights_in_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import open_clip

    vision = {"image_size": 32, "layers": 1, "width": 16, "patch_size": 16, "head_width": 8}
    text = {"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1}
    tiny = {"embed_dim": 8, "quick_gelu": True, "vision_cfg": vision, "text_cfg": text}
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "ViT-B-32-quickgelu", tiny)
    measured = json.loads(run("clip", "--images 4 --classes 2 --batch 2 --normal 2 --steps 1"))
    assert measured["embed 5 prompts, s"] > 0
    assert measured["a step of 4 images, s"] > 0
    assert measured["peak memory, GiB"] <= measured["peak memory with fine-tuning, GiB"]


def test_a_search_measures_what_one_by_one_does(run: Run) -> None:
    tiny = "--members 2 --steps 2 --batch-size 4 --width 0.05 --filters none lpf14"
    table = rows(run("search", tiny))
    assert [row["filter"] for row in table] == ["none"] * 5 + ["lpf14"] * 5
    assert all(float(row["trainings an hour"]) > 0 for row in table)
    exact = [row for row in table if "bfloat16" not in row["way"]]
    assert all(float(row["largest difference"]) < 1e-6 for row in exact) and len(exact) == 8


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """Pictures of noise, and anomalous ones with a square, without masks."""
    rng = np.random.default_rng(0)
    for place, count in {"train/good": 6, "test/good": 3, "test/square": 3}.items():
        (tmp_path / place).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(60, 120, (64, 64, 3), dtype=np.uint8)
            if place.endswith("square"):
                pixels[20:40, 20:40] = 255
            Image.fromarray(pixels).save(tmp_path / place / f"{number}.png")
    return tmp_path


def test_detectors_are_measured_and_timed(run: Run, squares: Path) -> None:
    [both] = rows(run("detectors", f"{squares} --size 64 --pictures 2 --methods both"))
    assert both["method"] == "both" and float(both["image AUROC"]) > 90 and float(both["pictures/s"]) > 0


def test_a_service_is_timed_with_one_client_and_with_many(run: Run, squares: Path, pixel_detector: Path) -> None:
    table = rows(run("serving", f"{pixel_detector} {squares} --clients 3 --requests 6"))
    assert [(row["way"], row["clients"]) for row in table][1:] == [
        *(("/score", count) for count in ("1", "3")),
        *(("/score?overlay=1", count) for count in ("1", "3")),
    ]
    assert all(0 < float(row["median ms"]) <= float(row["99 % ms"]) for row in table)


def test_methods_of_detectors_are_compared_on_sets(
    run: Run, squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("benchmarks.detector_methods"), "CACHE", tmp_path / "cache")
    printed = run("detector_methods", f"{squares} {squares}+turned@4 --size 64 --methods nearest patchcore --most 2")
    table = rows(printed)[-6:]
    assert [row["method"] for row in table] == ["nearest", "patchcore"] * 3
    assert len(list((tmp_path / "cache").iterdir())) == 2  # maps of each set, for both methods
    first, second, mean = (float(row["image AUROC"]) for row in table[::2])
    assert first == 100 and mean == pytest.approx((first + second) / 2)


def test_a_variation_moves_masks_with_their_pictures(run: Run, tmp_path: Path) -> None:
    sets = importlib.import_module("benchmarks.detector_sets")
    for group, count in {"train/good": 2, "test/good": 2, "test/square": 2}.items():
        (tmp_path / group).mkdir(parents=True)
        for number in range(count):
            pixels = np.zeros((32, 32, 3), np.uint8)
            if group.endswith("square"):
                pixels[4:12, 18:26] = 255
                (tmp_path / "ground_truth/square").mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels[..., 0]).save(tmp_path / f"ground_truth/square/{number}_mask.png")
            Image.fromarray(pixels).save(tmp_path / group / f"{number}.png")
    original = sets.load(str(tmp_path), 32)
    for variation in sets.GRIDS:
        varied = sets.load(f"{tmp_path}+{variation}", 32)
        assert (varied.masks != original.masks).any()
        bright = varied.anomalous[..., 0] > 127
        assert (bright & varied.masks).sum() > 0.8 * (bright | varied.masks).sum()
    lit = sets.load(f"{tmp_path}+lit", 32)
    assert (lit.masks == original.masks).all() and (lit.anomalous != original.anomalous).any()
    with pytest.raises(UserError, match="no variation 'bent'"):
        sets.load(f"{tmp_path}+bent", 32)


def test_scoring_is_timed_against_the_network(run: Run, pixel_detector: Path, tmp_path: Path) -> None:
    for number in range(6):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(tmp_path / f"{number}.png")
    made = rows(run("scoring", f"{pixel_detector} --counts 3 5 --side 48"))
    assert [row["pictures"] for row in made] == ["3", "5"]
    [given] = rows(run("scoring", f"{pixel_detector} {tmp_path} --counts 4"))
    for row in [*made, given]:
        assert all(float(value) > 0 for value in row.values())
        assert float(row["overlays, times the network"]) == pytest.approx(
            float(row["network, pictures/s"]) / float(row["overlays, pictures/s"]), rel=1e-2
        )


def test_rules_for_the_threshold_are_counted(run: Run, squares: Path) -> None:
    for number in range(6, 40):
        (squares / f"train/good/{number}.png").write_bytes((squares / f"train/good/{number % 6}.png").read_bytes())
    table = rows(run("thresholds", f"{squares} --size 64 --train 3 --splits 1 --draws 20 --counts 10 30"))
    assert [row["N"] for row in table] == ["10"] * 4  # of 40 pictures that are left, too few beside 30
    assert float(table[0]["promised"]) == pytest.approx(100 / 11, abs=0.01)
    assert all(0 <= float(row["false alarms"]) <= 100 for row in table)


def test_peers_are_compared_each_in_its_own_process(run: Run, squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (squares / "ground_truth/square").mkdir(parents=True)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    for number in range(3):
        Image.fromarray(mask).save(squares / f"ground_truth/square/{number}_mask.png")
    [alone] = rows(run("peers", f"{squares} --size 64 --systems oneclass:nearest"))
    module = importlib.import_module("benchmarks.peers")
    monkeypatch.setattr(module, "alone", module.measure)
    systems = [name for name in module.SYSTEMS if name.startswith("oneclass")]
    table = rows(run("peers", f"{squares} --size 64 --systems {' '.join(systems)}"))
    assert [row["system"] for row in table] == systems
    for row in (alone, *table):
        assert float(row["image AUROC"]) == 100 and float(row["pixel AUROC"]) > 80 and float(row["pictures/s"]) > 0
    [again] = [row for row in table if row["system"] == "oneclass:nearest"]
    assert alone["AUPRO"] == again["AUPRO"]
