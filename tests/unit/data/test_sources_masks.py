"""Masks in folders belong to pictures by their names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from oneclass.data.sources import SOURCES
from oneclass.errors import UserError

Masks = Callable[..., dict[str, str]]
Save = Callable[..., Path]
LAYOUT = ("train/good/1.png", "test/good/1.png", "test/cut/1.png", "test/cut/2.png")


@pytest.fixture
def masks(tmp_path: Path, save: Save, options: Callable[..., dict[str, Any]]) -> Masks:
    """The mask of each anomalous picture of a folder with these files besides the pictures of ``LAYOUT``."""

    def find(*names: str, source: str = "own_images") -> dict[str, str]:
        folder = tmp_path if source == "own_images" else tmp_path / "part"
        for name in [*LAYOUT, *names]:
            save(folder / name)
        found = SOURCES[source].records(options(source, "defect", path=str(tmp_path)), tmp_path)
        return {record.path: record.mask for record in found if record.label}

    return find


@pytest.mark.parametrize("source", ["own_images", "mvtec_ad"])
@pytest.mark.parametrize("folder", ["ground_truth/cut", "ground_truth", "masks/cut", "masks", "Masks/Cut"])
@pytest.mark.parametrize("name", ["{}_mask.png", "{}.png", "{}_gt.tif", "{}_mask_gt.BMP", "{}.PNG"])
def test_a_mask_is_found_by_the_name_of_its_picture(folder: str, name: str, source: str, masks: Masks) -> None:
    above = "part/" if source == "mvtec_ad" else ""
    found = [f"{folder}/{name.format(number)}" for number in (1, 2)]
    assert masks(*found, source=source) == {
        f"{above}test/cut/{number}.png": above + mask for number, mask in zip((1, 2), found, strict=True)
    }


def test_accents_count_however_they_are_encoded(masks: Masks) -> None:
    composed, decomposed = normalize("NFC", "é"), normalize("NFD", "é")
    mask = f"ground_truth/{decomposed}/{decomposed}.png"
    assert masks(f"test/{composed}/{composed}.png", mask)[f"test/{composed}/{composed}.png"] == mask


def test_pictures_in_folders_of_a_kind_have_masks_there_or_beside_them(masks: Masks) -> None:
    there, beside = "ground_truth/dent/late/3.png", "ground_truth/dent/4_mask.png"
    found = masks("test/dent/late/3.png", "test/dent/late/4.png", there, beside)
    assert (found["test/dent/late/3.png"], found["test/dent/late/4.png"]) == (there, beside)


def test_masks_of_no_picture_are_an_error_where_no_picture_has_one(masks: Masks) -> None:
    message = (
        r"ground_truth/cut/7\.png: called like no anomalous picture; the mask of cut/1\.png would be "
        r"ground_truth/cut/1\.png or ground_truth/cut/1_mask\.png$"
    )
    with pytest.raises(UserError, match=message):
        masks("ground_truth/cut/7.png", "ground_truth/good/1.png")


def test_masks_of_no_picture_are_a_warning_where_others_have_theirs(
    masks: Masks, caplog: pytest.LogCaptureFixture
) -> None:
    masks("ground_truth/cut/1.png", "ground_truth/cut/2.png", "ground_truth/good/1.png")
    assert not caplog.text
    masks("ground_truth/cut/7.png")
    assert "1 mask(s) of no anomalous picture" in caplog.text and "7.png" in caplog.text


def test_a_mask_is_that_of_one_picture(masks: Masks) -> None:
    with pytest.raises(UserError, match=r"masks/1\.png: the mask of .*test/bent/1\.png or of .*test/cut/1\.png\?"):
        masks("test/bent/1.png", "masks/1.png")
