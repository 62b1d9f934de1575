import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oneclass.detector.scorer import Scorer

CARD = {"name": "plates <b>", "summary": "Made from no picture: what is bright is anomalous."}


@pytest.fixture(scope="session")
def detector(pixel_detector: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one whose map is the brightness; the threshold is 0.5."""
    folder = Path(shutil.copytree(pixel_detector, tmp_path_factory.mktemp("serving") / "detector"))
    (folder / "card.json").write_text(json.dumps(CARD))
    return folder


@pytest.fixture(scope="session")
def scorer(detector: Path) -> Scorer:
    return Scorer.load(detector)


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """A PNG of dark noise, each seed's a little brighter; with a bright square where anomalous."""

    def make(seed: int = 0, anomalous: bool = False, size: tuple[int, int] = (80, 50), kind: str = "PNG") -> bytes:
        pixels = np.random.default_rng(seed).integers(30, 50, (*size[::-1], 3), dtype=np.uint8) + np.uint8(2 * seed)
        if anomalous:
            pixels[10:40, 10:40] += 100
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, kind)
        return buffer.getvalue()

    return make


Service = Callable[..., tuple[str, "subprocess.Popen[str]", list[str]]]


@pytest.fixture
def service(detector: Path) -> Iterator[Service]:
    """`oneclass serve` at a free port: its address, the process, and what it said before it served."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[str, subprocess.Popen[str], list[str]]:
        command = [sys.executable, "-m", "oneclass", "serve", "--detector", str(detector), "--port", "0", *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"NO_COLOR": "1"}
        )
        running.append(process)
        assert process.stdout is not None
        warnings: list[str] = []
        for line in process.stdout:
            if address := re.search(r"^Serving .* at (http://\S+?:\d+),", line):
                return address[1], process, warnings
            warnings.append(line)
        raise AssertionError(f"it did not start: {warnings}")

    yield start
    for process in running:
        process.send_signal(signal.SIGKILL)
        process.communicate()
