"""The plan of a run: what each part of the configuration asks for."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from oneclass.catalogue import records
from oneclass.catalogue.networks import NETWORKS
from oneclass.config import Config
from oneclass.data.sources import SOURCES
from oneclass.plan.baselines import BaselinesPlan
from oneclass.plan.clip import ClipPlan
from oneclass.plan.exposure import ExposurePlan
from oneclass.plan.images import ImagesPlan
from oneclass.plan.objective import ProtocolPlan
from oneclass.plan.search import SearchPlan
from oneclass.plan.transfer import TransferPlan
from oneclass.provenance import source_hash

# Outliers are drawn for as many images (the paper's largest number but all) and repetitions (the paper's most) even
# where fewer are asked for: a configuration that asks for more then goes on with what is trained already.
DRAWN, REPEATED = 2**15, 10


class Plan:
    """The plan of ``config``, for scripts in the folder ``scripts``. A part whose section is missing is None.

    The Snakefile makes one and its rules ask it.
    """

    def __init__(self, config: Config, scripts: Path) -> None:
        self.config, self._scripts = config, scripts
        self.images = ImagesPlan(config)
        self.vectors = ProtocolPlan(config, config.objective, "vectors") if config.objective else None
        self.maps = ProtocolPlan(config, config.localisation, "maps") if config.localisation else None
        self.protocols = [part for part in (self.vectors, self.maps) if part]
        self.exposure = ExposurePlan(config, config.exposure) if config.exposure else None
        self.search = SearchPlan(config, config.exposure.search) if config.exposure and config.exposure.search else None
        self.clip = ClipPlan(config, config.clip) if config.clip else None
        self.transfer = TransferPlan(config, config.transfer) if config.transfer else None
        self.baselines = BaselinesPlan(config, config.baselines) if config.baselines else None
        # whose scores are of images alone; maps and CLIP's zero-shot scores have rules of their own
        scored = (self.vectors, self.exposure, self.clip, self.transfer, self.baselines)
        self.evaluated = [part for part in scored if part]

    def code(self, script: str, *modules: str) -> str:
        """A hash that changes when ``script`` does, a library module behind it, or one of ``modules``, which it imports
        by name; a rule that has it as a parameter then runs again."""
        files = [self._scripts / f"{script}.py", *(records.source(module) for module in modules)]
        return sha256("".join(map(source_hash, files)).encode()).hexdigest()

    def constraints(self) -> dict[str, str]:
        """What wildcards may be, as regular expressions."""
        config, nothing = self.config, "(?!)"
        return {
            "dataset": "|".join(config.datasets),
            "pool": "|".join(config.oe_pools) or nothing,
            "images": "|".join([*config.datasets, *config.oe_pools]),
            "backbone": "|".join(config.backbones),
            "clip": "|".join(config.clips) or nothing,
            "filter": r"none|[lh]pf\d+",
            "network": "|".join(NETWORKS),
            "image_size": r"\d+",
            "part": r"\d+",
            "baseline": "|".join(self.baselines.methods if self.baselines else ()) or nothing,
            "fit": "|".join({fit.name: "" for part in self.protocols for fit in part.fits}) or nothing,
        }

    def repetitions_of_outliers(self, dataset: str, pool: str) -> int:
        """How often outliers are drawn from ``pool`` for ``dataset``."""
        sweeps = self.exposure.sweeps_on(dataset, pool) if self.exposure else []
        tunings = self.clip.tunings_on(dataset, pool) if self.clip else []
        asked = [*(sweep.repetitions for sweep in sweeps), *(run.repetitions or 1 for run in tunings)]
        return max([REPEATED, *asked]) if asked else 1

    def most_outliers(self, dataset: str, pool: str) -> int:
        """How many outliers are drawn from ``pool`` one by one for ``dataset``, or all it has."""
        sweeps = self.exposure.sweeps_on(dataset, pool) if self.exposure else []
        return max([DRAWN, *(sweep.largest() for sweep in sweeps)]) if sweeps else 0

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """The names for readers that the configuration gives, by column and name."""
        sections: dict[str, Mapping[str, Any]] = {
            "dataset": self.config.datasets,
            "pool": self.config.oe_pools,
            "backbone": {**self.config.backbones, **self.config.clips},
        }
        return {
            column: {name: entry.label for name, entry in section.items() if entry.label}
            for column, section in sections.items()
        }

    @property
    def about(self) -> dict[str, Any]:
        """What the run is about, in words for readers: its data sets by what they show, and its pools, backbones,
        CLIP models and networks trained from scratch, each name once."""
        config, labels = self.config, self.labels
        datasets: dict[str, list[str]] = {}
        for name, dataset in config.datasets.items():
            datasets.setdefault(SOURCES[dataset.source].shows, []).append(labels["dataset"].get(name, name))
        others: dict[str, tuple[str, Iterable[str]]] = {
            "pools": ("pool", config.oe_pools),
            "backbones": ("backbone", config.backbones),
            "clips": ("backbone", config.clips),
        }
        networks = self.exposure.networks() if self.exposure else []
        return {"datasets": datasets, "networks": networks} | {
            kind: list(dict.fromkeys(labels[column].get(name, name) for name in names))
            for kind, (column, names) in others.items()
        }
