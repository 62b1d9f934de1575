"""From scores to metrics: which jobs wrote the scores of each part of the papers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oneclass.plan.plan import Plan


@dataclass(frozen=True)
class Evaluation:
    """``pattern`` is the path of the metrics, and of the scores, with wildcards; ``scores`` gives the files that a data
    set's jobs wrote, from the path without wildcards and the data set."""

    name: str
    pattern: str
    resamples: int
    scores: Callable[[str, str], list[str]]
    constraints: dict[str, str] = field(default_factory=dict)

    def scores_of(self, wildcards: Any) -> list[str]:
        """The scores that are evaluated together."""
        return self.scores(f"results/scores/{self.pattern.format(**dict(wildcards.items()))}", wildcards.dataset)


def evaluations(plan: Plan) -> list[Evaluation]:
    """Those of scores of images; maps, and zero-shot CLIP with its prompts, have rules of their own."""
    found = []
    if vectors := plan.vectors:
        fits = {"fit": "|".join(fit.name for fit in vectors.fits)}
        pattern, resamples = "objective/{dataset}/{backbone}/none/{fit}", vectors.section.bootstrap
        found.append(Evaluation("vectors", pattern, resamples, _of_parts(vectors.jobs.files), fits))
    if exposure := plan.exposure:
        pattern, resamples = "exposure/{sweep}/{dataset}/{pool}/{network}", exposure.section.bootstrap
        found.append(Evaluation("exposure", pattern, resamples, _of_parts(exposure.jobs.files)))
    if clip := plan.clip:
        pattern, resamples = "clip/{dataset}/{clip}/fine_tuned", clip.section.bootstrap
        found.append(Evaluation("fine_tuned_clip", pattern, resamples, _of_parts(clip.jobs.files)))
    if transfer := plan.transfer:
        pattern, resamples = "transfer/{dataset}/{backbone}", transfer.section.bootstrap
        found.append(Evaluation("transfer", pattern, resamples, lambda path, dataset: [f"{path}.parquet"]))
    return found


def _of_parts(files: Callable[[str, str], list[str]]) -> Callable[[str, str], list[str]]:
    return lambda path, dataset: files(f"{path}/{{part}}.parquet", dataset)
