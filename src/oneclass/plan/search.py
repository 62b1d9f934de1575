"""Paper 2's searches for the best and the worst single outlier."""

from typing import Any

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Loss
from oneclass.config import Config
from oneclass.config.inputs import Place
from oneclass.config.search import Search
from oneclass.filters import Filter
from oneclass.plan.exposure import ExposurePlan
from oneclass.plan.images import ImagesPlan


class SearchPlan:
    """The jobs of the section ``exposure.search``. The path of a history is ``pattern`` and its direction."""

    pattern = "search/{dataset}/{pool}/{network}/{filter}/{method}/{class_name}"

    def __init__(self, config: Config, section: Search) -> None:
        assert config.exposure
        self.config, self.section, self.images = config, section, ImagesPlan(config)
        self._exposure = ExposurePlan(config, config.exposure)

    def settings(self, dataset: str, network: str, method: str) -> dict[str, Any]:
        """What ``search.job`` needs to know besides its class, filter and directions."""
        assert self.config.exposure
        loss = of_kind(Loss)[method]
        return {
            "task": self.config.datasets[dataset].task,
            "losses": {method: loss.module},
            "options": {name: option.default for name, option in loss.options.items()},
            "parameters": self.section.parameters(),
            "schedule": self.section.schedule(self.config.exposure.learning_rate),
            "repetitions": self.section.repetitions,
            "backbone": self._exposure.backbone(network),
        } | self._exposure.network_settings(network)

    def stores(self, images: str, job: Any) -> list[str]:
        """What the networks of a ``job`` (its wildcards) see of ``images``, its data set or pool."""
        place = Place(dataset=job.dataset, pool=job.pool, network=job.network, filters=[job.filter])
        return self._exposure.stores(images, place)

    def files(
        self,
        small: bool | None = None,
        filters: tuple[str, ...] | None = None,
        directions: tuple[str, ...] | None = None,
    ) -> list[str]:
        """The histories of the searches that a page shows: of networks for 32-pixel images or others, of kinds of
        filters, and of directions, where given."""
        return [
            f"results/search/{run.dataset}/{run.pool}/{run.network}/{name}/{method}/{class_name}_{direction}.parquet"
            for run in self._runs(small)
            for name in run.filters
            if filters is None or Filter.parse(name).kind in filters
            for method in self.section.methods
            for class_name in run.classes or self.config.normal_classes(run.dataset)
            for direction in self.section.directions
            if directions is None or direction in directions
        ]

    def indexes(self, small: bool | None = None) -> list[str]:
        """The indexes of the data sets and pools of those searches."""
        images = {name for run in self._runs(small) for name in (run.dataset, run.pool)}
        return [f"results/index/{name}.parquet" for name in sorted(images)]

    def geometries(self) -> dict[str, dict[str, dict[str, int | None]]]:
        """How pictures are resized and cropped before a network sees them, by data set and network."""
        sizes: dict[str, dict[str, dict[str, int | None]]] = {}
        for run in self.section.runs:
            sizes.setdefault(run.dataset, {})[run.network] = self.images.seen_by(run.network, run.dataset)
        return sizes

    def describe(self) -> list[str]:
        """What a reader of a table needs to know of the searches."""
        section = self.section
        milestones = ", ".join(map(str, section.milestones)) or "none"
        assert self.config.exposure
        sweep = self.config.exposure.counts
        other = f" (Figure 2: {sweep.epochs})" if sweep and sweep.epochs != section.epochs else ""
        return [
            f"Searches (here): evolution of {section.individuals} outliers over {section.generations} generations; "
            f"random search of {section.random_outliers}. Each outlier: {self._exposure.describe_networks()}, "
            f"repetitions: {section.repetitions}; {section.epochs} epochs{other}, rate lowered at: {milestones}; "
            f"batches of {section.batch_size} normal images and as many copies of the outlier."
        ]

    def _runs(self, small: bool | None) -> list[Any]:
        return [run for run in self.section.runs if small is None or NETWORKS[run.network].small == small]
