"""Images: which indexes, stores of pixels and stores of features there are."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from oneclass.catalogue.networks import NETWORKS, STORED_SIZES
from oneclass.config import Config
from oneclass.data.sources import SOURCES
from oneclass.data.sources._files import require_place, stamp

THUMBNAIL = 32  # pixels a side, at most


class ImagesPlan:
    """What is made of the data sets and pools of ``config``."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.drawn = [name for name, dataset in config.datasets.items() if dataset.base is not None]

    def index(self, name: str) -> str:
        """The file of an index."""
        return f"results/index/{name}.parquet"

    def index_inputs(self, name: str) -> list[str]:
        """What must be there before data set or pool ``name`` is indexed: its drawn defects."""
        return [f"results/drawn/{name}"] if name in self.drawn else []

    def index_options(self, name: str) -> dict[str, Any]:
        """The settings that decide what is in data set or pool ``name``."""
        options = self._config.images(name).model_dump(exclude={"transform", "label", "stored", "image_size"})
        return options | ({"path": f"results/drawn/{name}"} if name in self.drawn else {})

    def index_state(self, name: str) -> str:
        """What changes when pictures of data set or pool ``name`` are added, replaced or removed, or a file that says
        which they are is edited."""
        if name in self.drawn:
            return ""
        options = self.index_options(name)
        state = SOURCES[options["source"]].state(options, Path(self._config.data_root))
        listed = options.get("exclude_file")
        return state + stamp(Path(listed)) if listed else state

    def require_folders(self, names: Iterable[str]) -> None:
        """Raise ``UserError`` if a folder that the configuration gives for one of ``names`` does not exist."""
        for name in names:
            if name not in self.drawn and self.index_options(name)["path"]:
                require_place(self.index_options(name), Path(self._config.data_root))

    def checked_classes(self, name: str) -> list[str] | None:
        """The classes that an index must be able to test, each as the normal one; None for a pool."""
        return self._config.normal_classes(name) if name in self._config.datasets else None

    def is_measured(self, name: str) -> bool:
        """Whether something is measured on the anomalous images of ``name``; a detector, or drawing, needs none."""
        return name in self._config.measured_datasets()

    def geometry(self, name: str) -> dict[str, int | None]:
        """What is done to an image of ``name`` before the backbone."""
        return self._config.images(name).transform.model_dump()

    def is_thumbnail(self, dataset: str) -> bool:
        """Whether the images of ``dataset`` come with at most 32 pixels a side: papers have tables of those apart."""
        images = self._config.datasets[dataset]
        return (images.image_size or SOURCES[images.source].image_size or THUMBNAIL + 1) <= THUMBNAIL

    def among(self, names: Iterable[str], tasks: list[str] | None, thumbnails: bool | None) -> list[str]:
        """Those data sets of ``names`` that have one of ``tasks``, and thumbnails or larger images, if given."""
        return [
            name
            for name in names
            if (tasks is None or self._config.datasets[name].task in tasks)
            and (thumbnails is None or self.is_thumbnail(name) == thumbnails)
        ]

    def pixels(self, images: str, image_size: int) -> str:
        """The store of the pixels of ``images``, from which squares of ``image_size`` are cut."""
        return f"results/pixels/{images}/{STORED_SIZES[image_size]}.h5"

    def pool_pixels(self, pool: str, image_size: int) -> list[str]:
        """The store of the pixels of ``pool``; none for one that is read from its own files."""
        return [self.pixels(pool, image_size)] if self._config.oe_pools[pool].stored else []

    def seen_by(self, network: str, dataset: str) -> dict[str, int | None]:
        """How pictures of ``dataset`` are resized and cropped before ``network`` sees them."""
        entry = NETWORKS[network]
        if entry.on_features:
            return self.geometry(dataset)
        return {"resize": entry.stored_size, "crop": entry.image_size}
