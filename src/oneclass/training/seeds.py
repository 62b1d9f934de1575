"""Seeds by name, of one data set: what shares a class and a repetition shares its draws, and compares in pairs."""

from dataclasses import dataclass

from torch import Generator

from oneclass.seeds import derive


@dataclass(frozen=True)
class Seeds:
    """``run``: the configuration's seed."""

    run: int
    dataset: str

    def derive(self, purpose: str, class_name: str, repetition: int) -> int:
        """The seed of one random choice."""
        return derive(self.run, purpose, self.dataset, class_name, repetition)

    def generator(self, purpose: str, class_name: str, repetition: int) -> Generator:
        """A generator for one random choice, on the CPU."""
        return Generator().manual_seed(self.derive(purpose, class_name, repetition))
