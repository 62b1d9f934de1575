"""Binary cross-entropy (Section 3.1): a classifier of normal images against outliers."""

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from oneclass.exposure.losses import Fixed


class Loss(Fixed):
    """Equation 1 with l a linear layer and a sigmoid. The score is the logit, not the sigmoid."""

    classifier = True

    def losses(self, z: Tensor, outlier: Tensor) -> Tensor:
        """Cross-entropy of each sample, [B]."""
        return binary_cross_entropy_with_logits(z[:, 0], outlier.to(z.dtype), reduction="none")

    def score(self, z: Tensor) -> Tensor:
        """The logit of each sample, [B]."""
        return z[:, 0]
