"""The card: everything a reader needs to trust a detector, or not to."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from oneclass.detector import card, card_page
from oneclass.detector.fit import Findings
from oneclass.detector.shown import NamedScores

SETTINGS = {
    "size": 128,
    "resize": 128,
    "crop": None,
    "layers": [1, 2, 3],
    "patch_size": 3,
    "alignment": "bilinear",
    "sigma": 2.0,
}


@pytest.fixture
def page(made: Any) -> Callable[..., str]:
    """The page of the finished detector, with other findings."""

    def draw(name: str = "mine", **findings: Any) -> str:
        changed = replace(made.findings, **findings)
        return card_page.as_html(described(changed, name), changed).replace("\N{NO-BREAK SPACE}", " ")

    return draw


def described(findings: Findings, name: str = "mine") -> dict[str, Any]:
    data = {"dataset": name, "class": "bricks", "index_hash": "1" * 64}
    backbone = {"architecture": "tf_efficientnet_lite0", "activations": "after", "weights_sha256": "0" * 64}
    return card.describe(findings, SETTINGS, data, backbone, threshold_quantile=0.99, difference=1e-6)


def test_the_card_says_where_the_detector_comes_from_and_what_it_does(made: Any) -> None:
    read = json.loads((made.folder / "card.json").read_text())
    assert read["data"] == {
        "dataset": "mine",
        "class": "bricks",
        "index_hash": made.index.hash,
        "training_pictures": 21,
        "held_out_normal_pictures": 9,
        "anomalies": 60,
        "anomalies_are": "60 drawn defects (not real ones)",
    }
    assert read["backbone"]["architecture"] == "tf_efficientnet_lite0"
    assert (read["preprocessing"]["resize"], read["preprocessing"]["crop"]) == (128, None)
    assert read["method"]["chosen"] == "nearest"
    assert not {"centering", "center_norm"} & set(read)  # which only the closed form has
    assert read["threshold"]["value"] == made.findings.threshold
    assert read["threshold"]["expected_false_alarms"] == 10  # of nine held-out pictures none is above it
    assert read["threshold"]["false_alarm_interval"] == [0.28, 33.63]
    assert read["measured"]["image_auroc"] > 85
    assert set(read["measured"]) == {*card_page.METRICS, "on", "detected"}
    assert set(read["versions"]) == set(card.PACKAGES)


class Tags(HTMLParser):
    """The tags that are open, and every attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        self.names.append(tag)
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_but_itself(made: Any) -> None:
    text = (made.folder / "card.html").read_text()
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    sources = [value for name, value in tags.attributes if name in ("src", "href")]
    assert len(sources) == 18  # nine pictures, each with its map
    assert all(value and value.startswith("data:image/jpeg;base64,") for value in sources)
    assert tags.names.count("svg") == 2
    assert not re.search(r"https?:|<script|@import|url\(", text)


def test_drawn_defects_are_never_passed_off_as_real_ones(page: Callable[..., str]) -> None:
    assert "60 drawn defects (not real ones)" in page(drawn=True)
    real = page(drawn=False)
    assert "60 real anomalies" in real
    assert "drawn defects" not in real


def test_names_cannot_break_the_page(page: Callable[..., str], made: Any) -> None:
    shown = [replace(each, name='<img src="x">&') for each in made.findings.shown]
    text = page(name="<b>&", shown=shown)
    assert "<b>" not in text
    assert 'src="x"' not in text


def test_pixels_are_left_out_where_there_are_no_masks(page: Callable[..., str]) -> None:
    assert "pixel AUROC" not in page(measured={"image_auroc": 91.5, "image_ap": 90.0})


CLOSED_FORM = {
    "method": "closed_form",
    "variance_explained_by_mean_map": 0.3,
    "centering": "none",
    "auroc_by_center_norm": {1.0: 95.0, 8.0: 94.5, 32.0: 70.0},
    "feasible": [1.0, 8.0],
    "center_norm": 1.0,
}


def test_the_closed_form_says_what_it_chose(page: Callable[..., str]) -> None:
    text = page(**CLOSED_FORM)
    assert "1: 95.0; 8: 94.5; 32: 70.0" in text
    assert "explains 30 %" in text
    assert "nearest of" not in text and "nearest of" in page()


def test_a_single_norm_is_not_called_a_choice(page: Callable[..., str]) -> None:
    alone = CLOSED_FORM | {"auroc_by_center_norm": {4.0: 90.0}, "feasible": [4.0], "center_norm": 4.0}
    assert "The only one in the configuration" in page(**alone)


def test_centered_features_are_said_not_to_depend_on_the_norm(page: Callable[..., str]) -> None:
    note = "hardly depend on the norm"
    assert note in page(**CLOSED_FORM | {"centering": "position"})
    assert note not in page(**CLOSED_FORM)


def scored(normal: list[float], anomalous: list[float]) -> dict[str, Any]:
    """Findings of pictures with these scores, the highest normal one the threshold."""
    threshold = max(normal) * 1.0001
    return {
        "held_out": len(normal),
        "anomalies": len(anomalous),
        "threshold": threshold,
        "detected": 100 * float(np.mean(np.array(anomalous) > threshold)),
        "normal_scores": NamedScores([f"n{k}" for k in range(len(normal))], np.array(normal, np.float32)),
        "anomaly_scores": NamedScores([f"a{k}" for k in range(len(anomalous))], np.array(anomalous, np.float32)),
    }


def spread(count: int) -> list[float]:
    return np.random.default_rng(0).uniform(1, 1.2, count).tolist()


@pytest.mark.parametrize(
    ("normal", "found", "word"),
    [(99, 10, "Good"), (99, 7, "Usable"), (99, 5, "Weak"), (9, 10, "Usable"), (3, 10, "Weak")],
)
def test_the_verdict_goes_by_what_is_found_and_what_is_promised(made: Any, normal: int, found: int, word: str) -> None:
    scores = scored(spread(normal), [2.0] * found + [0.5] * (10 - found))
    read = described(replace(made.findings, drawn=False, **scores))
    assert read["verdict"].startswith(f"{word}: it finds {found} of 10 real anomalies")
    assert read["summary"].startswith(read["verdict"])
    assert read["summary"].endswith(read["next"][0])


def test_a_held_out_picture_that_may_be_defective_comes_first(made: Any, page: Callable[..., str]) -> None:
    name = next(shown.name for shown in made.findings.shown if not shown.anomalous)
    scores = scored([*spread(29), 5.0], [2.0] * 6 + [0.5] * 4)
    scores["normal_scores"] = replace(scores["normal_scores"], names=[*scores["normal_scores"].names[:-1], name])
    read = described(replace(made.findings, **scores))
    assert name in read["warnings"][0]
    assert "6 anomalies would be found instead of 0" in read["warnings"][0]
    assert name in read["next"][0]
    assert read["threshold"]["value"] > 5  # nothing is changed without the user
    titles = re.findall("<h3>(.*?)</h3>", page(**scores))
    assert titles[0] == "Is this normal?"


def test_a_training_picture_unlike_the_others_is_named(made: Any) -> None:
    normal = described(made.findings)
    assert len(made.findings.training_scores.names) == made.findings.train
    assert not any("unlike the others" in warning for warning in normal["warnings"])
    odd = NamedScores([f"t{k}" for k in range(21)], np.array([*spread(20), 3.0], np.float32))
    read = described(replace(made.findings, training_scores=odd))
    assert read["warnings"][0].startswith("The training picture t20 is unlike the others.")
    assert read["next"][0] == "Look at t20 first: is it normal?"
    assert read["threshold"] == normal["threshold"]  # nothing is changed without the user


def test_few_pictures_are_warned_of_and_enough_are_not(made: Any) -> None:
    few, enough = (described(replace(made.findings, **scored(spread(count), [2.0]))) for count in (9, 99))
    assert any("Only 9 normal pictures" in warning for warning in few["warnings"])
    assert any("99 of them, instead of 9" in step for step in few["next"])
    assert not enough["warnings"]
    assert not any("Add about" in step for step in enough["next"])


def test_what_speaks_against_the_pictures_is_said(made: Any, page: Callable[..., str]) -> None:
    assert not made.findings.oddities
    assert described(replace(made.findings, oddities=["They are <b>."]))["warnings"][0] == "They are <b>."
    assert "They are &lt;b&gt;." in page(oddities=["They are <b>."])


def test_errors_are_shown_before_what_is_right(page: Callable[..., str], made: Any) -> None:
    threshold = sorted(shown.score for shown in made.findings.shown)[4]  # between the highest and the lowest
    titles = re.findall("<h3>(.*?)</h3>", page(threshold=threshold))
    errors = [title for title in titles if title.startswith("Missed") or title.endswith("flagged")]
    assert errors and titles[: len(errors)] == errors


def test_equal_findings_give_equal_pages(page: Callable[..., str]) -> None:
    assert page() == page()


def test_the_mask_of_a_defect_is_outlined(made: Any, page: Callable[..., str]) -> None:
    assert "outlined in magenta" in page()
    hidden = [replace(shown, mask=None) for shown in made.findings.shown]
    assert "outlined in magenta" not in page(shown=hidden)
