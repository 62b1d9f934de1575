"""The cost of paper 1: what is fitted on pooled features (Protocol A) and on maps (B and C), and measured on maps."""

from dataclasses import dataclass
from math import ceil, log
from typing import Any

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Comparator
from oneclass.config.objective import Localisation
from oneclass.plan.objective import Fit, ProtocolPlan
from oneclass.plan.plan import Plan
from oneclass.price import baselines
from oneclass.price.backbones import Architecture, architecture
from oneclass.price.compared import COMPARED, ON_IMAGES, Work, started_from
from oneclass.price.cost import GIGA, MEGA, PYTORCH_MB, Cost, added
from oneclass.price.sizes import Sizes

HELD = 1.35  # GPU memory that PyTorch holds over what is reckoned here, measured on an H100 (maps_projector)
STACK = 5  # copies of the weights of what trains together (objective.variants.stacks)
SCORE_ROW = 400  # bytes of a score in memory, with the copies that are made while they are written
MEASURED = 60  # bytes of a pixel whose metrics are computed
LITERAL = 3  # Algorithm 1 as written: autograd's products for one of ours
FOLLOWED = 64  # training images whose norms and angles are recorded after each epoch (objective.convergence)


@dataclass(frozen=True)
class Setting:
    """One class: N images train, T are tested; D features, at ``positions`` of the finest map (1 where pooled)."""

    train: int
    test: int
    size: int
    network: Architecture
    layers: tuple[tuple[int, int], ...] = ()  # channels and positions of each
    padim: int = 0  # PaDiM's channels

    @property
    def positions(self) -> int:
        """Of the finest layer."""
        return self.layers[0][1] if self.layers else 1

    @property
    def moments(self) -> float:
        """Billions of multiplications for one image's second moments: each pair of layers on the coarser of them."""
        pairs = [(a, b) for k, a in enumerate(self.layers) for b in self.layers[k:]]
        return sum(a[0] * b[0] * b[1] for a, b in pairs) / GIGA

    @property
    def projection(self) -> float:
        """The same for projecting them once, each layer at its own resolution."""
        return self.size * sum(channels * positions for channels, positions in self.layers) / GIGA

    def compared(self, fit: Fit) -> Work | None:
        """What a comparator that gradient descent trains takes; None for other fits."""
        work = COMPARED.get(fit.name)
        return work and work(self.layers, fit.options[fit.name])

    @property
    def map_gb(self) -> float:
        """One image's maps, in half precision."""
        return 2 * sum(channels * positions for channels, positions in self.layers) / GIGA


class ProtocolCosts:
    """The costs of one protocol's rules, ``{features}_{fit}``, each given a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes, part: ProtocolPlan) -> None:
        self._plan, self._sizes, self._part = plan, sizes, part

    def setting(self, job: Any) -> Setting:
        """The sizes of a job's classes."""
        config, section = self._plan.config, self._part.section
        train, test = self._sizes.train(job.dataset), self._sizes.test(job.dataset)
        network = architecture(config, job.backbone)
        if not isinstance(section, Localisation):
            return Setting(train, test, network.features, network)
        transform = config.datasets[job.dataset].transform
        seen = transform.crop or transform.resize
        layers = network.maps(section.layers, seen)
        size = sum(channels for channels, _ in layers)
        asked = section.options_of(of_kind(Comparator)["padim"])["channels"]
        return Setting(train, test, size, network, layers, min(size, round(float(asked))))

    def variants(self, fit: Fit, job: Any) -> dict[str, int]:
        """The projectors of one class, by centering."""
        grids = self._part.settings(fit, job.dataset, job.backbone)["variants"]
        return {
            name: grid["repetitions"]
            * (len(grid["center_norms"]) + len([center for center in grid["centers"] if center != "gaussian"]))
            for name, grid in grids.items()
        }

    def scored(self, fit: Fit, job: Any) -> int:
        """What scores the test images of one class: comparators, or projectors."""
        return len(fit.comparators) or sum(self.variants(fit, job).values())

    def fit(self, fit: Fit, job: Any) -> Cost:
        """What one job fits, scores and writes."""
        classes = len(self._part.classes(job.dataset, job.part))
        if fit.images:
            return self._on_images(fit, job, classes)
        one, variants = self.setting(job), self.variants(fit, job)
        training = self._part.section.training(job.dataset)
        batch = min(training["batch_size"], one.train)
        steps = training["epochs"] * ceil(one.train / batch)
        projectors = sum(variants.values())
        networks, steps = self._trained(fit, projectors, one, steps)
        work = (_on_maps if one.layers else _on_vectors)(fit, one, variants, steps, batch, training["epochs"])
        scored, compared = self.scored(fit, job), one.compared(fit)
        beside = compared.memory_mb if compared else 0
        return Cost(
            {unit: classes * amount for unit, amount in work.items()},
            networks=classes * networks,
            steps=classes * networks * steps,
            memory_mb=self._memory_mb(one, classes, classes * projectors, classes * scored * one.test) + beside,
            gpu_mb=1000 + HELD * (self._memory_mb(one, classes, classes * projectors, 0) - PYTORCH_MB + beside),
            disk_mb=1 + self._disk_mb(fit, one, classes, classes * scored * one.test),
        )

    def _on_images(self, fit: Fit, job: Any, classes: int) -> Cost:
        """The same for a system that is trained on images."""
        one, section, config = self.setting(job), self._part.section, self._plan.config
        transform = config.datasets[job.dataset].transform
        side = transform.crop or transform.resize
        textures = section.textures if isinstance(section, Localisation) and "textures" in fit.needs else None
        pool = self._sizes.images(textures) if textures else 0
        options = started_from(one.network, baselines.numbers(fit.options[fit.name]))
        learning = ON_IMAGES[fit.name](side, one.train, options)
        read, images = classes * (one.train + one.test) + pool, one.train + one.test + pool
        scored = classes * (one.train + one.test)
        return Cost(
            {
                "megapixel read": read * (self._sizes.side(job.dataset) ** 2 + side**2) / MEGA,
                "map scored": classes * one.test,
                **baselines.work(learning, classes, scored),
            },
            classes,
            classes * learning.steps,
            memory_mb=PYTORCH_MB + (3 * images + 8 * classes * one.test) * side**2 / MEGA + 2 * learning.memory_mb,
            gpu_mb=1500 + learning.memory_mb,
            disk_mb=1 + classes * one.test * 4 * side**2 / MEGA,
        )

    def similarity(self, job: Any) -> Cost:
        """Means and cosines, in one pass."""
        one, classes = self.setting(job), len(self._plan.config.normal_classes(job.dataset))
        images = classes * (one.train + one.test)
        work = {"map GB": images * one.map_gb, "matrix GMAC": images * one.moments}
        return Cost(work, memory_mb=self._memory_mb(one, classes, 0, 0), gpu_mb=2000)

    def evaluate(self, job: Any, fit: Fit) -> Cost:
        """Pixel metrics of every map; image metrics are priced by ``evaluation``."""
        config, one = self._plan.config, self.setting(job)
        maps = len(config.normal_classes(job.dataset)) * one.test * self.scored(fit, job)
        transform = config.datasets[job.dataset].transform
        side = transform.crop or transform.resize
        memory = PYTORCH_MB + one.test * side**2 * MEASURED / MEGA + maps * one.positions * 4 / MEGA
        return Cost({"map measured": maps * side**2 / 224**2}, memory_mb=memory)

    def _trained(self, fit: Fit, variants: int, one: Setting, steps: int) -> tuple[int, int]:
        if fit.name == "algorithm1":
            return 2 * variants, steps
        if fit.name == "online":
            return variants, one.train
        if work := one.compared(fit):
            return 1, round(float(fit.options[fit.name]["epochs"])) * ceil(one.train / work.batch)
        return (0, 0) if fit.name in ("comparators", "closed_form") else (variants, steps)

    def _memory_mb(self, one: Setting, classes: int, projectors: int, scores: int) -> float:
        """What trains together is bounded by the configuration, a single projector is not; the rest is data."""
        section, weights = self._part.section, 4 * one.size * (one.size + 1) / MEGA
        stack = STACK * weights * max(1, min(projectors, section.memory_mb / (STACK * weights)))
        if not one.layers:
            images = self._images_of(one, classes)
            return PYTORCH_MB + stack + 4 * one.size * images / MEGA + scores * SCORE_ROW / MEGA
        batch = 16 * 3 * 4 * sum(channels * positions for channels, positions in one.layers) / MEGA
        kept = one.train * weights
        moments = 2 * kept if kept <= section.memory_mb else 32 * weights
        comparators = (4 * 2 * one.positions * one.padim**2 + 3 * 20_000 * 4 * one.size) / MEGA  # PaDiM's, PatchCore's
        return PYTORCH_MB + stack + batch + moments + comparators + scores * (SCORE_ROW + 12 * one.positions) / MEGA

    def _images_of(self, one: Setting, classes: int) -> int:
        """Images whose features are held: all as they are read, each class's, and stacked for its repetitions."""
        return 2 * classes * one.train + one.test + classes * (one.test + self._part.section.repetitions * one.train)

    def _disk_mb(self, fit: Fit, one: Setting, classes: int, scores: int) -> float:
        centers = len(self._part.section.centers)
        models = 0 if fit.comparators else (classes + centers) * 4 * one.size * (one.size + 2)
        maps = scores * one.positions * 4 if one.layers else 0
        return (models + maps + scores * 30) / MEGA


def _on_vectors(
    fit: Fit, one: Setting, variants: dict[str, int], steps: int, batch: int, epochs: int
) -> dict[str, float]:
    """The work of one class."""
    size, networks, tested = one.size, sum(variants.values()), one.test * one.size**2 / GIGA
    weights = size**2 / GIGA
    if fit.name == "comparators":
        return {"matrix GMAC": one.train * (3 * one.train + one.test) * size / GIGA, "eigen GMAC": size**3 / GIGA}
    if fit.name == "closed_form":
        return {"eigen GMAC": size**2 * min(size, one.train) / GIGA, "matrix GMAC": 31 * tested}
    rows = {"projector": 2 * batch, "algorithm1": 2 * LITERAL * batch}.get(fit.name, min(2 * one.train, size))
    kinds = 2 if fit.name == "algorithm1" else 1
    return {
        "matrix GMAC": networks * (steps * rows * weights + epochs * FOLLOWED * weights + tested),
        "weight update": kinds * networks * steps * weights,
    }


def _on_maps(fit: Fit, one: Setting, variants: dict[str, int], steps: int, batch: int, epochs: int) -> dict[str, float]:
    """The work of one category."""
    networks, cube, weights = sum(variants.values()), one.size**3 / GIGA, one.size**2 / GIGA
    read = {"map GB": (one.train + one.test) * one.map_gb * len(variants)}
    scored = {"matrix GMAC": networks * one.test * one.projection, "map scored": networks * one.test}
    pass_over = {"matrix GMAC": one.train * one.moments, "weight update": one.train * weights}
    if fit.name == "comparators":
        patches = 20_000 * 2_000 + (one.test * one.positions * 2_000)
        padim = one.positions * one.padim**2 * (one.train + one.test)
        gmac = (patches * one.size + padim) / GIGA + one.test * one.projection
        compared = {"matrix GMAC": gmac, "map scored": len(fit.comparators) * one.test}
        return added(read, read, pass_over, compared, {"eigen GMAC": cube + one.positions * one.padim**3 / GIGA})
    if work := one.compared(fit):
        seen = round(float(fit.options[fit.name]["epochs"])) * one.train
        gmac = seen * work.step + (one.train + one.test) * work.image
        again = {"map GB": (seen + one.train + one.test) * one.map_gb}
        return added(again, {"matrix GMAC": gmac, "map scored": one.test})
    if fit.name == "closed_form":
        return added(read, pass_over, scored, {"eigen GMAC": len(variants) * cube})
    if fit.name == "algorithm1":
        seen = 2 * epochs * one.train
        literal = {"matrix GMAC": LITERAL * 2 * seen * one.positions * weights, "map GB": seen * one.map_gb}
        return added(scored, scored, literal, {"weight update": 4 * steps * weights})
    if fit.name == "online":
        tests = 1 + ceil(log(max(one.train, 2), 4))
        shown = 2 * tests * networks * one.test
        # repetitions, of which each has moments of its own, are as many as networks at most
        once = networks * one.train * one.moments + networks * one.train * cube
        curves = {"matrix GMAC": shown * one.projection, "map scored": shown, "map measured": shown}
        learnt = {"weight update": 2 * networks * one.train * weights, "eigen GMAC": tests * networks * cube}
        return added({"matrix GMAC": once}, curves, learnt)
    learnt = {"matrix GMAC": networks * steps * cube, "weight update": networks * steps * (1 + batch / 10) * weights}
    if fit.name == "full_batch":
        learnt["weight update"] = networks * steps * weights
    return added(read, pass_over, learnt, scored)
