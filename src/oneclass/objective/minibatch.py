"""The paper's training (Equation 15, Algorithm 1), for many projectors at once.

Projectors that see the same images in the same order differ in centre and norm only, so their rows stack into one tall
matrix; groups with images or orders of their own are a batch dimension. Every update is elementwise in the weights, so
a projector trains as it would alone (``reference.train``), to rounding.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from oneclass.objective.projector import Projectors


def fit(
    projectors: Projectors,
    images: Tensor,
    orders: Tensor,
    *,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    radius: float,
    loss_scale: float,
    on_epoch: Callable[[int], None],
) -> None:
    """Train ``projectors`` in place with Adam on mean max(||z - c||² - R², 0).

    ``images`` [G, N, D] are the training features of G groups, ``orders`` [G, epochs, N] the order of each group's
    images in each epoch; the K projectors are G equal runs, one a group. ``on_epoch(epoch)`` is called after each.
    """
    groups, count, size = images.shape
    weight = projectors.weight.view(groups, -1, size)
    bias = projectors.bias.view(groups, -1, 1)
    center = projectors.center.view(groups, -1, 1)
    outputs = projectors.weight.shape[1]
    optimiser = adam([weight, bias], learning_rate, weight_decay)
    weight.grad, bias.grad = torch.empty_like(weight), torch.empty_like(bias)
    for epoch in range(orders.shape[1]):
        for rows in orders[:, epoch].split(batch_size, dim=1):
            batch = images.gather(1, rows[:, :, None].expand(-1, -1, size))
            residual = torch.baddbmm(bias - center, weight, batch.transpose(1, 2))
            _mask_inside(residual, outputs, radius)
            scale = 2 * loss_scale / batch.shape[1]
            torch.bmm(residual.mul_(scale), batch, out=weight.grad)
            torch.sum(residual, dim=2, keepdim=True, out=bias.grad)
            optimiser.step()
        on_epoch(epoch)
    weight.grad = bias.grad = None


def adam(parameters: list[Tensor], learning_rate: float, weight_decay: float) -> torch.optim.Adam:
    """The paper's optimiser: Adam with weight decay added to the gradient."""
    return torch.optim.Adam(parameters, lr=learning_rate, weight_decay=weight_decay, fused=True)


def _mask_inside(residual: Tensor, outputs: int, radius: float) -> None:
    """Zero the residuals [G, V*E, B] of samples inside the hypersphere: the hinge of Equation 15 has no slope there."""
    by_projector = residual.unflatten(1, (-1, outputs))
    outside = by_projector.square().sum(2, keepdim=True) > radius**2
    if not outside.all():
        by_projector.mul_(outside)
