import torch

from oneclass.clip.sgd import Nesterov


def test_steps_are_those_of_pytorch() -> None:
    torch.manual_seed(0)
    start = [torch.randn(4, 3, dtype=torch.float64), torch.randn(5, dtype=torch.float64)]
    ours = [tensor.clone() for tensor in start]
    theirs = [tensor.clone().requires_grad_() for tensor in start]
    optimiser = Nesterov(ours, 0.9, 1e-3)
    literal = torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=1e-3, nesterov=True)
    for step in range(5):
        gradients = [torch.randn_like(tensor) for tensor in start]
        rate = 0.1 * 0.1 ** (step >= 3)
        for group in literal.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient
        literal.step()
        optimiser.step(gradients, rate)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other.detach())
