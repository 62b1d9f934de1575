"""What one job costs, whatever the machine: amounts of a few kinds of work, and bytes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

GIGA, MEGA = 1e9, 1e6
PYTORCH_MB = 2500  # a process with PyTorch, timm and, on a GPU, its libraries
PANDAS_MB = 1000  # a process without


@dataclass(frozen=True)
class Cost:
    """``work`` are amounts by their unit (the rows of ``speeds.csv``), beside starting the job. ``networks`` are
    trained, in ``steps`` gradient steps all together. Memory is that of the process, ``gpu_mb`` that of the device."""

    work: Mapping[str, float] = field(default_factory=dict)
    networks: int = 0
    steps: int = 0
    memory_mb: float = PANDAS_MB
    gpu_mb: float = 0
    disk_mb: float = 1


def added(*parts: Mapping[str, float]) -> dict[str, float]:
    """The sum of amounts, unit by unit."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)
