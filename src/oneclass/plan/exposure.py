"""Paper 2's sweeps of networks that are shown outliers: the runs of each, and what they see."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from oneclass.catalogue.methods import METHODS, unlike_default
from oneclass.catalogue.networks import NETWORKS
from oneclass.config import Config
from oneclass.config.exposure import AUGMENTATIONS, Exposure, Run, Sweep
from oneclass.config.inputs import Place
from oneclass.config.methods import options_of
from oneclass.plan.part import PartPlan

Runs = list[tuple[str, Run]]  # each with the name of its sweep


class ExposurePlan(PartPlan):
    """The jobs of the section ``exposure``."""

    name, pattern = "exposure", "exposure/{sweep}/{dataset}/{pool}/{network}"

    def __init__(self, config: Config, section: Exposure) -> None:
        super().__init__(config, section)
        self.section = section
        self._sweeps = section.sweeps()

    def sweeps_on(self, dataset: str, pool: str) -> list[Sweep]:
        """The sweeps on a data set and pool, each as it is on the run there."""
        return [
            sweep.for_run(run)
            for sweep in self._sweeps.values()
            for run in sweep.runs
            if (run.dataset, run.pool) == (dataset, pool)
        ]

    def sweep_of(self, job: Any) -> Sweep:
        """The sweep of a ``job`` (its wildcards), as it is on the job's run."""
        sweep, place = self._sweeps[job.sweep], (job.dataset, job.pool, job.network)
        [run] = [run for run in sweep.runs if (run.dataset, run.pool, run.network) == place]
        return sweep.for_run(run)

    def stores(self, images: str, place: Place) -> list[str]:
        """What the networks at ``place`` see of ``images``: features under each of its filters, or pixels, filtered as
        they are used."""
        network = NETWORKS[place.network]
        if network.on_features:
            return [f"results/features/{images}/{self.section.backbone}/{name}.h5" for name in place.filters]
        if images in self.config.oe_pools:
            return self.images.pool_pixels(images, network.image_size)
        return [self.images.pixels(images, network.image_size)]

    def settings(self, sweep: Sweep) -> dict[str, Any]:
        """What ``exposure.sweep`` needs to know of a run besides its classes."""
        [run] = sweep.runs
        varied = {"repetitions", "augmented", "outlier_counts", "outlier_class_counts"}
        methods = sweep.methods_run()
        return {
            "task": self.config.datasets[run.dataset].task,
            "sweep": sweep.model_dump(include=varied) | {"methods": methods},
            "losses": {name: method["module"] for name, method in methods.items()},
            "filters": run.filters,
            "schedule": sweep.schedule(self.section.learning_rate),
            "backbone": self.backbone(run.network),
        } | self.network_settings(run.network, self.augmentation(run), run.normalization)

    def backbone(self, network: str) -> str | None:
        """The backbone whose features ``network`` takes; None for one on pixels."""
        return self.section.backbone if NETWORKS[network].on_features else None

    def modules(self, network: str, *methods: str) -> list[str]:
        """The modules of a network and of methods, which a job imports by name."""
        return [NETWORKS[network].module, *(options_of(method, {})["module"] for method in methods)]

    def augmentation(self, run: Run) -> Sequence[str]:
        """What is done to the training images of ``run`` where they are augmented."""
        chosen = (run.augmentation, self.section.augmentation, NETWORKS[run.network].augmentations[1])
        return next(parts for parts in chosen if parts is not None)

    def network_settings(
        self, network: str, augmentation: Sequence[str] = (), normalization: str = "dataset"
    ) -> dict[str, Any]:
        """What trainings need to know of their networks and of the pictures these are shown."""
        entry = NETWORKS[network]
        return {
            "network": asdict(replace(entry, label="")),  # words change nothing that is computed
            "width": self.section.width,
            "precision": self.section.precision,
            "stacked": self.section.stacked,
            "pictures": {
                "augmentations": (entry.augmentations[0], tuple(augmentation)),
                "high_pass_width": self.section.high_pass_width,
                "normalization": normalization,
            },
        }

    def runs(self, sweep: str, tasks: list[str] | None = None, small: bool | None = None) -> Runs:
        """The runs of ``sweep`` that a page shows: of ``tasks``, and of networks for 32-pixel images or others, if
        given."""
        return [
            (sweep, run)
            for run in (self._sweeps[sweep].runs if sweep in self._sweeps else [])
            if (tasks is None or self.config.datasets[run.dataset].task in tasks)
            and (small is None or NETWORKS[run.network].small == small)
        ]

    def metrics(self, runs: Runs) -> list[str]:
        """The metrics of ``runs``."""
        return [
            f"results/metrics/exposure/{sweep}/{run.dataset}/{run.pool}/{run.network}.parquet" for sweep, run in runs
        ]

    def describe(self, runs: Runs) -> list[str]:
        """What a reader of a table needs to know of the ``runs`` it shows."""
        places: dict[str, list[str]] = {}
        for name, run in runs:
            sweep = self._sweeps[name]
            setup = _describe(sweep.for_run(run)) + _describe_options(sweep) + self._describe_pictures(sweep, run)
            places.setdefault(setup, []).append(self._label(run.dataset))
        return [
            f"{', '.join(dict.fromkeys(datasets))}: {self.describe_networks()}, {setup}"
            for setup, datasets in places.items()
        ]

    def _describe_pictures(self, sweep: Sweep, run: Run) -> str:
        """What is done to the pictures of ``run``, after its schedule."""
        entry, notes = NETWORKS[run.network], []
        if True in sweep.for_run(run).augmented:
            parts = self.augmentation(run)
            notes.append(f"augmentation: {', '.join(parts) or 'none'}")
            if parts == entry.augmentations[1] and set(parts) != {*AUGMENTATIONS}:
                notes.append(f"as in the authors' code (in the paper's text: {', '.join(AUGMENTATIONS)})")
        if run.normalization == "image":
            notes.append("each image normalised by its own contrast, as in the authors' code for MVTec AD")
        return f" Training images: {', '.join(notes)}." if notes else ""

    def networks(self) -> list[str]:
        """The networks that are trained from scratch, with their width if it is not the paper's."""
        names = dict.fromkeys(run.network for sweep in self._sweeps.values() for run in sweep.runs)
        width = "" if self.section.width == 1 else f" at {self.section.width:g} of the paper's width"
        return [f"{NETWORKS[name].label}{width}" for name in names if not NETWORKS[name].on_features]

    def describe_networks(self) -> str:
        """The networks, in the notes under a table."""
        section = self.section
        return f"networks of width {section.width:g}" + (
            "" if section.precision == "float32" else f", in {section.precision}"
        )

    def _label(self, dataset: str) -> str:
        return self.config.datasets[dataset].label or dataset


def _describe(sweep: Sweep) -> str:
    milestones = ", ".join(map(str, sweep.milestones)) or "none"
    return (
        f"{sweep.epochs} epochs, learning rate lowered at: {milestones}; batches of {sweep.batch_size} normal images "
        f"and as many outliers; repetitions: {sweep.repetitions}."
    )


def _describe_options(sweep: Sweep) -> str:
    """The options of which ``sweep`` has another value than the default, after its schedule; of several values, tables
    have columns."""
    single = {name: values[0] for name, values in sweep.options.items() if len(values) == 1}
    told = {METHODS[method].label: unlike_default(method, single) for method in sweep.methods}
    listed = "; ".join(f"{label}, {options}" for label, options in told.items() if options)
    return f" Options other than the default: {listed}." if listed else ""
