"""CIFAR10 and CIFAR100: 60,000 colour images of 32x32 pixels each (Krizhevsky 2009), the "python version".

CIFAR100 has 100 classes, or with ``granularity: coarse`` the 20 superclasses that most benchmarks take.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources._files import fetch
from oneclass.data.sources.base import Counts, Options, Source

# In the order of the labels, as in the data set's file `meta`.
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


class Cifar10(Source):
    """Ten classes, in six batches."""

    shows = "small photographs of animals and vehicles"
    folder, kind = "cifar-10-batches-py", "CIFAR10"
    home = "https://www.cs.toronto.edu/~kriz/cifar.html"
    class_names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    splits: Mapping[str, str] = {**{f"data_batch_{number}": "train" for number in range(1, 6)}, "test_batch": "test"}
    image_size = side = 32
    downloads = True
    counts = Counts(train=50_000, test=10_000)

    def labels(self, options: Options) -> str:
        """The key of the labels in a batch file."""
        return "labels"

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import cifar  # brings NumPy

        fetch(self.kind, self.home, folder, [file for file in self.splits if not (folder / file).is_file()])
        names = self.classes(options, folder)
        for file, split in self.splits.items():
            for item, label in enumerate(cifar(folder / file).labels[self.labels(options)]):
                yield Record(f"{file}/{item:05d}", file, names[label], split, item, reader="cifar")


class Cifar100(Cifar10):
    """A hundred classes, or twenty."""

    shows = "small photographs of a hundred kinds of things"
    folder, kind = "cifar-100-python", "CIFAR100"
    splits: Mapping[str, str] = {"train": "train", "test": "test"}

    def classes(self, options: Options, data_root: Path) -> list[str]:
        return list(CLASSES[options["granularity"]])

    def labels(self, options: Options) -> str:
        return f"{options['granularity']}_labels"
