"""Keys and values of configurations before version 0.2.0, and what they are called now."""

# Where a key had several meanings, the new name is the one that its section knows.
RENAMED = {
    "seeds": ("repetitions",),
    "seeds_by_dataset": ("repetitions_by_dataset",),
    "moments_seeds": ("repetitions_by_method",),
    "norms": ("center_norms",),
    "reference_norm": ("default_center_norm",),
    "centring": ("centering",),
    "pool": ("patch_size",),
    "quantile": ("threshold_quantile",),
    "strength": ("defect_contrast",),
    "labels": ("granularity", "class_names"),
    "high_pass": ("high_pass_width",),
    "outliers": ("outlier_counts",),
    "outlier_classes": ("outlier_class_counts",),
    "sides": ("image_sizes",),
}
RENAMED_OPTIONS = {"radials": "radial", "gammas": "gamma"}
RENAMED_VALUES = {"normal": "gaussian", "features": "mean_feature", "code": "2m", "paper": "m"}
