"""Zero-shot anomaly scores (Equations 4 and 5): matrix products of stored embeddings.

The score of the paper is the softmax probability of "something" among the prompts. In 16 and 32 bits it is exactly 0 or
1 for images that are far from tied; so images are ranked by its logit, the difference between the logit of "something"
and the log-sum-exp of the normal ones, which grows with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oneclass.clip.prompts import Prompts, normal_classes
from oneclass.clip.stored import Embeddings
from oneclass.data.index import Index
from oneclass.data.tasks import split

SCALE = 100  # of cosines, in Equations 4 and 5
SHUFFLED = "shuffled"  # the control among the repetitions
WITHOUT_OUTLIERS: dict[str, Any] = {
    "outlier_count": 0.0,
    "filter": "none",
    "magnitude": 0,
    "augmented": "no",
    "network": "clip",
}


def difference(normal: NDArray[np.floating], something: NDArray[np.floating]) -> NDArray[np.floating]:
    """log(s / (1 - s)) of the score s [N] of Equations 4 and 5, from logits ``normal`` [N, K] and ``something`` [N]."""
    largest = normal.max(1, keepdims=True)
    return something - (largest[:, 0] + np.log(np.exp(normal - largest).sum(1)))


def logits(images: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float32]:
    """[N, P] of ``images`` [N, D] and ``texts`` [P, D] of unit length."""
    return np.float32(SCALE) * (images @ texts.T)


def half_probability(images: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probability [N] of the last of ``texts`` [P, D], every step rounded to 16 bits as on the authors' GPU.

    There sums are kept in 32 bits and their results rounded, and so they are here.
    """
    scaled = np.float16(SCALE) * images.astype(np.float16)
    product = scaled.astype(np.float32) @ texts.astype(np.float16).astype(np.float32).T
    rounded = product.astype(np.float16).astype(np.float32)
    powers = np.exp(rounded - rounded.max(1, keepdims=True))
    return (powers[:, -1] / powers.sum(1)).astype(np.float16).astype(np.float32)


def run(
    index: Index,
    task: str,
    classes: Sequence[str],
    stores: Mapping[str, Embeddings],
    prompts: Prompts,
) -> pd.DataFrame:
    """Scores of every test image under each class of ``classes``, model (``stores``, by repetition) and template.

    A row of ``tidy`` each; ``prompt`` is the template. Method ``clip`` has every template, the others the first alone:
    ``clip_float16`` and, of the control, ``clip_shuffled``.
    """
    known = sorted(index.table["class_name"].unique())
    ids, parts = index.ids(), []
    for name in classes:
        rows = split(index, task, name)
        for repetition, embeddings in stores.items():
            images, control = embeddings.images[rows.test], repetition == SHUFFLED
            for template in prompts.templates[:1] if control else prompts.templates:
                normal = [prompts.text(template, each) for each in normal_classes(task, name, known)]
                texts = embeddings.texts_of([*normal, prompts.something])
                product = logits(images, texts)
                scores = {"clip_shuffled" if control else "clip": difference(product[:, :-1], product[:, -1])}
                if not control and template == prompts.templates[0]:
                    scores["clip_float16"] = half_probability(images, texts)
                for method, score in scores.items():
                    variant = {"class": name, "method": method, "prompt": template}
                    seen = 0 if control else int(repetition)
                    images_of = {"repetition": seen, "id": ids[rows.test], "label": rows.labels, "score": score}
                    parts.append(pd.DataFrame(variant | images_of))
    return pd.concat(parts, ignore_index=True).assign(**WITHOUT_OUTLIERS, task=task)


def parts(metrics: pd.DataFrame, template: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of the ``metrics`` of all scores: every method with the tables' ``template``; method ``clip`` with every one."""
    tables = metrics[metrics["prompt"] == template].drop(columns="prompt")
    return tables, metrics[metrics["method"] == "clip"]
