"""Frequency filters against the transform by its definition, and what a filter must do to known images."""

import math
import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from oneclass.errors import UserError
from oneclass.filters import Filter, Kind, Width, apply, apply_mask, frequency_mask

KINDS: Any = st.sampled_from(["lpf", "hpf"])
WIDTHS: Any = st.sampled_from(["2m", "m"])
SIZES = st.integers(3, 17)


def random(*shape: int) -> Tensor:
    return torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(math.prod(shape)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Tensor, Filter]:
    """Two images of any size and a filter that leaves something of them."""
    height, width = draw(SIZES), draw(SIZES)
    magnitude = draw(st.integers(1, (min(height, width) - 1) // 2))
    return random(2, 3, height, width), Filter(draw(KINDS), magnitude, draw(WIDTHS))


def transform(size: int) -> Tensor:
    """The discrete Fourier transform by its definition; row r is frequency r - size // 2, as fftshift orders them."""
    k, x = torch.arange(size) - size // 2, torch.arange(size)
    return torch.exp(-2j * math.pi * torch.outer(k, x).to(torch.complex128) / size)


def literal(image: Tensor, filter: Filter) -> Tensor:
    """One channel [H, W]: transform, zero row by row and column by column, transform back, real part."""
    height, width = image.shape
    rows, columns = transform(height), transform(width)
    spectrum = rows @ image.to(torch.complex128) @ columns.T
    m = filter.magnitude
    if filter.kind == "lpf":
        for k in range(m):
            spectrum[k] = spectrum[height - 1 - k] = 0
            spectrum[:, k] = spectrum[:, width - 1 - k] = 0
    else:
        side = {"2m": 2 * m, "m": m}[filter.width]
        for i in range(side):
            for j in range(side):
                spectrum[height // 2 - side // 2 + i, width // 2 - side // 2 + j] = 0
    return (rows.conj().T @ spectrum @ columns.conj()).real / (height * width)


@settings(deadline=None)
@given(cases())
def test_as_the_transform_by_its_definition(case: tuple[Tensor, Filter]) -> None:
    images, filter = case
    expected = torch.stack([literal(channel, filter) for channel in images.flatten(0, 1)]).view_as(images)
    torch.testing.assert_close(apply_mask(images, filter), expected)
    joint = expected.flatten(1)
    low, high = joint.min(1).values[:, None], joint.max(1).values[:, None]
    stretched = apply(images, filter)
    torch.testing.assert_close(stretched.flatten(1), (joint - low) / (high - low))


@settings(deadline=None)
@given(cases())
def test_the_range_is_exact_and_a_batch_is_its_images(case: tuple[Tensor, Filter]) -> None:
    images, filter = case
    images = images.float()
    filtered = apply(images, filter)
    assert filtered.dtype == torch.float32 and filtered.shape == images.shape
    assert (filtered.amin((1, 2, 3)) == 0).all() and (filtered.amax((1, 2, 3)) == 1).all()
    for image, expected in zip(images, filtered, strict=True):
        torch.testing.assert_close(apply(image, filter), expected, rtol=0, atol=1e-5)


@settings(deadline=None)
@given(cases())
def test_linear(case: tuple[Tensor, Filter]) -> None:
    images, filter = case
    one, other = apply_mask(images, filter)
    torch.testing.assert_close(apply_mask(2 * images[0] - 3 * images[1], filter), 2 * one - 3 * other)


@settings(deadline=None)
@given(cases())
def test_a_mask_applied_twice_is_applied_once(case: tuple[Tensor, Filter]) -> None:
    """Where the mask is symmetric. Elsewhere a frequency without its mirror is halved by the real part each time."""
    images, filter = case
    height, width = images.shape[-2:]
    mask = torch.fft.ifftshift(frequency_mask(filter, height, width))
    symmetric = torch.equal(mask, mask.flip(0, 1).roll((1, 1), (0, 1)))
    if filter.kind == "lpf" and height % 2 and width % 2:
        assert symmetric
    once = apply_mask(images, filter)
    twice = apply_mask(once, filter)
    if symmetric:
        torch.testing.assert_close(twice, once)
    else:
        assert (twice - once).abs().max() > 1e-8


@settings(deadline=None)
@given(st.integers(2, 9), st.data())
def test_low_pass_and_its_complement_give_the_image_back(half: int, data: st.DataObject) -> None:
    """High-pass of width 2m removes the square that low-pass of the other magnitude keeps."""
    magnitude = data.draw(st.integers(1, half - 1))
    image = random(3, 2 * half, 2 * half)
    low, high = Filter("lpf", magnitude), Filter("hpf", half - magnitude)
    torch.testing.assert_close(apply_mask(image, low) + apply_mask(image, high), image)
    assert torch.equal(frequency_mask(low, 2 * half, 2 * half), ~frequency_mask(high, 2 * half, 2 * half))


@pytest.mark.parametrize(
    ("name", "width", "count"), [("lpf15", "2m", 4), ("lpf15", "m", 4), ("hpf3", "2m", 988), ("hpf3", "m", 1015)]
)
def test_frequencies_kept_of_cifar(name: str, width: Width, count: int) -> None:
    """Appendix C: low-pass of magnitude 15 leaves 4; the code removes 6 x 6 where the paper writes 3 x 3."""
    assert frequency_mask(Filter.parse(name, width), 32, 32).sum() == count


def wave(height: int, width: int, down: int, across: int) -> Tensor:
    rows, columns = torch.arange(height).double()[:, None], torch.arange(width).double()[None]
    return torch.cos(2 * math.pi * (down * rows / height + across * columns / width))[None]


@pytest.mark.parametrize(
    ("name", "width", "across", "share"),
    [
        ("lpf10", "2m", 5, 1),
        ("lpf10", "2m", 6, 0.5),  # -6 stays, +6 goes: the middle of 32 has no centre
        ("lpf10", "2m", 7, 0),
        ("hpf6", "2m", 5, 0),
        ("hpf6", "2m", 6, 0.5),
        ("hpf6", "2m", 7, 1),
        ("hpf6", "m", 2, 0),
        ("hpf6", "m", 3, 0.5),
        ("hpf6", "m", 4, 1),
        ("hpf5", "m", 2, 0),
        ("hpf5", "m", 3, 1),
    ],
)
@pytest.mark.parametrize("down", [0, 1])
def test_a_wave_passes_or_goes(name: str, width: Width, across: int, share: float, down: int) -> None:
    image = wave(32, 32, down, across)
    torch.testing.assert_close(apply_mask(image, Filter.parse(name, width)), share * image, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(32, 32), (33, 61), (12, 7), (224, 224)])
@pytest.mark.parametrize("kind", ["lpf", "hpf"])
@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_a_constant_image(kind: Kind, size: tuple[int, int], level: float) -> None:
    image, filter = torch.full((3, *size), level), Filter(kind, 3)
    torch.testing.assert_close(apply_mask(image, filter), image * (kind == "lpf"), rtol=0, atol=1e-5)
    assert torch.equal(apply(image, filter), torch.zeros(3, *size)), "rounding must not be stretched into an image"


def test_a_constant_image_does_not_disturb_its_neighbour() -> None:
    images, filter = random(2, 3, 8, 8).float(), Filter("hpf", 2)
    images[0] = 0.5
    torch.testing.assert_close(apply(images, filter)[1], apply(images[1], filter))


@pytest.mark.parametrize("name", ["none", "lpf0", "hpf0"])
def test_magnitude_zero_changes_nothing(name: str) -> None:
    images, filter = random(2, 3, 4, 5) / 2, Filter.parse(name)
    assert torch.equal(apply(images, filter), images)
    torch.testing.assert_close(apply_mask(images, filter), images)


@settings(deadline=None)
@given(KINDS, SIZES, SIZES, WIDTHS)
def test_a_magnitude_that_is_too_large(kind: Kind, height: int, width: int, removed: Width) -> None:
    largest = max(m for m in range(20) if m < height / 2 and m < width / 2)
    images, usable, too_large = random(1, height, width), *(Filter(kind, m, removed) for m in (largest, largest + 1))
    assert frequency_mask(usable, height, width).any()
    apply(images, usable)
    for refused in (
        lambda: too_large.require_usable(height, width),
        lambda: apply(images, too_large),
        lambda: apply_mask(images, too_large),
    ):
        with pytest.raises(UserError) as error:
            refused()
        assert f"magnitude {largest + 1} " in str(error.value)
        assert f"{height} × {width}" in str(error.value) and str(error.value).endswith(f" {largest}")


@pytest.mark.parametrize("name", ["none", "lpf0", "lpf14", "hpf3", "hpf110"])
def test_names_round_trip(name: str) -> None:
    assert Filter.parse(name).name == name


@settings(deadline=None)
@given(KINDS, st.integers(0, 10**6), WIDTHS)
def test_filters_round_trip(kind: Kind, magnitude: int, width: Width) -> None:
    filter = Filter(kind, magnitude, width)
    assert Filter.parse(filter.name, width) == filter


@pytest.mark.parametrize(
    "name", ["", "lpf", "14", "LPF14", "lpf-1", "lpf014", "lpf1.5", "lpf 3", "hpf3\n", "none0", "bpf3", "lpf³"]
)
def test_a_malformed_name_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="as in lpf14 and hpf3"):
        Filter.parse(name)


@pytest.mark.parametrize(("kind", "magnitude"), [("lpf", -1), ("none", 3)])
def test_an_impossible_filter_is_refused(kind: Kind, magnitude: int) -> None:
    with pytest.raises(UserError, match=f"{kind} cannot have magnitude {magnitude}"):
        Filter(kind, magnitude)


def test_names_are_checked_without_torch() -> None:
    code = "import sys; from oneclass.filters import Filter; Filter.parse('lpf3').require_usable(8, 8)"
    check = "; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code + check], check=True)
