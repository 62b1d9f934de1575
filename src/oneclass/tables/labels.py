"""What a reader sees for the names that configuration and CSV files use; a name not listed is shown as it is."""

import math

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
    "norm": "Norm",
    "metric": "Metric",
}

LABELS = {
    "dataset": {
        "elpv": "ELPV",
        "elpv_mono": "ELPV, mono",
        "elpv_drawn": "ELPV, drawn defects",
        "textures_drawn": "Textures, drawn defects",
        "mnist5k": "MNIST (5,000)",
        "digits": "MNIST, fewer digits",
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
        "mnist5k_leave_one_out": "MNIST (5,000), leave one out",
        "low_digits": "MNIST digits 0 to 4",
    },
    "method": {
        "ours": "Ours",
        "ours_moments": "Ours, second moments",
        "ours_closed_form": "Ours, closed form",
        "ocsvm": "OC-SVM",
        "knn": "kNN",
        "padim": "PaDiM",
        "patchcore": "PatchCore",
        "mahalanobis": "Mahalanobis",
        "dsvdd": "Deep SVDD",
        "dsad": "Deep SAD",
        "hsc": "HSC",
        "bce": "BCE",
        "focal": "Focal",
        "clip": "CLIP",
        "clip_float16": "CLIP, float16",
        "clip_shuffled": "CLIP, shuffled captions",
        "bce_cl": "BCE-CL",
        "mini_clip": "Miniature CLIP",
        "mini_clip_float16": "Miniature CLIP, float16",
        "mini_clip_shuffled": "Miniature CLIP, shuffled captions",
        "mini_bce_cl": "Miniature BCE-CL",
        "panda": "PANDA",
        "panda_ewc": "PANDA (EWC)",
        "panda_oe": "PANDA (OE)",
        "mean_shifted": "MS",
    },
    "network": {
        "lenet": "LeNet (32 px)",
        "cbam_resnet18": "CBAM ResNet-18 (224 px)",
        "head": "head on frozen features",
        "clip": "CLIP",
        "finetuned": "fine-tuned backbone",
        "": "–",
    },
    "backbone": {"mini_clip": "miniature CLIP"},
    "task": {"one_vs_rest": "one vs rest", "leave_one_out": "leave one out", "defect": "defects"},
    "pool": {
        "photos": "photo crops",
        "photos_large": "photo crops",
        "high_digits": "digits 5 to 9",
        "tiny_imagenet": "Tiny ImageNet",
        "imagenet22k": "ImageNet-22k",
        "": "–",
    },
    "radial": {
        "norm1": "‖z‖₁",
        "norm2": "‖z‖₂",
        "squared": "‖z‖₂²",
        "pseudo_huber": "√(‖z‖₂² + 1) − 1",
    },
    "augmented": {"yes": "with", "no": "without"},
    "outlier": {"best": "Best", "worst": "Worst"},
    "filter": {"none": "unfiltered", "lpf": "low-pass", "hpf": "high-pass"},
    "source": {"evolution": "(evolution, here)"},
    "center": {
        "features": "Feature mean",
        "normal": "N(0, 1)",
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
        "categories": "Categories",
        "train": "Train",
        "test_normal": "Test, normal",
        "test_anomalous": "Test, anomalous",
        "test": "Test",
        "min_size": "Image size, min",
        "max_size": "Image size, max",
    },
}


def label(column: str, name: object) -> str:
    """The text shown for ``name`` of ``column``; numbers as ``number`` writes them."""
    if isinstance(name, float):
        return number(name)
    return LABELS.get(column, {}).get(str(name), str(name))


def number(value: float) -> str:
    """``8``, ``0.5``, ``1000000``, or ``all`` for infinity: a setting, in a table or its CSV."""
    if math.isinf(value):
        return "all"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"
