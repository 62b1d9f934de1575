"""Real inputs by the names of a config: the index of a data set, and the features of one class."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from oneclass.config import Config
from oneclass.data.build import build
from oneclass.data.geometry import Geometry
from oneclass.data.index import Index
from oneclass.features import backbone
from oneclass.features.extract import extract
from oneclass.features.store import read_pooled
from oneclass.files import atomic
from oneclass.objective.vectors import VectorClass, select
from oneclass.plan.images import ImagesPlan

CACHE = Path(tempfile.gettempdir()) / "oneclass-benchmarks"


def add_arguments(parser: ArgumentParser) -> None:
    """The options that choose a class of a data set."""
    parser.add_argument("--config", type=Path, default="config.yaml", help="default: %(default)s")
    parser.add_argument("--dataset", default="elpv", help="default: %(default)s")
    parser.add_argument("--normal", default="mono", help="the normal class (default: %(default)s)")


def make_index(config: Config, dataset: str) -> Index:
    """The index of ``dataset``, as the workflow makes it."""
    return build(dataset, ImagesPlan(config).index_options(dataset), Path(config.data_root), config.seed)


def geometry(config: Config, dataset: str) -> Geometry:
    """What is done to the images of ``dataset`` before the backbone."""
    return Geometry(**config.datasets[dataset].transform.model_dump())


def load_backbone(config: Config, name: str) -> backbone.Backbone:
    """One of the backbones of ``config``."""
    return backbone.load(**config.backbones[name].network())


def extract_to(
    path: Path, index: Index, network: backbone.Backbone, config: Config, layers: Sequence[int] = ()
) -> None:
    """Write the features of ``index`` to ``path``, on the CPU, as the workflow does by default."""
    with atomic(path) as temporary:
        extract(
            index,
            network,
            temporary,
            geometry=geometry(config, index.name),
            layers=list(layers),
            workers=config.features.workers,
            batch_size=config.features.batch_size,
            device="cpu",
            provenance={},
        )


def read_class(config: Config, options: Namespace, features: str | None) -> VectorClass:
    """The normal class that ``options`` names, from the store ``features`` or one made once and kept in ``CACHE``."""
    index = make_index(config, options.dataset)
    assert config.objective, f"{options.config} has no section 'objective'"
    name, shape, task = config.objective.backbone, geometry(config, index.name), config.datasets[index.name].task
    made = CACHE / f"{index.hash[:16]}-{name}-{shape.resize}-{shape.crop}.h5"
    path = Path(features) if features else made
    if not features and not made.exists():
        extract_to(made, index, load_backbone(config, name), config)
    return select(read_pooled(path, index), index, task, [options.normal])[0]
