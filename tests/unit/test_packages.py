import sys
from pathlib import Path

import pytest

from oneclass import packages


def test_the_folder_of_a_package_or_module_that_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package/__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "a_module.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert packages.folder("a_package") == tmp_path / "a_package"
    assert packages.folder("a_module") == tmp_path
    assert not {"a_package", "a_module"} & set(sys.modules)


@pytest.mark.parametrize("name", ["", ".", ".os", "os.path", "no_such_package", "__main__", "sys", "a b", "a/b"])
def test_what_is_not_an_installed_package_has_no_folder(name: str) -> None:
    assert packages.folder(name) is None
