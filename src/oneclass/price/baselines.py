"""The cost of the systems of other papers that are trained on images."""

from collections.abc import Mapping
from typing import Any

from oneclass.config.methods import settings_of
from oneclass.plan.plan import Plan
from oneclass.price.backbones import architecture
from oneclass.price.compared import ON_IMAGES, Learning, started_from
from oneclass.price.cost import MEGA, PYTORCH_MB, Cost
from oneclass.price.sizes import Sizes

SCORE_ROW = 300  # bytes of a score in memory
COPIES = 3  # of the images: all, and those of a class for training and for test, of several classes at a time


class BaselineCosts:
    """The costs of the rules of ``rules/baselines.smk``, by a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self._plan, self._sizes = plan, sizes

    def training(self, name: str, job: Any) -> Cost:
        """Every class and repetition of one method."""
        part = self._plan.baselines
        assert part
        section, method = part.section, part.methods[name]
        networks = len(part.classes(job.dataset, job.part)) * section.repetitions
        train, test = self._sizes.train(job.dataset), self._sizes.test(job.dataset)
        geometry = part.geometry(job.dataset)
        side = int(geometry["crop"] or geometry["resize"] or 0)
        images, pool = self._sizes.images(job.dataset), section.pools.get(job.dataset)
        if pool and "outliers" in method.needs:
            images += min(section.outliers or self._sizes.images(pool), self._sizes.images(pool))
        options = numbers(settings_of(method, section.options))
        if section.backbone and "backbone" in method.needs:
            options = started_from(architecture(self._plan.config, section.backbone), options)
        learning = ON_IMAGES[name](side, train, options)
        pixels = images * 3 * side**2 / MEGA
        return Cost(
            {
                "megapixel read": images * (self._sizes.side(job.dataset) ** 2 + side**2) / MEGA,
                **work(learning, networks, networks * (train + test)),
            },
            networks,
            networks * learning.steps,
            memory_mb=PYTORCH_MB + COPIES * pixels + 2 * learning.memory_mb + networks * test * SCORE_ROW / MEGA,
            gpu_mb=1500 + learning.memory_mb,
            disk_mb=1 + networks * test * 8 / MEGA,
        )


def numbers(options: Mapping[str, float | str]) -> dict[str, float]:
    """The ``options`` of a system that is trained on images, all of which are numbers."""
    return {name: float(value) for name, value in options.items()}


def work(learning: Learning, networks: int, scored: int) -> Mapping[str, float]:
    """Training ``networks``, and scoring so many images by one or another of them."""
    return {
        "tuning GMAC": networks * learning.seen * learning.step,
        "forward GMAC": scored * learning.image,
    }
