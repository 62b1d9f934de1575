"""What a reader sees for the names that configuration and CSV files use; a name not listed is shown as it is."""

HEADINGS = {
    "dataset": "Data set",
    "class": "Category",
    "protocol": "Protocol",
    "method": "Method",
    "center": "Centre",
    "backbone": "Backbone",
    "projector": "Projector",
    "source": "Value",
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
        "fashion_mnist": "Fashion-MNIST",
        "cifar10": "CIFAR10",
        "cifar100": "CIFAR100",
        "cats_vs_dogs": "CatsVsDogs",
        "mvtec_ad": "MVTec AD",
        "mpdd": "MPDD",
        "visa": "VisA",
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
    },
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
    """The text shown for ``name`` of ``column``; numbers in their shortest form."""
    if isinstance(name, float):
        return f"{name:g}"
    return LABELS.get(column, {}).get(str(name), str(name))
