"""Image geometry before the backbone (paper 1, Section 4.1)."""

from PIL import Image


def squeeze(image: Image.Image, resize: int, crop: int | None) -> Image.Image:
    """Resize to a ``resize`` square (bilinear, antialiased) and cut out its centre."""
    image = image.resize((resize, resize), Image.Resampling.BILINEAR)
    if crop is None:
        return image
    start = (resize - crop) // 2
    return image.crop((start, start, start + crop, start + crop))
