"""The cost of paper 2's networks: sweeps, and searches for single outliers."""

from collections.abc import Callable
from math import ceil, prod
from typing import Any

from oneclass.catalogue.networks import NETWORKS
from oneclass.config.base import Schedule
from oneclass.config.exposure import Sweep
from oneclass.plan.plan import Plan
from oneclass.price.backbones import architecture
from oneclass.price.cost import MEGA, PYTORCH_MB, Cost, added
from oneclass.price.images import held_mb, on_device_mb, streamed
from oneclass.price.sizes import Sizes

# A network's time grows with its width to these powers: between LeNets of width 0.25 and 1, on a CPU
WIDTH = {"pair": 1.24, "merged": 0.78, "scored": 1.4}
# Megabytes that autograd keeps for a training image, and megabytes of weights, at width 1
ACTIVATIONS = {"lenet": 0.88, "cbam_resnet18": 28.4, "head": 0.0164}
WEIGHTS = {"lenet": 5.8, "cbam_resnet18": 45.6, "head": 4.7}
COPIES, PASSES = 5, 2  # of weights, and of what autograd keeps, as training reckons itself (training.capacity)
SCORE_ROW = 250  # bytes of a score in memory: joined, and in parts
CHOSEN = 150  # bytes of a chosen outlier's row


def batches(count: int, size: int) -> int:
    """The steps of an epoch (``training.batches.epoch``): a single image left over joins the batch before."""
    return ceil(count / size) - (count > size and count % size == 1)


def alike(network: str) -> str:
    """``network``, or the most similar of those whose costs are known: a head, or one for images of about that size."""
    if network in WEIGHTS:
        return network
    entry = NETWORKS[network]
    return "head" if entry.on_features else "lenet" if entry.small else "cbam_resnet18"


def training_mb(network: str, width: float, images: int) -> float:
    """What one network takes while it is trained on batches of ``images`` in all. On a GPU small ones train as one
    stack, of as many as fit into what is free: one has to."""
    network = alike(network)
    return COPIES * WEIGHTS[network] * width + PASSES * ACTIVATIONS[network] * width * images


def beside_mb(one: float) -> float:
    """What trains side by side on a CPU: eight small networks of ``one`` each, fewer large ones, which want a GPU."""
    return min(8 * one, 8000)


class ExposureCosts:
    """The costs of ``train_exposure`` and ``search``, each given a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self._plan, self._sizes = plan, sizes
        assert plan.config.exposure
        self._section = plan.config.exposure

    def train_exposure(self, job: Any) -> Cost:
        """Every network of a sweep on one data set and pool, for the job's classes."""
        assert self._plan.exposure
        sweep = self._plan.exposure.sweep_of(job)
        classes = len(self._plan.exposure.classes(job.dataset, job.part))
        parts = [self._trials(sweep, name, augmented, job) for name in sweep.methods for augmented in sweep.augmented]
        networks = classes * sum(count for count, _ in parts)
        steps = sweep.epochs * batches(self._sizes.train(job.dataset), sweep.batch_size)
        scores = networks * self._sizes.test(job.dataset)
        drawn = min(self._sizes.images(job.pool), self._plan.most_outliers(job.dataset, job.pool))
        chosen = self._plan.repetitions_of_outliers(job.dataset, job.pool) * drawn * CHOSEN / MEGA
        chosen *= len(self._plan.config.normal_classes(job.dataset))
        held = self._images_mb(job, len(sweep.runs[0].filters))
        one = training_mb(job.network, self._section.width, 2 * sweep.batch_size)
        return Cost(
            {unit: classes * amount for unit, amount in added(*(work for _, work in parts)).items()},
            networks=networks,
            steps=networks * steps,
            memory_mb=PYTORCH_MB + 1.2 * held + beside_mb(one) + chosen + scores * SCORE_ROW / MEGA,
            gpu_mb=1500 + self._images_mb(job, len(sweep.runs[0].filters), on_device_mb) + one,
            disk_mb=1 + scores * 8 / MEGA,
        )

    def search(self, job: Any) -> Cost:
        """Every network that a search is expected to train: the first generation, which its directions share, and in
        those after it what is new."""
        section = self._section.search
        assert section
        evolved = sum(direction != "random" for direction in section.directions)
        new = 1 - (1 - section.mating) * (1 - section.mutation)
        tried = evolved * new * (section.generations - 1) * section.individuals
        first = section.random_outliers if "random" in section.directions else section.individuals
        return self._searched(job, first + tried)

    def _searched(self, job: Any, tried: float) -> Cost:
        """So many outliers ``tried``, each once in a repetition."""
        section = self._section.search
        assert section
        networks = max(0, round(tried * section.repetitions))
        train, test = self._sizes.train(job.dataset), self._sizes.test(job.dataset)
        held = self._images_mb(job, 1)
        one = training_mb(job.network, self._section.width, 2 * section.batch_size)
        kept = 4 * 3 * NETWORKS[job.network].image_size ** 2 * (train + test) / MEGA  # normalised once, for a LeNet
        prepared = kept if NETWORKS[job.network].counts else 0
        return Cost(
            self._training(job.network, section, networks, train, test, merged=True, kind=""),
            networks=networks,
            steps=networks * section.epochs * batches(train, section.batch_size),
            memory_mb=PYTORCH_MB + 2 * held + prepared + beside_mb(one),
            gpu_mb=1500 + self._images_mb(job, 1, on_device_mb) + prepared + one,
        )

    def _trials(self, sweep: Sweep, method: str, augmented: bool, job: Any) -> tuple[int, dict[str, float]]:
        """The networks of one method for one class, with augmentation or without, and their work."""
        [run] = sweep.runs
        described = sweep.methods_run()[method]
        options = prod(len(values) for values in described["options"].values())
        counts = [count for count in sweep.outlier_counts if count or described["outliers"] != "required"]
        shown = len(counts) * len(sweep.outlier_class_counts or [None])
        networks = sweep.repetitions * options * len(run.filters) * (shown if described["outliers"] != "none" else 1)
        filtered = sum(name != "none" for name in run.filters) / len(run.filters)
        exposed = sum(count != 0 for count in counts) / len(counts) if described["outliers"] != "none" else 0
        work = self._training(
            job.network,
            sweep,
            networks,
            self._sizes.train(job.dataset),
            self._sizes.test(job.dataset),
            merged=False,
            kind="augmented" if augmented else "",
            filtered=filtered,
            exposed=exposed,
        )
        entry = NETWORKS[job.network]
        read = 0 if entry.on_features else exposed * networks * sweep.epochs * self._sizes.train(job.dataset)
        return networks, added(work, streamed(self._sizes, job.pool, entry.stored_size, read))

    def _training(
        self,
        network: str,
        schedule: Schedule,
        networks: float,
        train: int,
        test: int,
        *,
        merged: bool,
        kind: str,
        filtered: float = 0,
        exposed: float = 1,
    ) -> dict[str, float]:
        """The work of ``networks``, of which a share is ``exposed``: pairs of a normal image and an outlier are trained
        on, without outliers half a pair, and then images scored."""
        images, entry = networks * schedule.epochs * train * (1 + exposed) / 2, NETWORKS[network]
        like = alike(network)
        kept, width = "merged" if merged and NETWORKS[like].counts else "pair", self._section.width
        megapixels = 2 * images * entry.image_size**2 / MEGA
        return {
            f"{like} {kept}": width ** WIDTH[kept] * images,
            f"{like} scored": width ** WIDTH["scored"] * networks * (train + test),
            "megapixel augmented": megapixels if kind == "augmented" and entry.small else 0,
            "megapixel filtered": megapixels * filtered,
        }

    def _images_mb(self, job: Any, filters: int, of: Callable[[Sizes, str, int], float] = held_mb) -> float:
        """The images of data set and pool."""
        names = (job.dataset, job.pool)
        if not NETWORKS[job.network].on_features:
            return sum(of(self._sizes, name, NETWORKS[job.network].stored_size) for name in names)
        assert self._section.backbone
        size = architecture(self._plan.config, self._section.backbone).features
        return sum(filters * 4 * size * self._sizes.images(name) for name in names) / MEGA
