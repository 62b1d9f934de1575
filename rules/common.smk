# What all rules share: the sections of the configuration, constraints, and what a rule takes and makes. Beside it,
# common_objective.smk is for paper 1, common_exposure.smk, common_clip.smk (and transfer learning) and common_search.smk
# for paper 2. They stand apart from the rules because `snakemake --lint` wants functions in files of their own.

import fcntl
from contextlib import suppress
from hashlib import sha256

from oneclass.exposure.members import SIZES
from oneclass.provenance import source_hash

OBJECTIVE = CONFIG.objective
LOCALISATION = CONFIG.localisation
DETECTOR = CONFIG.detector
EXPOSURE = CONFIG.exposure
SEARCH = EXPOSURE.search if EXPOSURE else None
CLIP = CONFIG.clip
TRANSFER = CONFIG.transfer

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
    clip="|".join(CONFIG.clips) or "(?!)",
    repetition=r"\d+|shuffled",
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


def classes_by_job(dataset, section):
    """The classes of a data set as they are split over jobs: those of each."""
    classes = CONFIG.normal_classes(dataset)
    size = section.classes_per_job or len(classes)
    return [classes[first : first + size] for first in range(0, len(classes), size)]


def classes_of(section):
    """The classes of one job, which wildcard ``part`` numbers: a function of the wildcards."""
    return lambda wildcards: classes_by_job(wildcards.dataset, section)[
        int(wildcards.part)
    ]


def every_part(pattern, section):
    """The files that a data set's jobs write, ``pattern`` with each ``part``: a function of the wildcards."""
    return lambda wildcards: expand(
        pattern,
        part=range(len(classes_by_job(wildcards.dataset, section))),
        **wildcards,
    )


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


def page_files(kind, page, paper):
    """The files of one of a paper's tables or figures."""
    suffixes = {"tables": ("html", "csv", "md"), "figures": ("svg", "png", "csv")}
    return [f"results/{kind}/{paper}_{page}.{suffix}" for suffix in suffixes[kind]]


def transform_of(wildcards):
    """Image geometry before the backbone."""
    return CONFIG.datasets[wildcards.dataset].transform.model_dump()


def network_of(wildcards):
    """The backbone's architecture and weights, and where its maps are taken."""
    return CONFIG.backbones[wildcards.backbone].network()


def index_options(wildcards):
    """The settings of a data set that decide what is in it."""
    dataset = CONFIG.datasets[wildcards.dataset]
    options = dataset.model_dump(exclude={"transform"})
    if dataset.base is not None:
        options["path"] = f"results/drawn/{wildcards.dataset}"
    return options
