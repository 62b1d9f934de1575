import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from oneclass.baselines.similarity import Similarity


def pair(side: int = 20) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    x = torch.rand(2, 3, side, side, generator=random)
    return x, (x + 0.3 * torch.rand(2, 3, side, side, generator=random)).clamp(max=1)


def literal(x: Tensor, y: Tensor, window: int, span: float) -> tuple[Tensor, Tensor]:
    """SSIM of one channel, and its contrast alone, place by place."""
    bell = torch.tensor([2.718281828 ** (-((k - window // 2) ** 2) / (2 * 1.5**2)) for k in range(window)])
    weights = bell[:, None] * bell / bell.sum() ** 2
    places = len(x) - window + 1
    found = torch.zeros(2, places, places)
    for i in range(places):
        for j in range(places):
            a, b = x[i : i + window, j : j + window], y[i : i + window, j : j + window]
            first, second = (weights * a).sum(), (weights * b).sum()
            spread = (weights * (a - first) ** 2).sum() + (weights * (b - second) ** 2).sum()
            common = (weights * (a - first) * (b - second)).sum()
            contrast = (2 * common + (0.03 * span) ** 2) / (spread + (0.03 * span) ** 2)
            light = (2 * first * second + (0.01 * span) ** 2) / (first**2 + second**2 + (0.01 * span) ** 2)
            found[:, i, j] = torch.stack([light * contrast, contrast])
    return found[0], found[1]


def test_ms_ssim_is_that_of_loops_over_places() -> None:
    x, y = pair()
    found = Similarity(20, 9, 2.0).ms_ssim(x, y)  # at 20 and at 10 pixels
    shares = 0.0448 / 0.3304, 0.2856 / 0.3304
    for k in range(2):
        channels = []
        for c in range(3):
            contrast = literal(x[k, c], y[k, c], 9, 2.0)[1].mean()
            halves = (avg_pool2d(image[k : k + 1], 2)[0, c] for image in (x, y))
            channels.append(contrast ** shares[0] * literal(*halves, 9, 2.0)[0].mean() ** shares[1])
        assert found[k].item() == pytest.approx(torch.stack(channels).mean().item(), rel=1e-4)


def test_the_scales_are_those_where_the_window_fits() -> None:
    assert [len(Similarity(*sides, 1).shares) for sides in ((256, 11), (128, 11), (32, 3))] == [5, 4, 4]
    assert Similarity(32, 3, 1).shares == pytest.approx([0.0516, 0.3295, 0.3463, 0.2726], abs=2e-4)  # the authors'


def test_an_image_is_like_itself_and_nothing_is_left_over() -> None:
    x, y = pair()
    similarity = Similarity(20, 9, 1)
    torch.testing.assert_close(similarity.ms_ssim(x, x), torch.ones(2))
    assert similarity.residual(x, x).abs().max() < 1e-5
    assert similarity.ms_ssim(x, y).max() < 0.99 and similarity.residual(x, y).min() >= 0


def test_a_residual_stands_where_images_differ() -> None:
    x, _ = pair(32)
    y = x.clone()
    y[:, :, 4:10, 20:26] = 1
    left_over = Similarity(32, 3, 1).residual(x, y).mean((0, 1))
    assert left_over[4:10, 20:26].mean() > 5 * left_over[20:, :12].mean()


def test_opposite_images_have_a_gradient_without_nan() -> None:
    x, _ = pair()
    y = (1 - x).requires_grad_(True)
    [gradient] = torch.autograd.grad(Similarity(20, 9, 1).ms_ssim(x, y).sum(), y)
    assert gradient.isfinite().all()
