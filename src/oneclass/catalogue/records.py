"""What an entry of the catalogue says. Apart from the lists, so that code may use one without depending on them."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Features = Literal["vectors", "maps", "images"]
Need = Literal["outliers", "textures", "backbone"]
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Method:
    """A method as readers see it; one that is nothing else is only printed in a paper.

    ``published`` is its name in the tables of each paper ("objective", "exposure"), where it is the same method.
    ``dash``, ``colour`` and ``marker`` are those of its lines in figures; ``features`` are those on
    which it runs.
    """

    name: str
    label: str
    published: Mapping[str, str] = field(default_factory=dict)
    colour: str = "black"
    marker: str = "o"
    dash: str = "-"
    features: tuple[Features, ...] = ()


@dataclass(frozen=True)
class Trained(Method):
    """A method of paper 1 that learns a projection of features. Its ``module`` has ``on_vectors`` (Protocol A),
    ``on_maps`` (Protocol B), or both, as ``features`` says: see ``objective.job``.

    ``every_center``: on which features it is trained with every distribution of the centre, not only the Gaussian one.
    ``accelerated``: on which features a GPU is of use. ``parameters``: whether gradients train any.
    """

    module: str = ""
    features: tuple[Features, ...] = ("vectors", "maps")
    every_center: tuple[Features, ...] = ()
    accelerated: tuple[Features, ...] = ("vectors", "maps")
    parameters: bool = True


@dataclass(frozen=True)
class Option:
    """A setting of a method: its ``default``, and the ``values`` it may have with their labels (none: a number, at
    least 0)."""

    default: str | float
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparator(Method):
    """What paper 1's method is compared with on the same features. Its ``module`` has ``score_vectors`` (pooled
    features), ``score_maps``, or both, as ``features`` says: see ``objective.comparators``; that of maps takes
    ``options`` as keywords. ``trained``: whether gradient descent trains it, in a job of its own."""

    module: str = ""
    features: tuple[Features, ...] = ("vectors",)
    trained: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class Baseline(Comparator):
    """A system of another paper that is trained on the images themselves. Its ``module`` has ``score_images`` (whole
    ``images``), ``localise`` (``maps`` of defects), or both, as ``features`` says: see ``baselines``. ``needs`` is what
    it takes besides images."""

    features: tuple[Features, ...] = ("images",)
    trained: bool = True
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Loss(Method):
    """A loss of paper 2. Its ``module`` has a class ``Loss`` that takes ``options`` as keywords: see
    ``exposure.losses``. ``outliers``: whether it is trained with some."""

    module: str = ""
    outliers: Literal["none", "optional", "required"] = "optional"
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """A network that is trained from scratch, or a head on frozen features: ``module`` has ``build``.

    On pixels it takes images of ``image_size`` pixels a side, cut out of stored ones of ``stored_size``; an augmented
    image is padded by ``padding`` first. ``augmentations``: what the authors do in training, without and with what
    they call augmentation. ``counts``: whether ``forward`` takes counts of the samples in a batch, so that copies are
    computed once. ``channels_last``: whether that layout of images is safe on a CPU. ``stacks``: whether it is so small
    that one alone leaves a GPU idle; ``build`` takes a number of ``members`` then, which stand beside each other.
    """

    name: str
    label: str
    module: str
    image_size: int = 0
    stored_size: int = 0
    padding: int = 0
    augmentations: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    counts: bool = False
    channels_last: bool = True
    stacks: bool = False

    @property
    def small(self) -> bool:
        """Whether it takes images of at most 32 pixels a side, whose results have pages of their own."""
        return 0 < self.image_size <= 32

    @property
    def on_features(self) -> bool:
        """Whether it is a head on frozen features."""
        return not self.image_size


def load(module: str) -> Any:
    """The module of this package called ``module``, such as ``exposure.losses.hsc``."""
    return importlib.import_module(f"oneclass.{module}")


def source(module: str) -> Path:
    """The file of that module, which is not imported."""
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")
