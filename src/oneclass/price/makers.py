"""Which rule makes a file, and what it reads for it: what the rules say, in Python."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oneclass.plan.objective import FOLDERS
from oneclass.plan.plan import Plan
from oneclass.plan.search import SearchPlan

Files = Iterable[str]
FEATURES = {folder: features for features, folder in FOLDERS.items()}


@dataclass(frozen=True)
class Job:
    """A job of the rule ``rule``, and what is particular to it (the rule's wildcards, and the folder of a protocol).

    ``log`` is where its log is below ``results/logs``, and its measured time below ``results/benchmarks``; no suffix.
    """

    rule: str
    wildcards: Mapping[str, str] = field(default_factory=dict)
    log: str = ""

    def __getattr__(self, name: str) -> str:
        try:
            return self.wildcards[name]
        except KeyError:
            raise AttributeError(name) from None

    def items(self) -> Iterable[tuple[str, str]]:
        """The wildcards, as Snakemake's own have them."""
        return self.wildcards.items()

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other jobs."""
        return self.rule, *sorted(self.wildcards.items())


@dataclass(frozen=True)
class Maker:
    """A rule, the regular expression of its output files, where its log is, and what it reads."""

    rule: str | Callable[[Job], str]
    output: str
    log: str
    inputs: Callable[[Plan, Job], Files]

    def job(self, file: str, constraints: Mapping[str, str]) -> Job | None:
        """The job that makes ``file``, if it is one of this rule."""
        pattern = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{constraints.get(m[1], r'[^/]+')})", self.output)
        found = re.fullmatch(pattern, file)
        if found is None:
            return None
        named = found.groupdict()
        rule = self.rule if isinstance(self.rule, str) else self.rule(Job("", named))
        return Job(rule, named, self.log.format(**named))


def _outliers(job: Job) -> list[str]:
    return [f"results/outliers/{job.dataset}/{job.pool}/{name}.parquet" for name in ("pool", "choice")]


def _base(plan: Plan, job: Job) -> str:
    return str(plan.config.datasets[job.dataset].base)


def _both(plan: Plan, job: Job) -> list[str]:
    return [plan.images.index(job.dataset), plan.images.index(job.pool)]


def _protocol(plan: Plan, job: Job) -> Any:
    return next(part for part in plan.protocols if part.folder == job.folder)


def _fitted(plan: Plan, job: Job) -> Files:
    part = _protocol(plan, job)
    return part.inputs(job.dataset, job.backbone, part.fit(job.fit)).values()


def _exposure(plan: Plan, job: Job) -> Files:
    assert plan.exposure
    sweep = plan.exposure.sweep_of(job)
    stores = [path for name in (job.dataset, job.pool) for path in plan.exposure.stores(name, *sweep.runs)]
    return [*_both(plan, job), *_outliers(job), *stores]


def _search(plan: Plan, job: Job) -> Files:
    assert plan.search
    stores = [path for name in (job.dataset, job.pool) for path in plan.search.stores(name, job)]
    return [*_both(plan, job), _outliers(job)[0], *stores]


def _tuning(plan: Plan, job: Job) -> Files:
    assert plan.clip
    pool = plan.clip.tuning(job.dataset).pool
    pair = Job("", {"dataset": job.dataset, "pool": pool})
    pixels = [plan.clip.pixels(job.dataset), *plan.clip.pool_pixels(job.dataset)]
    return [*_both(plan, pair), *_outliers(pair), *pixels, *plan.clip.models(job.clip, control=False)]


def _embedding(plan: Plan, job: Job) -> Files:
    assert plan.clip
    return [plan.images.index(job.dataset), plan.clip.pixels(job.dataset), *plan.clip.models(job.clip)]


def _miniature(plan: Plan, job: Job) -> Files:
    assert plan.clip
    dataset = plan.clip.miniature(job.clip).dataset
    return [plan.images.index(dataset), plan.images.pixels(dataset, 32)]


def _baseline(plan: Plan, job: Job) -> Files:
    assert plan.baselines
    return plan.baselines.inputs(job.dataset, plan.baselines.methods[job.baseline]).values()


def _evaluated(part: str) -> Callable[[Plan, Job], Files]:
    return lambda plan, job: getattr(plan, part).evaluated(job)


def _evaluated_protocol(plan: Plan, job: Job) -> Files:
    part = _protocol(plan, job)
    maps = [plan.images.index(job.dataset), *part.evaluated(job, "maps", "h5")] if job.folder == "localisation" else []
    return [*part.evaluated(job), *maps]


PROTOCOL = "{folder}/{dataset}/{backbone}/none/"
MADE = (
    Maker(
        "draw_defects",
        "results/drawn/{dataset}",
        "drawn/{dataset}",
        lambda plan, job: [plan.images.index(_base(plan, job))],
    ),
    Maker(
        "index",
        "results/index/{images}.parquet",
        "index/{images}",
        lambda plan, job: plan.images.index_inputs(job.images),
    ),
    Maker(
        "pixels",
        "results/pixels/{images}/{image_size}.h5",
        "pixels/{images}/{image_size}",
        lambda plan, job: [plan.images.index(job.images)],
    ),
    Maker(
        "features",
        "results/features/{images}/{backbone}/{filter}.h5",
        "features/{images}/{backbone}/{filter}",
        lambda plan, job: [plan.images.index(job.images)],
    ),
    Maker(
        "choose_outliers", r"results/outliers/{dataset}/{pool}/\w+\.(?:parquet|csv)", "outliers/{dataset}/{pool}", _both
    ),
    Maker(
        lambda job: f"{FEATURES[job.folder]}_similarity",
        f"results/metrics/{PROTOCOL}similarity.parquet",
        "{folder}/{dataset}/{backbone}/none/similarity",
        lambda plan, job: _protocol(plan, job).inputs(job.dataset, job.backbone).values(),
    ),
    Maker(
        lambda job: f"{FEATURES[job.folder]}_{job.fit}",
        rf"results/(?:scores|history|models|maps)/{PROTOCOL}{{fit}}/{{part}}\.\w+",
        "{folder}/{dataset}/{backbone}/none/{fit}/{part}",
        _fitted,
    ),
    Maker(
        lambda job: f"{FEATURES[job.folder]}_evaluate",
        rf"results/metrics/{PROTOCOL}{{fit}}(?:_repetitions)?\.parquet",
        "{folder}/{dataset}/{backbone}/none/{fit}_evaluate",
        _evaluated_protocol,
    ),
    Maker(
        "train_exposure",
        "results/scores/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.parquet",
        "exposure/{sweep}/{dataset}/{pool}/{network}/{part}",
        _exposure,
    ),
    Maker(
        "exposure_evaluate",
        r"results/metrics/exposure/{sweep}/{dataset}/{pool}/{network}(?:_repetitions)?\.parquet",
        "exposure/{sweep}/{dataset}/{pool}/{network}_evaluate",
        _evaluated("exposure"),
    ),
    Maker("search", f"results/{SearchPlan.pattern}_(?:best|worst|random).parquet", SearchPlan.pattern, _search),
    Maker(
        "train_transfer",
        r"results/scores/transfer/{dataset}/{backbone}(?:_size)?\.parquet",
        "transfer/{dataset}/{backbone}",
        lambda plan, job: plan.transfer.inputs(job.dataset).values() if plan.transfer else (),
    ),
    Maker(
        "transfer_evaluate",
        r"results/metrics/transfer/{dataset}/{backbone}(?:_repetitions)?\.parquet",
        "transfer/{dataset}/{backbone}_evaluate",
        _evaluated("transfer"),
    ),
    Maker(
        lambda job: f"baseline_{job.baseline}",
        "results/scores/baselines/{dataset}/{baseline}/{part}.parquet",
        "baselines/{dataset}/{baseline}/{part}",
        _baseline,
    ),
    Maker(
        "baselines_evaluate",
        r"results/metrics/baselines/{dataset}/{baseline}(?:_repetitions)?\.parquet",
        "baselines/{dataset}/{baseline}_evaluate",
        _evaluated("baselines"),
    ),
    Maker("train_clip", r"results/models/clip/{clip}/\w+\.safetensors", "clip/{clip}/train", _miniature),
    Maker("embed_clip", r"results/features/{dataset}/{clip}/\w+\.h5", "clip/{dataset}/{clip}/embed", _embedding),
    Maker(
        "score_clip",
        "results/scores/clip/{dataset}/{clip}/zero_shot.parquet",
        "clip/{dataset}/{clip}/score",
        lambda plan, job: [
            plan.images.index(job.dataset),
            *(plan.clip.embeddings(job.dataset, job.clip) if plan.clip else ()),
        ],
    ),
    Maker(
        "evaluate_clip",
        r"results/metrics/clip/{dataset}/{clip}/(?:zero_shot|prompts)(?:_repetitions)?\.parquet",
        "clip/{dataset}/{clip}/evaluate",
        lambda plan, job: [f"results/scores/clip/{job.dataset}/{job.clip}/zero_shot.parquet"],
    ),
    Maker(
        "fine_tune_clip",
        "results/scores/clip/{dataset}/{clip}/fine_tuned/{part}.parquet",
        "clip/{dataset}/{clip}/fine_tuned/{part}",
        _tuning,
    ),
    Maker(
        "fine_tuned_clip_evaluate",
        r"results/metrics/clip/{dataset}/{clip}/fine_tuned(?:_repetitions)?\.parquet",
        "clip/{dataset}/{clip}/fine_tuned_evaluate",
        _evaluated("clip"),
    ),
    Maker(
        "fit_detector",
        r"results/detector/{dataset}/[\w.]+",
        "detector/{dataset}",
        lambda plan, job: [plan.images.index(job.dataset)],
    ),
)
