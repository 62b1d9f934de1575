"""The cost of networks that somebody else trained, used or fine-tuned: CLIP, PANDA and MS."""

from typing import Any

from oneclass.plan.plan import Plan
from oneclass.price.backbones import SIDE, architecture
from oneclass.price.cost import MEGA, PYTORCH_MB, Cost, added
from oneclass.price.exposure import batches, beside_mb
from oneclass.price.images import held_mb, on_device_mb, streamed
from oneclass.price.sizes import Sizes

SCORE_ROW = 300  # bytes of a score in memory
UNTRAINED = 2  # distances of DN2, for which nothing is trained
VIT = 4.4, 151.0  # ViT-B/32: billions of multiplications for an image, millions of parameters (both towers)
KEPT_MB = 60  # that autograd keeps for an image of a ViT-B/32 in training


class PretrainedCosts:
    """The costs of the rules of ``rules/clip.smk`` and ``transfer.smk``, by a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self._plan, self._sizes = plan, sizes

    def train_clip(self, job: Any) -> Cost:
        """The repetitions of a miniature, and its control."""
        assert self._plan.clip
        miniature = self._plan.clip.miniature(job.clip)
        smallest = self._sizes.class_of(miniature.dataset).train
        classes = len(self._plan.config.available_classes(miniature.dataset))
        steps = miniature.epochs * -(-smallest // miniature.batch_size)
        models = len(self._plan.clip.model.trained())
        work = {"miniature image": models * steps * miniature.batch_size * (classes + 1)}
        return Cost(work, models, models * steps, memory_mb=PYTORCH_MB + 500, gpu_mb=2000, disk_mb=25 * models)

    def embed_clip(self, job: Any) -> Cost:
        """Every image, by every repetition of the model."""
        assert self._plan.clip
        models, images = len(self._plan.clip.model.trained()), self._sizes.images(job.dataset)
        side = self._plan.config.clip_image_size(job.dataset)
        pixels = images * 3 * (256 if side > 32 else 32) ** 2 / MEGA
        work = self._seen(models * images)
        return Cost(
            work, memory_mb=PYTORCH_MB + 700 + 1.2 * pixels, gpu_mb=4000, disk_mb=1 + models * images * 2100 / MEGA
        )

    def score_clip(self, job: Any) -> Cost:
        """Inner products."""
        assert self._plan.clip
        return self._scored(job, len(self._plan.clip.section.templates) * 2)

    def evaluate_clip(self, job: Any) -> Cost:
        """Intervals of the same scores."""
        return self._scored(job, 2 * len(self._plan.clip.section.templates) if self._plan.clip else 0)

    def fine_tune_clip(self, job: Any) -> Cost:
        """Pairs of normal images and outliers, through the image tower and back."""
        assert self._plan.clip and self._plan.clip.section.fine_tuning
        tuning, run = self._plan.clip.section.fine_tuning, self._plan.clip.tuning(job.dataset)
        classes = len(self._plan.clip.classes(job.dataset, job.part))
        networks = classes * (run.repetitions or tuning.repetitions)
        train, test = self._sizes.train(job.dataset), self._sizes.test(job.dataset)
        side = 32 if self._plan.config.clip_image_size(job.dataset) <= 32 else 256
        images = sum(held_mb(self._sizes, name, side) for name in (job.dataset, run.pool))
        trained = networks * tuning.epochs * train
        miniature = self._plan.clip.model.miniature is not None
        unit = {"miniature image" if miniature else "CLIP pair": trained}
        one = 300 if miniature else 4 * 4 * VIT[1] + 2 * tuning.batch_size * KEPT_MB
        return Cost(
            added(unit, self._seen(networks * test), streamed(self._sizes, run.pool, side, trained)),
            networks,
            networks * tuning.epochs * batches(train, tuning.batch_size),
            memory_mb=PYTORCH_MB + 1000 + 1.2 * images + beside_mb(one) + networks * test * SCORE_ROW / MEGA,
            gpu_mb=1500 + sum(on_device_mb(self._sizes, name, side) for name in (job.dataset, run.pool)) + one,
            disk_mb=1 + networks * test * 8 / MEGA,
        )

    def scorings(self, dataset: str) -> int:
        """How often the test images are scored: for each class by DN2 with two distances, and in each repetition by MS
        and by PANDA with and without consolidation, and with outliers where there are some."""
        section, classes = self._plan.config.transfer, self._plan.config.normal_classes(dataset)
        assert section
        return len(classes) * (UNTRAINED + section.repetitions * (4 if dataset in section.pools else 3))

    def train_transfer(self, job: Any) -> Cost:
        """DN2 by two distances, PANDA in its three forms, and MS, for every class."""
        assert self._plan.config.transfer
        section, config = self._plan.config.transfer, self._plan.config
        panda, shifted = section.panda, section.mean_shifted
        pool, classes = section.pools.get(job.dataset), len(config.normal_classes(job.dataset))
        network, transform = architecture(config, job.backbone), config.datasets[job.dataset].transform
        gmac = network.gmac * ((transform.crop or transform.resize) / SIDE) ** 2
        share = network.trained(section.blocks)  # what comes before it is computed once, where it fits the memory
        trainings = classes * section.repetitions
        views = trainings * shifted.steps * 2 * shifted.batch_size
        seen = trainings * (panda.steps + panda.ewc_steps + (2 * panda.oe_steps if pool else 0)) * panda.batch_size
        seen += classes * panda.fisher_images
        steps = panda.steps + panda.ewc_steps + shifted.steps + (panda.oe_steps if pool else 0)
        images = self._sizes.images(job.dataset)
        outliers = min(section.outliers or self._sizes.images(pool), self._sizes.images(pool)) if pool else 0
        train, test = self._sizes.train(job.dataset), self._sizes.test(job.dataset)
        scorings = self.scorings(job.dataset)
        work = {
            network.unit: gmac
            * (images + outliers + share * (scorings - classes) * (train + test) + (1 - share) * views),
            "tuning GMAC": gmac * 3 * share * (seen + views),
            "view": views,
            "megapixel read": (images + outliers) * (self._sizes.side(job.dataset) ** 2 + transform.resize**2) / MEGA,
        }
        pixels = (images + outliers) * 3 * transform.resize**2 / MEGA
        rows = scorings * test
        return Cost(
            work,
            scorings - classes * UNTRAINED,
            trainings * steps,
            memory_mb=PYTORCH_MB + 2 * section.memory_mb + 1.6 * pixels + rows * SCORE_ROW / MEGA,
            gpu_mb=3000 + 2 * section.memory_mb + 20 * network.parameters,
            disk_mb=1 + rows * 8 / MEGA,
        )

    def _seen(self, images: int) -> dict[str, float]:
        """Forward passes of the model's image tower."""
        assert self._plan.clip
        if self._plan.clip.model.miniature:
            return {"miniature image": images / 3}
        return {"forward GMAC": VIT[0] * images}

    def _scored(self, job: Any, variants: int) -> Cost:
        assert self._plan.clip
        models = len(self._plan.clip.model.trained())
        rows = len(self._plan.config.normal_classes(job.dataset)) * self._sizes.test(job.dataset) * variants * models
        return Cost({"score": rows}, memory_mb=1500 + rows * SCORE_ROW / MEGA, disk_mb=1 + rows * 8 / MEGA)
