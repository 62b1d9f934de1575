"""A GPU that does not exist, for tests: what works on it does not quietly rely on the CPU.

Its tensors say that they are on the device ``pretend``, in the slot that PyTorch keeps for devices from elsewhere
(PrivateUse1), and hold their numbers in a CPU tensor inside. As on CUDA, an operation whose tensors are on different
devices is refused, but for scalars (tensors without dimensions) among elementwise operands and for indices, and NumPy
cannot read them. Numbers are the CPU's own, automatic mixed precision does nothing here, and nothing is told about the
speed or the memory of a real device.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch._C import DispatchKey, DispatchKeySet, _ExcludeDispatchKeyGuard, _IncludeDispatchKeyGuard
from torch.library import Library, fallthrough_kernel
from torch.utils import _pytree as pytree
from torch.utils._mode_utils import no_dispatch
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

DEVICE = "pretend"
_HERE = DispatchKeySet(DispatchKey.PrivateUse1)
aten = torch.ops.aten
_COPIES = {aten.copy_, aten._to_copy}  # may have tensors of two devices
_INDEXED = {aten.index, aten.index_put, aten.index_put_, aten._index_put_impl_}  # by indices on either
_RESIZING = (aten.arange.default, aten.arange.start, aten.arange.start_step, aten.eye.default, aten.eye.m)


class PretendTensor(Tensor):
    """A tensor on the device; ``inside`` holds its numbers."""

    inside: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inside: Tensor) -> "PretendTensor":
        layout = {"strides": inside.stride(), "storage_offset": inside.storage_offset()}
        made: PretendTensor = Tensor._make_wrapper_subclass(
            cls, inside.shape, dtype=inside.dtype, device=torch.device(DEVICE, 0), **layout
        )
        made.inside = inside
        return made

    def __repr__(self, **_: Any) -> str:
        return f"pretend({self.inside})"

    def tolist(self) -> Any:
        """The numbers, brought over."""
        return self.inside.tolist()

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        """With the next: what makes ``Module.to`` exchange a parameter as a whole, not its memory alone."""
        return ["inside"], None

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], *_: Any) -> "PretendTensor":
        return PretendTensor(inner["inside"])

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class _Module:
    """What PyTorch asks a device's module, ``torch.pretend``."""

    def device_count(self) -> int:
        return 1

    current_device = is_initialized = is_available = lambda self: True

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed_all(self, seed: int) -> None: ...

    def mem_get_info(self, device: Any) -> tuple[int, int]:
        return free, free

    def empty_cache(self) -> None: ...

    def get_rng_state(self, device: Any) -> Tensor:
        return torch.empty(0)

    def set_rng_state(self, state: Tensor, device: Any) -> None: ...

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]


def register() -> None:
    """Make the device known to PyTorch, once in a process."""
    if _LIBRARIES:
        return
    _setup_privateuseone_for_python_backend(DEVICE, backend_module=_Module())
    everything, aten_library = Library("_", "IMPL"), Library("aten", "IMPL", "PrivateUse1")
    everything.fallback(lambda func, *args, **kwargs: _run(func, args, kwargs), "PrivateUse1")
    everything.fallback(fallthrough_kernel, "AutocastPrivateUse1")
    for func in _RESIZING:
        aten_library.impl(func, lambda *args, func=func, **kwargs: _run(func, args, kwargs))
    aten_library.impl("_copy_from", lambda source, target, *_: _run(aten.copy_.default, (target, source), {}))
    _LIBRARIES.extend((everything, aten_library))


free = 10**9  # bytes of memory, for tests to set
operations = 0  # how many ran on the device
_LIBRARIES: list[Library] = []  # a registration ends with its library


def _run(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """``func`` on the numbers inside; what it gives is on the device, unless it was asked for elsewhere."""
    global operations
    operations += 1
    leaves, spec = pytree.tree_flatten((tuple(args), kwargs))
    _require_one_device(func, args, leaves)
    outer = {id(leaf.inside): leaf for leaf in leaves if isinstance(leaf, PretendTensor)}
    inner_args, inner_kwargs = pytree.tree_unflatten([_inside(leaf) for leaf in leaves], spec)
    found = func(*inner_args, **inner_kwargs)
    if torch.Tag.inplace_view in func.tags:
        with no_dispatch(), _ExcludeDispatchKeyGuard(_HERE), _IncludeDispatchKeyGuard(DispatchKey.Meta):
            func(*args, **kwargs)
    for tensor in outer.values():
        if _layout(tensor.inside) != _layout(tensor):
            # PyTorch's own kind of error for an operation that a device lacks; without it tests would see old shapes
            raise NotImplementedError(f"{func} gives a tensor another shape in place: not on the pretend device")
    if _leaves(func, args, kwargs):
        return found

    def on_device(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        return outer[id(leaf)] if id(leaf) in outer else PretendTensor(leaf)

    return pytree.tree_map(on_device, found)


def _layout(tensor: Tensor) -> tuple[Any, ...]:
    """Shape and strides, but those that no element depends on."""
    return tensor.shape, [stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True) if size > 1]


def _inside(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cpu") if leaf.type == DEVICE else leaf
    return leaf.inside if isinstance(leaf, PretendTensor) else leaf


def _leaves(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether the result is no longer on the device."""
    packet, device = func.overloadpacket, kwargs.get("device")
    if packet is aten.copy_:
        return not isinstance(args[0], PretendTensor)
    return device is not None and torch.device(device).type != DEVICE


def _require_one_device(func: Any, args: Sequence[Any], leaves: list[Any]) -> None:
    """Raise ``RuntimeError`` if ``func`` mixes devices in a way that CUDA refuses."""
    packet = func.overloadpacket
    if packet in _COPIES:
        return
    if packet in _INDEXED:
        leaves = [args[0], *args[2:3]]
    away = [leaf for leaf in leaves if isinstance(leaf, Tensor) and not isinstance(leaf, PretendTensor)]
    if torch.Tag.pointwise in func.tags or packet in _INDEXED | {aten.where, aten.fill_}:
        away = [leaf for leaf in away if leaf.dim() or (leaf is args[0] and func._schema.is_mutable)]
    if away:
        raise RuntimeError(f"{func}: expected all tensors to be on the same device, found {DEVICE}:0 and cpu")
