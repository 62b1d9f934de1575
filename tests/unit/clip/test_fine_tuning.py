"""BCE-CL: the loss as the paper has it, what is trained and what is not, and that it learns."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pandas as pd
import pytest
import torch
from torch import nn

from oneclass.catalogue.networks import NETWORKS
from oneclass.clip import fine_tuning
from oneclass.clip.fine_tuning import Task, losses, score, scored, trainable, tune
from oneclass.clip.models import Clip
from oneclass.clip.prompts import Prompts
from oneclass.clip.scores import difference
from oneclass.data.index import Index
from oneclass.data.outliers import choose
from oneclass.errors import UserError
from oneclass.filters import Filter
from oneclass.training.batches import Schedule
from oneclass.training.finished import Finished
from oneclass.training.inputs import Pixels
from oneclass.training.stores import Outliers
from oneclass.training.trials import Seeds, Trial

TRIAL, SEEDS = Trial("cat", 0, "bce_cl"), Seeds(1024, "toy")
SCHEDULE = Schedule(4, (3,), 8, 5e-2)
PROMPTS = Prompts(["a photo of a {label}"], "a photo of something", {})


@pytest.fixture
def clip(tiny: Callable[[str], nn.Module]) -> Callable[[str], Clip]:
    def make(kind: str) -> Clip:
        tokenise = open_clip.SimpleTokenizer(context_length=16)
        return Clip(tiny(kind), tokenise, (0.5,) * 3, (0.25,) * 3, "")

    return make


def pictures(count: int, low: int, seed: int) -> Pixels:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(low, low + 100, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    return Pixels(images, NETWORKS["lenet"], Filter(), frozenset())


def task(clip: Clip, classes: int = 1) -> Task:
    """Dark images are normal; bright ones are outliers and, at test, half of the images."""
    data = pictures(24, 0, 0)
    data.images[16:20] += 150
    texts = clip.texts([*(f"a photo of a {k}" for k in range(classes)), PROMPTS.something], "cpu")
    return Task(data, torch.arange(12), torch.arange(12, 20), pictures(10, 150, 1), torch.arange(10), texts)


def test_with_one_class_the_loss_is_binary_cross_entropy() -> None:
    torch.manual_seed(0)
    logits = torch.randn(6, 2, dtype=torch.float64)
    outlier = torch.tensor([0, 1, 0, 1, 1, 0]).bool()
    chance = logits.exp()[:, 1] / logits.exp().sum(1)  # Equation 4
    expected = torch.nn.functional.binary_cross_entropy(chance, outlier.double(), reduction="none")
    torch.testing.assert_close(losses(logits, outlier), expected)


def test_with_several_classes_normal_images_follow_the_likeliest() -> None:
    torch.manual_seed(0)
    logits = torch.randn(5, 4, dtype=torch.float64)
    outlier = torch.tensor([0, 1, 0, 1, 0]).bool()
    for row, value, out in zip(logits, losses(logits, outlier), outlier, strict=True):
        chances = row.exp() / row.exp().sum()
        torch.testing.assert_close(value, -(chances[3] if out else chances[:3].max()).log())


def test_the_score_is_that_of_zero_shot() -> None:
    logits = 10 * torch.randn(20, 4)
    expected = difference(logits[:, :-1].numpy(), logits[:, -1].numpy())
    np.testing.assert_allclose(score(logits).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "layers", "first"),
    [
        ("resnet", 1, "layer4.0"),
        ("resnet", 2, "layer3.0"),
        ("transformer", 1, "transformer.resblocks.2"),
        ("transformer", 3, "transformer.resblocks.0"),
    ],
)
def test_the_last_blocks_and_what_follows_are_trained(
    kind: str, layers: int, first: str, clip: Callable[[str], Clip]
) -> None:
    tower = clip(kind).tower
    chosen = {id(parameter) for parameter in trainable(tower, layers)}
    names = [name for name, parameter in tower.named_parameters() if id(parameter) in chosen]
    assert any(name.startswith(first) for name in names)
    last = {"resnet": "attnpool.c_proj.weight", "transformer": "ln_post.weight"}[kind]
    assert last in names
    assert ("proj" in names) == (kind == "transformer")
    start = {"resnet": "conv1.weight", "transformer": "positional_embedding"}[kind]
    assert start not in names
    assert all(parameter.requires_grad == (id(parameter) in chosen) for parameter in tower.parameters())
    assert len(trainable(tower, "all")) == len(list(tower.parameters()))


def test_layers_that_are_not_there(clip: Callable[[str], Clip]) -> None:
    with pytest.raises(UserError, match="has 3 blocks, not 4"):
        trainable(clip("transformer").tower, 4)
    with pytest.raises(UserError, match="a Linear has no blocks that are known; set layers: all"):
        trainable(nn.Linear(2, 2), 1)


@pytest.mark.parametrize("classes", [1, 3])
def test_training_separates(classes: int, clip: Callable[[str], Clip]) -> None:
    model = clip("transformer")
    parts = task(model, classes)

    def gap(tower: nn.Module) -> float:
        scores = scored(tower, model, parts)
        return float(scores[4:].mean() - scores[:4].mean())

    assert gap(tune(model, parts, "all", SCHEDULE, TRIAL, SEEDS)) > gap(model.tower) + 1


def test_training_leaves_the_model_alone_and_statistics_as_they_are(clip: Callable[[str], Clip]) -> None:
    model = clip("resnet")
    before = copy.deepcopy(model.network.state_dict())
    tuned = tune(model, task(model), "all", SCHEDULE, TRIAL, SEEDS)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.network.state_dict().items())
    assert not tuned.training
    assert not torch.equal(tuned.get_parameter("conv1.weight"), before["visual.conv1.weight"])
    for name, statistic in tuned.named_buffers():  # of batch normalisation
        assert torch.equal(statistic, before[f"visual.{name}"])


def test_frozen_layers_do_not_move(clip: Callable[[str], Clip]) -> None:
    model = clip("transformer")
    tuned = dict(tune(model, task(model), 1, SCHEDULE, TRIAL, SEEDS).named_parameters())
    for name, parameter in model.tower.named_parameters():
        moved = not torch.equal(parameter, tuned[name])
        assert moved == (name.startswith(("transformer.resblocks.2", "ln_post")) or name == "proj"), name


def pool_of(count: int, classes: list[str], repetitions: int) -> Outliers:
    """All images of a pool."""
    table = pd.DataFrame({"id": [f"p{k}" for k in range(count)], "class_name": "x"})
    return Outliers(
        Index(table, "wild", Path("nowhere"), ""), table, choose(table, "wild", "toy", classes, repetitions, 0, 1)
    )


class Fixed:
    """Stands in for ``stores.Images``."""

    rows_on = "cpu"

    def __init__(self, data: Pixels) -> None:
        self._data = data

    def seen_by(self, trial: Trial) -> Pixels:
        return self._data


@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_for_every_test_image_and_repetition(
    threads: int, clip: Callable[[str], Clip], nothing_finished: Callable[[], Finished], stop: Any
) -> None:
    table = pd.DataFrame({"id": [f"i{k:02d}" for k in range(24)], "class_name": ["cat", "dog"] * 12, "label": 0})
    table["split"] = ["train"] * 12 + ["test"] * 12
    index = Index(table, "toy", Path("nowhere"), "")
    outliers = pool_of(10, ["cat", "dog"], 2)
    trials = [Trial(name, repetition, "bce_cl") for repetition in range(2) for name in ("cat", "dog")]
    torch_threads = torch.get_num_threads()
    one, other = clip("resnet"), clip("resnet")
    with torch.no_grad():
        other.network.visual.conv1.weight.add_(0.1)

    def run(clips: list[Clip], finished: Finished) -> pd.DataFrame:
        return fine_tuning.run(
            trials,
            "one_vs_rest",
            (index, Fixed(pictures(24, 0, 0))),
            (Fixed(pictures(10, 150, 1)), outliers),
            clips,
            PROMPTS,
            1,
            Schedule(1, (), 8, 1e-3),
            SEEDS,
            finished,
            device="cpu",
            threads=threads,
        )

    frame = run([one, other], nothing_finished())
    torch.set_num_threads(torch_threads)
    assert set(frame.columns) == {*TRIAL.columns(), "id", "label", "score", "task", "network"}
    assert len(frame) == 4 * 12
    assert (frame["label"] == [*[0, 1] * 6, *[1, 0] * 6, *[0, 1] * 6, *[1, 0] * 6]).all()
    assert frame["outlier_count"].eq(np.inf).all() and frame["method"].eq("bce_cl").all()
    first = run([one], nothing_finished())
    pd.testing.assert_frame_equal(frame[frame["repetition"] == 0], first[first["repetition"] == 0])
    second = frame["repetition"] == 1
    assert not np.allclose(frame.loc[second, "score"], first.loc[second, "score"])

    stop(fine_tuning, "tune", after=2)
    stopped = nothing_finished()
    with pytest.raises(KeyboardInterrupt):
        run([one, other], stopped)
    known = [trial for trial in trials if trial in stopped]
    tuned = stop(fine_tuning, "tune")
    pd.testing.assert_frame_equal(run([one, other], stopped), frame, check_exact=True)
    assert known and len(tuned) == 4 - len(known)


def test_a_score_that_is_not_finite_is_an_error(
    clip: Callable[[str], Clip], nothing_finished: Callable[[], Finished], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tuning, "scored", lambda *_: np.array([np.nan]))
    monkeypatch.setattr(fine_tuning, "tune", lambda *_: None)
    table = pd.DataFrame({"id": ["a", "b"], "class_name": "cat", "label": 0, "split": ["train", "test"]})
    index = Index(table, "toy", Path("nowhere"), "")
    outliers = pool_of(1, ["cat"], 1)
    images = Fixed(pictures(2, 0, 0))
    arguments = ([clip("resnet")], PROMPTS, 1, SCHEDULE, SEEDS, nothing_finished())
    with pytest.raises(ValueError, match="diverged"):
        fine_tuning.run(
            [TRIAL], "one_vs_rest", (index, images), (images, outliers), *arguments, device="cpu", threads=1
        )
