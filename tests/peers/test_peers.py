"""anomalib's parts and ours on the same maps: the same numbers, or the same AUROC where both draw at random."""

from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from packaging.requirements import Requirement
from torch import Tensor
from torch.nn.functional import layer_norm

pytest.importorskip("anomalib", reason="anomalib is not installed; make test-peers installs it")

from anomalib.models.components import KCenterGreedy, MultiVariateGaussian
from anomalib.models.image.cfa.anomaly_map import AnomalyMapGenerator as CfaMaps
from anomalib.models.image.cfa.loss import CfaLoss
from anomalib.models.image.cfa.torch_model import CfaModel, CoordConv2d
from anomalib.models.image.fastflow.anomaly_map import AnomalyMapGenerator as FastflowMaps
from anomalib.models.image.fastflow.loss import FastflowLoss
from anomalib.models.image.fastflow.torch_model import create_fast_flow_block
from anomalib.models.image.padim.anomaly_map import AnomalyMapGenerator as PadimMaps
from anomalib.models.image.padim.torch_model import PadimModel
from anomalib.models.image.patchcore.torch_model import PatchcoreModel
from anomalib.models.image.stfpm.anomaly_map import AnomalyMapGenerator as StpmMaps
from anomalib.models.image.stfpm.loss import STFPMLoss

from oneclass.baselines import stpm
from oneclass.metrics import auroc
from oneclass.objective.localisation.maps import Maps, align
from oneclass.objective.localisation.smoothing import smooth
from oneclass.objective.methods import cfa, fastflow, padim, patchcore

SHAPES = ((6, 8), (10, 4), (14, 2))  # channels and positions a side
CHANNELS = sum(channels for channels, _ in SHAPES)
LAYERS = ["layer1", "layer2", "layer3"]


def maps(count: int, seed: int, shift: float = 0) -> Maps:
    """Maps with a mean of their own at each position; half of the images have a corner that is off by ``shift``."""
    mean = [
        torch.randn(c, side, side, generator=torch.Generator().manual_seed(k)) for k, (c, side) in enumerate(SHAPES)
    ]
    random = torch.Generator().manual_seed(100 + seed)
    made = [m + torch.randn(count, *m.shape, generator=random) for m in mean]
    for m in made:
        m[count // 2 :, :, : m.shape[2] // 2, : m.shape[3] // 2] += shift
    return Maps(made)


def embedding(model: type, given: Maps, **settings: object) -> Tensor:
    """What ``model`` of anomalib makes of the maps."""
    features = dict(zip(LAYERS, given, strict=True))
    return model.generate_embedding(SimpleNamespace(layers=LAYERS, **settings), features)


def image_auroc(distances: np.ndarray) -> float:
    """Of distance maps whose second half is anomalous."""
    scores = distances.max((1, 2))
    return float(auroc(np.arange(len(scores)) >= len(scores) // 2, scores))


def their_padim(train: Maps, test: Maps, channels: Tensor) -> np.ndarray:
    gaussian = MultiVariateGaussian()
    gaussian.fit(embedding(PadimModel, train, idx=channels))
    tested = embedding(PadimModel, test, idx=channels)
    return PadimMaps.compute_distance(tested, [gaussian.mean, gaussian.inv_covariance])[:, 0].numpy()


def test_padim_has_the_same_distances_on_all_channels() -> None:
    train, test = maps(50, 0), maps(5, 1)
    train.alignment = test.alignment = "nearest"
    theirs = their_padim(train, test, torch.arange(CHANNELS))
    np.testing.assert_allclose(padim.score_maps([train], [test], 0, CHANNELS), theirs, rtol=1e-3)


def test_padim_is_as_good_on_channels_that_both_draw() -> None:
    train, test = maps(50, 0), maps(400, 1, shift=0.8)
    train.alignment = test.alignment = "nearest"
    ours = [image_auroc(padim.score_maps([train], [test], seed, channels=10)) for seed in range(5)]
    drawn = [torch.randperm(CHANNELS, generator=torch.Generator().manual_seed(seed))[:10] for seed in range(5)]
    theirs = [image_auroc(their_padim(train, test, channels)) for channels in drawn]
    assert 0.6 < min(ours) < 0.99 and abs(np.mean(ours) - np.mean(theirs)) < 0.05


@pytest.fixture(scope="module")
def their_patchcore() -> PatchcoreModel:
    return PatchcoreModel(LAYERS, backbone="resnet18", pre_trained=False).eval()


def test_patchcore_has_the_same_distances_and_weights(
    their_patchcore: PatchcoreModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patchcore, "CORESET", 1)
    train, test = maps(6, 0), maps(8, 1, shift=1)
    their_patchcore.memory_bank = their_patchcore.reshape_embedding(embedding(PatchcoreModel, train))
    tested = their_patchcore.reshape_embedding(embedding(PatchcoreModel, test))
    scores, places = (found.view(8, -1) for found in their_patchcore.nearest_neighbors(tested, n_neighbors=1))
    weighted = their_patchcore.compute_anomaly_score(scores, places, tested)
    distances, weights = patchcore.score_maps([train], [test], 0, "weighted")
    np.testing.assert_allclose(distances.reshape(8, -1), scores, rtol=1e-3)
    np.testing.assert_allclose(distances.max((1, 2)) * weights, weighted, rtol=1e-3)


def test_patchcore_s_coreset_is_the_same_from_the_same_first_patch() -> None:
    patches = align(maps(6, 0)).permute(0, 2, 3, 1).flatten(0, 2)
    torch.manual_seed(0)
    theirs = KCenterGreedy(patches[:, :, None], sampling_ratio=0.1).select_coreset_idxs()
    moved = torch.cat([patches[theirs[:1]], patches])  # the first of these is where ours begins
    ours = patchcore.greedy_k_centre(moved, len(theirs)).tolist()
    assert [theirs[0], *(index - 1 for index in ours[1:])] == theirs


def test_patchcore_is_as_good_with_patches_that_both_draw(
    their_patchcore: PatchcoreModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = maps(20, 0), maps(200, 1, shift=1.2)
    tested = their_patchcore.reshape_embedding(embedding(PatchcoreModel, test))
    ours, theirs = [], []
    for seed in range(2):
        ours.append(image_auroc(np.asarray(patchcore.score_maps([train], [test], seed, "maximum"))))
        torch.manual_seed(seed)
        their_patchcore.embedding_store = [their_patchcore.reshape_embedding(embedding(PatchcoreModel, train))]
        their_patchcore.subsample_embedding(0.1)
        scores, _ = their_patchcore.nearest_neighbors(tested, n_neighbors=1)
        theirs.append(image_auroc(scores.view(200, 8, 8).numpy()))
    assert 0.6 < min(ours) < 0.99 and abs(np.mean(ours) - np.mean(theirs)) < 0.05


@pytest.fixture
def descriptor() -> cfa.Descriptor:
    return cfa.Descriptor.untrained(CHANNELS, 0, torch.device("cpu"))


def their_distances(patches: Tensor, memory: Tensor) -> Tensor:
    return CfaModel.compute_distance(SimpleNamespace(memory_bank=memory.T), patches)


def test_cfa_describes_patches_alike(descriptor: cfa.Descriptor) -> None:
    layer = CoordConv2d(CHANNELS, CHANNELS, kernel_size=1)
    with torch.no_grad():
        layer.conv2d.weight.copy_(torch.cat([descriptor.weight, descriptor.places], 1)[:, :, None, None])
        layer.conv2d.bias.copy_(descriptor.bias)
    given = maps(3, 0)
    theirs = layer(align(given)).flatten(2).transpose(1, 2)
    torch.testing.assert_close(descriptor.patches(given), theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("radius", [1e-5, 3.0, 6.0])
def test_cfa_has_the_same_loss_and_gradient(descriptor: cfa.Descriptor, radius: float) -> None:
    memory = cfa.remember(descriptor, [maps(20, 0)])
    found = []
    for loss in (
        lambda patches: cfa.loss(patches, memory, torch.tensor(radius)),
        lambda patches: CfaLoss(cfa.NEAREST, cfa.NEXT, radius)(their_distances(patches, memory)),
    ):
        value = loss(descriptor.patches(maps(4, 1)))
        found.append((value, torch.autograd.grad(value, descriptor.parameters)))
    torch.testing.assert_close(*found, rtol=1e-3, atol=1e-3)


def test_cfa_has_the_same_scores(descriptor: cfa.Descriptor) -> None:
    with torch.no_grad():
        memory, patches = cfa.remember(descriptor, [maps(20, 0)]), descriptor.patches(maps(4, 1))
        theirs = CfaMaps(cfa.NEAREST).compute_score(their_distances(patches, memory), (8, 8)).flatten(1)
        torch.testing.assert_close(cfa.score(patches, memory), theirs, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def their_flow(flow: fastflow.Flow, channels: int, side: int) -> torch.nn.Module:
    """anomalib's flow with the weights of ours."""
    block = create_fast_flow_block([channels, side, side], conv3x3_only=False, hidden_ratio=1.0, flow_steps=8)
    for theirs, ours in zip(block.module_list, flow.couplings, strict=True):
        given = [*ours.first, *ours.last, ours.factor[None], ours.offset[None]]
        filled = [*theirs.subnet.parameters(), theirs.global_scale, theirs.global_offset]
        for tensor, value in zip(filled, given, strict=True):
            tensor.copy_(value)
        theirs.w_perm.copy_(torch.eye(channels)[ours.order][:, :, None, None])
    return block


def test_fastflow_has_the_same_latent_variables_loss_and_map() -> None:
    random = torch.Generator().manual_seed(0)
    given = maps(4, 0)
    flows = [fastflow.Flow.untrained(m, random) for m in given]
    for flow in flows:
        for parameter in flow.parameters:  # away from the factors of 1 and offsets of 0
            parameter.data += 0.1 * torch.randn(parameter.shape, generator=random)
    blocks = [their_flow(flow, *m.shape[1:3]) for flow, m in zip(flows, given, strict=True)]
    with torch.no_grad():
        normal = [layer_norm(m, m.shape[1:], flow.scale, flow.offset) for flow, m in zip(flows, given, strict=True)]
        theirs = [block(m) for block, m in zip(blocks, normal, strict=True)]
        ours = [flow(m) for flow, m in zip(flows, given, strict=True)]
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
        total = FastflowLoss()([z for z, _ in theirs], [change for _, change in theirs])
        torch.testing.assert_close(sum(fastflow.loss(*one) for one in ours), total, rtol=1e-4, atol=1e-3)
        anomaly = FastflowMaps((8, 8))([z for z, _ in theirs])[:, 0]
        torch.testing.assert_close(fastflow.score(flows, given), 1 + anomaly, rtol=1e-4, atol=1e-5)


def test_stpm_has_the_same_loss_and_map_but_for_a_factor() -> None:
    taught, seen = (dict(zip(LAYERS, maps(4, seed), strict=True)) for seed in (0, 1))
    ours = [list(given.values()) for given in (taught, seen)]
    torch.testing.assert_close(4 / 2 * stpm.loss(*ours), STFPMLoss()(taught, seen))  # theirs: half the sum over images
    theirs = StpmMaps().compute_anomaly_map(taught, seen, (8, 8))[:, 0]  # of half the squares of each level
    torch.testing.assert_close(stpm.score(*ours) / 2 ** len(LAYERS), theirs, rtol=1e-4, atol=1e-6)


def test_maps_are_smoothed_alike_but_at_the_border() -> None:
    distances = torch.rand(3, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    theirs = PadimMaps(sigma=4).smooth_anomaly_map(PadimMaps.up_sample(distances, (128, 128)))[:, 0].numpy()
    ours = smooth(distances[:, 0].numpy(), 128, 4.0)
    np.testing.assert_allclose(ours[:, 16:-16, 16:-16], theirs[:, 16:-16, 16:-16], rtol=1e-3)


def test_anomalib_changes_no_version_of_the_lock() -> None:
    lock = Path(__file__).parents[2].joinpath("requirements.lock").read_text(encoding="utf-8")
    locked = [Requirement(line.strip(" \\")) for line in lock.splitlines() if line[:1].isalnum()]
    here = [one for one in locked if one.marker is None or one.marker.evaluate()]
    assert len(here) > 100
    assert not [str(one) for one in here if not one.specifier.contains(version(one.name))]
