"""What readers see for names: those of the configuration, of the catalogue and of the papers, and numbers."""

import numpy as np
import pandas as pd
import pytest

from oneclass import published
from oneclass.catalogue.methods import METHODS, options
from oneclass.catalogue.networks import NETWORKS
from oneclass.labels import LABELS, chosen, images, label, number

ELPV = {"dataset": {"elpv": "Solar cells"}}


def test_a_name_without_a_label_is_shown_as_it_is() -> None:
    assert label("dataset", "elpv") == "elpv" and label("no column", "name") == "name" and label("class", 3) == "3"


def test_labels_of_the_configuration_win_within_chosen_and_only_there() -> None:
    assert label("dataset", "cifar10") == "CIFAR10"
    with chosen({"dataset": {"cifar10": "Ten classes"}, "pool": {"": "nothing"}}):
        assert label("dataset", "cifar10") == "Ten classes" and label("pool", "") == "nothing"
        assert label("dataset", "cifar100") == "CIFAR100" and label("network", "") == "–"  # which it does not name
        assert label("class", "cifar10") == "cifar10"  # another column
    assert label("dataset", "cifar10") == "CIFAR10" and label("pool", "") == "–"


def test_chosen_within_chosen() -> None:
    with chosen(ELPV):
        with chosen({"dataset": {"mpdd": "Metal parts"}}):
            assert label("dataset", "mpdd") == "Metal parts" and label("dataset", "elpv") == "elpv"
        assert label("dataset", "elpv") == "Solar cells" and label("dataset", "mpdd") == "MPDD"


def test_an_error_ends_chosen() -> None:
    with pytest.raises(ZeroDivisionError), chosen(ELPV):
        raise ZeroDivisionError
    assert label("dataset", "elpv") == "elpv"


def test_what_the_catalogue_names_has_its_label() -> None:
    assert [label("method", name) for name in METHODS] == [method.label for method in METHODS.values()]
    assert [label("network", name) for name in NETWORKS] == [network.label for network in NETWORKS.values()]
    values = [(name, value, text) for name, option in options().items() for value, text in option.values.items()]
    assert values and all(label(name, value) == text for name, value, text in values)


@pytest.mark.parametrize("paper", ["objective", "exposure"])
def test_what_the_papers_name_has_a_label(paper: str) -> None:
    shown = published.load(paper)
    for column in ("dataset", "center", "projector", "outlier", "filter", "radial", "augmented"):
        if column in shown:
            assert set(shown[column].dropna()) <= set(LABELS[column]), column


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((float("inf"), "all"), (0.0, "0"), (8, "8"), (1281167.0, "1281167"), (0.5, "0.5"), (np.float32(4), "4")),
        (1e-5, "1e-05"),
    ],
)
def test_settings_as_text(value: float, text: str) -> None:
    assert number(value) == text


def test_numbers_have_no_other_label() -> None:
    with chosen({"center_norm": {"8.0": "eight", "8": "eight"}}):
        assert label("center_norm", 8.0) == label("center_norm", np.float64(8)) == "8"


def test_what_was_done_with_images() -> None:
    rows = pd.DataFrame({"filter": ["none", "lpf", "hpf"], "magnitude": [0.0, 14.0, 8.0]})
    assert images(rows) == ["unfiltered", "low-pass 14", "high-pass 8"]
