"""The cost of detectors."""

from typing import Any

from oneclass.plan.plan import Plan
from oneclass.price.backbones import SIDE, architecture
from oneclass.price.cost import GIGA, MEGA, PYTORCH_MB, Cost, added
from oneclass.price.images import BATCH_MB
from oneclass.price.objective import MEASURED, Setting
from oneclass.price.sizes import Sizes

# As in oneclass.detector, which is not imported for them, since it imports PyTorch:
KEPT = 500  # held-out pictures whose maps are kept, at most
DRAWN = 60  # defects that are drawn where there are no anomalies
CANDIDATES, REFERENCE = 20_000, 2_000  # patches that are drawn, and those of them that others are compared with
CELL = 2  # positions a side that a patch averages


class DetectorCosts:
    """The costs of the rule of ``rules/detector.smk``, by a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self._plan, self._sizes = plan, sizes

    def fit_detector(self, job: Any) -> Cost:
        """Passes over the normal pictures and over those that it is measured on, what the method makes of their maps,
        and the export."""
        section = self._plan.config.detector
        assert section
        pictures = self._sizes.class_of(job.dataset)
        anomalies = pictures.anomalous or DRAWN
        one, seen = self._setting(job.dataset, pictures.train, pictures.test + anomalies)
        nearest, closed = section.method != "closed_form", section.method != "nearest"
        norms = len(section.center_norms) if section.method == "closed_form" else 1
        passes = one.train + one.test + (min(pictures.test, KEPT) if closed else 0)
        work = {
            "megapixel read": passes * (self._sizes.side(job.dataset) ** 2 + seen**2) / MEGA,
            one.network.unit: passes * one.network.gmac * (seen / SIDE) ** 2,
            "map scored": one.test * norms,
            "export": 1,
        }
        kept = min(pictures.test, KEPT) + anomalies
        return Cost(
            added(work, _nearest(one) if nearest else {}, _closed_form(one) if closed else {}),
            memory_mb=PYTORCH_MB
            + BATCH_MB
            + (3 * 4 * CANDIDATES * one.size if nearest else 0) / MEGA
            + (8 * 6 * one.size**2 if closed else 0) / MEGA
            + kept * (3 * 4 * norms * one.positions + MEASURED * seen**2) / MEGA,
            gpu_mb=3000,
            disk_mb=10 + 10 * one.network.parameters,
        )

    def _setting(self, dataset: str, train: int, test: int) -> tuple[Setting, int]:
        """The sizes of the maps of ``train`` and ``test`` pictures, and the pixels a side that the network sees."""
        config = self._plan.config
        assert config.detector
        network, transform = architecture(config, config.detector.backbone), config.datasets[dataset].transform
        seen = transform.crop or transform.resize
        layers = network.maps(config.detector.layers, seen)
        return Setting(train, test, sum(channels for channels, _ in layers), network, layers), seen


def _nearest(one: Setting) -> dict[str, float]:
    """Every candidate against the reference twice, to choose it and to compare pictures; and every patch scored."""
    cells = one.positions / CELL**2
    compared = 2 * min(CANDIDATES, one.train * cells) + one.test * cells
    return {"matrix GMAC": compared * REFERENCE * one.size / GIGA}


def _closed_form(one: Setting) -> dict[str, float]:
    """Second moments, their eigenvectors, and projections."""
    return {
        "matrix GMAC": one.train * one.moments + one.test * one.projection,
        "eigen GMAC": one.size**3 / GIGA,
    }
