"""The pretend GPU is as strict as a real one, and computes what the CPU does."""

import copy
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap


@pytest.fixture
def there(pretend: ModuleType) -> Tensor:
    return torch.arange(6.0).view(2, 3).to(pretend.DEVICE)


def test_tensors_say_where_they_are(there: Tensor, pretend: ModuleType) -> None:
    made = [torch.zeros(3, device="pretend"), torch.arange(3, device="pretend"), torch.tensor([1], device="pretend")]
    for tensor in [there, there.T, there.double(), there.new_tensor([1.0]), torch.empty_like(there), *made]:
        assert isinstance(tensor, pretend.PretendTensor) and tensor.device == torch.device("pretend", 0)
    assert type(there.cpu()) is Tensor and there.cpu().device.type == "cpu"


def test_numbers_come_over_when_they_are_asked_for(there: Tensor) -> None:
    assert there.tolist() == [[0, 1, 2], [3, 4, 5]] and float(there.sum()) == 15 and bool((there >= 0).all())
    assert torch.equal(torch.empty(2, 3).copy_(there), there.cpu())
    with pytest.raises(RuntimeError, match="numpy"):
        there.numpy()
    with pytest.raises(RuntimeError, match="numpy"):
        np.asarray(there)


def test_devices_do_not_mix(there: Tensor) -> None:
    here = torch.ones(2, 3)
    for mixed in (
        lambda: there + here,
        lambda: here + there,
        lambda: here.add_(there),
        lambda: there @ here.T,
        lambda: torch.cat([there, here]),
        lambda: torch.stack([there, here]),
        lambda: torch.where(there > 0, there, here),
        lambda: there.index_select(0, torch.tensor([0])),
        lambda: torch.zeros(()).add_(there.sum()),
        lambda: here[there[:, 0].long()],
    ):
        with pytest.raises(RuntimeError, match="same device"):
            mixed()


def test_scalars_and_indices_may_be_on_the_cpu(there: Tensor) -> None:
    assert (there + torch.tensor(1.0)).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert there[torch.tensor([1])].tolist() == [[3, 4, 5]]
    there[torch.tensor([True, False])] = torch.tensor(9.0)
    assert there.tolist() == [[9, 9, 9], [3, 4, 5]]


def test_views_share_memory_and_may_be_taken_in_place(there: Tensor) -> None:
    there.T[0] += 1
    assert there.tolist() == [[1, 1, 2], [4, 4, 5]]
    assert there.t_() is there and there.shape == (3, 2) and there.tolist() == [[1, 4], [1, 4], [2, 5]]


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))


def test_a_network_is_trained_as_on_the_cpu(network: nn.Module, pretend: ModuleType) -> None:
    images, other = torch.randn(5, 3, 8, 8), copy.deepcopy(network).to(pretend.DEVICE)
    for net, batch in ((network, images), (other, images.to(pretend.DEVICE))):
        optimiser = torch.optim.SGD(net.parameters(), 0.1)
        for _ in range(3):
            optimiser.zero_grad()
            net(batch).square().mean().backward()
            optimiser.step()
    for name, tensor in other.state_dict().items():
        assert tensor.device.type == "pretend"
        torch.testing.assert_close(tensor.cpu(), network.state_dict()[name])


def test_vmap_runs_on_it(pretend: ModuleType) -> None:
    layers = [nn.Linear(3, 2) for _ in range(4)]

    def gradients(device: str) -> Tensor:
        weights, _ = stack_module_state([copy.deepcopy(layer).to(device) for layer in layers])
        loss = grad(lambda weight, x: functional_call(layers[0], weight, (x,)).square().mean())
        return vmap(loss)(weights, torch.ones(4, 5, 3).to(device))["weight"].cpu()

    torch.testing.assert_close(gradients(pretend.DEVICE), gradients("cpu"))


def test_what_it_cannot_imitate_is_an_error(there: Tensor) -> None:
    with pytest.raises(NotImplementedError, match="shape in place"):  # as PyTorch says of what a device lacks
        torch.add(there, 1, out=torch.empty(0, device=there.device))
