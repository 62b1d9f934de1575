"""Seeds differ by every part of their name, and by nothing else."""

from itertools import product

import torch

from oneclass.training.trials import Seeds


def test_every_part_of_the_name_counts() -> None:
    names = product((1, 2), ("toy", "other"), ("order", "augmentation"), ("cat", "dog"), (0, 1))
    seeds = [Seeds(run, dataset).derive(*rest) for run, dataset, *rest in names]
    assert len(set(seeds)) == len(seeds)


def test_a_generator_starts_from_its_seed() -> None:
    seeds = Seeds(1024, "toy")
    draws = [torch.rand(3, generator=seeds.generator("order", "cat", 0)) for _ in range(2)]
    expected = torch.rand(3, generator=torch.Generator().manual_seed(seeds.derive("order", "cat", 0)))
    assert torch.equal(draws[0], draws[1]) and torch.equal(draws[0], expected)
    assert not torch.equal(draws[0], torch.rand(3, generator=seeds.generator("order", "cat", 1)))


def test_seeds_stay_as_they_were() -> None:
    """What was drawn in earlier runs is drawn in later ones."""
    assert Seeds(1024, "toy").derive("network lenet", "cat", 0) == 6082209875591067373
