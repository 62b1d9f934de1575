"""Training against a literal loop in plain PyTorch, alone and in company."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import chain, islice

import numpy as np
import pytest
import torch
from torch import Generator, Tensor, nn

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.exposure.losses import dsvdd
from oneclass.exposure.networks import build
from oneclass.exposure.networks.lenet import LeNet
from oneclass.exposure.population import Job, train_all
from oneclass.exposure.training import Architecture, Recipe, Task, fit, train
from oneclass.filters import Filter
from oneclass.metrics import auroc
from oneclass.training.batches import Schedule
from oneclass.training.inputs import FeatureVectors, Inputs, Pixels
from oneclass.training.outcomes import CPU
from oneclass.training.trials import Seeds, Trial

Pictures = Callable[..., Tensor]
MakePixels = Callable[..., Pixels]
SEEDS = Seeds(1024, "toy")
SCHEDULE = Schedule(epochs=3, milestones=(2,), batch_size=4, learning_rate=1e-2)
LOSSES = {name: loss.module for name, loss in of_kind(Loss).items()}
HSC, BCE = Trial("cat", 0, "hsc", {"radial": "pseudo_huber"}), Trial("cat", 0, "bce")
TRIALS = [
    HSC,
    BCE,
    Trial("cat", 0, "hsc", {"radial": "norm1"}),
    Trial("cat", 0, "dsad"),
    Trial("cat", 0, "focal", {"gamma": 2.0}),
    Trial("cat", 1, "dsvdd", outlier_count=0),
    Trial("dog", 0, "bce"),
]


def recipe(network: str, schedule: Schedule = SCHEDULE, seeds: Seeds = SEEDS) -> Recipe:
    return Recipe(Architecture(NETWORKS[network], 0.1), LOSSES, schedule, seeds)


def named(trial: Trial) -> str:
    return " ".join(map(str, (trial.method, *trial.options.values())))


LENET, HEAD = recipe("lenet"), recipe("head")
UNTRAINED = recipe("head", replace(SCHEDULE, epochs=0))


def task_of(data: Inputs, pool: Inputs, outliers: Sequence[int], train: Sequence[int] = range(10)) -> Task:
    inputs = data.features.shape[1] if isinstance(data, FeatureVectors) else 3
    test = torch.arange(len(train), len(data))
    return Task(data, torch.tensor(train), test, pool, torch.tensor(outliers, dtype=torch.int64), inputs)


@pytest.fixture
def tasks() -> Callable[[Trial], Task]:
    """Features, with outliers for all but Deep SVDD."""
    generator = torch.Generator().manual_seed(0)
    data, pool = (FeatureVectors(torch.randn(count, 6, generator=generator)) for count in (16, 9))
    return lambda trial: task_of(data, pool, range(7) if trial.outlier_count else [])


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


def literal_scores(trial: Trial, images: Tensor, exposed: Tensor, schedule: Schedule) -> Tensor:
    """Train on the first 10 of ``images`` (uint8), each batch beside copies of ``exposed``, and score the others."""
    method, place = LENET.method(trial), (trial.class_name, trial.repetition)
    untrained = build(NETWORKS["lenet"], 0.1, "float32", method, 3, SEEDS.derive("network lenet", *place))
    network = plain(untrained, method.classifier)
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
    order = SEEDS.generator("order", *place)
    outliers = cycle(len(oe), SEEDS.generator("outlier order", *place))
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


@pytest.mark.parametrize("trial", TRIALS[:6], ids=named)
@pytest.mark.parametrize(("outliers", "batch_size"), [(1, 4), (1, 5), (3, 5), (20, 4)])
def test_as_the_literal_training_with_copies(
    trial: Trial, outliers: int, batch_size: int, pictures: Pictures, pixels: MakePixels, double: None
) -> None:
    """One outlier merged into one row, three of which batches hold several copies, and more than a batch holds."""
    images, pool = pictures(15), pictures(25, seed=1)
    shown = [] if trial.method == "dsvdd" else list(range(2, 2 + outliers))
    schedule = replace(SCHEDULE, batch_size=batch_size)
    scores = train(trial, task_of(pixels(images), pixels(pool), shown), recipe("lenet", schedule))
    expected = literal_scores(trial, images, pool[shown], schedule)
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
        fit(HSC, task_of(data, pool, [2]), recipe("lenet", replace(SCHEDULE, epochs=1, milestones=())))
        assert sizes == expected


def jobs(trials: list[Trial], task: Callable[[Trial], Task]) -> list[Job]:
    return [(trial, partial(task, trial)) for trial in trials]


@pytest.mark.parametrize("threads", [1, 3])
def test_company_and_threads_change_nothing(threads: int, tasks: Callable[[Trial], Task]) -> None:
    alone = [train(trial, tasks(trial), HEAD) for trial in TRIALS]
    together = list(train_all(jobs(TRIALS, tasks), HEAD, CPU, threads))
    backwards = list(train_all(jobs(TRIALS[::-1], tasks), HEAD, CPU, threads))[::-1]
    for one, two, three in zip(alone, together, backwards, strict=True):
        assert one.dtype == np.float32 and one.shape == (6,)
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


@pytest.mark.parametrize("threads", [1, 3])
def test_augmentation_does_not_depend_on_company(threads: int, pictures: Pictures, pixels: MakePixels) -> None:
    parts = ("jitter", "flip", "crop", "noise")
    data, pool = pixels(pictures(13), *parts), pixels(pictures(5, seed=1), *parts)
    trials = [HSC, BCE, replace(HSC, repetition=1)]
    alone = [train(trial, task_of(data, pool, range(5)), LENET) for trial in trials]
    together = list(train_all(jobs(trials, lambda trial: task_of(data, pool, range(5))), LENET, CPU, threads))
    for one, two in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, two)


@dataclass(frozen=True)
class Recorder(FeatureVectors):
    """Features that note which of them are asked for in training, and the state of the augmentation's generator."""

    seen: list[list[int]] = field(default_factory=list)

    def batch(self, rows: Tensor, random: Generator | None) -> Tensor:
        if random is not None:
            self.seen.append(rows.tolist())
        return super().batch(rows, random)


def seen(trial: Trial, outliers: int, seeds: Seeds = SEEDS) -> tuple[list[list[int]], list[list[int]]]:
    """The batches of normal images and of outliers that ``trial`` is shown."""
    generator = torch.Generator().manual_seed(0)
    data, pool = (Recorder(torch.randn(count, 6, generator=generator)) for count in (16, 30))
    fit(trial, task_of(data, pool, range(outliers)), recipe("head", seeds=seeds))
    return data.seen, pool.seen


def test_trials_of_a_class_and_repetition_compare_in_pairs() -> None:
    """The same normal images in the same order, whatever the method and the outliers."""
    order, shown = seen(HSC, 7)
    assert [sorted(chain(*order[k : k + 3])) for k in (0, 3, 6)] == [list(range(10))] * 3
    for trial, outliers in ((BCE, 7), (HSC, 1), (HSC, 30), (Trial("cat", 0, "dsvdd", outlier_count=0), 0)):
        assert seen(trial, outliers)[0] == order
    assert seen(BCE, 7)[1] == shown
    assert all(len(normal) == len(outlier) for normal, outlier in zip(order, shown, strict=True))


@pytest.mark.parametrize(
    ("trial", "seeds"),
    [
        (replace(HSC, repetition=1), SEEDS),
        (replace(HSC, class_name="dog"), SEEDS),
        (HSC, Seeds(1, "toy")),
        (HSC, Seeds(1024, "other")),
    ],
    ids=["repetition", "class", "seed", "data set"],
)
def test_everything_else_is_drawn_anew(trial: Trial, seeds: Seeds, tasks: Callable[[Trial], Task]) -> None:
    for one, other in zip(seen(HSC, 7), seen(trial, 7, seeds), strict=True):
        assert one != other
    first = fit(HSC, tasks(HSC), UNTRAINED).network
    second = fit(trial, tasks(trial), recipe("head", UNTRAINED.schedule, seeds)).network
    assert not torch.equal(next(first.parameters()), next(second.parameters()))
    assert not np.allclose(train(HSC, tasks(HSC), HEAD), train(trial, tasks(trial), recipe("head", seeds=seeds)))


def test_purposes_have_seeds_of_their_own() -> None:
    purposes = ("network lenet", "network head", "order", "outlier order", "augmentation")
    assert len({SEEDS.derive(purpose, "cat", 0) for purpose in purposes}) == len(purposes)


def test_trials_of_a_class_and_repetition_share_first_weights(tasks: Callable[[Trial], Task]) -> None:
    first, *others = (fit(trial, tasks(trial), UNTRAINED).network for trial in TRIALS[:5])
    weights = dict(first.named_parameters())
    for other in others:
        for name, weight in other.named_parameters():
            if not name.startswith("logit"):
                assert torch.equal(weight, weights[name.removeprefix("network.")])


def test_statistics_are_those_of_the_normal_training_images(tasks: Callable[[Trial], Task]) -> None:
    task = tasks(HSC)
    assert isinstance(task.data, FeatureVectors)
    mean, deviation = fit(HSC, task, HEAD).statistics or ()
    torch.testing.assert_close(mean[0], task.data.features[:10].mean(0))
    torch.testing.assert_close(deviation[0], task.data.features[:10].std(0, correction=0))


def test_deep_svdds_centre_is_where_the_untrained_network_puts_normal_images(tasks: Callable[[Trial], Task]) -> None:
    trial = TRIALS[5]
    task = tasks(trial)
    untrained = fit(trial, task, UNTRAINED)
    network, (mean, deviation) = untrained.network.eval(), untrained.statistics or ()
    z = network((task.data.batch(task.train, None) - mean) / deviation).detach()
    expected = dsvdd.Loss().start([z]).center
    torch.testing.assert_close(fit(trial, task, HEAD).method.center, expected)


def points(normal: Tensor, anomalous: Tensor, outliers: Tensor) -> Task:
    """Points to train a head on, and 100 normal and 100 anomalous ones to test it on."""
    data, kept = FeatureVectors(torch.cat([normal, anomalous])), len(normal) - 100
    rows = torch.arange(len(data))
    return Task(data, rows[:kept], rows[kept:], FeatureVectors(outliers), torch.arange(len(outliers)), 4)


LABELS = np.repeat([0, 1], 100)
LEARNING = Schedule(epochs=30, milestones=(25,), batch_size=64, learning_rate=1e-2)


def learned(epochs: int = LEARNING.epochs) -> Recipe:
    return recipe("head", replace(LEARNING, epochs=epochs))


@pytest.mark.parametrize("trial", TRIALS[:5], ids=named)
@pytest.mark.parametrize("repetition", [0, 1])
def test_outliers_teach_what_is_anomalous(trial: Trial, repetition: int) -> None:
    """Normal points on a shell and anomalies inside it: before training their outputs are nearer to the origin."""
    trial, generator = replace(trial, repetition=repetition), torch.Generator().manual_seed(repetition)
    directions, within, anomalous, outliers = (torch.randn(n, 4, generator=generator) for n in (300, 300, 100, 200))
    shell = 4 * torch.nn.functional.normalize(directions) + 0.3 * within
    task = points(shell, 0.5 * anomalous, 0.5 * outliers)
    assert auroc(LABELS, train(trial, task, learned(0))) < 0.7
    assert auroc(LABELS, train(trial, task, learned())) > 0.95


@pytest.mark.parametrize("repetition", [0, 1])
def test_outliers_on_one_side_mislead_bce_and_not_hsc(repetition: int) -> None:
    """Anomalies are all around the normal points (Section 5.4, and Figure 1)."""
    generator = torch.Generator().manual_seed(repetition)
    normal, directions, outliers = (torch.randn(n, 4, generator=generator) for n in (300, 100, 200))
    around, side = 4 * torch.nn.functional.normalize(directions), 0.5 * outliers + torch.tensor([4, 0, 0, 0])
    hsc, bce = (
        auroc(LABELS, train(replace(trial, repetition=repetition), points(normal, around, side), learned()))
        for trial in (HSC, BCE)
    )
    assert hsc > 0.8 and bce < 0.6


@pytest.mark.parametrize("trial", [HSC, TRIALS[3], TRIALS[5]], ids=named)
def test_without_outliers_normal_images_are_pulled_in(trial: Trial, tasks: Callable[[Trial], Task]) -> None:
    task = tasks(replace(trial, outlier_count=0))
    assert not len(task.outliers)
    task = replace(task, test=task.train)
    before, after = (train(trial, task, learned(epochs)).mean() for epochs in (0, 100))
    assert after < before / 10


def test_a_single_normal_image_left_over_is_trained_on(tasks: Callable[[Trial], Task]) -> None:
    trial = TRIALS[5]
    nine = replace(tasks(trial), train=torch.arange(9))
    assert np.isfinite(train(trial, nine, HEAD)).all()


def test_a_narrow_network_for_large_images_trains_on_a_cpu() -> None:
    """With channels last, PyTorch's kernels for so few channels end the process."""
    images = torch.from_numpy(np.random.default_rng(0).integers(256, size=(6, 3, 256, 256), dtype=np.uint8))
    data = Pixels(images, NETWORKS["cbam_resnet18"], Filter(), frozenset({"crop"}))
    rows = torch.arange(6)
    task = Task(data, rows[:3], rows[3:], data, rows[3:4], 3)
    narrow = Recipe(Architecture(NETWORKS["cbam_resnet18"], 0.05), LOSSES, Schedule(2, (), 2, 1e-3), SEEDS)
    scores = train(Trial("a", 0, "hsc", {"radial": "pseudo_huber"}, outlier_count=1), task, narrow)
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


def test_channels_last_is_for_networks_in_which_it_is_safe(
    pictures: Pictures, pixels: MakePixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    forward = LeNet.forward

    def noting(self: LeNet, x: Tensor, counts: Tensor | None = None) -> Tensor:
        seen.append(x.is_contiguous(memory_format=torch.channels_last))
        return forward(self, x, counts)

    monkeypatch.setattr(LeNet, "forward", noting)
    task = task_of(pixels(pictures(12)), pixels(pictures(3, seed=1)), [2])
    for safe in (True, False):
        seen.clear()
        careful = Architecture(replace(NETWORKS["lenet"], channels_last=safe), 0.1)
        train(HSC, task, replace(LENET, architecture=careful))
        assert set(seen) == {safe}


def test_a_recipe_is_what_its_settings_say() -> None:
    settings = {
        "network": asdict(NETWORKS["lenet"]),
        "width": 0.1,
        "precision": "float32",
        "stacked": None,
        "losses": LOSSES,
        "schedule": asdict(SCHEDULE),
        "task": "one_vs_rest",
    }
    assert Recipe.create(settings, SEEDS) == LENET


@pytest.mark.parametrize("trial", TRIALS, ids=named)
def test_a_method_has_the_options_of_its_trial(trial: Trial) -> None:
    method = LENET.method(trial)
    assert type(method).__module__ == f"oneclass.exposure.losses.{trial.method}"
    with pytest.raises(TypeError):
        LENET.method(replace(trial, options={"radius": 1}))


def test_options_change_what_is_learned(tasks: Callable[[Trial], Task]) -> None:
    one, other = (train(replace(TRIALS[4], options={"gamma": gamma}), tasks(BCE), HEAD) for gamma in (0.0, 2.0))
    assert not np.allclose(one, other)
