"""What keeps an index from being used is named, with the data set, the class and the remedy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oneclass.data.index import Index
from oneclass.data.record import Record
from oneclass.data.tasks import validate
from oneclass.errors import UserError
from tests.unit.data.toy import defects, toy

MakeIndex = Callable[..., Index]


def test_valid_indices_pass(make_index: MakeIndex) -> None:
    validate(make_index(toy()), "one_vs_rest", ["a", "b"])
    validate(make_index(toy()), "leave_one_out", ["a", "b"])
    validate(make_index(defects()), "defect", ["a"])


@pytest.mark.parametrize(
    ("records", "task", "message"),
    [
        ([], "one_vs_rest", "'toy': no images in"),
        (toy() + toy(1), "one_vs_rest", r"2 duplicate id\(s\), such as 'a00'"),
        (defects(), "one_vs_rest", "set task: defect"),
        (toy(10, "b"), "one_vs_rest", "no class 'a'; there is: b"),
        (toy(10, "a"), "one_vs_rest", "class 'a': no anomalous test images for task one_vs_rest"),
        (toy(10, "a"), "leave_one_out", "class 'a': no normal training images for task leave_one_out"),
        (toy(10, "a"), "defect", "class 'a': no anomalous test images for task defect"),
        (defects(normal=0), "defect", "class 'a': no normal training images"),
        (defects(normal=1), "defect", "class 'a': no normal test images"),
    ],
)
def test_validate_names_data_set_and_class(
    make_index: MakeIndex, records: list[Record], task: str, message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        validate(make_index(records), task, ["a"])
    assert "'toy'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_anomalies_are_needed_only_to_measure(make_index: MakeIndex) -> None:
    validate(make_index(toy(10, "a")), "defect", ["a"], anomalies=False)
    few = r"1 normal picture\(s\), 1 to learn from and 0 held out; both are needed: add some \(30 are a beginning\)"
    for normal, what in ((1, few), (0, "no images in")):
        with pytest.raises(UserError, match=what):
            validate(make_index(toy(normal, "a")), "defect", ["a"], anomalies=False)


def test_all_anomalous_images_have_masks_or_none_has(make_index: MakeIndex, tmp_path: Path) -> None:
    (tmp_path / "mask.png").touch()
    masked = [replace(record, mask="mask.png") if record.label else record for record in defects()]
    validate(make_index(masked), "defect", ["a"])
    masked[-1] = replace(masked[-1], mask="", path="bare.csv")
    with pytest.raises(UserError, match=r"bare\.csv has no mask, but other anomalous images have; add it"):
        validate(make_index(masked), "defect", ["a"])


@pytest.mark.parametrize("lost", ["image.png", "mask.png"])
def test_validate_names_a_missing_file(make_index: MakeIndex, tmp_path: Path, lost: str) -> None:
    for name in {"image.png", "mask.png"} - {lost}:
        (tmp_path / name).touch()
    records = [replace(r, path="image.png", reader="image", mask="mask.png") for r in toy()]
    with pytest.raises(UserError, match=f"{lost} is missing"):
        validate(make_index(records), "one_vs_rest", ["a"])


def test_masks_are_looked_at(make_index: MakeIndex, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 10:50] = 255
    Image.fromarray(mask).save(tmp_path / "mask.jpg", quality=60)
    masked = [replace(record, mask="mask.jpg") if record.label else record for record in defects()]
    with caplog.at_level("INFO"):
        validate(make_index(masked), "defect", ["a"])
    assert "data set 'toy': 6 of 6 masks have shades of grey" in caplog.text
    Image.fromarray(255 - mask).save(tmp_path / "mask.jpg", quality=60)
    with pytest.raises(UserError, match=r"6 of 6 masks, .* they look inverted"):
        validate(make_index(masked), "defect", ["a"])
