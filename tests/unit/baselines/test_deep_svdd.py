import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, interpolate, leaky_relu, max_pool2d

from oneclass.baselines.deep_svdd import Autoencoder, Encoder, preprocess, score_images
from oneclass.seeds import derive
from oneclass.training.weights import drawn

OPTIONS = {"epochs": 3, "pretraining": 2, "width": 0.25}


def images(count: int, level: int, seed: int, side: int = 32) -> torch.Tensor:
    """Noise, with a bright column at ``level``."""
    made = torch.randint(60, (count, 3, side, side), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    made[..., level : level + 8] += 150
    return made


def normalised(x: torch.Tensor) -> torch.Tensor:
    return (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), unbiased=False, keepdim=True) + 1e-4).sqrt()


def test_pixels_are_normalised_by_hand() -> None:
    train, test = torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32)
    train[0, 0], test[0, 0, :16] = 0.9, 0.6
    first, second = preprocess(train, test)
    # train: mean 0.3; 0.6 a third of the time and -0.3 else, of mean absolute value 0.4: 1.5 and -0.75
    # test: mean 0.1; 0.5 a sixth of the time and -0.1 else, of mean absolute value 1/6: 3 and -0.6
    assert first.unique().tolist() == [0, 1]
    assert second.unique().tolist() == pytest.approx([(-0.6 + 0.75) / 2.25, (3 + 0.75) / 2.25])


def test_smaller_images_get_a_border_and_one_without_contrast_no_nan() -> None:
    first, second = preprocess(torch.rand(2, 3, 28, 28), torch.full((1, 3, 28, 28), 0.5))
    assert first.shape == (2, 3, 32, 32) and not first[:, :, :2].any() and first[:, :, 2:30, 2:30].any()
    assert second.isfinite().all()


def test_the_network_is_that_of_the_paper() -> None:
    encoder = Encoder(1)
    assert [tuple(weight.shape) for weight in encoder.parameters()] == [
        (32, 3, 5, 5),
        (64, 32, 5, 5),
        (128, 64, 5, 5),
        (128, 2048),
    ]
    x = images(4, 3, 0) / 255
    expected = x
    for convolution in encoder.convolutions:
        expected = max_pool2d(leaky_relu(normalised(conv2d(expected, convolution.weight, padding=2)), 0.1), 2)
    torch.testing.assert_close(encoder(x), expected.flatten(1) @ encoder.last.weight.T, rtol=1e-4, atol=1e-4)


def test_no_layer_has_an_offset() -> None:
    autoencoder = Autoencoder(Encoder(0.25), 0.25)
    assert not [name for name, _ in autoencoder.named_parameters() if "bias" in name]
    for parameter in autoencoder.parameters():
        nn.init.zeros_(parameter)
    assert not autoencoder.encoder(images(2, 3, 0) / 255).any(), "zero weights collapse the sphere to the origin"


def test_the_decoder_doubles_a_map_of_four_pixels_three_times() -> None:
    autoencoder = Autoencoder(Encoder(0.25), 0.25)
    x = images(4, 3, 0) / 255
    code = autoencoder.encoder(x)
    code = (code - code.mean(0)) / (code.var(0, unbiased=False) + 1e-4).sqrt()
    y = leaky_relu(code.view(4, -1, 4, 4), 0.1)
    for k, convolution in enumerate(autoencoder.convolutions):
        y = conv2d(y, convolution.weight, padding=2)
        if k < 3:
            y = interpolate(leaky_relu(normalised(y), 0.1), scale_factor=2)
    torch.testing.assert_close(autoencoder(x), torch.sigmoid(y), rtol=1e-4, atol=1e-4)


def test_one_step_is_that_of_plain_pytorch() -> None:
    """The centre, the loss and the first step of Adam, written out; no autoencoder."""
    train, test, size = images(20, 3, 0), images(5, 20, 1), 1e-4
    found = score_images(train, test, 7, "cpu", epochs=1, pretraining=0, width=0.25)
    first, second = preprocess(train / 255, test / 255)
    encoder = drawn(lambda: Autoencoder(Encoder(0.25), 0.25), derive(7, "weights")).encoder.eval()
    with torch.no_grad():
        center = encoder(first).mean(0)
    center = torch.where(center.abs() < 0.1, torch.where(center < 0, -0.1, 0.1), center)
    encoder.train()
    loss = 0
    for z in encoder(first):
        loss = loss + ((z - center) ** 2).sum() / 20
    loss = loss + 1e-6 / 2 * sum((weight**2).sum() for weight in encoder.parameters())
    loss.backward()
    with torch.no_grad():
        for weight in encoder.parameters():
            weight -= size * weight.grad / (weight.grad.abs() + 1e-8)
        expected = (encoder.eval()(second) - center).square().sum(1)
    np.testing.assert_allclose(found, expected.numpy(), rtol=2e-3)


def test_another_kind_of_image_scores_higher() -> None:
    train = images(60, 3, 0)
    test = torch.cat([images(10, 3, 1), images(10, 20, 2)])
    scores = score_images(train, test, 0, "cpu", epochs=20, pretraining=5, width=0.5)
    assert scores.dtype == np.float32 and np.median(scores[:10]) < np.median(scores[10:])


def test_the_seed_decides() -> None:
    train, test = images(12, 3, 0), images(5, 20, 1)
    before = torch.get_rng_state()
    first, again, other = (score_images(train, test, seed, "cpu", **OPTIONS) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert torch.equal(before, torch.get_rng_state())


def test_large_images_are_averaged_down() -> None:
    train, test = images(12, 3, 0), images(5, 20, 1)
    larger = (part.repeat_interleave(2, 2).repeat_interleave(2, 3) for part in (train, test))
    expected = score_images(train, test, 1, "cpu", **OPTIONS)
    np.testing.assert_allclose(score_images(*larger, 1, "cpu", **OPTIONS), expected, rtol=1e-3)
