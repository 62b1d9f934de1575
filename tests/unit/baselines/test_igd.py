import copy

import numpy as np
import pytest
import timm
import torch
from torch import Tensor

from oneclass.baselines.igd import cut, localise, score_images, together
from oneclass.baselines.igd_descriptor import Descriptor
from oneclass.baselines.igd_networks import Critic, Decoder
from oneclass.errors import UserError
from oneclass.features.backbone import Backbone, frozen
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 1, "width": 0.05, "size": 64, "patches": 2}


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    network = drawn(lambda: timm.create_model("test_resnet", pretrained=False), 0)
    return frozen(network, "after", "0" * 64)


@pytest.fixture
def descriptor(backbone: Backbone) -> Descriptor:
    return Descriptor(backbone, 32, 3, 0.05, 1, "cpu")


def images(count: int, seed: int, side: int = 32, bright: bool = False) -> Tensor:
    made = torch.randint(80, (count, 3, side, side), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    if bright:
        made[:, :, side // 4 : side // 2, side // 4 : side // 2] = 255
    return made


def test_the_networks_have_the_authors_sizes() -> None:
    assert Decoder(128, 32, 1).first.out_features == 4 * 4 * 512 and len(Decoder(128, 32, 1).blocks) == 3
    assert [len(Decoder(128, side, 0.1).blocks) for side in (64, 128, 256)] == [3, 4, 5]
    for side in (32, 64, 128):
        decoded = Decoder(8, side, 0.05)(torch.zeros(2, 8))
        assert decoded.shape == (2, 3, side, side) and Critic(side, 0.05)(decoded).shape == (2,)


def test_centre_and_scale_are_the_mean_and_the_mean_square(descriptor: Descriptor) -> None:
    pieces = images(6, 0)
    descriptor.estimate([pieces[:4], pieces[4:]])
    z = descriptor._latent(descriptor._features(pieces)).detach()
    center = z.mean(0)
    center = torch.where(center.abs() < 0.1, torch.where(center < 0, -0.1, 0.1), center)
    assert descriptor._gaussian.center is not None
    torch.testing.assert_close(descriptor._gaussian.center, center)
    assert descriptor._scale.item() == pytest.approx(max(1, ((z - center) ** 2).sum(1).mean().item()), rel=1e-5)


def test_the_losses_are_those_written_out(descriptor: Descriptor) -> None:
    pieces, share = images(3, 0), torch.tensor([0.1, 0.2, 0.4])
    descriptor.estimate([pieces])
    parts = descriptor._latent, descriptor._decoder, descriptor._critic
    own, others = descriptor.losses(pieces, share)
    latent, decoder, critic = (copy.deepcopy(part) for part in parts)
    network = descriptor._backbone
    x = (pieces / 255 - torch.tensor(network.mean).view(3, 1, 1)) / torch.tensor(network.std).view(3, 1, 1)
    span = max((1 - m) / s for m, s in zip(network.mean, network.std, strict=True))
    span += max(m / s for m, s in zip(network.mean, network.std, strict=True))
    z = latent(network.features(pieces, [])[0])
    decoded = decoder(z)
    mixed = decoder(torch.stack([a * z[k] + (1 - a) * z[2 - k] for k, a in enumerate(share)]))
    outside = 1 - torch.exp(-((z - descriptor._gaussian.center) ** 2).sum(1) / descriptor._scale)
    similar = descriptor._similarity.ms_ssim(x, decoded)
    error = 0.85 * (1 - similar.mean()) + 0.15 * (x - decoded).abs().mean() / span
    expected = error + outside.mean() + 0.1 * (critic(mixed) ** 2).mean()
    assert own.item() == pytest.approx(expected.item(), rel=1e-4)
    judged = ((critic(mixed) - share) ** 2).mean() + (critic(decoded + 0.2 * (x - decoded)) ** 2).mean()
    assert others.item() == pytest.approx(judged.item(), rel=1e-4)


def test_each_loss_moves_its_own_weights(descriptor: Descriptor) -> None:
    pieces = images(3, 0)
    descriptor.estimate([pieces])
    own, others = descriptor.losses(pieces, torch.full((3,), 0.3))
    encoding = [*descriptor._latent.parameters(), *descriptor._decoder.parameters()]
    assert all(g is None for g in torch.autograd.grad(others, encoding, allow_unused=True, retain_graph=True))
    assert all(g is not None for g in torch.autograd.grad(own, encoding, allow_unused=True))


def test_patches_are_cut_row_by_row_and_put_together_again() -> None:
    picture = images(2, 0, 64)
    patches = cut(picture)
    assert patches.shape == (18, 3, 32, 32) and cut(images(1, 0, 256)).shape[0] == 225
    assert torch.equal(patches[1], picture[0, :, :32, 16:48]) and torch.equal(patches[12], picture[1, :, 16:48, :32])
    torch.testing.assert_close(together(patches[:, 0].float(), 2, 64), picture[:, 0].float())


def test_some_patches_are_different_ones_of_each_image() -> None:
    picture = images(3, 0, 64)
    some = cut(picture, 4, torch.Generator().manual_seed(0))
    where = [[torch.equal(patch, one) for one in cut(picture)].index(True) for patch in some]
    assert [place // 9 for place in where] == [0] * 4 + [1] * 4 + [2] * 4 and len(set(where)) == 12
    assert len({tuple(place % 9 for place in where[k : k + 4]) for k in (0, 4, 8)}) > 1


@pytest.mark.parametrize("side", [28, 32, 80])
def test_an_image_unlike_the_others_scores_higher(side: int, backbone: Backbone) -> None:
    train, test = images(12, 0, side), torch.cat([images(5, 1, side), images(5, 2, side, bright=True)])
    scores = score_images(train, test, 1, "cpu", backbone=backbone, **OPTIONS | {"epochs": 3})
    assert scores.dtype == np.float32 and scores.shape == (10,)
    assert np.median(scores[:5]) < np.median(scores[5:])


def test_a_map_is_higher_where_a_defect_is(backbone: Backbone) -> None:
    train, test = images(12, 0, 64), images(3, 1, 64, bright=True)
    maps = localise(train, test, 1, "cpu", backbone=backbone, layers=[1], **OPTIONS | {"epochs": 3})
    assert maps.shape == (3, 64, 64) and maps.dtype == np.float32
    assert (maps[:, 16:32, 16:32].mean((1, 2)) > maps[:, 40:, 40:].mean((1, 2))).all()


@pytest.mark.parametrize("size", [16, 100])
def test_a_size_that_is_no_power_of_two_is_refused(size: float, backbone: Backbone) -> None:
    with pytest.raises(UserError, match=f"igd: size {size} is not a power of two from 64; set it to"):
        localise(images(2, 0, 64), images(1, 0, 64), 1, "cpu", backbone=backbone, **OPTIONS | {"size": size})


def test_the_seed_decides(backbone: Backbone) -> None:
    train, test, before = images(6, 0, 64), images(3, 1, 64), torch.get_rng_state()
    first, again, other = (
        localise(train, test, seed, "cpu", backbone=backbone, layers=[], **OPTIONS) for seed in (1, 1, 2)
    )
    assert (first == again).all() and (first != other).any()
    assert torch.equal(before, torch.get_rng_state())
