"""What the parts of a plan share: a section of the configuration, and how its classes are split over jobs."""

from collections.abc import Mapping
from typing import Any

from oneclass.catalogue.records import Comparator
from oneclass.config import Config
from oneclass.config.inputs import Part as Section
from oneclass.plan.images import ImagesPlan


class PartPlan:
    """The jobs of a ``section``; each has some of a data set's classes and a number, the ``part``.

    ``name`` is that of its rules, ``pattern`` the path of its metrics, and of its scores, with wildcards.
    """

    name: str
    pattern: str

    def __init__(self, config: Config, section: Section) -> None:
        self.config, self.images = config, ImagesPlan(config)
        self._classes_per_job: int | None = getattr(section, "classes_per_job", None)
        self.resamples: int = getattr(section, "bootstrap", 0)

    def _by_part(self, dataset: str) -> list[list[str]]:
        classes = self.config.normal_classes(dataset)
        size = self._classes_per_job or len(classes)
        return [classes[first : first + size] for first in range(0, len(classes), size)]

    def classes(self, dataset: str, part: str) -> list[str]:
        """The classes of one job."""
        return self._by_part(dataset)[int(part)]

    def part_files(self, pattern: str, dataset: str, only: str | None = None) -> list[str]:
        """``pattern`` with each ``{part}``; of the job that has class ``only``, where it is given."""
        parts = enumerate(self._by_part(dataset))
        return [pattern.format(part=part) for part, classes in parts if only is None or only in classes]

    def evaluated(self, wildcards: Any, stage: str = "scores", suffix: str = "parquet") -> list[str]:
        """The files of all jobs on a data set, which are evaluated together."""
        path = self.pattern.format(**dict(wildcards.items()))
        return self.part_files(f"results/{stage}/{path}/{{part}}.{suffix}", wildcards.dataset)


def told(method: Comparator, chosen: Mapping[str, float | str]) -> str:
    """How ``method`` is trained, with the options that are ``chosen``, in words for readers."""
    papers = {name: option.default for name, option in method.options.items()}
    parts = [
        f"{name.replace('_', ' ')} {_text(chosen[name])}"
        + ("" if chosen[name] == papers[name] else f" (its paper: {_text(papers[name])})")
        for name in papers
    ]
    return f"{method.label} (here): {', '.join(parts)}."


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
