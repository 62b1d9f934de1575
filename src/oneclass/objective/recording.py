"""What is recorded of projectors on pooled features, during training and after it."""

import math
from dataclasses import dataclass

import torch

from oneclass.metrics import auroc
from oneclass.objective import convergence
from oneclass.objective.projector import Projectors, project
from oneclass.objective.result import Result
from oneclass.objective.variants import Variant
from oneclass.objective.vectors import VectorClass


@dataclass(frozen=True)
class Member:
    """Projector ``k`` of a stack: the class it is trained on and its variant."""

    data: VectorClass
    variant: Variant
    k: int


def record_progress(result: Result, method: str, projectors: Projectors, members: list[Member], step: int) -> None:
    """Add norm and angle (``convergence``) of every member after ``step`` epochs; 0: before training."""
    for member in members:
        for metric, value in convergence.of_images(projectors, member.k, member.data.train).items():
            result.log(member.data, result.columns(method, member.variant), step, metric, value)


def record(result: Result, method: str, projectors: Projectors, members: list[Member], epochs: int) -> None:
    """Add the members' scores and AUROC (percent) after all ``epochs``, how alike normal and anomalous are after
    projection, and the models to keep. Test images are projected here alone: after each epoch they would cost more than
    half of what training does."""
    for member in members:
        data, variant, columns = member.data, member.variant, result.columns(method, member.variant)
        anomalous = torch.from_numpy(data.labels == 1).to(data.test.device)
        test = project(projectors, member.k, data.test, anomalous)
        score, norm, cosine = (values.cpu().numpy() for values in (test.score, test.norm, test.cosine))
        result.add(data, columns, score, z_norm=norm, z_cosine=cosine)
        result.log(data, columns, epochs, "image_auroc", 100 * auroc(data.labels, score))
        result.log(data, columns, math.nan, "cosine", test.between)
        result.log(data, columns, math.nan, "norm_normal", float(test.norm[~anomalous].mean()))
        result.log(data, columns, math.nan, "norm_anomalous", float(test.norm[anomalous].mean()))
        if variant.center_norm is None:
            result.log(data, columns, math.nan, "center_norm", float(projectors.center[member.k].norm()))
        if result.keeps(data.class_name, variant):
            for part in ("weight", "bias", "center"):
                name = f"{data.class_name}.{variant.center}.{part}"
                result.models[name] = getattr(projectors, part)[member.k].cpu().numpy()
