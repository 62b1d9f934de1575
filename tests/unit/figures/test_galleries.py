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
from PIL import Image

from oneclass import filters
from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Loss
from oneclass.data import images
from oneclass.data.build import build
from oneclass.data.index import Index
from oneclass.figures.galleries import SHOWN, chosen, draw

Shown = Callable[[Figure], str]
GEOMETRIES = {"mnist5k": {"lenet": {"resize": 32, "crop": 32}, "cbam_resnet18": {"resize": 72, "crop": 64}}}
KINDS = [("none", 0), ("lpf", 14), ("hpf", 8)]
CLASSES = {"lenet": ["3", "0", "8"], "cbam_resnet18": ["5"]}
EVOLVED = ["best", "worst"]
# filters, networks, directions, classes
FIGURES: dict[str, tuple[list[str], list[str], list[str], dict[str, list[str]] | None]] = {
    "5": (["none"], list(CLASSES), EVOLVED, {}),
    "7": (["lpf", "hpf"], list(CLASSES), EVOLVED, {}),
    "12": (["none", "lpf", "hpf"], list(CLASSES), ["random"], {}),
    **{f"{18 + place}": ([kind], ["lenet"], EVOLVED, None) for place, kind in enumerate(filters.KINDS)},
    **{f"{21 + place}": ([kind], ["cbam_resnet18"], EVOLVED, None) for place, kind in enumerate(filters.KINDS)},
}


@pytest.fixture(scope="module")
def indexes(real_index: Callable[..., Index]) -> list[Index]:
    from oneclass.config.data import OutlierPool

    options = OutlierPool(source="photo_crops", limit=20).model_dump()
    return [
        real_index("mnist5k", "one_vs_rest", train_per_class=1, test_per_class=9),
        build("photos", options, Path("data"), 1024),
    ]


@pytest.fixture(scope="module")
def searches(indexes: list[Index], conform: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """The AUROC of an outlier is its number plus what tells the searches apart; each generation has all twice."""
    ids = indexes[1].table["id"]
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
    return conform(pd.DataFrame(rows).assign(repetitions=2), "searches")


def shown_in(figure: str, searches: pd.DataFrame) -> pd.DataFrame:
    """The searches that a figure is given."""
    kinds, networks, directions, _ = FIGURES[figure]
    given = searches["filter"].isin(kinds) & searches["network"].isin(networks)
    return searches[given & searches["direction"].isin(directions)]


def chosen_in(figure: str, searches: pd.DataFrame, indexes: list[Index], seed: int) -> pd.DataFrame:
    return chosen(shown_in(figure, searches), indexes, seed, FIGURES[figure][-1])


def drawn(
    figure: str, searches: pd.DataFrame, indexes: list[Index], width: filters.Width = "2m"
) -> tuple[Figure, pd.DataFrame]:
    return draw(shown_in(figure, searches), indexes, GEOMETRIES, width, 1, FIGURES[figure][-1])


def row(data: pd.DataFrame, *place: Any) -> pd.DataFrame:
    """One row of pictures by network, class, filter, outlier and method."""
    names = ["network", "class", "filter", "outlier", "method"]
    return data[(data[names] == list(place)).all(axis=1)]


def test_classes_that_are_named_are_shown_instead_of_the_first_two(
    searches: pd.DataFrame, indexes: list[Index]
) -> None:
    rows = searches[searches["network"] == "lenet"]
    for named, shown in (({}, {"3", "0"}), ({"mnist5k": ["8"]}, {"8"}), ({"other": ["8"]}, {"3", "0"})):
        assert set(chosen(rows, indexes, 1, named)["class"]) == shown
    assert set(chosen(rows, indexes, 1)["class"]) == {"3", "0", "8"}


def test_outliers_are_different_and_in_order(searches: pd.DataFrame, indexes: list[Index]) -> None:
    data = chosen_in("5", searches, indexes, 1)
    ids = indexes[1].table["id"]
    best, worst = row(data, "lenet", "3", "none", "best", "hsc"), row(data, "lenet", "3", "none", "worst", "bce")
    assert list(best["id"]) == [ids[number] for number in (18, 16, 14, 12, 10, 8, 6)]
    assert list(best["auroc"]) == [58.5, 56.5, 54.5, 52.5, 50.5, 48.5, 46.5]
    assert list(worst["id"]) == [ids[number] for number in (0, 2, 4, 6, 8, 10, 12)]
    assert list(worst["auroc"]) == [40.0, 42.0, 44.0, 46.0, 48.0, 50.0, 52.0]
    rows = data[data["class"] == "3"][["outlier", "method"]].drop_duplicates()
    assert rows.to_numpy().tolist() == [["", ""], ["best", "hsc"], ["best", "bce"], ["worst", "hsc"], ["worst", "bce"]]


def test_random_search_shows_its_best_alone(searches: pd.DataFrame, indexes: list[Index]) -> None:
    data = chosen_in("12", searches, indexes, 1)
    assert set(data["outlier"]) == {"", "best"}
    top = row(data, "lenet", "0", "hpf", "best", "bce")
    assert list(top["auroc"]) == [59.0, 57.0, 55.0, 53.0, 51.0, 49.0, 47.0]
    assert list(dict.fromkeys(data["filter"])) == ["none", "lpf", "hpf"]


@pytest.mark.parametrize(
    ("figure", "kinds", "classes"),
    [
        *(("5", {"none"}, ["3", "0", "5"]), ("7", {"lpf", "hpf"}, ["3", "0", "5"])),
        *(("18", {"none"}, ["3", "0", "8"]), ("19", {"lpf"}, ["3", "0", "8"])),
        *(("20", {"hpf"}, ["3", "0", "8"]), ("21", {"none"}, ["5"])),
        *(("22", {"lpf"}, ["5"]), ("23", {"hpf"}, ["5"])),
    ],
)
def test_each_figure_has_its_searches(
    searches: pd.DataFrame, indexes: list[Index], figure: str, kinds: set[str], classes: list[str]
) -> None:
    data = chosen_in(figure, searches, indexes, 1)
    assert set(data["filter"]) == kinds and list(dict.fromkeys(data["class"])) == classes


def test_normal_images_are_of_the_class_and_drawn_by_name(searches: pd.DataFrame, indexes: list[Index]) -> None:
    one, again, filtered, other = (
        chosen_in(figure, searches, indexes, seed) for figure, seed in (("5", 1), ("5", 1), ("7", 1), ("5", 2))
    )
    pd.testing.assert_frame_equal(one, again)
    mnist = indexes[0].table.set_index("id")
    normal = {}
    for name, data in (("one", one), ("filtered", filtered), ("other", other)):
        normal[name] = list(data[(data["outlier"] == "") & (data["class"] == "3")]["id"])[:SHOWN]
        assert len(set(normal[name])) == SHOWN
        assert (mnist.loc[normal[name], "class_name"] == "3").all() and (
            mnist.loc[normal[name], "split"] == "test"
        ).all()
    assert normal["one"] == normal["filtered"] != normal["other"]
    assert one.loc[one["outlier"] == "", "auroc"].isna().all()


def test_every_loss_of_the_catalogue_is_drawn(searches: pd.DataFrame, indexes: list[Index], shown: Shown) -> None:
    losses = of_kind(Loss)
    one = searches[(searches["method"] == "hsc") & (searches["class"] == "3")]
    page, data = drawn("18", pd.concat([one.assign(method=name) for name in losses]), indexes)
    assert set(data["method"]) == {"", *losses}
    assert len(shown(page).split("best\n")) == len(shown(page).split("worst\n")) == 1 + len(losses)
    colours = {text.get_text(): text.get_color() for axis in page.axes for text in axis.texts}
    assert all(colours[f"best\n{loss.label}"] == loss.colour for loss in losses.values())


@pytest.mark.parametrize("figure", FIGURES)
def test_every_picture_has_its_number(searches: pd.DataFrame, indexes: list[Index], shown: Shown, figure: str) -> None:
    page, data = drawn(figure, searches, indexes)
    pd.testing.assert_frame_equal(data, chosen_in(figure, searches, indexes, 1))
    lines = shown(page).splitlines()
    assert sorted(text for text in lines if "." in text) == sorted(f"{auroc:.1f}" for auroc in data["auroc"].dropna())
    rows = data.drop_duplicates(["network", "filter", "class", "outlier", "method"])
    assert len(page.findobj(AxesImage)) == len(data) + (rows["filter"] != "none").sum()
    assert sum(text == "filtered" for text in lines) == len(rows[(rows["filter"] != "none") & (rows["outlier"] == "")])
    assert sum(text == "normal" for text in lines) == len(rows[rows["outlier"] == ""])
    assert "photos" not in lines and any("outliers: photo crops" in text for text in lines)


def test_pictures_are_what_the_network_takes(searches: pd.DataFrame, indexes: list[Index]) -> None:
    page, data = drawn("20", searches, indexes, "m")
    arrays = [np.asarray(image.get_array()) for image in page.findobj(AxesImage)]
    outlier = row(data, "lenet", "3", "hpf", "best", "hsc")["id"].iloc[0]
    [place] = indexes[1].take(indexes[1].table["id"] == outlier).places()
    picture = images.load(*place).resize((32, 32), Image.Resampling.BILINEAR)
    scaled = torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255
    literal, other = (filters.apply(scaled, filters.Filter("hpf", 8, width)) for width in ("m", "2m"))
    assert any(np.array_equal(image, np.array(picture)) for image in arrays)
    distances = [
        min(np.abs(image - 255 * view.permute(1, 2, 0).numpy()).max() for image in arrays) for view in (literal, other)
    ]
    assert distances[0] <= 0.51 < distances[1]


def test_nothing_overlaps(searches: pd.DataFrame, indexes: list[Index]) -> None:
    page, _ = drawn("7", searches, indexes)
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
