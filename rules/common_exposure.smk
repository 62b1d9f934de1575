# What the rules of paper 2's sweeps share: the runs of each, what they see, and what pages show of them.

from oneclass.exposure.members import STORED

SWEEPS = EXPOSURE.sweeps() if EXPOSURE else {}


def sweeps_of(wildcards):
    """The sweeps on a data set and pool, each as it is on the run there."""
    return [
        sweep.of(run)
        for sweep in SWEEPS.values()
        for run in sweep.runs
        if (run.dataset, run.pool) == (wildcards.dataset, wildcards.pool)
    ]


def repetitions_of(wildcards):
    """How often outliers are drawn from a pool for a data set."""
    place = (wildcards.dataset, wildcards.pool)
    tunings = CLIP.runs() if CLIP else []
    return max(
        [
            *(sweep.seeds for sweep in sweeps_of(wildcards)),
            *(run.seeds for run in tunings if (run.dataset, run.pool) == place),
        ],
        default=1,
    )


def sweep_of(wildcards):
    """A sweep as it is on one of its runs."""
    place = (wildcards.dataset, wildcards.pool, wildcards.network)
    sweep = SWEEPS[wildcards.sweep]
    [run] = [run for run in sweep.runs if (run.dataset, run.pool, run.network) == place]
    return sweep.of(run)


def filters_of(wildcards):
    """The filters of one run of a sweep."""
    [run] = sweep_of(wildcards).runs
    return run.filters


def stored_pixels(images, network):
    """The images of a data set or pool in the size that ``network`` crops from."""
    return f"results/pixels/{images}/{STORED[network]}.h5"


def stores(wildcards, images):
    """What a run's networks see of ``images``: features under each filter, or pixels, filtered as they are used."""
    if wildcards.network == "head":
        folder = f"results/features/{images}/{EXPOSURE.backbone}"
        return [f"{folder}/{name}.h5" for name in filters_of(wildcards)]
    return [stored_pixels(images, wildcards.network)]


def network_settings(wildcards):
    """What ``exposure.sweep`` needs to know of networks and of the pictures they are shown."""
    return {
        "network": wildcards.network,
        "width": EXPOSURE.width,
        "precision": EXPOSURE.precision,
        "augmentation": EXPOSURE.augmentation,
        "reading": EXPOSURE.high_pass,
    }


def runs_of(sweep, tasks=None, networks=None):
    """The runs of ``sweep`` that a page shows, each with the sweep's name: of ``tasks`` and ``networks`` if given."""
    return [
        (sweep, run)
        for run in (SWEEPS[sweep].runs if sweep in SWEEPS else [])
        if (tasks is None or CONFIG.datasets[run.dataset].task in tasks)
        and (networks is None or run.network in networks)
    ]


def metrics_of(runs):
    """The metrics of runs that ``runs_of`` gives."""
    return [
        f"results/metrics/exposure/{sweep}/{run.dataset}/{run.pool}/{run.network}.parquet"
        for sweep, run in runs
    ]


def setup_of(runs):
    """What a reader of a table needs to know of the runs it shows."""
    places = {}
    for sweep, run in runs:
        places.setdefault(SWEEPS[sweep].of(run).describe(), []).append(run.dataset)
    return [
        f"{', '.join(dict.fromkeys(datasets))}: {EXPOSURE.describe()}, {setup}"
        for setup, datasets in places.items()
    ]


def sides_of(run):
    """How the images of a run are resized and cropped before they are filtered."""
    if run.network == "head":
        transform = CONFIG.datasets[run.dataset].transform
        return [transform.resize, transform.crop]
    return [STORED[run.network], SIZES[run.network]]
