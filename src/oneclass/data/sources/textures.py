"""Three photographs of textures, as scikit-image brings them, cut into crops.

Those of a photograph's upper half are for training, those of its lower half for test. There are no anomalies;
``drawn_defects`` makes some.
"""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources.base import Options, Packaged


class Textures(Packaged):
    """A photograph each."""

    package, distribution, folder = "skimage", "scikit-image", "data"
    class_names = ("brick", "grass", "gravel")

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        from oneclass.data.containers import crops  # brings NumPy

        for name in self.class_names:
            count = len(crops(folder / f"{name}.png"))
            for item in range(count):
                split = "train" if item < count // 2 else "test"
                yield Record(f"{name}/{item:03d}", f"{name}.png", name, split, item, reader="crops")
