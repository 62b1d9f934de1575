"""Systems of other papers, trained on the images of each class."""

from typing import Any

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Baseline
from oneclass.config import Config
from oneclass.config.baselines import Baselines
from oneclass.config.methods import settings_of
from oneclass.plan.images import THUMBNAIL
from oneclass.plan.part import PartPlan, told


class BaselinesPlan(PartPlan):
    """The jobs of the section ``baselines``: for each data set and method, one or several."""

    name, pattern = "baselines", "baselines/{dataset}/{baseline}"

    def __init__(self, config: Config, section: Baselines) -> None:
        super().__init__(config, section)
        self.section = section

    @property
    def methods(self) -> dict[str, Baseline]:
        """The methods that are run, by name."""
        return {name: of_kind(Baseline)[name] for name in self.section.methods}

    def inputs(self, dataset: str, method: Baseline) -> dict[str, str]:
        """The index, and for a method with outliers the pool's, and which of them are kept."""
        index = {"index": self.images.index(dataset)}
        if "outliers" not in method.needs:
            return index
        pool = self.section.pools[dataset]
        return index | {
            "pool_index": self.images.index(pool),
            "kept": f"results/outliers/{dataset}/{pool}/pool.parquet",
        }

    def geometry(self, dataset: str) -> dict[str, int | None]:
        """What is done to an image first. Thumbnails stay small: who wants them larger enlarges them."""
        if self.images.is_thumbnail(dataset):
            return {"resize": THUMBNAIL, "crop": None}
        return self.images.geometry(dataset)

    def settings(self, dataset: str, method: Baseline) -> dict[str, Any]:
        """What ``baselines.run`` needs to know of a job besides its classes."""
        section, outliers, pretrained = self.section, "outliers" in method.needs, "backbone" in method.needs
        return {
            "module": method.module,
            "options": settings_of(method, section.options),
            "task": self.config.datasets[dataset].task,
            "geometry": self.geometry(dataset),
            "network": self.config.backbones[str(section.backbone)].network() if pretrained else None,
            "pool": section.pools[dataset] if outliers else None,
            "outliers": section.outliers if outliers else None,
            "repetitions": section.repetitions,
            "workers": self.config.features.workers,
        }

    def metrics(
        self, datasets: list[str], *, outliers: bool | None = None, pretrained: bool | None = None
    ) -> list[str]:
        """The metrics on ``datasets``: of methods with ``outliers`` or without, from ``pretrained`` networks or from
        scratch, if given."""
        wanted = {"outliers": outliers, "backbone": pretrained}
        return [
            f"results/metrics/baselines/{dataset}/{name}.parquet"
            for dataset in self.section.datasets
            if dataset in datasets
            for name in self.section.methods_on(dataset)
            if all(value in (None, need in self.methods[name].needs) for need, value in wanted.items())
        ]

    def datasets(self, tasks: list[str] | None = None, thumbnails: bool | None = None) -> list[str]:
        """The data sets of ``tasks``, and of thumbnails or larger images, if given."""
        return self.images.among(self.section.datasets, tasks, thumbnails)

    def describe(self, files: list[str]) -> list[str]:
        """What a reader of a table with the metrics ``files`` needs to know of the training."""
        shown = [method for name, method in self.methods.items() if any(f"/{name}." in file for file in files)]
        return [told(method, settings_of(method, self.section.options)) for method in shown if method.options]
