from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oneclass.config.data import OutlierPool
from oneclass.data import index
from oneclass.data.build import build
from oneclass.data.images import load
from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.data.sources import SOURCES
from oneclass.data.sources._files import installed
from oneclass.data.sources.base import Options, Source
from oneclass.data.sources.imagenet30 import WNIDS
from oneclass.errors import UserError
from oneclass.seeds import derive

Save = Callable[..., Path]
Pool = Callable[..., Index]


@pytest.fixture
def pool(tmp_path: Path, save: Save) -> Pool:
    """A pool of three classes of four images each; what is not asked for is as the config has it."""
    for name in ("cat", "dog", "frog"):
        for number in range(4):
            save(tmp_path / "images" / name / f"{number}.png")

    def make(seed: int = 1, **settings: Any) -> Index:
        options = OutlierPool(source="image_folders", path=str(tmp_path / "images"), **settings).model_dump()
        return build("wild", options, Path("none"), seed)

    return make


def test_a_pool_is_an_index(pool: Pool, tmp_path: Path) -> None:
    found = pool()
    assert found.ids().tolist() == [f"{name}/{number}.png" for name in ("cat", "dog", "frog") for number in range(4)]
    assert set(found.table["split"]) == {"train"}
    assert (found.name, found.root) == ("wild", (tmp_path / "images").resolve())
    index.write(found, tmp_path / "wild.parquet")
    again = index.read(tmp_path / "wild.parquet")
    pd.testing.assert_frame_equal(again.table, found.table)
    assert again.hash == found.hash == Index.create(found.table, "other", tmp_path).hash


@pytest.mark.parametrize(
    ("settings", "classes"),
    [
        ({"keep": ["dog"]}, {"dog"}),
        ({"exclude": ["dog", "a class of the benchmark only"]}, {"cat", "frog"}),
        ({"keep": ["cat", "dog"], "exclude": ["cat"]}, {"dog"}),
    ],
)
def test_classes_kept_and_left_out(settings: dict[str, Any], classes: set[str], pool: Pool) -> None:
    found = pool(**settings)
    assert set(found.table["class_name"]) == classes
    assert len(found) == 4 * len(classes)


def test_classes_left_out_by_a_file(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("# of the benchmark\n\n dog # n02084071\ntruck\n")
    assert set(pool(exclude_file=str(tmp_path / "names.txt")).table["class_name"]) == {"cat", "frog"}
    assert set(pool(exclude_file=str(tmp_path / "names.txt"), exclude=["frog"]).table["class_name"]) == {"cat"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": ["dog", "wolf"]}, r"oe_pools\.wild\.keep: no class 'wolf'; there is: cat, dog, frog$"),
        ({"exclude": ["wolf", "fox"]}, r"oe_pools\.wild\.exclude: none of its 2 name\(s\) is a class; there is: cat"),
        ({"exclude": ["cat"], "exclude_file": "empty.txt"}, r"oe_pools\.wild\.exclude_file: none of its 0 name"),
        ({"exclude_file": "gone.txt"}, r"oe_pools\.wild\.exclude_file: 'gone\.txt' cannot be read"),
        ({"exclude_file": "binary"}, r"oe_pools\.wild\.exclude_file: 'binary' cannot be read"),
        ({"exclude": ["cat", "dog", "frog"]}, r"oe_pools\.wild: no image is left; correct exclude$"),
        ({"keep": ["cat"], "exclude": ["cat"]}, r"oe_pools\.wild: no image is left; correct keep or exclude$"),
    ],
)
def test_a_list_that_does_not_fit(
    settings: dict[str, Any], message: str, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text("# nothing\n")
    Path("binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=message):
        pool(**settings)


def test_a_limit_keeps_the_first_by_the_ranking_of_every_index(pool: Pool) -> None:
    everything = pool().ids().tolist()
    ranked = sorted(everything, key=lambda id: derive(1, "image_folders", id))
    for limit in (1, 5, 11, 12, 99):
        assert pool(limit=limit).ids().tolist() == sorted(ranked[:limit])
    assert pool(limit=5).ids().tolist() != pool(limit=5, seed=2).ids().tolist()
    assert set(pool(limit=3, keep=["dog"]).table["class_name"]) == {"dog"}


def test_a_limit_ranks_images_as_a_data_set_s_cap_does(real_index: Callable[..., Index]) -> None:
    options = OutlierPool(source="mnist5k", keep=["7"], limit=40).model_dump()
    capped = real_index("mnist5k", "one_vs_rest", test_per_class=40).table  # the first of a class are its test images
    seventh = capped[(capped["class_name"] == "7") & (capped["split"] == "test")]
    assert build("digits", options, Path("none"), 1024).ids().tolist() == seventh["id"].tolist()


def test_anomalies_and_test_images_are_outliers_like_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Fake(Source):
        folder = ""

        def found(self, folder: Path, options: Options) -> Iterator[Record]:
            yield Record("b", "b", "cell", "test", 3, "idx", 1, "crack", "m.png")

    monkeypatch.setitem(SOURCES, "fake", Fake())
    found = build("cells", {"source": "fake"}, tmp_path, 1)
    assert found.table.to_numpy().tolist() == [list(vars(Record("b", "b", "cell", "train", 3, "idx")).values())]
    assert (found.table.dtypes["item"], found.table.dtypes["label"]) == ("int64", "int8")


def test_an_empty_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "300K_random_images.npy").touch()
    monkeypatch.setattr("oneclass.data.containers.npy", lambda file: [])
    with pytest.raises(UserError, match=r"oe_pools\.random: no image is left; correct path$"):
        build("random", OutlierPool(source="random_images").model_dump(), tmp_path, 1)


def test_real_photographs() -> None:
    options = OutlierPool(source="photo_crops", exclude=["chelsea"], limit=1000).model_dump()
    found = build("photos", options, Path("none"), 1024)
    assert len(found) == 1000
    assert found.table["class_name"].nunique() == 8
    assert load(*found.places()[0]).mode == "RGB"


def test_real_tiny_imagenet(shared_data: Path) -> None:
    options = OutlierPool(source="image_folders", path=str(shared_data / "tiny_imagenet_oe"), limit=300).model_dump()
    found = build("tiny_imagenet", options, shared_data, 1024)
    assert len(found) == 300
    assert found.table["class_name"].nunique() > 100


@pytest.mark.parametrize(("name", "outside"), [("imagenet1k", "n02084071"), ("imagenet30", "n01443537")])
def test_wnids_left_out_by_the_name_of_their_data_set(name: str, outside: str, save: Save, tmp_path: Path) -> None:
    for wnid in ("n12267677", outside):  # acorn is in both
        save(tmp_path / "imagenet22k" / wnid / "1.JPEG")
    options = OutlierPool(source="imagenet22k", exclude_file=name).model_dump()
    assert build("wild", options, tmp_path, 1).ids().tolist() == [f"{outside}/1.JPEG"]


def test_the_wnids_of_imagenet30_are_of_its_classes() -> None:
    info = installed("timm", "timm") / "data/_info"
    lemmas = dict(line.split("\t") for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines())
    for name, wnid in WNIDS.items():
        words = {"rotary_dial_telephone": "dial telephone"}.get(name, name.replace("_", " "))
        assert words in [lemma.strip().lower() for lemma in lemmas[wnid].split(",")]
    assert set(WNIDS.values()) <= set((info / "imagenet_synsets.txt").read_text().split())


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("imagenet22k", r"image-net\.org.*stand-in.*exclude_file: imagenet30.*imagenet1k.*tiny_imagenet \(http"),
        ("imagenet1k", r"ILSVRC 2012 from https://image-net\.org"),
        ("tiny_imagenet", r"from http://cs231n\.stanford\.edu"),
    ],
)
def test_what_is_missing_is_named_with_its_page(source: str, page: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"{source} does not exist; get .*{page}"):
        build("wild", OutlierPool(source=source).model_dump(), tmp_path, 1)
    elsewhere = OutlierPool(source=source, path=str(tmp_path / "elsewhere")).model_dump()
    with pytest.raises(UserError, match=rf"elsewhere does not exist; get .*{page}"):
        build("wild", elsewhere, tmp_path, 1)


def test_tiny_imagenet_as_its_archive_has_it(save: Save, tmp_path: Path) -> None:
    save(tmp_path / "tiny_imagenet/n12267677/images/n12267677_0.JPEG")
    (tmp_path / "tiny_imagenet/n12267677/n12267677_boxes.txt").touch()
    found = build("tiny", OutlierPool(source="tiny_imagenet").model_dump(), tmp_path, 1)
    assert found.ids().tolist() == ["n12267677/images/n12267677_0.JPEG"]


def test_pictures_that_cannot_be_read_are_named_and_left_out(
    pool: Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = pool()
    photo = (tmp_path / "images/dog/1.png").read_bytes()
    (tmp_path / "images/dog/1.png").write_bytes(photo[:40])
    (tmp_path / "images/frog/3.png").write_bytes(b"")
    found = pool()
    assert set(whole.ids()) - set(found.ids()) == {"dog/1.png", "frog/3.png"}
    assert (whole.unreadable, found.unreadable) == (0, 2)
    assert [record.getMessage().split(": cannot")[0] for record in caplog.records] == [
        f"left out: {(tmp_path / 'images' / name).resolve()}" for name in ("dog/1.png", "frog/3.png")
    ]
    index.write(found, tmp_path / "wild.parquet")
    assert index.read(tmp_path / "wild.parquet").unreadable == 2
    assert index.left_out(tmp_path / "wild.parquet") == ("wild", 2)
    options = OutlierPool(source="image_folders", path=str(tmp_path / "images")).model_dump()
    pd.testing.assert_frame_equal(build("wild", options, Path("none"), 1, workers=3).table, found.table)


def test_a_pool_without_a_picture_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "images/cat").mkdir(parents=True)
    (tmp_path / "images/cat/1.png").write_bytes(b"no picture")
    options = OutlierPool(source="image_folders", path=str(tmp_path / "images")).model_dump()
    with pytest.raises(UserError, match=r"oe_pools\.wild: no picture can be read, as the first: .*1\.png"):
        build("wild", options, Path("none"), 1)
