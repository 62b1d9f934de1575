"""CatsVsDogs: 25,000 photographs (Elson et al. 2007), Microsoft's zip file.

Paper 1 holds out 30 percent: 8,750 training images of a class and 7,500 test images of both, by a split that was not
published. Ours is drawn by the run's seed, and the index file is its publication. Two files are empty in Microsoft's
archive, so a class has 12,499 images: 8,749 for training and 3,750 for test.
"""

from collections.abc import Iterator
from pathlib import Path

from oneclass.data.record import Record
from oneclass.data.sources import _files
from oneclass.data.sources.base import Counts, Options, Source
from oneclass.errors import UserError

EMPTY = ("PetImages/Cat/666.jpg", "PetImages/Dog/11702.jpg")


class CatsVsDogs(Source):
    """Two classes."""

    shows = "photographs of cats and dogs"
    folder, class_names = "cats_vs_dogs", ("Cat", "Dog")
    home = "https://www.microsoft.com/en-us/download/details.aspx?id=54765"
    archive = "kagglecatsanddogs_5340.zip"
    counts = Counts(undivided=24_998)

    def found(self, folder: Path, options: Options) -> Iterator[Record]:
        if not (folder / "PetImages").is_dir():
            raise UserError(f"{folder}: no PetImages here; unpack {self.archive} from {self.home} in it")
        for class_name in self.class_names:
            for file in _files.images(folder / "PetImages" / class_name):
                if file.relative_to(folder).as_posix() not in EMPTY:
                    yield Record.of_file(folder, file, class_name)
