"""MS-SSIM (Wang et al. 2003): how alike two images are in structure, at several scales."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

SIGMA = 1.5  # of the Gaussian window, in pixels
SHARES = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333  # of the scales, by those who proposed it
LUMINANCE, CONTRAST = 0.01, 0.03  # K1 and K2: how much of the span counts as nothing
LEAST = 1e-6  # a scale's similarity is no less: a power below 1 has an infinite slope at 0


class Similarity:
    """Of images [B, C, S, S] whose values span ``span``, by windows of ``window`` pixels.

    Each scale halves the side; those where the window fits are used, and their shares add up to 1.
    """

    def __init__(self, side: int, window: int, span: float) -> None:
        shares = [share for k, share in enumerate(SHARES) if side >> k >= window]
        self.shares = [share / sum(shares) for share in shares]
        self._window = window
        self._averages = [_average(side >> k, window) for k in range(len(shares))]
        self._least = (LUMINANCE * span) ** 2, (CONTRAST * span) ** 2

    def ms_ssim(self, x: Tensor, y: Tensor) -> Tensor:
        """At most 1, [B]: the product over scales of mean contrast and structure, at the last with luminance, each to
        the power of its share, averaged over channels."""
        scales = self._scales(x, y)
        similar = [contrast.mean((2, 3)) for _, contrast in scales[:-1]] + [scales[-1][0].mean((2, 3))]
        powers = [value.clamp(min=LEAST) ** share for value, share in zip(similar, self.shares, strict=True)]
        return torch.stack(powers).prod(0).mean(1)

    def residual(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over scales of share · (1 - SSIM) at each pixel, [B, C, S, S]; a negative SSIM counts as 0.

        A window's value stands at its middle, and the outermost values reach to the border.
        """
        edge, total = (self._window // 2,) * 4, torch.zeros_like(x)
        for share, (ssim, _) in zip(self.shares, self._scales(x, y), strict=True):
            total += share * (1 - interpolate(pad(ssim.relu(), edge, mode="replicate"), size=x.shape[-2:]))
        return total

    def _scales(self, x: Tensor, y: Tensor) -> list[tuple[Tensor, Tensor]]:
        """SSIM, and its contrast and structure alone, at each place of the window, for each scale."""
        found = []
        for scale, matrix in enumerate(self._averages):
            if scale:
                x, y = avg_pool2d(x, 2), avg_pool2d(y, 2)
            average = matrix.to(x)
            a, b, aa, bb, ab = (average @ each @ average.T for each in (x, y, x * x, y * y, x * y))
            first, second = self._least
            contrast = (2 * (ab - a * b) + second) / (aa - a * a + bb - b * b + second)
            found.append(((2 * a * b + first) / (a * a + b * b + first) * contrast, contrast))
        return found


def _average(side: int, window: int) -> Tensor:
    """The Gaussian window's means along an axis, at each place that it fits, as a matrix [side - window + 1, side]: two
    products of matrices are faster than filters."""
    steps = torch.arange(side) - torch.arange(side - window + 1)[:, None]
    bell = torch.exp(-(steps - window // 2).square() / (2 * SIGMA**2)) * ((steps >= 0) & (steps < window))
    return bell / bell.sum(1, keepdim=True)
