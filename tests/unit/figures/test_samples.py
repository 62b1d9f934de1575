from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from oneclass.data import images
from oneclass.data.index import Index
from oneclass.data.tasks import split
from oneclass.figures.samples import ACROSS, SHOWN, draw

TASKS, CLASSES = {"elpv": "defect", "mnist5k": "one_vs_rest"}, {"elpv": "poly", "mnist5k": "3"}


@pytest.fixture(scope="module")
def indexes(real_index: Callable[..., Index]) -> list[Index]:
    return [real_index(name, task, train_per_class=1, test_per_class=6) for name, task in TASKS.items()]


def test_samples_of_each_kind(indexes: list[Index], shown: Callable[[Figure], str]) -> None:
    figure, table = draw(indexes, TASKS, CLASSES, 1024)
    text = shown(figure)
    assert "ELPV, normal: poly" in text and "MNIST (5,000), normal: 3" in text
    pictures = [axis.images[0].get_array() for axis in figure.findobj(lambda a: bool(getattr(a, "images", None)))]
    assert len(pictures) == len(table) == 2 * 2 * SHOWN
    for index in indexes:
        dataset = index.name
        rows = split(index, TASKS[dataset], CLASSES[dataset])
        labels = dict(zip(index.ids()[rows.test], rows.labels, strict=True))
        part = table[table["dataset"] == dataset]
        assert part["id"].is_unique and (part["class"] == CLASSES[dataset]).all()
        assert part["kind"].value_counts().to_dict() == {"normal": SHOWN, "anomalous": SHOWN}
        assert all(labels[row["id"]] == (row["kind"] == "anomalous") for _, row in part.iterrows())
        first = index.table.set_index("id").loc[part["id"].iloc[0]]
        literal = np.asarray(images.load(index.root, first["path"], first["item"], first["reader"]))
        assert any(np.array_equal(picture, literal) for picture in pictures)


def test_blocks_of_many_data_sets_wrap(indexes: list[Index]) -> None:
    copies = [replace(indexes[0], name=f"copy{k}") for k in range(ACROSS + 1)]
    names = [index.name for index in copies]
    figure, table = draw(copies, dict.fromkeys(names, "defect"), dict.fromkeys(names, "poly"), 1)
    assert list(dict.fromkeys(table["dataset"])) == names
    above, below = (figure.subfigs[k].bbox for k in (0, ACROSS))
    assert len(figure.subfigs) == 2 * ACROSS and round(above.x0) == round(below.x0) and above.y0 > below.y0


def test_the_seed_draws_them(indexes: list[Index]) -> None:
    drawn = [draw(indexes[:1], TASKS, CLASSES, seed)[1]["id"].tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_fewer_images_than_places(indexes: list[Index]) -> None:
    index = indexes[0]
    rows = split(index, "defect", "poly")
    kept = index.take(np.concatenate([rows.train, rows.test[rows.labels == 0][:2], rows.test[rows.labels == 1][:3]]))
    figure, table = draw([kept], TASKS, CLASSES, 1)
    assert table["kind"].value_counts().to_dict() == {"anomalous": 3, "normal": 2}
    axes = figure.subfigs[0].axes
    assert [axis.get_visible() for axis in axes] == [bool(axis.images) for axis in axes], "no frame is empty"
