"""What a detector learns from normal pictures."""

from typing import Any

import pytest
import torch

from oneclass.detector.distances import CELL, METHODS, Both, ClosedForm, Nearest
from oneclass.detector.learning import REFERENCE, choose_centering, explained_by_mean_map, learn
from oneclass.errors import UserError
from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.localisation.moments import collect
from oneclass.objective.localisation.smoothing import image_scores, smooth


def maps(count: int, seed: int, noise: float, shift: bool = False) -> Maps:
    """Maps of one pattern with ``noise``; ``shift`` moves it about."""
    fixed = torch.Generator().manual_seed(0)
    pattern = [torch.randn(1, channels, side, side, generator=fixed) for channels, side in ((3, 16), (5, 8))]
    generator = torch.Generator().manual_seed(seed)
    result = []
    for m in pattern:
        each = m.repeat(count, 1, 1, 1)
        if shift:
            moves = torch.randint(0, m.shape[-1], (count, 2), generator=generator).tolist()
            each = torch.stack([image.roll(move, (1, 2)) for image, move in zip(each, moves, strict=True)])
        result.append(each + noise * torch.randn(each.shape, generator=generator))
    return Maps(result)


def known(noise: float, shift: bool = False) -> float:
    return explained_by_mean_map(
        collect([maps(60, 1, noise, shift)]), [maps(10, 2, noise, shift), maps(7, 3, noise, shift)]
    )


def test_what_is_in_the_same_place_is_known() -> None:
    assert known(noise=0.0) == pytest.approx(1)
    assert known(noise=0.1) > 0.95
    assert known(noise=1.0) == pytest.approx(0.5, abs=0.05)  # as much noise as pattern


def test_what_moves_about_is_not_known() -> None:
    assert -0.05 < known(noise=0.1, shift=True) < 0.1


def test_pictures_without_any_contrast_are_not_known() -> None:
    flat = Maps([torch.ones(4, 3, 8, 8)])
    assert explained_by_mean_map(collect([flat]), [flat]) == 0


def test_the_share_that_is_known_is_one_less_the_ratio_of_variances() -> None:
    train, new = maps(30, 1, 0.7), maps(9, 2, 0.7)
    position = channel = 0.0
    for seen, m in zip(train, new, strict=True):
        mean = seen.double().mean(0)
        position += float(((m.double() - mean) ** 2).mean(dim=(2, 3)).sum())
        channel += float(((m.double() - mean.mean(dim=(1, 2))[:, None, None]) ** 2).mean(dim=(2, 3)).sum())
    assert explained_by_mean_map(collect([train]), [new]) == pytest.approx(1 - position / channel, rel=1e-5)


@pytest.mark.parametrize(("share", "centering"), [(0.0, "none"), (0.49, "none"), (0.5, "position"), (1.0, "position")])
def test_the_centering_follows_from_that_share(share: float, centering: str) -> None:
    assert choose_centering(share) == centering


def learned(method: str, train: list[Maps], held_out: list[Maps], **settings: Any) -> Any:
    chosen: dict[str, Any] = {"center_norms": [4.0, 1.0], "centering": None, "image_size": 64, "sigma": 2.0, "seed": 1}
    return learn(method, lambda: train, lambda: held_out, **(chosen | settings))


def test_the_nearest_patch_is_the_literal_search() -> None:
    """Every new patch against every one that was kept, channel by channel."""
    train, new = maps(6, 1, 0.5), maps(3, 2, 0.9)
    found = learned("nearest", [train], []).distance(new)
    cell = torch.nn.functional.avg_pool2d
    patches, others = (cell(align(each), CELL).double() for each in (train, new))
    rows = patches.movedim(1, -1).flatten(0, 2)
    assert len(rows) <= REFERENCE  # so that all of them are kept
    distance = torch.cdist(others.movedim(1, -1).flatten(0, 2), rows).amin(1)
    expected = (distance / rows.shape[1] ** 0.5).view(1, 3, 8, 8)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-4)


def test_normal_patches_that_are_kept_are_at_no_distance() -> None:
    train = maps(4, 1, 0.5)
    assert learned("nearest", [train], []).distance(train).max() < 1e-2


def test_the_order_of_batches_is_that_of_pictures() -> None:
    whole = maps(6, 1, 0.5)
    parts = [Maps(m[first : first + 2] for m in whole) for first in (0, 2, 4)]
    for method in METHODS:
        one, other = (learned(method, train, [maps(3, 3, 0.5)]).distance(maps(2, 2, 0.9)) for train in ([whole], parts))
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_features_that_are_not_finite_are_an_error(method: str) -> None:
    broken = maps(4, 1, 0.5)
    broken[1][0, 0, 0, 0] = float("nan")
    with pytest.raises(UserError, match="not finite"):
        learned(method, [broken], [maps(3, 3, 0.5)])


def test_both_are_the_mean_of_the_two_in_units_of_normal_pictures() -> None:
    train, held_out, new = [maps(8, 1, 0.5)], [maps(5, 2, 0.5)], maps(3, 3, 0.9)
    both = learned("both", train, held_out).distance
    assert isinstance(both, Both)
    alone = [
        learned("closed_form", train, held_out, center_norms=[1.0]).distance,
        learned("nearest", train, held_out).distance,
    ]
    assert isinstance(alone[0], ClosedForm) and isinstance(alone[1], Nearest)
    expected = torch.zeros(3, 16, 16)
    for distance in alone:
        normal = distance(held_out[0])[0].numpy()
        level = float(torch.from_numpy(smooth(normal, 64, 2.0)).flatten().quantile(0.5))
        unit = float(torch.from_numpy(image_scores(normal, 64, 2.0)).quantile(0.5)) - level
        map_ = torch.nn.functional.interpolate(distance(new), 16, mode="bilinear")[0]
        expected += (map_ - level) / unit / 2
    torch.testing.assert_close(both(new)[0], expected, rtol=1e-3, atol=1e-3)


def test_the_closed_form_of_one_norm_is_one_of_many() -> None:
    many = learned("closed_form", [maps(8, 1, 0.5)], [maps(5, 2, 0.5)]).distance
    new = maps(2, 3, 0.9)
    assert many(new).shape == (2, 2, 16, 16)
    for k in (0, 1):
        torch.testing.assert_close(many.at(k)(new)[0], many(new)[k])


def test_a_module_is_its_tensors() -> None:
    """As a file of them makes it again."""
    new = maps(2, 3, 0.9)
    for method, kind in METHODS.items():
        distance = learned(method, [maps(8, 1, 0.5)], [maps(5, 2, 0.5)]).distance
        assert torch.equal(kind(dict(distance.named_buffers()))(new), distance(new))
