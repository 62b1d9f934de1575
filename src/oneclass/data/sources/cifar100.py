"""CIFAR100: 60,000 colour images of 32x32 pixels, 100 classes (fine) in 20 superclasses (coarse) (Krizhevsky 2009)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oneclass.data.record import Record
from oneclass.data.sources import _cifar, _files

# In the order of the labels, as in the data set's file `meta`.
IMAGE_SIZE = 32
FINE = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
    man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
    pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
    skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
    tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
COARSE = """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
    household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes
    large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees
    vehicles_1 vehicles_2
"""
CLASSES = {"fine": tuple(FINE.split()), "coarse": tuple(COARSE.split())}
SPLITS = {"train": "train", "test": "test"}


def classes(options: Mapping[str, Any], data_root: Path) -> list[str]:
    return list(CLASSES[options["granularity"]])


def root(options: Mapping[str, Any], data_root: Path) -> Path:
    return _files.folder(options, data_root, "cifar-100-python")


def records(options: Mapping[str, Any], data_root: Path) -> Iterator[Record]:
    _files.require_place(options, data_root)
    kind = options["granularity"]
    yield from _cifar.records(root(options, data_root), "CIFAR100", SPLITS, f"{kind}_labels", CLASSES[kind])
