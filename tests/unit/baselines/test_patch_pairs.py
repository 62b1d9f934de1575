"""Where the patches of a pair lie: the images hold their own rows and columns, in red and green."""

import pytest
import torch
from torch import Generator, Tensor

from oneclass.baselines import patch_pairs
from oneclass.baselines.patch_pairs import LARGE, SMALL, around, pairs

SIDE = 200


def corners(patches: Tensor) -> Tensor:
    """Row and column [..., B, 2] of the first pixel of ``patches`` [..., B, 3, K, K]."""
    return (255 * patches[..., :2, 0, 0]).round().long()


def drawn(size: int, count: int = 400) -> tuple[Tensor, Tensor, Tensor]:
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    image = torch.stack([rows, columns, torch.zeros_like(rows)]).byte()
    chosen = torch.zeros(count, dtype=torch.long)
    return pairs(image[None], torch.zeros(3, SIDE, SIDE), chosen, size, Generator().manual_seed(1))


def test_moves_are_all_but_none() -> None:
    for reach in (1, 2):
        found = around(torch.arange((2 * reach + 1) ** 2 - 1), reach).T.tolist()
        span = range(-reach, reach + 1)
        assert found == [[row, column] for row in span for column in span if row or column]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_near_patches_are_moved_by_a_32nd_of_their_side(size: int) -> None:
    one, other = corners(drawn(size)[2])
    inside = ((one >= 2) & (one <= SIDE - size - 2)).all(1)
    moves = (other - one)[inside].abs().amax(1)
    assert set(moves.tolist()) == set(range(1, size // 32 + 1))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_patches_beside_each_other_lie_in_the_direction(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch_pairs, "NOISE", 0)
    beside, direction, _ = drawn(size)
    one, other = corners(beside)
    names = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    assert set(direction.tolist()) == set(range(8))
    last = SIDE - size
    for start, end, number in zip(one.tolist(), other.tolist(), direction.tolist(), strict=True):
        for begin, stop, sign in zip(start, end, names[number], strict=True):
            low, high = sorted((begin + sign * 3 * size // 4, begin + sign * (size - 1)))
            assert min(max(low, 0), last) <= stop <= min(max(high, 0), last)


def test_patches_are_less_the_mean_image() -> None:
    image, mean = (torch.rand(3, SIDE, SIDE, generator=Generator().manual_seed(k)) * 255 for k in (1, 2))
    corner = torch.tensor([[7, 60], [11, 90]])
    found = patch_pairs.standardised(image.byte()[None], mean, torch.zeros(2, dtype=torch.long), corner, SMALL)
    for patch, (top, left) in zip(found, corner.T.tolist(), strict=True):
        where = (slice(None), slice(top, top + SMALL), slice(left, left + SMALL))
        torch.testing.assert_close(patch, (image.byte().float() - mean)[where] / 255)


def test_patches_beside_each_other_get_noise_of_colour_and_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy = drawn(SMALL)[0]
    monkeypatch.setattr(patch_pairs, "NOISE", 0)
    noise = noisy - drawn(SMALL)[0]
    shift = noise.mean((3, 4), keepdim=True)  # pixels' own noise is averaged away
    assert float(shift.std()) == pytest.approx(0.02, rel=0.1)
    assert float((noise - shift).std()) == pytest.approx(0.02, rel=0.05)
