"""The price of a run: what each of its jobs costs, found by its rule."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from math import ceil, inf
from typing import Any

from oneclass.plan.objective import Fit, ProtocolPlan
from oneclass.plan.plan import Plan
from oneclass.price import jobs
from oneclass.price.baselines import BaselineCosts
from oneclass.price.cost import MEGA, Cost, added
from oneclass.price.detector import DetectorCosts
from oneclass.price.exposure import SCORE_ROW, ExposureCosts
from oneclass.price.images import ImageCosts
from oneclass.price.makers import Job
from oneclass.price.objective import ProtocolCosts
from oneclass.price.pretrained import PretrainedCosts
from oneclass.price.sizes import Sizes
from oneclass.price.speeds import seconds

PATIENCE = 3  # times the longest estimate
SHORTEST, DAY, LONGEST = 30, 1440, 10_080  # minutes; many clusters end a job after a week, and a long one goes on
URGENT = 1e9  # above all that jobs take in seconds
BASELINE = "baseline_"  # begins the names of the rules of rules/baselines.smk
PREPARED = ("features", "train_clip")  # what trainings read
PAGE_MB = 2500  # a page reads summaries, a few pictures and scores


class Price:
    """The costs of ``plan``, whose data sets have ``sizes``."""

    def __init__(self, plan: Plan, sizes: Sizes | None = None) -> None:
        self.plan = plan
        self.sizes = sizes or Sizes(plan.config)
        self._images, self._pretrained = ImageCosts(plan, self.sizes), PretrainedCosts(plan, self.sizes)
        self._exposure = ExposureCosts(plan, self.sizes) if plan.exposure else None
        self._detector = DetectorCosts(plan, self.sizes)
        self._baselines = BaselineCosts(plan, self.sizes)
        self._protocols = {part.name: ProtocolCosts(plan, self.sizes, part) for part in plan.protocols}
        self._known: dict[tuple[object, ...], Cost] = {}
        self._parts: dict[str, ProtocolPlan] = {part.name: part for part in plan.protocols}

    @cached_property
    def jobs(self) -> list[Job]:
        """The jobs of the whole run."""
        return jobs.jobs(self.plan)

    def cost(self, rule: str, job: Any) -> Cost:
        """The cost of a job of ``rule``, by its wildcards; with its start."""
        key = rule, *sorted(job.items())
        if key not in self._known:
            self._known[key] = self._started(rule, self._cost(rule, job))
        return self._known[key]

    def _started(self, rule: str, cost: Cost) -> Cost:
        return replace(cost, work={"start PyTorch" if self._heavy(rule) else "start": 1, **cost.work})

    def _cost(self, rule: str, job: Any) -> Cost:
        features, _, what = rule.partition("_")
        if rule == "claims":
            return self._claims()
        if features in self._protocols:
            return self._protocol(features, what, job)
        if what == "evaluate" or rule == "fine_tuned_clip_evaluate":
            return self._evaluation(rule, job)
        if baseline := _baseline(rule):
            return self._baselines.training(baseline, job)
        for costs in (self._images, self._exposure, self._pretrained, self._detector):
            if costs is not None and hasattr(costs, rule):
                return getattr(costs, rule)(job)
        return Cost({"page": 1}, memory_mb=PAGE_MB)

    def resources(self, rule: str) -> dict[str, Callable[[Any], int]]:
        """What a job of ``rule`` asks for, each as a function of its wildcards: ``mem_mb``, ``disk_mb`` and ``runtime``
        (minutes)."""
        return {
            "mem_mb": lambda wildcards: _rounded(self.cost(rule, wildcards).memory_mb, 100),
            "disk_mb": lambda wildcards: _rounded(self.cost(rule, wildcards).disk_mb, 10),
            "runtime": lambda wildcards: self._minutes(rule, wildcards),
        }

    def priority(self, rule: str) -> Callable[[Any], float]:
        """By wildcards; the job with the greatest starts first: those of the first table and figure, then the shortest
        that others wait for or that makes a page, then the longest training, since none should be left at the end,
        alone on one core."""

        def of(wildcards: Any) -> float:
            took = seconds(self.cost(rule, wildcards), "cpu").high
            if any(job.rule == rule and set(wildcards.items()) <= set(job.items()) for job in self._first):
                return 2 * URGENT - took
            return took if self._trains(rule) else URGENT - took

        return of

    @cached_property
    def _first(self) -> list[Job]:
        """The jobs of the table and of the figure that take least of those behind which there is a training, so that
        results can be looked at while the rest is computed."""
        least: dict[str, tuple[float, list[Job]]] = {}
        for page, needed in jobs.by_page(self.plan):
            took = sum(seconds(self.cost(job.rule, job), "cpu").high for job in needed)
            if any(self._trains(job.rule) for job in needed) and took < least.get(page.page.kind, (inf,))[0]:
                least[page.page.kind] = took, needed
        return [job for _, needed in least.values() for job in needed]

    def _trains(self, rule: str) -> bool:
        return self._heavy(rule) and rule not in PREPARED

    def _heavy(self, rule: str) -> bool:
        """Whether a job of ``rule`` computes with PyTorch."""
        features, _, what = rule.partition("_")
        return rule in GPU or bool(_baseline(rule)) or (features in self._parts and what != "evaluate")

    def _minutes(self, rule: str, job: Any) -> int:
        """Several times what it should take, on a GPU if it uses one; up to a day, enough for a core as well."""
        cost, gpu = self.cost(rule, job), self.gpu(rule)
        core, device = (PATIENCE * seconds(cost, name).high / 60 for name in ("cpu", "gpu" if gpu else "cpu"))
        return _rounded(min(LONGEST, max(SHORTEST, device, min(core, DAY))), 1)

    def gpu(self, rule: str) -> bool:
        """Whether a job of ``rule`` uses a GPU where there is one."""
        features, _, what = rule.partition("_")
        if features in self._parts:
            return (
                features == "maps"
                if what == "similarity"
                else what in self._fits(features) and self._fits(features)[what].gpu
            )
        if self.plan.baselines and (baseline := _baseline(rule)):
            return self.plan.baselines.methods[baseline].trained
        return rule in GPU

    def _fits(self, features: str) -> dict[str, Fit]:
        return {fit.name: fit for fit in self._parts[features].fits}

    def _protocol(self, features: str, what: str, job: Any) -> Cost:
        costs = self._protocols[features]
        if what == "similarity":
            return costs.similarity(job)
        if what != "evaluate":
            return costs.fit(self._fits(features)[what], job)
        fit, part = self._fits(features)[job.fit], self._parts[features]
        classes = len(self.plan.config.normal_classes(job.dataset))
        scores = _scores(classes * costs.scored(fit, job) * self.sizes.test(job.dataset), part.resamples)
        if features == "vectors":
            return scores
        maps = costs.evaluate(job, fit)
        return Cost(added(scores.work, maps.work), memory_mb=max(scores.memory_mb, maps.memory_mb))

    def _evaluation(self, rule: str, job: Any) -> Cost:
        """Every score of all of a data set's jobs, and as many again in each resample."""
        config, classes = self.plan.config, self.plan.config.normal_classes(job.dataset)
        if rule == "transfer_evaluate":
            assert config.transfer
            networks, resamples = self._pretrained.scorings(job.dataset), config.transfer.bootstrap
        elif rule == "baselines_evaluate":
            assert config.baselines
            networks, resamples = len(classes) * config.baselines.repetitions, config.baselines.bootstrap
        elif rule == "exposure_evaluate":
            assert self.plan.exposure and self._exposure and config.exposure
            parts = self.plan.exposure.part_files("{part}", job.dataset)
            trained = (Job("train_exposure", {**dict(job.items()), "part": part}) for part in parts)
            networks = sum(self._exposure.train_exposure(part).networks for part in trained)
            resamples = config.exposure.bootstrap
        else:
            assert self.plan.clip and config.clip
            repetitions = self.plan.clip.tuning(job.dataset).repetitions or 1
            networks, resamples = len(classes) * repetitions, config.clip.bootstrap
        return _scores(networks * self.sizes.test(job.dataset), resamples)

    def _claims(self) -> Cost:
        """At most that of the evaluations of scores together: the same are read and resampled again, file by file."""
        rules = [job for job in self.jobs if job.rule.endswith("_evaluate") and job.rule != "maps_evaluate"]
        costs = [self.cost(job.rule, job) for job in rules]
        work = added(*(cost.work for cost in costs)) | {"start": 1, "page": 1}
        return Cost(work, memory_mb=max([PAGE_MB, *(cost.memory_mb for cost in costs)]))


GPU = (
    *("features", "train_exposure", "search", "train_transfer"),
    *("train_clip", "embed_clip", "fine_tune_clip", "fit_detector"),
)


def _baseline(rule: str) -> str:
    """The method that a rule of ``rules/baselines.smk`` trains; empty for other rules."""
    return rule.removeprefix(BASELINE) if rule.startswith(BASELINE) else ""


def _rounded(value: float, step: int) -> int:
    """``value``, up to the next multiple of ``step``."""
    return step * ceil(value / step)


def _scores(rows: int, resamples: int) -> Cost:
    work = {"score": float(rows), "score resampled": rows * resamples / 1e6}
    return Cost(work, memory_mb=1500 + rows * SCORE_ROW / MEGA)
