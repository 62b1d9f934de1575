"""Real inputs by the names of a config: the index of a data set, and the features of one class."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from oneclass import config as configuration
from oneclass.config import Config
from oneclass.data.build import build
from oneclass.features import backbone
from oneclass.features.extract import extract
from oneclass.features.store import read_pooled
from oneclass.files import atomic
from oneclass.objective.classes import Data, select

CACHE = Path(tempfile.gettempdir()) / "oneclass-benchmarks"


def add_arguments(parser: ArgumentParser) -> None:
    """The options that choose a class of a data set."""
    parser.add_argument("--config", default="config.yaml", help="default: %(default)s")
    parser.add_argument("--dataset", default="elpv", help="default: %(default)s")
    parser.add_argument("--normal", default="mono", help="the normal class (default: %(default)s)")


def read_config(path: str) -> Config:
    """The config in the file ``path``."""
    return configuration.load(yaml.safe_load(Path(path).read_text(encoding="utf-8")), path)


def make_index(config: Config, dataset: str) -> pd.DataFrame:
    """The index of ``dataset``, as the workflow makes it."""
    options = config.datasets[dataset].model_dump(exclude={"transform"})
    return build(dataset, options, Path(config.data_root), config.seed)


def load_backbone(config: Config, name: str) -> backbone.Backbone:
    """One of the backbones of ``config``."""
    chosen = config.backbones[name]
    return backbone.load(**chosen.network())


def extract_to(
    path: Path, index: pd.DataFrame, network: backbone.Backbone, config: Config, layers: Sequence[int] = ()
) -> None:
    """Write the features of ``index`` to ``path``, on the CPU, as the workflow does by default."""
    transform = config.datasets[index.attrs["dataset"]].transform
    with atomic(path) as temporary:
        extract(
            index,
            network,
            temporary,
            resize=transform.resize,
            crop=transform.crop,
            layers=list(layers),
            workers=config.features.workers,
            batch_size=config.features.batch_size,
            device="cpu",
            provenance={},
        )


def read_class(config: Config, options: Namespace, features: str | None) -> Data[NDArray[np.float32]]:
    """The normal class that ``options`` names, from the store ``features`` or one made once and kept in ``CACHE``."""
    index = make_index(config, options.dataset)
    assert config.objective, f"{options.config} has no section 'objective'"
    dataset, name = config.datasets[options.dataset], config.objective.backbone
    transform = dataset.transform
    made = CACHE / f"{index.attrs['hash'][:16]}-{name}-{transform.resize}-{transform.crop}.h5"
    path = Path(features) if features else made
    if not features and not made.exists():
        extract_to(made, index, load_backbone(config, name), config)
    return select(read_pooled(path, index), index, dataset.task, [options.normal])[0]
