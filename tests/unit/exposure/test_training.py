"""Training against a literal loop in plain PyTorch, alone and in company."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor, nn

from oneclass.exposure.inputs import Inputs, Pixels, Vectors
from oneclass.exposure.members import Member
from oneclass.exposure.methods import make
from oneclass.exposure.networks import Architecture, build
from oneclass.exposure.training import Schedule, Seeds, Task, fit, population, run
from oneclass.filters import Filter
from oneclass.metrics import auroc

Pictures = Callable[..., Tensor]
MakePixels = Callable[..., Pixels]
SEEDS = Seeds(1024, "toy")
SCHEDULE = Schedule(epochs=3, milestones=(2,), batch_size=4, learning_rate=1e-2)
HSC, BCE = Member("cat", 0, "hsc", "pseudo_huber"), Member("cat", 0, "bce")
MEMBERS = [
    HSC,
    BCE,
    Member("cat", 0, "hsc", "norm1"),
    Member("cat", 0, "dsad"),
    Member("cat", 0, "focal", gamma=2.0),
    Member("cat", 1, "dsvdd", outliers=0),
    Member("dog", 0, "bce"),
]


def task_of(
    data: Inputs, pool: Inputs, outliers: Sequence[int], train: Sequence[int] = range(10), kind: str = "lenet"
) -> Task:
    inputs = data.features.shape[1] if isinstance(data, Vectors) else 3
    test = torch.arange(len(train), len(data))
    return Task(
        data,
        torch.tensor(train),
        test,
        pool,
        torch.tensor(outliers, dtype=torch.int64),
        Architecture(kind, 0.1),
        inputs,
    )


@pytest.fixture
def tasks(pictures: Pictures, pixels: MakePixels) -> Callable[[Member], Task]:
    """Features, with outliers for all but Deep SVDD."""
    generator = torch.Generator().manual_seed(0)
    data, pool = (Vectors(torch.randn(count, 6, generator=generator)) for count in (16, 9))
    return lambda member: task_of(data, pool, range(7) if member.outliers else [], kind="head")


def plain(network: nn.Module, classifier: bool) -> nn.Sequential:
    """The narrow LeNet as the authors wrote it, with the weights of ``network``."""
    shapes = [p.shape for p in network.parameters() if p.dim() > 1]
    layers: list[nn.Module] = []
    for b, a, *_ in shapes[:3]:
        layers += [nn.Conv2d(a, b, 5, padding=2), nn.BatchNorm2d(b, eps=1e-4), nn.LeakyReLU(0.01), nn.MaxPool2d(2)]
    (hidden, flat), (outputs, _) = shapes[3:5]
    layers += [nn.Flatten(), nn.Linear(flat, hidden), nn.BatchNorm1d(hidden, eps=1e-4), nn.LeakyReLU(0.01)]
    layers += [nn.Linear(hidden, outputs), *([nn.Linear(outputs, 1)] if classifier else [])]
    literal = nn.Sequential(*layers)
    literal.load_state_dict(dict(zip(literal.state_dict(), network.state_dict().values(), strict=True)))
    return literal


def cycle(count: int, random: Generator) -> Iterator[int]:
    while count:
        yield from torch.randperm(count, generator=random).tolist()


def literal_scores(member: Member, images: Tensor, exposed: Tensor, schedule: Schedule) -> Tensor:
    """Train on the first 10 of ``images`` (uint8), each batch beside copies of ``exposed``, and score the others."""
    method = make(member.method, member.radial, member.gamma)
    network = plain(build(Architecture("lenet", 0.1), method, 3, SEEDS.of("network lenet", member)), method.classifier)
    normal = images[:10].double() / 255
    mean, deviation = normal.mean((0, 2, 3), keepdim=True), normal.std((0, 2, 3), correction=0, keepdim=True)
    mean, deviation = mean.float(), deviation.float()  # as they are kept
    x, oe, test = ((part.double() / 255 - mean) / deviation for part in (images[:10], exposed, images[10:]))
    network.eval()
    with torch.no_grad():
        method = method.start([network(x)])
    network.train()
    optimiser = torch.optim.Adam(network.parameters(), lr=schedule.learning_rate)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, schedule.milestones, gamma=0.1)
    order = SEEDS.generator("order", member)
    outliers = cycle(len(oe), SEEDS.generator("outlier order", member))
    for _ in range(schedule.epochs):
        for rows in torch.randperm(10, generator=order).split(schedule.batch_size):
            copies = list(islice(outliers, len(rows)))
            batch = torch.cat([x[rows], oe[copies]])
            outlier = torch.arange(len(batch)) >= len(rows)
            loss = method.losses(network(batch), outlier).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        scheduler.step()
    network.eval()
    with torch.no_grad():
        return method.score(network(test))


@pytest.mark.parametrize("member", MEMBERS[:6], ids=lambda member: f"{member.method} {member.radial}")
@pytest.mark.parametrize(("outliers", "batch_size"), [(1, 4), (1, 5), (3, 5), (20, 4)])
def test_as_the_literal_training_with_copies(
    member: Member, outliers: int, batch_size: int, pictures: Pictures, pixels: MakePixels, double: None
) -> None:
    """One outlier merged into one row, three of which batches hold several copies, and more than a batch holds."""
    images, pool = pictures(15), pictures(25, seed=1)
    shown = [] if member.method == "dsvdd" else list(range(2, 2 + outliers))
    schedule = replace(SCHEDULE, batch_size=batch_size)
    scores = run(member, task_of(pixels(images), pixels(pool), shown), schedule, SEEDS)
    expected = literal_scores(member, images, pool[shown], schedule)
    assert expected.std() > 1e-4
    np.testing.assert_allclose(scores, expected, rtol=1e-7, atol=1e-10)


def test_one_outlier_is_computed_once_a_batch(
    pictures: Pictures, pixels: MakePixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And as often as it stands there if its copies are augmented, each on its own."""
    sizes: list[int] = []
    batch = Pixels.batch

    def counting(self: Pixels, rows: Tensor, random: Generator | None) -> Tensor:
        if random is not None:
            sizes.append(len(rows))
        return batch(self, rows, random)

    monkeypatch.setattr(Pixels, "batch", counting)
    for augmentation, expected in (((), [4, 1, 4, 1, 2, 1]), (("noise",), [4, 4, 4, 4, 2, 2])):
        sizes.clear()
        data, pool = pixels(pictures(12), *augmentation), pixels(pictures(3, seed=1), *augmentation)
        fit(HSC, task_of(data, pool, [2]), replace(SCHEDULE, epochs=1, milestones=()), SEEDS)
        assert sizes == expected


@given(st.lists(st.integers(1, 12), max_size=3, unique=True), st.floats(1e-5, 1))
def test_the_learning_rate_is_that_of_multisteplr(milestones: list[int], rate: float) -> None:
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=rate)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones, gamma=0.1)
    schedule = Schedule(12, tuple(milestones), 4, rate)
    for epoch in range(12):
        assert schedule.rate(epoch) == pytest.approx(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()


@pytest.mark.parametrize("threads", [1, 3])
def test_company_and_threads_change_nothing(threads: int, tasks: Callable[[Member], Task]) -> None:
    alone = [run(member, tasks(member), SCHEDULE, SEEDS) for member in MEMBERS]
    together = list(population(MEMBERS, tasks, SCHEDULE, SEEDS, threads))
    backwards = list(population(MEMBERS[::-1], tasks, SCHEDULE, SEEDS, threads))[::-1]
    for one, two, three in zip(alone, together, backwards, strict=True):
        assert one.dtype == np.float32 and one.shape == (6,)
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


@pytest.mark.parametrize("threads", [1, 3])
def test_augmentation_does_not_depend_on_company(threads: int, pictures: Pictures, pixels: MakePixels) -> None:
    parts = ("jitter", "flip", "crop", "noise")
    data, pool = pixels(pictures(13), *parts), pixels(pictures(5, seed=1), *parts)
    members = [HSC, BCE, replace(HSC, seed=1)]
    alone = [run(member, task_of(data, pool, range(5)), SCHEDULE, SEEDS) for member in members]
    together = list(population(members, lambda member: task_of(data, pool, range(5)), SCHEDULE, SEEDS, threads))
    for one, two in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, two)


@dataclass(frozen=True)
class Recorder(Vectors):
    """Features that note which of them are asked for in training, and the state of the augmentation's generator."""

    seen: list[list[int]] = field(default_factory=list)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        if random is not None:
            self.seen.append(rows.tolist())
        return super().batch(rows, random)


def seen(member: Member, outliers: int, seeds: Seeds = SEEDS) -> tuple[list[list[int]], list[list[int]]]:
    """The batches of normal images and of outliers that ``member`` is shown."""
    generator = torch.Generator().manual_seed(0)
    data, pool = (Recorder(torch.randn(count, 6, generator=generator)) for count in (16, 30))
    fit(member, task_of(data, pool, range(outliers), kind="head"), SCHEDULE, seeds)
    return data.seen, pool.seen


def test_members_of_a_class_and_repetition_compare_in_pairs() -> None:
    """The same normal images in the same order, whatever the method and the outliers."""
    order, shown = seen(HSC, 7)
    assert [sorted(chain(*order[k : k + 3])) for k in (0, 3, 6)] == [list(range(10))] * 3
    for member, outliers in ((BCE, 7), (HSC, 1), (HSC, 30), (Member("cat", 0, "dsvdd", outliers=0), 0)):
        assert seen(member, outliers)[0] == order
    assert seen(BCE, 7)[1] == shown
    assert all(len(normal) == len(outlier) for normal, outlier in zip(order, shown, strict=True))


@pytest.mark.parametrize(
    ("member", "seeds"),
    [
        (replace(HSC, seed=1), SEEDS),
        (replace(HSC, class_name="dog"), SEEDS),
        (HSC, Seeds(1, "toy")),
        (HSC, Seeds(1024, "other")),
    ],
    ids=["repetition", "class", "seed", "data set"],
)
def test_everything_else_is_drawn_anew(member: Member, seeds: Seeds, tasks: Callable[[Member], Task]) -> None:
    for one, other in zip(seen(HSC, 7), seen(member, 7, seeds), strict=True):
        assert one != other
    untrained = replace(SCHEDULE, epochs=0)
    (first, *_), (second, *_) = (fit(m, tasks(m), untrained, s) for m, s in ((HSC, SEEDS), (member, seeds)))
    assert not torch.equal(next(first.parameters()), next(second.parameters()))
    assert not np.allclose(run(HSC, tasks(HSC), SCHEDULE, SEEDS), run(member, tasks(member), SCHEDULE, seeds))


def test_purposes_have_seeds_of_their_own() -> None:
    purposes = ("network lenet", "network head", "order", "outlier order", "augmentation")
    assert len({SEEDS.of(purpose, HSC) for purpose in purposes}) == len(purposes)


def test_members_of_a_class_and_repetition_share_first_weights(tasks: Callable[[Member], Task]) -> None:
    untrained = replace(SCHEDULE, epochs=0)
    first, *others = (fit(member, tasks(member), untrained, SEEDS)[0] for member in MEMBERS[:5])
    weights = dict(first.named_parameters())
    for other in others:
        for name, weight in other.named_parameters():
            if not name.startswith("logit"):
                assert torch.equal(weight, weights[name.removeprefix("network.")])


def test_statistics_are_those_of_the_normal_training_images(tasks: Callable[[Member], Task]) -> None:
    task = tasks(HSC)
    assert isinstance(task.data, Vectors)
    _, _, (mean, deviation) = fit(HSC, task, SCHEDULE, SEEDS)
    torch.testing.assert_close(mean[0], task.data.features[:10].mean(0))
    torch.testing.assert_close(deviation[0], task.data.features[:10].std(0, correction=0))


def test_deep_svdds_centre_is_where_the_untrained_network_puts_normal_images(tasks: Callable[[Member], Task]) -> None:
    member = MEMBERS[5]
    task = tasks(member)
    network, _, (mean, deviation) = fit(member, task, replace(SCHEDULE, epochs=0), SEEDS)
    network.eval()
    z = network((task.data.batch(task.train, None) - mean) / deviation).detach()
    _, trained, _ = fit(member, task, SCHEDULE, SEEDS)
    expected = make("dsvdd", "", math.nan).start([z]).center
    torch.testing.assert_close(trained.center, expected)


def points(normal: Tensor, anomalous: Tensor, outliers: Tensor) -> Task:
    """Points to train a head on, and 100 normal and 100 anomalous ones to test it on."""
    data, kept = Vectors(torch.cat([normal, anomalous])), len(normal) - 100
    rows = torch.arange(len(data))
    return Task(
        data, rows[:kept], rows[kept:], Vectors(outliers), torch.arange(len(outliers)), Architecture("head", 0.1), 4
    )


LABELS = np.repeat([0, 1], 100)
LEARNING = Schedule(epochs=30, milestones=(25,), batch_size=64, learning_rate=1e-2)


@pytest.mark.parametrize("member", MEMBERS[:5], ids=lambda member: f"{member.method} {member.radial}")
@pytest.mark.parametrize("repetition", [0, 1])
def test_outliers_teach_what_is_anomalous(member: Member, repetition: int) -> None:
    """Normal points on a shell and anomalies inside it: before training their outputs are nearer to the origin."""
    member, generator = replace(member, seed=repetition), torch.Generator().manual_seed(repetition)
    directions, within, anomalous, outliers = (torch.randn(n, 4, generator=generator) for n in (300, 300, 100, 200))
    shell = 4 * torch.nn.functional.normalize(directions) + 0.3 * within
    task = points(shell, 0.5 * anomalous, 0.5 * outliers)
    assert auroc(LABELS, run(member, task, replace(LEARNING, epochs=0), SEEDS)) < 0.7
    assert auroc(LABELS, run(member, task, LEARNING, SEEDS)) > 0.95


@pytest.mark.parametrize("repetition", [0, 1])
def test_outliers_on_one_side_mislead_bce_and_not_hsc(repetition: int) -> None:
    """Anomalies are all around the normal points (Section 5.4, and Figure 1)."""
    generator = torch.Generator().manual_seed(repetition)
    normal, directions, outliers = (torch.randn(n, 4, generator=generator) for n in (300, 100, 200))
    around, side = 4 * torch.nn.functional.normalize(directions), 0.5 * outliers + torch.tensor([4, 0, 0, 0])
    hsc, bce = (
        auroc(LABELS, run(replace(member, seed=repetition), points(normal, around, side), LEARNING, SEEDS))
        for member in (HSC, BCE)
    )
    assert hsc > 0.8 and bce < 0.6


@pytest.mark.parametrize("member", [HSC, MEMBERS[3], MEMBERS[5]], ids=lambda member: member.method)
def test_without_outliers_normal_images_are_pulled_in(member: Member, tasks: Callable[[Member], Task]) -> None:
    task = tasks(replace(member, outliers=0))
    assert not len(task.outliers)
    task = replace(task, test=task.train)
    before, after = (run(member, task, replace(LEARNING, epochs=epochs), SEEDS).mean() for epochs in (0, 100))
    assert after < before / 10


def test_a_single_normal_image_left_over_is_trained_on(tasks: Callable[[Member], Task]) -> None:
    member = MEMBERS[5]
    nine = replace(tasks(member), train=torch.arange(9))
    assert np.isfinite(run(member, nine, SCHEDULE, SEEDS)).all()


def test_a_diverged_training_is_an_error(tasks: Callable[[Member], Task]) -> None:
    schedule = replace(SCHEDULE, learning_rate=1e9)
    with pytest.raises(ValueError, match=r"method='hsc'.* training diverged, .* use a smaller learning_rate"):
        run(HSC, tasks(HSC), schedule, SEEDS)
    with pytest.raises(ValueError, match="training diverged"):
        list(population([BCE, HSC], tasks, schedule, SEEDS, 2))


def test_a_narrow_network_for_large_images_trains_on_a_cpu() -> None:
    """With channels last, PyTorch's kernels for so few channels end the process."""
    images = torch.from_numpy(np.random.default_rng(0).integers(256, size=(6, 3, 256, 256), dtype=np.uint8))
    data = Pixels(images, "cbam_resnet18", Filter(), frozenset({"crop"}), "code")
    rows = torch.arange(6)
    task = Task(data, rows[:3], rows[3:], data, rows[3:4], Architecture("cbam_resnet18", 0.05), 3)
    scores = run(Member("a", 0, "hsc", "pseudo_huber", outliers=1), task, Schedule(2, (), 2, 1e-3), SEEDS)
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()
