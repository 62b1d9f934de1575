"""What of a run claims are tested on. Which files these are says ``claims.plan``."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["auroc", "agreement", "metrics", "history", "settling", "stopping", "searches"]
PROTOCOLS = "objective or localisation"


@dataclass(frozen=True)
class Source:
    """Files called ``name``, of which ``claims.rows`` makes numbers as ``kind`` says. ``section`` is the
    configuration's that they come of."""

    name: str
    kind: Kind
    section: str


PROJECTOR = Source("projector", "auroc", PROTOCOLS)
CLOSED_FORM = Source("closed_form", "auroc", f"{PROTOCOLS} that trains the closed form")
COMPARATORS = Source("comparators", "auroc", PROTOCOLS)
PROJECTORS = Source("projectors", "auroc", "objective.compared_projectors or localisation.compared_projectors")
ONLINE = Source("online", "auroc", "localisation with online")
PIXELS = Source("pixels", "metrics", "localisation")
SIMILARITY = Source("similarity", "metrics", PROTOCOLS)
AGREEMENT = Source("agreement", "agreement", PROTOCOLS)
PROJECTED = Source("projected", "history", PROTOCOLS)
SETTLING = Source("settling", "settling", PROTOCOLS)
STOPPING = Source("stopping", "stopping", f"{PROTOCOLS} that trains the closed form")
BENCHMARK, COUNTS, DIVERSITY, RADIAL, GAMMA = (
    Source(name, "auroc", f"exposure.{name}") for name in ("benchmark", "counts", "diversity", "radial", "gamma")
)
SEARCHES = Source("searches", "searches", "exposure.search")
CLIP = Source("clip", "auroc", "clip")
TRANSFER = Source("transfer", "auroc", "transfer")
