"""Equal models are equal files."""

from pathlib import Path

import numpy as np

from oneclass import tensors

MODEL = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.ones(3)}
METADATA = {name: f'ä {name}\n"quoted" \\' for name in "hgfedcba"}


def test_equal_models_give_equal_bytes(tmp_path: Path) -> None:
    files = set()
    for _ in range(5):  # safetensors keeps metadata in another order each time
        tensors.write(MODEL, METADATA, tmp_path / "model.safetensors")
        files.add((tmp_path / "model.safetensors").read_bytes())
    assert len(files) == 1


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    tensors.write(MODEL, METADATA, tmp_path / "model.safetensors")
    found, metadata = tensors.read(tmp_path / "model.safetensors")
    assert metadata == METADATA and sorted(found) == ["a", "b"]
    for name, expected in MODEL.items():
        assert np.array_equal(found[name], expected) and found[name].dtype == expected.dtype
