"""What a reader sees for the names that configuration and files use; a name not listed is shown as it is.

Methods, their options and networks have their labels in the catalogue; data sets, pools, backbones and CLIP models have
theirs in the configuration, which ``chosen`` makes known to the page that is being made.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

from oneclass.catalogue.methods import METHODS, options
from oneclass.catalogue.networks import NETWORKS

Labels = Mapping[str, Mapping[str, str]]  # by column and name

HEADINGS = {
    "dataset": "Data set",
    "task": "Task",
    "class": "Category",
    "protocol": "Protocol",
    "method": "Method",
    "center": "Centre",
    "backbone": "Backbone",
    "projector": "Projector",
    "network": "Network",
    "pool": "Outliers",
    "augmented": "Augmentation",
    "source": "Value",
    "outlier": "Outlier",
    "images": "Images",
    "center_norm": "Norm",
    "metric": "Metric",
}

LABELS: dict[str, dict[str, str]] = {
    "dataset": {  # of the papers' tables, where they are not those of the configuration
        "fashion_mnist": "Fashion-MNIST",
        "cifar10": "CIFAR10",
        "cifar100": "CIFAR100",
        "cats_vs_dogs": "CatsVsDogs",
        "mvtec_ad": "MVTec AD",
        "mpdd": "MPDD",
        "visa": "VisA",
        "imagenet30": "ImageNet-30",
        "cifar10_leave_one_out": "CIFAR10, leave one out",
        "imagenet30_leave_one_out": "ImageNet-30, leave one out",
    },
    "method": {name: method.label for name, method in METHODS.items()},
    "network": {name: network.label for name, network in NETWORKS.items()}
    | {"clip": "CLIP", "finetuned": "fine-tuned backbone", "": "–"},
    "task": {"one_vs_rest": "one vs rest", "leave_one_out": "leave one out", "defect": "defects"},
    "pool": {"": "–"},
    **{name: dict(option.values) for name, option in options().items()},
    "augmented": {"yes": "with", "no": "without"},
    "outlier": {"best": "Best", "worst": "Worst"},
    "filter": {"none": "unfiltered", "lpf": "low-pass", "hpf": "high-pass"},
    "source": {"evolution": "(evolution, here)"},
    "center": {
        "mean_feature": "Feature mean",
        "mean_feature_unscaled": "Feature mean, not scaled",
        "gaussian": "N(0, 1)",
        "uniform": "U(0, 1)",
        "ones": "All ones",
        "": "any",
    },
    "class": {"mean": "Average"},
    "protocol": {"A": "A, pooled", "B": "B, multi-scale"},
    "projector": {"conv1x1": "1×1 convolution", "linear": "Linear", "": "none"},
    "metric": {
        "image_auroc": "Image AUROC (%)",
        "pixel_auroc": "Pixel AUROC (%)",
        "pixel_aupro": "Pixel AUPRO (%)",
        "image_ap": "Image AP (%)",
        "pixel_ap": "Pixel AP (%)",
        "cosine": "Cosine",
        "false_alarms": "Normal images called anomalous (%)",
        "detected": "Anomalous images called anomalous (%)",
        "balanced_accuracy": "Balanced accuracy (%)",
        "categories": "Categories",
        "train": "Train",
        "test_normal": "Test, normal",
        "test_anomalous": "Test, anomalous",
        "test": "Test",
        "min_size": "Image size, min",
        "max_size": "Image size, max",
    },
}
_CHOSEN: ContextVar[Labels] = ContextVar("labels")


@contextmanager
def chosen(labels: Labels) -> Iterator[None]:
    """Within the block, ``label`` gives those of the configuration, ``labels``, before those above."""
    token = _CHOSEN.set(labels)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def label(column: str, name: object) -> str:
    """The text shown for ``name`` of ``column``; numbers as ``number`` writes them."""
    if isinstance(name, float):
        return number(name)
    for labels in (_CHOSEN.get({}), LABELS):
        if str(name) in labels.get(column, {}):
            return labels[column][str(name)]
    return str(name)


def published_label(column: str, name: object) -> str:
    """What the papers call ``name``, whatever a configuration does."""
    return LABELS[column].get(str(name), str(name))


def number(value: float) -> str:
    """``8``, ``0.5``, ``1000000``, or ``all`` for infinity: a setting, in a table or its CSV."""
    if math.isinf(value):
        return "all"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"


def images(rows: pd.DataFrame) -> list[str]:
    """What was done with the images of each row: ``unfiltered``, ``low-pass 14``."""
    pairs = zip(rows["filter"], rows["magnitude"], strict=True)
    return [label("filter", kind) + ("" if kind == "none" else f" {magnitude:.0f}") for kind, magnitude in pairs]
