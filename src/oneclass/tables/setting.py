"""The setting of paper 1's method that a table holds fixed, except for what it varies."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pandas as pd

from oneclass.evaluate import IMAGE_AUROC
from oneclass.labels import HEADINGS, label


@dataclass(frozen=True)
class Setting:
    """Values of the columns of ``tidy`` that are held fixed."""

    backbone: str
    center_norm: float
    protocol: str
    center: str = "gaussian"
    projector: str = "conv1x1"
    centering: str = "none"

    def in_protocol(self, protocol: str) -> "Setting":
        """The same setting in another protocol."""
        return replace(self, protocol=protocol)

    def select(self, summary: pd.DataFrame, *free: str, metrics: Sequence[str] = (IMAGE_AUROC,)) -> pd.DataFrame:
        """The rows of ``metrics`` at this setting, ``free`` left to vary; a method that lacks a setting matches any."""
        keep = summary["metric"].isin(metrics)
        for name, value in asdict(self).items():
            if name not in free:
                keep &= (summary[name] == value) | summary[name].isna()
        return summary[keep]

    def describe(self, varied: str = "") -> str:
        """The note that names the setting."""
        features = "pooled" if self.protocol == "A" else "multi-scale"
        parts = [
            f"{HEADINGS[name].lower()} {'as listed' if name == varied else label(name, getattr(self, name))}"
            for name in ("backbone", "center_norm", "center", "projector")
        ]
        return f"Protocol {self.protocol}: {features} features, {', '.join(parts)}."
