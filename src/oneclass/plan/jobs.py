"""How the classes of a data set are split over jobs."""

from typing import Protocol

from oneclass.config import Config


class Splits(Protocol):
    """A section of the configuration that says how many classes a job has."""

    @property
    def classes_per_job(self) -> int | None: ...


class Jobs:
    """The jobs of a section: each has some of a data set's classes, and a number, the ``part``."""

    def __init__(self, config: Config, section: Splits) -> None:
        self._config, self._section = config, section

    def by_part(self, dataset: str) -> list[list[str]]:
        """The classes of each job."""
        classes = self._config.normal_classes(dataset)
        size = self._section.classes_per_job or len(classes)
        return [classes[first : first + size] for first in range(0, len(classes), size)]

    def classes(self, dataset: str, part: str) -> list[str]:
        """The classes of one job."""
        return self.by_part(dataset)[int(part)]

    def files(self, pattern: str, dataset: str, only: str | None = None) -> list[str]:
        """``pattern`` with each ``{part}``; of the job that has class ``only``, where it is given."""
        return [
            pattern.format(part=part)
            for part, classes in enumerate(self.by_part(dataset))
            if only is None or only in classes
        ]
