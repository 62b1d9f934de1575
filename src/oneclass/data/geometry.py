"""Image geometry before the backbone (paper 1, Section 4.1)."""

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Geometry:
    """Resize to a square of ``resize`` pixels a side, then cut out the ``crop`` pixels in its middle (None: all)."""

    resize: int
    crop: int | None = None

    @property
    def image_size(self) -> int:
        """Pixels a side of what comes out."""
        return self.crop or self.resize

    @property
    def start(self) -> int:
        """Row, and column, of the resized image at which the crop begins."""
        return (self.resize - self.image_size) // 2

    def apply(self, image: Image.Image) -> Image.Image:
        """``image`` resized (bilinear, antialiased) and cropped."""
        image = image.resize((self.resize, self.resize), Image.Resampling.BILINEAR)
        if self.crop is None:
            return image
        stop = self.start + self.crop
        return image.crop((self.start, self.start, stop, stop))
