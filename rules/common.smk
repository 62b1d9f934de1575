# Functions and constraints that the rules share.

import fcntl
from contextlib import suppress
from hashlib import sha256

from oneclass.exposure.members import SIZES, STORED
from oneclass.provenance import source_hash

OBJECTIVE = CONFIG.objective
LOCALISATION = CONFIG.localisation
DETECTOR = CONFIG.detector
EXPOSURE = CONFIG.exposure
SWEEPS = EXPOSURE.sweeps() if EXPOSURE else {}
SEARCH = EXPOSURE.search if EXPOSURE else None

# Held, shared, while any Snakemake works in this folder, and freed by the kernel when it dies: this is how `make run`
# tells a live run's lock from one that a killed run left. Where the file system has no such locks, nothing is held.
Path(".snakemake").mkdir(exist_ok=True)
RUNNING = open(".snakemake/running", "a")
with suppress(OSError):
    fcntl.flock(RUNNING, fcntl.LOCK_SH)


report: "../report/workflow.rst"


wildcard_constraints:
    dataset="|".join(CONFIG.datasets),
    pool="|".join(CONFIG.oe_pools) or "(?!)",
    images="|".join([*CONFIG.datasets, *CONFIG.oe_pools]),
    backbone="|".join(CONFIG.backbones),
    filter=r"none|[lh]pf\d+",
    network="|".join(["head", *SIZES]),
    size=r"\d+",
    part=r"\d+",


def code(script):
    """Changes when the script or a library module behind it does, and then re-runs the rule."""
    return source_hash(Path(workflow.basedir) / "workflow_scripts" / f"{script}.py")


def published(paper):
    """Changes when a published number does, and then re-runs the tables that show it."""
    numbers = Path(workflow.basedir) / "src/oneclass/published" / f"{paper}.csv"
    return sha256(numbers.read_bytes()).hexdigest()


def parts(dataset, section=OBJECTIVE):
    """The numbers of the jobs over which a data set's classes are split."""
    count = len(CONFIG.normal_classes(dataset))
    return range(-(-count // (section.classes_per_job or count)))


def classes_of(wildcards, section=OBJECTIVE):
    """The classes of one job."""
    classes = CONFIG.normal_classes(wildcards.dataset)
    size = section.classes_per_job or len(classes)
    first = int(wildcards.part) * size
    return classes[first : first + size]


def variants_of(wildcards, section=OBJECTIVE):
    """The full grid on the main backbone; on the others of Table S2 the paper's default alone."""
    if wildcards.backbone == section.backbone:
        return {
            "norms": section.norms,
            "reference_norm": section.reference_norm,
            "centers": section.centers,
        }
    norm = section.reference_norm
    return {"norms": [norm], "reference_norm": norm, "centers": ["normal"]}


def objective(stage, method, datasets=None, backbone=None):
    """Files of one stage and method (``results/{stage}/objective/…``), one a data set."""
    return [
        f"results/{stage}/objective/{dataset}/{backbone or OBJECTIVE.backbone}/none/{method}.parquet"
        for dataset in datasets or OBJECTIVE.datasets
    ]


def objective_parts(stage, method, dataset, only=None):
    """The files of one stage, method and data set, one a job; of the job that holds class ``only`` where it is given."""
    folder = f"results/{stage}/objective/{dataset}/{OBJECTIVE.backbone}/none/{method}"
    suffix = "safetensors" if stage == "models" else "parquet"
    size = OBJECTIVE.classes_per_job or len(CONFIG.normal_classes(dataset))
    wanted = (
        [CONFIG.normal_classes(dataset).index(only) // size] if only else parts(dataset)
    )
    return [f"{folder}/{part}.{suffix}" for part in wanted]


def localisation(stage, method, datasets=None, backbone=None):
    """Files of one stage and method of Protocols B and C, one a data set."""
    return [
        f"results/{stage}/localisation/{dataset}/{backbone or LOCALISATION.backbone}/none/{method}.parquet"
        for dataset in datasets or LOCALISATION.datasets
    ]


def localisation_parts(stage, method, dataset, only=None):
    """Like ``objective_parts``; the maps are HDF5."""
    folder = (
        f"results/{stage}/localisation/{dataset}/{LOCALISATION.backbone}/none/{method}"
    )
    suffix = {"maps": "h5", "models": "safetensors"}.get(stage, "parquet")
    size = LOCALISATION.classes_per_job or len(CONFIG.normal_classes(dataset))
    wanted = (
        [CONFIG.normal_classes(dataset).index(only) // size]
        if only
        else parts(dataset, LOCALISATION)
    )
    return [f"{folder}/{part}.{suffix}" for part in wanted]


def localisation_figure_class(dataset):
    """The category that figures of a single one show."""
    return LOCALISATION.figure_classes.get(dataset) or CONFIG.normal_classes(dataset)[0]


def figure_class(dataset):
    """The class that Figures 2, S4 and S6 show."""
    return OBJECTIVE.figure_classes.get(dataset) or CONFIG.normal_classes(dataset)[0]


def table(name, title, category, paper="objective"):
    """A table as CSV, Markdown and HTML; the HTML stands in the report."""
    stem = f"results/tables/{paper}_{name}"
    page = report(
        f"{stem}.html",
        caption=f"../report/{paper}_{name}.rst",
        category=category,
        labels={"table": title},
    )
    return {"html": page, "csv": f"{stem}.csv", "md": f"{stem}.md"}


def figure(name, title, category, paper="objective"):
    """A figure as SVG (in the report) and PNG, and the CSV it was drawn from."""
    stem = f"results/figures/{paper}_{name}"
    drawing = report(
        f"{stem}.svg",
        caption=f"../report/{paper}_{name}.rst",
        category=category,
        labels={"figure": title},
    )
    return {"svg": drawing, "png": f"{stem}.png", "csv": f"{stem}.csv"}


def figure_scores(wildcards):
    """The scores of the parts that hold the figure classes."""
    return [
        path
        for dataset in OBJECTIVE.datasets
        for path in objective_parts(
            "scores", "ours", dataset, only=figure_class(dataset)
        )
    ]


DRAWN = [name for name, dataset in CONFIG.datasets.items() if dataset.base is not None]

# Data sets whose anomalous test images something is measured on; pictures for a detector or to draw on may have none.
MEASURED = {
    name
    for section in (OBJECTIVE, LOCALISATION)
    if section is not None
    for name in section.named()["data set"]
} | {
    run.dataset
    for run in [
        *(EXPOSURE.runs() if EXPOSURE else []),
        *(SEARCH.runs if SEARCH else []),
    ]
}


def index_options(wildcards):
    """The settings of a data set that decide what is in it."""
    dataset = CONFIG.datasets[wildcards.dataset]
    options = dataset.model_dump(exclude={"transform"})
    if wildcards.dataset in DRAWN:
        options["path"] = f"results/drawn/{wildcards.dataset}"
    return options


MAPS = {
    "layers": LOCALISATION.layers if LOCALISATION else [],
    "pool": LOCALISATION.pool if LOCALISATION else 1,
    "workers": CONFIG.features.workers,
}
MAP_METHODS = "ours|ours_moments|ours_closed_form|comparators|projectors|online"


def maps_input(wildcards):
    """The index, and the cached maps unless every pass computes them."""
    index = {"index": f"results/index/{wildcards.dataset}.parquet"}
    if not LOCALISATION.cache:
        return index
    store = f"results/features/{wildcards.dataset}/{wildcards.backbone}/{wildcards.filter}.h5"
    return index | {"features": store}


def of_localisation(function):
    """``function`` (of the wildcards and a section of the config) for this section."""
    return lambda wildcards: function(wildcards, LOCALISATION)


def map_parts(stage, suffix):
    """The files of one stage that a data set's jobs write."""
    pattern = (
        f"results/{stage}/localisation/{{dataset}}/{{backbone}}/{{filter}}/{{method}}"
    )

    def files(wildcards):
        numbers = parts(wildcards.dataset, LOCALISATION)
        return expand(f"{pattern}/{{part}}.{suffix}", part=numbers, **wildcards)

    return files


def transform_of(wildcards):
    """Image geometry before the backbone."""
    return CONFIG.datasets[wildcards.dataset].transform.model_dump()


def network_of(wildcards):
    """The backbone's architecture and weights."""
    return CONFIG.backbones[wildcards.backbone].model_dump()


def map_grids(wildcards):
    """Every centre and norm for the features as they are; where they are centred, the reference alone."""
    norm = LOCALISATION.reference_norm
    alone = {"norms": [norm], "reference_norm": norm, "centers": ["normal"]}
    return {
        centring: variants_of(wildcards, LOCALISATION) if centring == "none" else alone
        for centring in LOCALISATION.centring
    }


def polar_scores(wildcards):
    """The scores of the parts that hold the classes shown."""
    if not LOCALISATION:
        return figure_scores(wildcards)
    shown = localisation_parts(
        "scores", "ours", LOCALISED, only=POLAR_CLASSES["B"][LOCALISED]
    )
    return [*figure_scores(wildcards), *shown]


def both_protocols(stage, *methods):
    """Files of Protocol A and, where it is run, of Protocol B."""
    sections = [objective, localisation] if LOCALISATION else [objective]
    return [
        path
        for files in sections
        for method in methods
        for path in files(stage, method)
    ]


def of_exposure(function):
    """``function`` (of the wildcards and a section of the config) for this section."""
    return lambda wildcards: function(wildcards, EXPOSURE)


def sweeps_of(wildcards):
    """The sweeps on a data set and pool, each as it is on the run there."""
    return [
        sweep.of(run)
        for sweep in SWEEPS.values()
        for run in sweep.runs
        if (run.dataset, run.pool) == (wildcards.dataset, wildcards.pool)
    ]


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


def stores(wildcards, images):
    """What a run's networks see of ``images``: features under each filter, or pixels, filtered as they are used."""
    if wildcards.network == "head":
        folder = f"results/features/{images}/{EXPOSURE.backbone}"
        return [f"{folder}/{name}.h5" for name in filters_of(wildcards)]
    return [f"results/pixels/{images}/{STORED[wildcards.network]}.h5"]


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
        f"{', '.join(dict.fromkeys(datasets))}: networks of width {EXPOSURE.width:g}, {setup}"
        for setup, datasets in places.items()
    ]


def sides_of(run):
    """How the images of a run are resized and cropped before they are filtered."""
    if run.network == "head":
        transform = CONFIG.datasets[run.dataset].transform
        return [transform.resize, transform.crop]
    return [STORED[run.network], SIZES[run.network]]


def page_files(kind, page):
    """The files of one of paper 2's tables or figures."""
    suffixes = {"tables": ("html", "csv", "md"), "figures": ("svg", "png", "csv")}
    return [f"results/{kind}/exposure_{page}.{suffix}" for suffix in suffixes[kind]]


def searched(dataset=None):
    """The histories of all searches, one a class, method, filter and direction; of one data set if given."""
    return [
        f"results/search/{run.dataset}/{run.pool}/{run.network}/{name}/{method}/{normal}_{direction}.parquet"
        for run in SEARCH.runs
        if dataset in (None, run.dataset)
        for normal in run.classes or CONFIG.normal_classes(run.dataset)
        for name in run.filters
        for method in SEARCH.methods
        for direction in SEARCH.directions
    ]
