"""The plan that a person reads: what each part of the papers costs, in a table, and what must be fetched by hand."""

from dataclasses import dataclass, field
from pathlib import Path

from oneclass.data.sources import SOURCES
from oneclass.price import backbones
from oneclass.price.makers import Job
from oneclass.price.measured import Measured
from oneclass.price.model import Price
from oneclass.price.speeds import Range, measured_on, seconds

CORES = 2  # of the CPU's column; a job on each
HOST = 8  # cores beside a GPU, which do what needs none
HEADER = ("part", "jobs", "networks", "steps", f"{CORES} CPU cores", "one H100*", "memory", "GPU memory", "disk")
PARTS = (
    *("Images, features", "Paper 1, pooled features", "Paper 1, maps", "Paper 1, online"),
    *("Paper 2, benchmark", "Paper 2, counts", "Paper 2, radial", "Paper 2, diversity", "Paper 2, frequencies"),
    *("Paper 2, gamma", "Paper 2, search", "PANDA and MS", "Baselines", "CLIP", "Detectors", "Tables and figures"),
)


@dataclass
class Row:
    """The sums of a part; of memory the largest job's."""

    jobs: int = 0
    networks: int = 0
    steps: int = 0
    cpu: Range = field(default_factory=Range)
    gpu: Range = field(default_factory=Range)
    memory_mb: float = 0
    gpu_mb: float = 0
    disk_mb: float = 0

    def add(self, other: "Row") -> None:
        """Add the jobs of another row."""
        self.jobs, self.networks, self.steps = (
            self.jobs + other.jobs,
            self.networks + other.networks,
            self.steps + other.steps,
        )
        self.cpu, self.gpu, self.disk_mb = self.cpu + other.cpu, self.gpu + other.gpu, self.disk_mb + other.disk_mb
        self.memory_mb, self.gpu_mb = max(self.memory_mb, other.memory_mb), max(self.gpu_mb, other.gpu_mb)

    def cells(self, name: str) -> list[str]:
        """As text."""
        return [
            name,
            f"{self.jobs:,}",
            f"{self.networks:,}" if self.networks else "",
            _short(self.steps) if self.steps else "",
            _duration(self.cpu),
            _duration(self.gpu),
            _bytes(self.memory_mb),
            _bytes(self.gpu_mb) if self.gpu_mb else "",
            _bytes(self.disk_mb),
        ]


def rows(price: Price, results: Path = Path("results")) -> tuple[dict[str, Row], Measured]:
    """The parts of a run that have jobs, in the order of the papers, and what was measured in ``results``."""
    costs = {job.key: price.cost(job.rule, job) for job in price.jobs}
    jobs = [(job, _kind(price, job), price.gpu(job.rule)) for job in price.jobs]
    measured = Measured(jobs, lambda job, device: seconds(costs[job.key], device), results)
    found: dict[str, Row] = {}
    for job, kind, gpu in jobs:
        cost = costs[job.key]
        cpu = measured.corrected(kind, "cpu", seconds(cost, "cpu"))
        device = measured.corrected(kind, "gpu", seconds(cost, "gpu")) if gpu else cpu.times(1 / HOST)
        row = Row(1, cost.networks, cost.steps, cpu.times(1 / CORES), device)
        row.memory_mb, row.disk_mb = cost.memory_mb, cost.disk_mb
        row.gpu_mb = cost.gpu_mb if gpu else 0
        found.setdefault(part_of(job), Row()).add(row)
    return {part: found[part] for part in PARTS if part in found}, measured


def part_of(job: Job) -> str:
    """The part of the papers that a job belongs to."""
    first, _, what = job.rule.partition("_")
    if job.rule in ("draw_defects", "index", "pixels", "features", "choose_outliers"):
        return "Images, features"
    if first == "vectors":
        return "Paper 1, pooled features"
    if first == "maps":
        return "Paper 1, online" if "online" in (what, job.wildcards.get("fit")) else "Paper 1, maps"
    if "sweep" in job.wildcards:
        return f"Paper 2, {job.sweep}"
    named = {"search": "Paper 2, search", "fit_detector": "Detectors"}
    named |= {"train_transfer": "PANDA and MS", "transfer_evaluate": "PANDA and MS"}
    if "baseline" in job.wildcards:
        return "Baselines"
    return named.get(job.rule, "CLIP" if "clip" in job.wildcards else "Tables and figures")


def _kind(price: Price, job: Job) -> str:
    """What jobs are compared with when they are measured: their rule, networks of each kind by themselves."""
    if part_of(job) == "Tables and figures" and job.rule != "claims":
        return "page"
    return " ".join([job.rule, *(job.wildcards[name] for name in ("network", "backbone") if name in job.wildcards)])


def text(price: Price, results: Path = Path("results")) -> str:
    """The table, in Markdown, and what is to be known of it."""
    parts, measured = rows(price, results)
    whole = Row()
    for row in parts.values():
        whole.add(row)
    cells = [row.cells(name) for name, row in parts.items()] + [whole.cells("**all**")]
    return "\n".join([*_table(cells), "", *_notes(price, measured), "", *to_fetch(price)]) + "\n"


def to_fetch(price: Price) -> list[str]:
    """What has to be there before the run, with the page of each; no line if that is nothing."""
    config = price.plan.config
    places: dict[tuple[str, str], list[str]] = {}
    for name in dict.fromkeys(job.images for job in price.jobs if job.rule == "index"):
        options = config.images(name)
        source, label = SOURCES[options.source], options.label or name
        if source.home:
            place = source.root(options.model_dump(), Path(config.data_root))
            how = "downloaded where there is a network" if source.downloads else f"fetch by hand, into {place}"
            places.setdefault((how, source.home), []).append(label)
    hub = [one.label or name for name, one in config.backbones.items() if one.weights.hub]
    hub += [one.label or name for name, one in config.clips.items() if one.tag and not one.checkpoint]
    lines = [f"- {'; '.join(labels)}: {how} ({home})" for (how, home), labels in sorted(places.items(), key=str)]
    weights = [f"- weights of {', '.join(hub)}: downloaded where there is a network"] if hub else []
    return ["Images and weights:", "", *lines, *weights] if lines or weights else []


def _notes(price: Price, measured: Measured) -> list[str]:
    guessed = [price.plan.config.images(name).label or name for name in sorted(price.sizes.guessed)]
    unknown = backbones.unknown(price.plan.config)
    cpu, gpu = (" on ".join(measured_on(device)) for device in ("cpu", "gpu"))
    lines = [
        f"- {CORES} CPU cores: a job on each, at speeds measured {cpu}.",
        f"- \\* An estimate: nobody has run this whole on a GPU. Its arithmetic was measured {gpu}; reading, decoding "
        f"and augmenting there are assumed. {HOST} more cores do what needs no GPU. src/oneclass/price/speeds.csv has "
        "every speed with its source.",
        "- Memory and GPU memory are what the largest job needs, disk is the sum of all files in results/. On a GPU "
        "small networks train together and take what is free.",
    ]
    if measured.jobs:
        kinds = len({kind for kind, _ in measured.factors})
        lines.append(
            f"- Measured here: {measured.jobs} finished jobs of {kinds} kinds correct the times of their kinds, "
            "whatever settings they were run with."
        )
    if guessed:
        lines.append(f"- How many images there are is a guess for: {', '.join(guessed)}.")
    if unknown:
        lines.append(f"- Taken to be as large as a ResNet-152: {', '.join(unknown)}.")
    return lines


def _table(cells: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(HEADER, *cells, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [f"| {' | '.join(_aligned(row, widths))} |" for row in (list(HEADER), rule, *cells)]


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


UNITS = ((86400 * 365, "years"), (86400 * 2, "days"), (3600 * 2, "h"), (90, "min"), (0, "s"))
LENGTHS = {"years": 86400 * 365, "days": 86400, "h": 3600, "min": 60, "s": 1}


def _duration(time: Range) -> str:
    unit = next(name for least, name in UNITS if time.high >= least)
    low, high = (_number(value / LENGTHS[unit]) for value in (time.low, time.high))
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def _bytes(megabytes: float) -> str:
    return f"{_number(megabytes / 1000)} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def _short(number: int) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{_number(number / size)} {letter}"
    return str(number)
