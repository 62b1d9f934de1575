"""Every image has its turn, and outliers stand beside as many normal images."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from oneclass.training.batches import CyclicSampler, epoch

SEEDS = st.integers(0, 2**32)


def seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


@given(st.integers(1, 20), st.lists(st.integers(0, 50), max_size=8), SEEDS)
def test_each_comes_once_before_any_comes_again(count: int, sizes: list[int], seed: int) -> None:
    sampler = CyclicSampler(count, seeded(seed))
    parts = [sampler.take(size) for size in sizes]
    assert [len(part) for part in parts] == sizes
    taken = torch.cat([*parts, torch.zeros(0, dtype=torch.int64)]).split(count)
    for turn in taken:
        assert len(turn.unique()) == len(turn) and (turn < count).all() and (turn >= 0).all()


def test_the_order_changes_from_turn_to_turn() -> None:
    first, second = CyclicSampler(100, seeded(0)).take(200).split(100)
    assert not torch.equal(first, second)
    assert not torch.equal(first, torch.arange(100))


@given(st.lists(st.integers(0, 9), max_size=4))
def test_of_none_there_are_none(sizes: list[int]) -> None:
    sampler = CyclicSampler(0, seeded(0))
    assert all(len(sampler.take(size)) == 0 for size in sizes)


def test_how_much_is_taken_at_a_time_changes_nothing() -> None:
    one, other = CyclicSampler(7, seeded(3)), CyclicSampler(7, seeded(3))
    assert torch.equal(one.take(30), torch.cat([other.take(size) for size in (1, 0, 9, 20)]))


def batches(normal: int, outliers: int, size: int, seed: int, epochs: int = 1) -> list[list[tuple[Tensor, Tensor]]]:
    sampler, random = CyclicSampler(outliers, seeded(seed + 1)), seeded(seed)
    return [list(epoch(normal, sampler, size, random)) for _ in range(epochs)]


@given(st.integers(1, 40), st.integers(0, 12), st.integers(1, 12), SEEDS)
def test_an_epoch_shows_every_normal_image_once(normal: int, outliers: int, size: int, seed: int) -> None:
    [parts] = batches(normal, outliers, size, seed)
    assert torch.cat([rows for rows, _ in parts]).sort().values.tolist() == list(range(normal))
    assert all(len(exposed) == (len(rows) if outliers else 0) for rows, exposed in parts)
    assert all(len(rows) == size for rows, _ in parts[:-1])
    assert 1 <= len(parts[-1][0]) <= size + 1


@given(st.integers(2, 40), st.integers(2, 12), SEEDS)
def test_no_batch_holds_a_single_image(normal: int, size: int, seed: int) -> None:
    [parts] = batches(normal, 0, size, seed)
    assert all(len(rows) > 1 for rows, _ in parts)


def test_outliers_go_on_where_the_epoch_before_left_off() -> None:
    epochs = batches(6, 9, 4, 0, epochs=3)
    exposed = torch.cat([rows for parts in epochs for _, rows in parts])
    assert [sorted(turn) for turn in exposed.view(2, 9).tolist()] == [list(range(9))] * 2


def test_the_order_of_normal_images_does_not_depend_on_the_outliers() -> None:
    runs = [batches(20, outliers, 6, 5, epochs=2) for outliers in (0, 1, 30)]
    orders = [torch.cat([rows for parts in epochs for rows, _ in parts]) for epochs in runs]
    assert all(torch.equal(order, orders[0]) for order in orders)
    assert not torch.equal(orders[0][:20], orders[0][20:])
