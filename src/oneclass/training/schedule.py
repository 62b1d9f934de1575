"""How long a network is trained, and how fast."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Epochs of batches; the learning rate falls to a tenth at each of ``milestones`` (epochs)."""

    epochs: int
    milestones: tuple[int, ...]
    batch_size: int  # normal images, and as many outliers
    learning_rate: float

    def rate(self, epoch: int) -> float:
        """The learning rate in ``epoch`` (from 0)."""
        return self.learning_rate * 0.1 ** sum(epoch >= milestone for milestone in self.milestones)
