"""How a miniature is told from CLIP itself."""

import pandas as pd

from oneclass.tables import clip, labels


def test_a_miniature_has_names_of_its_own() -> None:
    summary = pd.DataFrame(
        {
            "method": ["clip", "clip", "bce_cl", "hsc", "knn", "clip"],
            "network": ["clip", "clip", "clip", "lenet", "finetuned", "clip"],
            "backbone": ["mini_clip", "vit_b_32", "mini_other", "", "mini_net", None],
            "mean": 1.0,
        }
    )
    for given in (summary, summary.astype(dict.fromkeys(["method", "network", "backbone"], "category"))):
        assert list(clip.apart(given)["method"]) == ["mini_clip", "clip", "mini_bce_cl", "hsc", "knn", "clip"]
    assert list(summary["method"])[:3] == ["clip", "clip", "bce_cl"]


def test_every_method_has_a_label_that_calls_the_miniature_so() -> None:
    shown = {name: labels.label("method", name) for name in [*clip.ZERO_SHOT, *clip.FINE_TUNED]}
    assert all(("Miniature" in text) == name.startswith("mini_") for name, text in shown.items())
    assert len(set(shown.values())) == len(shown) and not set(shown) & set(shown.values())


def test_notes_are_of_what_was_measured() -> None:
    tidy = pd.DataFrame({"method": ["clip", "clip_float16", "mini_clip"], "mean": [1.0, 1.0, float("nan")]})
    assert clip.notes(tidy) == [clip.TIES]
    assert clip.notes(tidy.assign(mean=[1.0, float("nan"), 1.0])) == [clip.SMALL_CLIP]
