"""What is said under tables of paper 2, and how a miniature is told from CLIP itself."""

import pandas as pd

from oneclass import published
from oneclass.catalogue.methods import METHODS
from oneclass.labels import chosen, label
from oneclass.tables import exposure, notes


def test_a_miniature_has_names_of_its_own() -> None:
    summary = pd.DataFrame(
        {
            "method": ["clip", "clip", "bce_cl", "hsc", "knn", "clip"],
            "network": ["clip", "clip", "clip", "lenet", "finetuned", "clip"],
            "backbone": ["mini_clip", "vit_b_32", "mini_other", None, "mini_net", None],
            "mean": 1.0,
        }
    ).assign(**{"dataset": "digits", "class": [*"012345"], "metric": "image_auroc"})
    tidy = exposure.beside(summary, published.load("exposure"), "14")
    assert list(tidy["method"])[:6] == ["mini_clip", "clip", "mini_bce_cl", "hsc", "knn", "clip"]
    assert list(summary["method"])[:3] == ["clip", "clip", "bce_cl"]


def test_every_method_has_a_label_that_calls_the_miniature_so() -> None:
    shown = {name: label("method", name) for name in METHODS}
    assert all(("Miniature" in text) == name.startswith(notes.MINIATURE) for name, text in shown.items())
    assert len(set(shown.values())) == len(shown)


def test_notes_are_of_what_was_measured() -> None:
    tidy = pd.DataFrame({"method": ["clip", "clip_float16", "mini_clip"], "mean": [1.0, 1.0, float("nan")]})
    assert notes.of_clip(tidy) == [notes.TIES]
    assert notes.of_clip(tidy.assign(mean=[1.0, float("nan"), 1.0])) == [notes.SMALL_CLIP]


def test_pretrained_backbones_are_named_where_their_network_was_run() -> None:
    rows = {"method": "hsc", "network": ["head", "head", "lenet"], "backbone": ["lite0", None, "lite1"], "mean": 1.0}
    tidy = pd.DataFrame(rows)
    with chosen({"backbone": {"lite0": "Lite0"}}):
        assert notes.closing(tidy, ["set-up"], "head", "of {backbones}") == [
            *(notes.OUTLIERS, notes.SET_UP, "of Lite0", "set-up", notes.LAST)
        ]
    without = [notes.OUTLIERS, notes.SET_UP, notes.LAST]
    for given in (tidy[tidy["network"] == "lenet"], tidy.drop(columns="backbone")):  # of which no row has a backbone
        assert notes.closing(given, [], "head", "of {backbones}") == without
