"""Which jobs make the files that a run asks for, found from the pages back to the images, as Snakemake finds them."""

from collections.abc import Iterable, Mapping
from typing import Any

from oneclass.claims.plan import ClaimsPlan
from oneclass.pages.plan import PagePlan, planned
from oneclass.plan.plan import Plan
from oneclass.price.makers import FEATURES, MADE, Job, Maker

Made = dict[str, "tuple[Job, list[str]]"]  # by file: the job that makes it, and what that reads


def jobs(plan: Plan) -> list[Job]:
    """Every job of the whole run, each once: the site, the claims, the pages, the detectors, and all behind them.

    Raises ``ValueError`` for a file that no rule makes.
    """
    pages, claims = planned(plan), ClaimsPlan(plan)
    last = [Job("site", log="site"), *([Job("claims", log="claims")] if claims.is_made else []), *map(_of_page, pages)]
    detectors = plan.config.detector.datasets if plan.config.detector else []
    wanted = [path for files in (*map(_inputs, pages), _inputs(claims)) for path in files]
    wanted += [f"results/detector/{dataset}/card.html" for dataset in detectors]
    return list({job.key: job for job in [*last, *_behind(plan, wanted, {})]}.values())


def behind(plan: Plan) -> dict[str, list[str]]:
    """The logs of the jobs of which each page is made, by its name: its own, then those that it needs, sorted."""
    return {page.page.name: [own.log, *sorted({job.log for job in before})] for page, (own, *before) in by_page(plan)}


def by_page(plan: Plan) -> list[tuple[PagePlan, list[Job]]]:
    """Each page with its own job, then those that it needs."""
    made: Made = {}
    return [(page, [_of_page(page), *_behind(plan, _inputs(page), made)]) for page in planned(plan)]


def _inputs(page: PagePlan | ClaimsPlan) -> list[str]:
    return [path for paths in page.inputs.values() for path in paths]


def _of_page(page: PagePlan) -> Job:
    return Job(page.page.name, log=f"{page.page.kind}/{page.page.name}")


def _behind(plan: Plan, files: Iterable[str], made: Made) -> list[Job]:
    """The jobs that make ``files``, and all before them; ``made`` holds what is known, and learns."""
    constraints = plan.constraints() | {"folder": "|".join(FEATURES)}
    if plan.search:
        constraints["method"] = "|".join(plan.search.section.methods)
    found: dict[tuple[Any, ...], Job] = {}
    wanted, seen = list(files), set()
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        if path not in made:
            maker, job = _made(path, constraints)
            made[path] = job, list(maker.inputs(plan, job))
        job, inputs = made[path]
        found[job.key] = job
        wanted += inputs
    return list(found.values())


def _made(path: str, constraints: Mapping[str, str]) -> tuple[Maker, Job]:
    for maker in MADE:
        job = maker.job(path, constraints)
        if job is not None:
            return maker, job
    raise ValueError(f"no rule is known to make {path}; add one to oneclass.price.makers")
