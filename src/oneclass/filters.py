"""Low-pass and high-pass filters of images (paper 2, Appendices B and C): their names, and what they do."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oneclass.errors import UserError

# torch is imported by the functions that filter: names are also checked on every parse of the Snakefile, where its
# seconds would be felt.
if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["none", "lpf", "hpf"]
Width = Literal["2m", "m"]
KINDS: tuple[Kind, ...] = ("none", "lpf", "hpf")  # in the order in which they are shown

FLAT = 128  # rounding steps; the transform of a constant is off by up to half of that, of an image far more


@dataclass(frozen=True)
class Filter:
    """A filter by kind and magnitude m, the frequencies that it removes; magnitude 0 leaves images as they are.

    High-pass removes a square of ``width`` about frequency zero: 2m × 2m as the authors' code does, or m × m as the
    paper writes. Raises ``UserError`` for a negative magnitude, or one of ``none``.
    """

    kind: Kind = "none"
    magnitude: int = 0
    width: Width = "2m"

    def __post_init__(self) -> None:
        if self.magnitude < 0 or (self.kind == "none" and self.magnitude):
            raise UserError(f"filter {self.kind} cannot have magnitude {self.magnitude}")

    @classmethod
    def parse(cls, name: str, width: Width = "2m") -> "Filter":
        """The filter called ``name``: none, or a kind and a magnitude as in lpf14. Raises ``UserError`` for others."""
        if name == "none":
            return cls(width=width)
        match = re.fullmatch(r"(lpf|hpf)(0|[1-9][0-9]*)", name)
        if match is None:
            raise UserError(f"no filter '{name}'; there is none, and lpf or hpf with a magnitude, as in lpf14 and hpf3")
        return cls("lpf" if match[1] == "lpf" else "hpf", int(match[2]), width)

    @property
    def name(self) -> str:
        """What ``parse`` reads."""
        return self.kind if self.kind == "none" else f"{self.kind}{self.magnitude}"

    def require_usable(self, height: int, width: int) -> None:
        """Raise ``UserError`` if images of this size have too few frequencies, and the filter leaves none of them.

        The limit, below half the shorter side, is the same for both kinds and both widths.
        """
        largest = (min(height, width) - 1) // 2
        if self.magnitude > largest:
            raise UserError(
                f"filter {self.name}: magnitude {self.magnitude} is too large for images of {height} × {width} pixels; "
                f"the largest that leaves something of them is {largest}"
            )


def apply(images: "Tensor", filter: Filter) -> "Tensor":
    """Filtered ``images`` [..., C, H, W], each stretched over [0, 1] by its least and greatest value in all channels.

    Magnitude 0 gives back ``images``, not stretched. An image of which the filter leaves nothing but a constant
    becomes zeros. Raises ``UserError`` for a magnitude that is too large.
    """
    import torch

    filter.require_usable(*images.shape[-2:])
    if filter.magnitude == 0:
        return images
    left = apply_mask(images, filter)
    low, high = left.amin((-3, -2, -1), keepdim=True), left.amax((-3, -2, -1), keepdim=True)
    flat = high - low <= FLAT * torch.finfo(left.dtype).eps
    return torch.where(flat, 0, (left - low) / torch.where(flat, 1, high - low))


def apply_mask(images: "Tensor", filter: Filter) -> "Tensor":
    """``images`` [..., H, W] without the frequencies that ``filter`` removes, not stretched.

    That is Re F⁻¹(M F x), M of ``frequency_mask``. F x at -k is the conjugate of F x at k, so the real part weighs
    frequency k by (M(k) + M(-k)) / 2: a half where the mask, which is not symmetric, keeps one of the two. The
    weights are symmetric, which half a transform is enough for.
    """
    import torch

    height, width = images.shape[-2:]
    mask = torch.fft.ifftshift(frequency_mask(filter, height, width)).to(images)
    mirrored = mask.flip(0, 1).roll((1, 1), (0, 1))
    weights = (mask + mirrored)[:, : width // 2 + 1] / 2
    return torch.fft.irfft2(torch.fft.rfft2(images) * weights, s=(height, width))


def frequency_mask(filter: Filter, height: int, width: int) -> "Tensor":
    """Mask of the frequencies that ``filter`` keeps, boolean [height, width], zero at (height // 2, width // 2).

    With magnitude m, low-pass removes the first and last m rows and columns, high-pass a square about zero. Raises
    ``UserError`` for a magnitude that is too large.
    """
    import torch

    filter.require_usable(height, width)
    m = filter.magnitude
    mask = torch.ones(height, width, dtype=torch.bool)
    if filter.kind == "lpf":
        mask[:] = False
        mask[m : height - m, m : width - m] = True
    elif filter.kind == "hpf":
        side = 2 * m if filter.width == "2m" else m
        top, left = height // 2 - side // 2, width // 2 - side // 2
        mask[top : top + side, left : left + side] = False
    return mask
