"""Patch SVDD against its formulas written out, patch by patch; and what it finds."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from oneclass.baselines import patch_svdd
from oneclass.baselines.patch_svdd import Classifier, Encoder
from oneclass.errors import UserError
from oneclass.seeds import derive
from oneclass.training.weights import drawn

WIDTH, SIDE = 0.1, 100


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed))


def pictures(count: int, seed: int, side: int = SIDE) -> Tensor:
    """Grey images with stripes of eight pixels."""
    stripes = 100 + 50 * (torch.arange(side) // 8 % 2).expand(count, 3, side, side)
    return (stripes + 5 * random(count, 3, side, side, seed=seed)).byte()


@pytest.fixture
def encoder() -> Encoder:
    return drawn(lambda: Encoder(WIDTH), 1)


def literal_code(encoder: Encoder, patch: Tensor) -> Tensor:
    """The code [D] of one patch [3, K, K]."""
    if patch.shape[-1] == 32:
        [code] = encoder(patch[None])
        assert code.shape[1:] == (1, 1)
        return code[:, 0, 0]
    quarters = [literal_code(encoder, part) for half in patch.split(32, 1) for part in half.split(32, 2)]
    hidden = encoder.quarters.bias
    for k, quarter in enumerate(quarters):
        hidden = hidden + encoder.quarters.weight[:, :, k // 2, k % 2] @ quarter
    hidden = torch.where(hidden > 0, hidden, 0.1 * hidden)
    return torch.tanh(encoder.last.weight[:, :, 0, 0] @ hidden + encoder.last.bias)


@pytest.mark.parametrize("size", [32, 64])
def test_a_batch_of_patches_is_encoded_one_by_one(encoder: Encoder, size: int) -> None:
    patches = random(3, 3, size, size)
    torch.testing.assert_close(encoder.encode(patches), torch.stack([literal_code(encoder, one) for one in patches]))


def test_whole_images_give_the_codes_of_their_patches(encoder: Encoder) -> None:
    images, mean = pictures(2, 1), 120 + random(3, SIDE, SIDE)
    found = patch_svdd.codes(encoder, images, mean, (4, 16), "cpu")
    for codes, size, stride, count in zip(found, (32, 64), (4, 16), (18, 3), strict=True):
        assert codes.shape[:3] == (2, count, count)
        for image, row, column in np.ndindex(2, count, count):
            top, left = stride * row, stride * column
            patch = ((images[image] - mean) / 255)[:, top : top + size, left : left + size]
            torch.testing.assert_close(codes[image, row, column], literal_code(encoder, patch))


def test_the_loss_is_that_of_each_pair(encoder: Encoder) -> None:
    classifier = drawn(lambda: Classifier(encoder.dimension), 2)
    beside, near, direction = random(2, 3, 3, 64, 64), random(2, 3, 3, 64, 64, seed=1), torch.tensor([0, 7, 3])
    position, distance = [], []
    for k in range(3):
        logits = classifier((literal_code(encoder, beside[0, k]) - literal_code(encoder, beside[1, k]))[None])[0]
        position.append(-torch.log(torch.exp(logits[direction[k]]) / torch.exp(logits).sum()))
        distance.append(((literal_code(encoder, near[0, k]) - literal_code(encoder, near[1, k])) ** 2).sum() ** 0.5)
    expected = torch.stack(position).mean() + 0.3 * torch.stack(distance).mean()
    torch.testing.assert_close(patch_svdd.loss(encoder, classifier, beside, direction, near, 0.3), expected)


def test_the_last_weights_of_a_classifier_have_columns_of_length_1_and_stay() -> None:
    classifier = Classifier(5)
    torch.testing.assert_close(classifier.last.norm(dim=0), torch.ones(128))
    assert "last" not in dict(classifier.named_parameters())


@pytest.mark.parametrize("blocks", [(2, 3), (1000, 1000)])
def test_the_nearest_patch_is_that_of_every_comparison(
    monkeypatch: pytest.MonkeyPatch, blocks: tuple[int, int]
) -> None:
    monkeypatch.setattr(patch_svdd, "POINTS", blocks[0])
    monkeypatch.setattr(patch_svdd, "MEMORIES", blocks[1])
    points, bank = random(7, 4) + 3, random(11, 4, seed=1) + 3
    expected = [min(float((point - one).square().sum()) ** 0.5 for one in bank) for point in points]
    assert patch_svdd.nearest(points, bank).tolist() == pytest.approx(expected, abs=1e-5)


def test_distances_far_from_the_origin_keep_their_digits() -> None:
    points, bank = random(7, 4) + 1000, random(11, 4, seed=1) + 1000
    expected = torch.cdist(points.double(), bank.double()).amin(1)
    torch.testing.assert_close(patch_svdd.nearest(points, bank).double(), expected, rtol=1e-3, atol=1e-3)


def test_a_pixel_has_the_mean_of_the_patches_that_cover_it() -> None:
    scores, patch, stride, side = random(2, 4, 4), 8, 4, 22
    total, count = np.zeros((2, side, side)), np.zeros((side, side))
    for row, column in np.ndindex(4, 4):
        where = (slice(stride * row, stride * row + patch), slice(stride * column, stride * column + patch))
        total[:, *where] += scores[:, row, column, None, None].numpy()
        count[where] += 1
    found = patch_svdd.spread(scores, side, patch, stride).numpy()
    assert found.shape == (2, side, side)
    assert found[:, :20, :20] == pytest.approx(total[:, :20, :20] / count[:20, :20], abs=1e-6)
    assert np.array_equal(found[:, 20:], found[:, [19, 19]]) and np.array_equal(found[:, :, 20:], found[:, :, [19, 19]])


def test_the_map_is_the_product_of_both_sizes() -> None:
    train, test = pictures(3, 1, 64), pictures(2, 2, 64)
    found = patch_svdd.localise(train, test, 1, "cpu", epochs=0, width=WIDTH)
    encoder, mean = drawn(lambda: Encoder(WIDTH), derive(1, "patch_svdd", "encoder")), train.float().mean(0)
    small, large = (
        torch.cdist(*(codes.flatten(0, 2).double() for codes in pair)).amin(1).view(pair[0].shape[:3])
        for pair in zip(*(patch_svdd.codes(encoder, x, mean, (4, 16), "cpu") for x in (test, train)), strict=True)
    )
    expected = patch_svdd.spread(small.float(), 64, 32, 4) * large  # one large patch covers the image
    assert found == pytest.approx(expected.numpy(), rel=1e-2, abs=0)


def test_a_defect_is_found_where_it_is() -> None:
    train, test = pictures(4, 1), pictures(1, 2)
    test[:, :, 64:80, 20:36] = 250
    found = patch_svdd.localise(train, test, 1, "cpu", epochs=0.5, width=WIDTH)
    row, column = divmod(int(found[0].argmax()), SIDE)
    assert 56 <= row < 88 and 12 <= column < 44


def test_the_seed_decides() -> None:
    train, test = pictures(4, 1, 80), pictures(2, 2, 80)

    def after(seed: int, epochs: float) -> np.ndarray:
        return patch_svdd.localise(train, test, seed, "cpu", epochs=epochs, width=WIDTH)

    trained = after(1, 0.3)
    assert trained.dtype == np.float32 and trained.shape == (2, 80, 80)
    assert np.array_equal(trained, after(1, 0.3))
    assert not np.allclose(trained, after(1, 0), atol=0) and not np.allclose(trained, after(2, 0.3), atol=0)


@torch.no_grad()
def test_one_term_brings_codes_together_and_the_other_drives_them_apart() -> None:
    train = pictures(4, 1, 80)
    mean = train.float().mean(0)
    near = patch_svdd.pairs(train, mean, torch.arange(64) % 4, 32, Generator().manual_seed(5))[2]

    def apart(steps: int, svdd_weight: float) -> float:
        with torch.enable_grad():
            encoder = patch_svdd.trained(train, mean, 1, "cpu", steps, WIDTH, 1e-2, svdd_weight)
        one, other = (encoder.encode(part) for part in near)
        return float((one - other).norm(dim=1).mean())

    assert apart(5, 1e3) < 0.5 * apart(0, 1) < apart(0, 1) < 0.1 * apart(10, 0)


@pytest.mark.parametrize(("side", "stride", "said"), [(60, 4, "64 pixels"), (80, 3, "stride 3"), (80, 0, "stride 0")])
def test_what_it_cannot_do_is_one_line(side: int, stride: float, said: str) -> None:
    with pytest.raises(UserError, match=said):
        patch_svdd.localise(pictures(2, 1, side), pictures(1, 2, side), 1, "cpu", stride=stride)


def test_the_paper_s_encoders_have_their_numbers_of_weights() -> None:
    sizes = [3, 32, 64, 128, 128, 64, 32, 32, 64]
    small = sum(9 * a * b + b for a, b in pairwise(sizes))
    large = (4 * 64 * 128 + 128) + (128 * 64 + 64)
    assert sum(p.numel() for p in Encoder(1).parameters()) == small + large


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(ValueError, match="diverged in step"):
        patch_svdd.localise(pictures(2, 1), pictures(1, 2), 1, "cpu", epochs=1, width=WIDTH, svdd_weight=float("inf"))
