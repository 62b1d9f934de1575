"""Figures 5, 7, 12 and 18 to 23 of paper 2: which pictures, in which order, and what is drawn of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from oneclass import filters
from oneclass.data import images, pools
from oneclass.data.geometry import squeeze
from oneclass.errors import UserError
from oneclass.figures.galleries import FIGURES, SHOWN, chosen, draw

Shown = Callable[[Figure], str]
SIDES = {"lenet": (32, 32), "cbam_resnet18": (72, 64)}
KINDS = [("none", 0), ("lpf", 14), ("hpf", 8)]
CLASSES = {"lenet": ["3", "0", "8"], "cbam_resnet18": ["5"]}


@pytest.fixture(scope="module")
def indexes(real_index: Callable[..., pd.DataFrame]) -> list[pd.DataFrame]:
    from oneclass.config.data import OutlierPool

    options = OutlierPool(source="photo_crops", limit=20).model_dump()
    return [
        real_index("mnist5k", "one_vs_rest", train_per_class=1, test_per_class=9),
        pools.build("photos", options, Path("data"), 1024),
    ]


@pytest.fixture(scope="module")
def history(indexes: list[pd.DataFrame]) -> pd.DataFrame:
    """The AUROC of an outlier is its number plus what tells the searches apart; each generation has all twice."""
    ids = indexes[1]["id"]
    rows: list[dict[str, Any]] = []
    for network, classes in CLASSES.items():
        for kind, magnitude in KINDS:
            for method, more in (("hsc", 0.5), ("bce", 0.0)):
                for name in classes:
                    for direction in ("best", "worst", "random"):
                        fixed = {"dataset": "mnist5k", "pool": "photos", "network": network, "task": "one_vs_rest"}
                        fixed |= {"class": name, "method": method, "filter": kind, "magnitude": magnitude}
                        for row, number in enumerate([*range(0, 20, 2), *range(0, 20, 2)]):
                            number += direction == "random"
                            fixed |= {"direction": direction, "generation": row // 4, "individual": row % 4}
                            fixed |= {"outlier": ids[number], "fitness": 40.0 + number + more, "trained": row < 10}
                            rows.append(dict(fixed))
    return pd.DataFrame(rows).assign(seeds=2)


def row(data: pd.DataFrame, *place: Any) -> pd.DataFrame:
    """One row of pictures by network, class, filter, outlier and method."""
    names = ["network", "class", "filter", "outlier", "method"]
    return data[(data[names] == list(place)).all(axis=1)]


def test_outliers_are_different_and_in_order(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    data = chosen(history, "figure5", indexes, 1)
    ids = indexes[1]["id"]
    best, worst = row(data, "lenet", "3", "none", "best", "hsc"), row(data, "lenet", "3", "none", "worst", "bce")
    assert list(best["id"]) == [ids[number] for number in (18, 16, 14, 12, 10, 8, 6)]
    assert list(best["auroc"]) == [58.5, 56.5, 54.5, 52.5, 50.5, 48.5, 46.5]
    assert list(worst["id"]) == [ids[number] for number in (0, 2, 4, 6, 8, 10, 12)]
    assert list(worst["auroc"]) == [40.0, 42.0, 44.0, 46.0, 48.0, 50.0, 52.0]
    rows = data[data["class"] == "3"][["outlier", "method"]].drop_duplicates()
    assert rows.to_numpy().tolist() == [["", ""], ["best", "hsc"], ["best", "bce"], ["worst", "hsc"], ["worst", "bce"]]


def test_random_search_shows_its_best_alone(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    data = chosen(history, "figure12", indexes, 1)
    assert set(data["outlier"]) == {"", "best"}
    top = row(data, "lenet", "0", "hpf", "best", "bce")
    assert list(top["auroc"]) == [59.0, 57.0, 55.0, 53.0, 51.0, 49.0, 47.0]
    assert list(dict.fromkeys(data["filter"])) == ["none", "lpf", "hpf"]


@pytest.mark.parametrize(
    ("figure", "kinds", "classes"),
    [
        *(("figure5", {"none"}, ["3", "0", "5"]), ("figure7", {"lpf", "hpf"}, ["3", "0", "5"])),
        *(("figure18", {"none"}, ["3", "0", "8"]), ("figure19", {"lpf"}, ["3", "0", "8"])),
        *(("figure20", {"hpf"}, ["3", "0", "8"]), ("figure21", {"none"}, ["5"])),
        *(("figure22", {"lpf"}, ["5"]), ("figure23", {"hpf"}, ["5"])),
    ],
)
def test_each_figure_has_its_searches(
    history: pd.DataFrame, indexes: list[pd.DataFrame], figure: str, kinds: set[str], classes: list[str]
) -> None:
    data = chosen(history, figure, indexes, 1)
    assert set(data["filter"]) == kinds and list(dict.fromkeys(data["class"])) == classes


def test_normal_images_are_of_the_class_and_drawn_by_name(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    one, again, filtered, other = (
        chosen(history, figure, indexes, seed)
        for figure, seed in (("figure5", 1), ("figure5", 1), ("figure7", 1), ("figure5", 2))
    )
    pd.testing.assert_frame_equal(one, again)
    mnist = indexes[0].set_index("id")
    normal = {}
    for name, data in (("one", one), ("filtered", filtered), ("other", other)):
        normal[name] = list(data[(data["outlier"] == "") & (data["class"] == "3")]["id"])[:SHOWN]
        assert len(set(normal[name])) == SHOWN
        assert (mnist.loc[normal[name], "class_name"] == "3").all() and (
            mnist.loc[normal[name], "split"] == "test"
        ).all()
    assert normal["one"] == normal["filtered"] != normal["other"]
    assert one.loc[one["outlier"] == "", "auroc"].isna().all()


def test_what_was_not_searched_is_named(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    small = history[history["network"] == "lenet"]
    with pytest.raises(UserError, match=r"^figure 22 needs a search with filter lpf and a network other than lenet"):
        chosen(small, "figure22", indexes, 1)
    with pytest.raises(UserError, match=r"^figure 7 needs a search with filter lpf or hpf, of which"):
        chosen(history[history["filter"] == "none"], "figure7", indexes, 1)


@pytest.mark.parametrize("figure", FIGURES)
def test_every_picture_has_its_number(
    history: pd.DataFrame, indexes: list[pd.DataFrame], shown: Shown, figure: str
) -> None:
    data = chosen(history, figure, indexes, 1)
    page = draw(data, indexes, SIDES, "code")
    lines = shown(page).splitlines()
    assert sorted(text for text in lines if "." in text) == sorted(f"{auroc:.1f}" for auroc in data["auroc"].dropna())
    rows = data.drop_duplicates(["network", "filter", "class", "outlier", "method"])
    assert len(page.findobj(AxesImage)) == len(data) + (rows["filter"] != "none").sum()
    assert sum(text == "filtered" for text in lines) == len(rows[(rows["filter"] != "none") & (rows["outlier"] == "")])
    assert sum(text == "normal" for text in lines) == len(rows[rows["outlier"] == ""])
    assert "photos" not in lines and any("outliers: photo crops" in text for text in lines)


def test_pictures_are_what_the_network_takes(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    data = chosen(history, "figure20", indexes, 1)
    drawn = [np.asarray(image.get_array()) for image in draw(data, indexes, SIDES, "paper").findobj(AxesImage)]
    outlier = row(data, "lenet", "3", "hpf", "best", "hsc")["id"].iloc[0]
    [source] = indexes[1][indexes[1]["id"] == outlier].itertuples()
    picture = squeeze(images.load(indexes[1].attrs["root"], source.path, source.item, source.reader), 32, 32)
    scaled = torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255
    literal = filters.apply(scaled, filters.Filter("hpf", 8), reading="paper")
    other = filters.apply(scaled, filters.Filter("hpf", 8), reading="code")
    assert any(np.array_equal(image, np.array(picture)) for image in drawn)
    distances = [
        min(np.abs(image - 255 * view.permute(1, 2, 0).numpy()).max() for image in drawn) for view in (literal, other)
    ]
    assert distances[0] <= 0.51 < distances[1]


def test_nothing_overlaps(history: pd.DataFrame, indexes: list[pd.DataFrame]) -> None:
    page = draw(chosen(history, "figure7", indexes, 1), indexes, SIDES, "code")
    page.draw_without_rendering()
    for axis in page.findobj(lambda artist: bool(getattr(artist, "images", None))):
        boxes = [image.get_window_extent() for image in axis.images]
        texts = [text.get_window_extent() for text in axis.texts]
        everything = [*boxes, *texts]
        for place, one in enumerate(everything):
            for two in everything[place + 1 :]:
                across = min(one.x1, two.x1) - max(one.x0, two.x0)
                down = min(one.y1, two.y1) - max(one.y0, two.y0)
                assert across < 1 or down < 1
        whole = page.bbox
        assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 and box.y1 <= whole.y1 for box in everything)
