"""The cost of images: indexes, pixels, features, outliers chosen, defects drawn."""

from typing import Any

from oneclass.plan.plan import Plan
from oneclass.price.backbones import SIDE, architecture
from oneclass.price.cost import MEGA, PANDAS_MB, PYTORCH_MB, Cost
from oneclass.price.sizes import Sizes

ROW = 1000  # bytes of an image in an index in memory, with copies while it is sorted and written
CHOSEN = 200  # bytes of an outlier drawn, in memory
BATCH_MB = 600  # of images and their features on their way through a backbone, on the CPU
GPU_BATCH = 256  # images at a time on a GPU
ALIVE_MB = 20  # of a forward pass at 224 pixels, of an image; 13 to 20 measured (Wide ResNet-50-2, float32, H100)


class ImageCosts:
    """The costs of the rules of ``rules/images.smk``, each given a job's wildcards."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self._plan, self._sizes = plan, sizes

    def index(self, job: Any) -> Cost:
        """Listing, splitting, sorting; of a pool of which a part is kept, all are looked at."""
        kept = self._sizes.images(job.images)
        listed = max(kept, self._sizes.whole(job.images))
        return Cost({"image listed": listed}, memory_mb=PANDAS_MB + kept * ROW / MEGA, disk_mb=1 + kept * 60 / MEGA)

    def draw_defects(self, job: Any) -> Cost:
        """A defect on half of the normal test images of each class."""
        images, side = self._sizes.images(job.dataset), self._sizes.side(job.dataset)
        return Cost({"megapixel read": 2 * images * side**2 / MEGA}, disk_mb=1 + 3 * images * side**2 / MEGA)

    def pixels(self, job: Any) -> Cost:
        """Decoding every image once."""
        images, side = self._sizes.images(job.images), int(job.image_size)
        work = {"megapixel read": images * (self._sizes.side(job.images) ** 2 + side**2) / MEGA}
        batch = 256 * (3 * side**2 + 4 * self._sizes.side(job.images) ** 2) / MEGA
        return Cost(work, memory_mb=PANDAS_MB + images * ROW / MEGA + batch, disk_mb=1 + images * 3 * side**2 / MEGA)

    def features(self, job: Any) -> Cost:
        """A forward pass of every image, and its maps, where they are kept."""
        config, images = self._plan.config, self._sizes.images(job.images)
        transform = config.images(job.images).transform
        seen = transform.crop or transform.resize
        network = architecture(config, job.backbone)
        gmac = network.gmac * (seen / SIDE) ** 2
        kept = config.layers(job.images, job.backbone)
        maps = sum(channels * positions for channels, positions in network.maps(kept, seen))
        work = {
            "megapixel read": images * (self._sizes.side(job.images) ** 2 + transform.resize**2) / MEGA,
            network.unit: images * gmac,
            "map GB": images * 2 * maps / 1e9,
        }
        return Cost(
            work,
            memory_mb=PYTORCH_MB + BATCH_MB + images * ROW / MEGA + GPU_BATCH * 6 * maps / MEGA,
            gpu_mb=1000 + 4 * network.parameters + GPU_BATCH * (ALIVE_MB * (seen / SIDE) ** 2 + 4 * maps / MEGA),
            disk_mb=1 + images * (4 * network.features + 2 * maps) / MEGA,
        )

    def choose_outliers(self, job: Any) -> Cost:
        """Comparing pictures of equal size, and drawing for each class and repetition."""
        pool, classes = self._sizes.images(job.pool), len(self._plan.config.normal_classes(job.dataset))
        repetitions = self._plan.repetitions_of_outliers(job.dataset, job.pool)
        largest = min(pool, self._plan.most_outliers(job.dataset, job.pool))
        drawn, compared = classes * repetitions * largest, pool + self._sizes.images(job.dataset)
        small = self._sizes.side(job.pool) <= 32
        work = {"image compared": compared if small else 0, "image listed": compared, "outlier drawn": drawn}
        work["permutation"] = classes * repetitions * pool
        return Cost(
            work,
            memory_mb=PANDAS_MB + (compared * ROW + drawn * CHOSEN) / MEGA,
            disk_mb=1 + (drawn + pool) * 30 / MEGA,
        )


def held_mb(sizes: Sizes, images: str, side: int) -> float:
    """The pixels of ``images`` in memory, in squares of ``side``; of a pool that is not stored its index alone."""
    return sizes.images(images) * (3 * side**2 if sizes.is_stored(images) else ROW) / MEGA


def on_device_mb(sizes: Sizes, images: str, side: int) -> float:
    """The same on a GPU: nothing of a pool that is not stored."""
    return held_mb(sizes, images, side) if sizes.is_stored(images) else 0


def streamed(sizes: Sizes, pool: str, side: int, images: float) -> dict[str, float]:
    """The work of decoding ``images`` of a pool that is not stored, whenever they are shown."""
    megapixels = 0 if sizes.is_stored(pool) else images * (sizes.side(pool) ** 2 + side**2) / MEGA
    return {"megapixel streamed": megapixels}
