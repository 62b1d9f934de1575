"""CLIP, zero-shot and fine-tuned with outliers."""

from dataclasses import asdict
from typing import Any

from oneclass.catalogue.networks import NETWORKS
from oneclass.config import Config
from oneclass.config.clip import Clip, FineTuning, TuningRun
from oneclass.config.models import Miniature
from oneclass.plan.part import PartPlan

SHUFFLED = "shuffled"  # the control among the models


class ClipPlan(PartPlan):
    """The jobs of the section ``clip``: one model is run, a miniature in several repetitions."""

    name, pattern = "fine_tuned_clip", "clip/{dataset}/{clip}/fine_tuned"

    def __init__(self, config: Config, section: Clip) -> None:
        super().__init__(config, section)
        self.section, self.model = section, config.clips[section.model]

    def models(self, clip: str, control: bool = True) -> list[str]:
        """The files of the models that are trained here: none for one that is loaded."""
        trained = self.model.trained() if self.model.miniature else []
        return [f"results/models/clip/{clip}/{name}.safetensors" for name in trained if control or name != SHUFFLED]

    def embeddings(self, dataset: str, clip: str) -> list[str]:
        """The files of embeddings, one for each model."""
        return [f"results/features/{dataset}/{clip}/{name}.h5" for name in self.model.trained()]

    def miniature(self, clip: str) -> Miniature:
        """The settings of a miniature."""
        miniature = self.config.clips[clip].miniature
        assert miniature
        return miniature

    def miniature_plan(self, clip: str) -> dict[str, Any]:
        """What ``clip.miniature`` needs to know of its training."""
        settings = self.miniature(clip).model_dump(exclude={"dataset", "repetitions", "control"})
        return settings | {"class_names": self.section.class_names}

    def loading(self) -> dict[str, Any]:
        """The keywords of ``clip.models.load``, for a model that is not trained here."""
        return self.model.model_dump(exclude={"miniature", "label"})

    def prompts(self) -> dict[str, Any]:
        """What prompts are made of."""
        return self.section.model_dump(include={"templates", "something", "class_names"})

    def pixels(self, dataset: str) -> str:
        """The pictures of ``dataset``, in the size of its own."""
        return self.images.pixels(dataset, self.config.clip_image_size(dataset))

    def pool_pixels(self, dataset: str) -> list[str]:
        """Those of the pool of its fine-tuning, in the same size, if they are stored."""
        return self.images.pool_pixels(self.tuning(dataset).pool, self.config.clip_image_size(dataset))

    def tuning(self, dataset: str) -> TuningRun:
        """The run of fine-tuning on ``dataset``."""
        return self._fine_tuning.run_on(dataset)

    def tunings_on(self, dataset: str, pool: str) -> list[TuningRun]:
        """The runs of fine-tuning on a data set and pool."""
        return [run for run in self.section.runs() if (run.dataset, run.pool) == (dataset, pool)]

    def tuning_settings(self, dataset: str) -> dict[str, Any]:
        """What ``clip.fine_tuning`` needs to know of a run besides its classes."""
        tuning, size = self._fine_tuning, self.config.clip_image_size(dataset)
        # pictures are cut and augmented as for paper 2's own network of that size, the first in the catalogue
        network = next(entry for entry in NETWORKS.values() if entry.image_size == size)
        return {
            "task": self.config.datasets[dataset].task,
            "pool": self.tuning(dataset).pool,
            "repetitions": self.tuning(dataset).repetitions,
            "layers": tuning.layers,
            "schedule": tuning.schedule(self.tuning(dataset).learning_rate or tuning.learning_rate),
            "network": asdict(network),
            "pictures": {"augmentations": ((), tuple(tuning.augmentation))},
        }

    def datasets(self, tasks: list[str] | None = None, thumbnails: bool | None = None) -> list[str]:
        """The data sets that a page shows: of ``tasks``, and of thumbnails or larger images, if given."""
        return self.images.among(self.section.datasets, tasks, thumbnails)

    def metrics_of(self, kind: str, datasets: list[str]) -> list[str]:
        """Metrics of ``kind``: ``zero_shot``, ``fine_tuned`` or ``prompts``."""
        return [f"results/metrics/clip/{dataset}/{self.section.model}/{kind}.parquet" for dataset in datasets]

    def metrics(self, tasks: list[str] | None = None, thumbnails: bool | None = None) -> list[str]:
        """The metrics that a page shows, zero-shot and fine-tuned."""
        shown = self.datasets(tasks, thumbnails)
        tuned = [run.dataset for run in self.section.runs() if run.dataset in shown]
        return self.metrics_of("zero_shot", shown) + self.metrics_of("fine_tuned", tuned)

    def describe(self) -> list[str]:
        """What a reader of a table needs to know of the model and its training."""
        section = self.section
        normal = section.templates[0].replace("{label}", "[class]")
        name = self.model.label or section.model
        lines = [f"CLIP (here): {name}; prompts '{normal}' against '{section.something}'."]
        if tuning := section.fine_tuning:
            trained = "all of" if tuning.layers == "all" else f"the last blocks ({tuning.layers}) of"
            lines.append(
                f"BCE-CL (here): {trained} the image tower trained for {tuning.epochs} epochs, learning rate "
                f"{self._learning_rates()}; batches of {tuning.batch_size} normal images and as many outliers; "
                f"augmentation: {', '.join(tuning.augmentation) or 'none'}."
            )
        return lines

    def _learning_rates(self) -> str:
        """The learning rate of fine-tuning; if there are several, each with its data sets."""
        datasets: dict[float, list[str]] = {}
        for run in self.section.runs():
            rate = run.learning_rate or self._fine_tuning.learning_rate
            datasets.setdefault(rate, []).append(self.config.datasets[run.dataset].label or run.dataset)
        if len(datasets) == 1:
            return f"{next(iter(datasets)):g}"
        return " and ".join(f"{rate:g} ({'; '.join(names)})" for rate, names in datasets.items())

    @property
    def _fine_tuning(self) -> FineTuning:
        assert self.section.fine_tuning
        return self.section.fine_tuning
