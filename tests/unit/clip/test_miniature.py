"""The miniature: what stands in a group, that it learns, and that its file gives it back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from oneclass.clip import miniature
from oneclass.clip.miniature import Plan, _Batches
from oneclass.clip.models import Clip
from oneclass.clip.scores import difference, logits

PLAN = Plan(["a photo of a {label}", "one {label}"], ["a photo of something"], {"l": "left", "r": "right"}, 10, 4, 2e-3)
PROMPTS = ["a photo of a left", "a photo of a right", "a photo of something"]


def bars(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, brighter on the left or on the right."""
    random = np.random.default_rng(seed)
    names = np.array(["l", "r"], object)[np.arange(count) % 2]
    images = random.integers(0, 60, (count, 3, 32, 32), dtype=np.uint8)
    images[::2, :, :, :16] += 150
    images[1::2, :, :, 16:] += 150
    return images, names


def probability_side(clip: Clip, count: int = 20) -> float:
    """How far "left" is ahead of "something" on left images, against right ones."""
    images, names = bars(count, 9)
    with torch.no_grad():
        embedded = torch.nn.functional.normalize(clip.tower(clip.inputs(torch.from_numpy(images) / 255)), dim=-1)
    product = logits(embedded.numpy(), clip.texts(PROMPTS, "cpu").numpy())
    score = difference(product[:, :1], product[:, 2])
    return float((score[names == "r"][:, None] > score[names == "l"]).mean())


def test_a_group_has_each_class_once_and_a_neutral_caption() -> None:
    codes = np.array([0, 1, 2, 0, 1, 2, 0, 1, 0])
    batches = _Batches(codes, captions=2, neutral=3, size=5, seed=0)
    assert batches.an_epoch == 1
    seen = set()
    for _ in range(20):
        rows, captions = batches.take()
        assert rows.shape == captions.shape == (5, 4)
        assert (codes[rows[:, :3]] == [0, 1, 2]).all()
        assert (captions[:, :3] // 2 == torch.arange(3)).all()
        assert ((captions[:, 3] >= 6) & (captions[:, 3] < 9)).all()
        seen |= set(captions.flatten().tolist())
    assert seen == set(range(9))


def test_it_learns_what_its_captions_say_and_comes_back_from_its_file(tmp_path: Path) -> None:
    images, names = bars(64, 0)
    network = miniature.train(images, names, PLAN, 1, shuffled=False, device="cpu")
    miniature.save(network, tmp_path / "0.safetensors", {"repetition": "0"})
    clip = miniature.load(tmp_path / "0.safetensors")
    state = clip.network.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in network.state_dict().items())
    assert not clip.network.training
    assert probability_side(clip) > 0.9


def test_the_same_seed_gives_the_same_weights_and_the_control_others() -> None:
    images, names = bars(16, 0)
    brief = replace(PLAN, epochs=1, learning_rate=1e-3)
    first, again, control = (
        miniature.train(images, names, brief, 1, shuffled=shuffled, device="cpu").state_dict()
        for shuffled in (False, False, True)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["visual.conv1.weight"], control["visual.conv1.weight"])


def test_words_that_no_caption_has_keep_their_embedding() -> None:
    images, names = bars(16, 0)
    seed = 3
    brief, longer = (replace(PLAN, epochs=epochs, learning_rate=1e-3) for epochs in (1, 2))
    short, long = (
        miniature.train(images, names, plan, seed, shuffled=False, device="cpu").state_dict()["token_embedding.weight"]
        for plan in (brief, longer)
    )
    used = miniature.tokeniser()(["a photo of a left", "one right", "a photo of something"]).unique()
    moved = (short != long).any(1).nonzero().flatten()
    assert len(moved) > 0
    assert set(moved.tolist()) <= set(used.tolist())


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [miniature._rate(step, 100) for step in range(100)]
    highest = rates.index(max(rates))
    assert 15 < highest < 20
    assert rates[:highest] == sorted(rates[:highest]) and rates[highest:] == sorted(rates[highest:], reverse=True)
    assert rates[99] < 0.01
