"""ImageNet networks fine-tuned on normal images."""

from typing import Any

from oneclass.config import Config
from oneclass.config.transfer import Transfer
from oneclass.plan.part import PartPlan


class TransferPlan(PartPlan):
    """The jobs of the section ``transfer``, one per data set."""

    name, pattern = "transfer", "transfer/{dataset}/{backbone}"

    def __init__(self, config: Config, section: Transfer) -> None:
        super().__init__(config, section)
        self.section = section

    def evaluated(self, wildcards: Any, stage: str = "scores", suffix: str = "parquet") -> list[str]:
        return [f"results/{stage}/transfer/{wildcards.dataset}/{wildcards.backbone}.{suffix}"]

    def inputs(self, dataset: str) -> dict[str, str]:
        """The index, and of the outliers, where there are some, the index and which of them are kept."""
        index, pool = {"index": f"results/index/{dataset}.parquet"}, self.section.pools.get(dataset)
        if pool is None:
            return index
        return index | {
            "pool_index": f"results/index/{pool}.parquet",
            "kept": f"results/outliers/{dataset}/{pool}/pool.parquet",
        }

    def settings(self, dataset: str, backbone: str) -> dict[str, Any]:
        """What ``transfer.run`` needs to know."""
        section = self.section
        return {
            "task": self.config.datasets[dataset].task,
            "classes": self.config.normal_classes(dataset),
            "geometry": self.config.datasets[dataset].transform.model_dump(),
            "weights": self.config.backbones[backbone].pretrained(),
            "blocks": section.blocks,
            "repetitions": section.repetitions,
            "pool": section.pools.get(dataset),
            "outliers": section.outliers,
            "panda": section.panda.settings() | {"schedule": section.panda.schedule()},
            "mean_shifted": {
                "temperature": section.mean_shifted.temperature,
                "schedule": section.mean_shifted.schedule(),
            },
            "memory_mb": section.memory_mb,
            "workers": self.config.features.workers,
        }

    def metrics(self, tasks: list[str] | None = None, thumbnails: bool | None = None) -> list[str]:
        """The metrics that a page shows: of ``tasks``, and of thumbnails or larger images, if given."""
        return self.metrics_on(self.images.among(self.section.datasets, tasks, thumbnails))

    def metrics_on(self, datasets: list[str]) -> list[str]:
        """The metrics on ``datasets``."""
        return [f"results/metrics/transfer/{dataset}/{self.section.backbone}.parquet" for dataset in datasets]

    def size(self, datasets: list[str]) -> list[str]:
        """The file that holds how many numbers are trained, the same for all ``datasets``."""
        return [f"results/scores/transfer/{dataset}/{self.section.backbone}_size.parquet" for dataset in datasets[:1]]

    def describe(self) -> list[str]:
        """What a reader of a table needs to know of the training."""
        early, shifted = self.section.panda, self.section.mean_shifted
        return [
            f"PANDA and MS (here): stages of the backbone that are trained, from the last: {self.section.blocks}; "
            f"repetitions: {self.section.repetitions}; PANDA: {early.steps} batches of {early.batch_size}, learning "
            f"rate {early.learning_rate:g}; MS: {shifted.steps} batches of {shifted.batch_size}, learning rate "
            f"{shifted.learning_rate:g}."
        ]
