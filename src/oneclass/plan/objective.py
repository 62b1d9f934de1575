"""Paper 1 on one kind of features: Protocol A on pooled vectors, Protocols B and C on maps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oneclass.catalogue.records import Baseline, Comparator, Features, Need, Trained
from oneclass.config import Config
from oneclass.config.objective import Localisation, Objective
from oneclass.plan.part import PartPlan, told

FOLDERS: dict[str, str] = {"vectors": "objective", "maps": "localisation"}  # by the section's key
PROTOCOLS: dict[str, str] = {"vectors": "A", "maps": "B"}
SUFFIXES = {"scores": "parquet", "history": "parquet", "models": "safetensors", "maps": "h5"}


@dataclass(frozen=True)
class Fit:
    """What one rule runs: ``module`` and those of ``comparators``, by name, with their ``options``; with every
    distribution of the centre or the Gaussian alone, on features centred in every way that is configured (``centered``)
    or none. ``images``: whether on images instead of features; ``needs`` is what it takes besides them."""

    name: str
    module: str
    title: str
    comparators: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, float | str]] = field(default_factory=dict)
    gpu: bool = True
    every_center: bool = False
    centered: bool = False
    repeated: bool = True
    images: bool = False
    needs: tuple[Need, ...] = ()

    @property
    def modules(self) -> list[str]:
        """The modules whose code decides what it gives."""
        return [self.module, *self.comparators.values()]


class ProtocolPlan(PartPlan):
    """The jobs of a ``section`` of the configuration, on its ``features``."""

    def __init__(self, config: Config, section: Objective | Localisation, features: Features) -> None:
        super().__init__(config, section)
        self.section, self.features, self.name = section, features, features
        self.folder, self.protocol = FOLDERS[features], PROTOCOLS[features]
        self.pattern = f"{self.folder}/{{dataset}}/{{backbone}}/none/{{fit}}"

    @property
    def trained(self) -> list[str]:
        """The methods that are trained on these features."""
        return list(self.section.trained_run())

    @property
    def trained_comparators(self) -> list[str]:
        """The comparators that have a job of their own."""
        return [name for name, method in self.section.comparators_run().items() if method.trained]

    @property
    def compared(self) -> list[str]:
        """The fits of all comparators."""
        return ["comparators", *self.trained_comparators]

    @property
    def fits(self) -> list[Fit]:
        """What is run, one rule each."""
        fits = [self._trained(method) for method in self.section.trained_run().values()]
        known = self.section.comparators_run()
        comparators = {name: method.module for name, method in known.items() if not method.trained}
        fits.append(
            Fit(
                "comparators",
                "objective.comparators",
                "Score the test images by the methods that the projector is compared with",
                comparators,
                {name: self.section.options_of(known[name]) for name in comparators if known[name].options},
                gpu=self.features == "maps",
            )
        )
        fits += [self._trained_comparator(known[name]) for name in self.trained_comparators]
        literal = "Train each kind of projector exactly as Algorithm 1 is written (Table S3)"
        fits.append(Fit("algorithm1", "objective.methods.algorithm1", literal, repeated=False))
        if self.online:
            once = "Learn from one image at a time, in one pass, and test along the way (Protocol C)"
            fits.append(Fit("online", "objective.methods.online", once))
        return fits

    def fit(self, name: str) -> Fit:
        """The fit called ``name``."""
        return next(fit for fit in self.fits if fit.name == name)

    @property
    def online(self) -> bool:
        """Whether Protocol C is run."""
        return isinstance(self.section, Localisation) and self.section.online

    def _trained(self, method: Trained) -> Fit:
        return Fit(
            method.name,
            method.module,
            f"{method.label}: fit every variant of every class and score the test images",
            gpu=self.features in method.accelerated,
            every_center=self.features in method.every_center,
            centered=True,
            repeated=method.parameters,
        )

    def _trained_comparator(self, method: Comparator) -> Fit:
        needs = method.needs if isinstance(method, Baseline) else None
        return Fit(
            method.name,
            "objective.localisation.baselines" if needs is not None else "objective.comparators",
            f"Train {method.label} on normal images and score the test images",
            {method.name: method.module},
            {method.name: self.section.options_of(method)},
            repeated=False,
            images=needs is not None,
            needs=needs or (),
        )

    def describe(self) -> list[str]:
        """What a reader of a table needs to know of the training of comparators."""
        known = self.section.comparators_run()
        return [told(known[name], self.section.options_of(known[name])) for name in self.trained_comparators]

    def outputs(self, fit: Fit) -> dict[str, str]:
        """The files of a job by stage, with wildcards; of maps, distance maps too."""
        path = self.pattern.replace("{fit}", fit.name)
        stages = {stage: f"results/{stage}/{path}/{{part}}.{suffix}" for stage, suffix in SUFFIXES.items()}
        return {stage: file for stage, file in stages.items() if stage != "maps" or self.features == "maps"}

    def inputs(self, dataset: str, backbone: str, fit: Fit | None = None) -> dict[str, str]:
        """The index, and the features unless every pass computes them; of a ``fit`` on images what that needs."""
        index = {"index": self.images.index(dataset)}
        if fit and fit.images:
            pool = isinstance(self.section, Localisation) and self.section.textures
            return index | ({"textures": self.images.index(pool)} if pool and "textures" in fit.needs else {})
        if isinstance(self.section, Localisation) and not self.section.cache:
            return index
        return index | {"features": f"results/features/{dataset}/{backbone}/none.h5"}

    def settings(self, fit: Fit, dataset: str, backbone: str) -> dict[str, Any]:
        """What ``objective.fit`` needs to know of a job besides its classes."""
        section = self.section
        repetitions = section.repetitions_of(fit.name, dataset) if fit.repeated else 1
        grids = self._grids(fit, backbone)
        return {
            "variants": {name: grid | {"repetitions": repetitions} for name, grid in grids.items()},
            "training": section.training(dataset),
            "default_center_norm": section.default_center_norm,
            "memory_mb": section.memory_mb,
            "comparators": fit.comparators,
            "options": fit.options,
            **({"images": True, "needs": fit.needs} if fit.images else {}),
        } | self.features_settings(dataset, backbone)

    def features_settings(self, dataset: str, backbone: str) -> dict[str, Any]:
        """What is needed to read features: of vectors their task, of maps also how they are made and smoothed."""
        common = {"features": self.features, "protocol": self.protocol, "task": self.config.datasets[dataset].task}
        if not isinstance(self.section, Localisation):
            return common | {"figure_classes": [self.figure_class(dataset)]}
        return common | {
            "figure_classes": [],
            "geometry": self.config.datasets[dataset].transform.model_dump(),
            "network": self.config.backbones[backbone].network(),
            "sigma": self.section.sigma,
            "maps": {
                "layers": self.section.layers,
                "aggregation": self.section.aggregation(),
                "workers": self.config.features.workers,
            },
        }

    def _grids(self, fit: Fit, backbone: str) -> dict[str, dict[str, Any]]:
        """The centres and norms that are trained, by what features are centred on.

        The full grid is for the main backbone and features that are not centred; elsewhere the paper's default alone.
        """
        section, norm = self.section, self.section.default_center_norm
        default = {"center_norms": [norm], "default_center_norm": norm, "centers": ["gaussian"]}
        full = default | {"center_norms": section.center_norms}
        if fit.every_center:
            full["centers"] = section.centers
        grids = {"none": full if backbone == section.backbone else default}
        if fit.centered and isinstance(section, Localisation):
            grids = {name: grids["none"] if name == "none" else default for name in section.centering}
        return grids

    def figure_class(self, dataset: str) -> str:
        """The class that figures of a single one show."""
        return self.section.figure_classes.get(dataset) or self.config.normal_classes(dataset)[0]

    def metrics(self, *fits: str, datasets: Sequence[str] | None = None, backbone: str | None = None) -> list[str]:
        """The metrics of ``fits``, one file each and data set; the section's data sets unless others are given."""
        folder = f"results/metrics/{self.folder}"
        return [
            f"{folder}/{dataset}/{backbone or self.section.backbone}/none/{fit}.parquet"
            for fit in fits
            for dataset in (self.section.datasets if datasets is None else datasets)
        ]

    def parts(self, stage: str, fit: str, dataset: str, only: str | None = None) -> list[str]:
        """The files of one stage, fit and data set, one per job; of the job that has class ``only`` where given."""
        folder = f"results/{stage}/{self.folder}/{dataset}/{self.section.backbone}/none/{fit}"
        return self.part_files(f"{folder}/{{part}}.{SUFFIXES[stage]}", dataset, only)

    def all_parts(self, stage: str, fit: str) -> list[str]:
        """The files of ``parts`` of all data sets."""
        return [path for dataset in self.section.datasets for path in self.parts(stage, fit, dataset)]

    def compared_backbones(self) -> list[str]:
        """The metrics that Table S2 compares."""
        return [
            path
            for dataset, backbones in self.section.compared_backbones.items()
            for backbone in backbones
            for path in self.metrics("projector", datasets=[dataset], backbone=backbone)
        ]

    def reference(self) -> dict[str, Any]:
        """The setting that a table holds fixed, except for what it varies."""
        return {
            "backbone": self.section.backbone,
            "center_norm": self.section.default_center_norm,
            "protocol": self.protocol,
        }
