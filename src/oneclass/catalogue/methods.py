"""The catalogue of methods, in the order in which tables list them. A new method is a module and an entry here."""

from collections.abc import Mapping
from typing import TypeVar

from oneclass.catalogue.records import Baseline, Comparator, Features, Loss, Method, Option, Trained

Kind = TypeVar("Kind", bound=Method)

RADIAL = Option(
    "pseudo_huber",
    {"norm1": "‖z‖₁", "norm2": "‖z‖₂", "squared": "‖z‖₂²", "pseudo_huber": "√(‖z‖₂² + 1) − 1"},
)

IMAGE_SCORES = {"maximum": "the maximum of the map", "weighted": "times PatchCore's density weight"}

GT_PLUS = {"epochs": Option(5), "blocks": Option(2), "width": Option(4), "side": Option(32)}

METHODS = {
    method.name: method
    for method in (
        # Paper 1's method, trained in several ways. The literal loop and the online one are rows of the same method.
        Trained(
            "projector",
            "Projector (Adam)",
            {"objective": "Ours"},
            module="objective.methods.projector",
            every_center=("vectors", "maps"),
        ),
        Trained(
            "full_batch",
            "Projector (full batch)",
            module="objective.methods.full_batch",
            every_center=("maps",),
            dash=":",
        ),
        Trained(
            "closed_form",
            "Closed form",
            module="objective.methods.closed_form",
            accelerated=("maps",),
            parameters=False,
            dash="--",
        ),
        Comparator("ocsvm", "OC-SVM", module="objective.methods.ocsvm"),
        Method("SVDD*", "SVDD*"),
        Baseline("svdd", "SVDD (pixels)", module="baselines.svdd", trained=False),
        Method("DSVDD*", "DSVDD*"),
        Loss(
            "dsvdd",
            "Deep SVDD",
            {"exposure": "DSVDD"},
            colour="#999999",
            marker="v",
            module="exposure.losses.dsvdd",
            outliers="none",
        ),
        Method("GT*", "GT*"),
        Baseline(
            "gt",
            "GT",
            module="baselines.gt",
            options={"epochs": Option(3), "blocks": Option(1), "width": Option(4), "side": Option(32)},
        ),
        Method("GT+*", "GT+*"),
        Method("CSI*", "CSI*"),
        Baseline(
            "csi",
            "CSI",
            module="baselines.csi",
            options={
                "epochs": Option(1000),
                "batch": Option(128),
                "rate": Option(1),
                "width": Option(1),
                "side": Option(32),
                "views": Option(10),
            },
        ),
        Method("DN2*", "DN2*"),
        Comparator("knn", "kNN", module="neighbours"),
        Comparator(
            "cfa",
            "CFA",
            {"objective": "CFA"},
            module="objective.methods.cfa",
            features=("maps",),
            trained=True,
            options={"epochs": Option(30)},
        ),
        Baseline(
            "draem",
            "DRAEM",
            {"objective": "DRAEM"},
            module="baselines.draem",
            features=("maps",),
            options={
                "epochs": Option(700),
                "width": Option(1),
                "shrink": Option(1),
                "learning_rate": Option(1e-4),
            },
            needs=("textures",),
        ),
        Baseline(
            "patch_svdd",
            "Patch SVDD",
            {"objective": "Patch SVDD"},
            module="baselines.patch_svdd",
            features=("maps",),
            options={
                "epochs": Option(300),
                "width": Option(1),
                "stride": Option(4),
                "learning_rate": Option(1e-4),
                "svdd_weight": Option(1e-3),
            },
        ),
        Comparator(
            "fastflow",
            "FastFlow",
            {"objective": "FastFlow"},
            module="objective.methods.fastflow",
            features=("maps",),
            trained=True,
            options={"epochs": Option(500), "batch_size": Option(32)},
        ),
        Baseline(
            "stpm",
            "STPM",
            {"objective": "STPM"},
            module="baselines.stpm",
            features=("maps",),
            needs=("backbone",),
            options={"epochs": Option(100), "batch_size": Option(32)},
        ),
        Comparator(
            "padim",
            "PaDiM",
            {"objective": "PaDiM"},
            module="objective.methods.padim",
            features=("maps",),
            options={"channels": Option(100)},
        ),
        Comparator(
            "patchcore",
            "PatchCore",
            module="objective.methods.patchcore",
            features=("maps",),
            options={"image_score": Option("maximum", IMAGE_SCORES)},
        ),
        Comparator("mahalanobis", "Mahalanobis", module="objective.methods.mahalanobis", features=("vectors", "maps")),
        Method("knn_cosine", "kNN, cosine"),
        Baseline(
            "deep_svdd",
            "Deep SVDD (Ruff et al.)",
            {"objective": "DSVDD"},
            module="baselines.deep_svdd",
            options={"epochs": Option(250), "pretraining": Option(350), "width": Option(1)},
        ),
        Method("PANDA*", "PANDA*"),
        Method("panda", "PANDA", {"objective": "PANDA"}),
        Method("panda_ewc", "PANDA (EWC)"),
        Method("mean_shifted", "MS", {"objective": "MS"}),
        Baseline(
            "igd",
            "IGD",
            {"objective": "IGD"},
            module="baselines.igd",
            features=("images", "maps"),
            needs=("backbone",),
            options={"epochs": Option(256), "width": Option(1), "size": Option(256), "patches": Option(225)},
        ),
        Baseline("gt_plus", "GT+ (MRot)", {"objective": "MRot"}, module="baselines.gt_plus", options=GT_PLUS),
        Method("mini_clip", "Miniature CLIP"),
        Method("mini_clip_float16", "Miniature CLIP, float16"),
        Method("mini_clip_shuffled", "Miniature CLIP, shuffled captions"),
        Method("clip", "CLIP", {"exposure": "CLIP"}),
        Method("clip_float16", "CLIP, float16"),
        Method("clip_shuffled", "CLIP, shuffled captions"),
        Method("GT+* (OE)", "GT+* (OE)"),
        Baseline("gt_plus_oe", "GT+ (OE)", module="baselines.gt_plus", needs=("outliers",), options=GT_PLUS),
        Loss("dsad", "Deep SAD", {"exposure": "DSAD"}, "#56B4E9", "D", module="exposure.losses.dsad"),
        Loss(
            "hsc",
            "HSC",
            {"exposure": "HSC"},
            "#009E73",
            "o",
            module="exposure.losses.hsc",
            options={"radial": RADIAL},
        ),
        Method("Focal*", "Focal*"),
        Baseline(
            "focal_hendrycks",
            "Focal (Hendrycks et al.)",
            module="baselines.focal_hendrycks",
            needs=("outliers",),
            options={"epochs": Option(100), "width": Option(1)},
        ),
        Loss(
            "focal",
            "Focal",
            {"exposure": "Focal"},
            "#0B0B0B",
            "^",
            module="exposure.losses.focal",
            outliers="required",
            options={"gamma": Option(2.0)},
        ),
        Loss("bce", "BCE", {"exposure": "BCE"}, "#882255", "s", module="exposure.losses.bce", outliers="required"),
        Method("PANDA* (OE)", "PANDA* (OE)"),
        Method("panda_oe", "PANDA (OE)"),
        Method("ADIP*", "ADIP*"),
        Baseline(
            "adip",
            "ADIP",
            module="baselines.adip",
            needs=("outliers", "backbone"),
            options={"epochs": Option(100), "image_size": Option(224), "blocks": Option(5)},
        ),
        Method("mini_bce_cl", "Miniature BCE-CL"),
        Method("bce_cl", "BCE-CL", {"exposure": "BCE-CL"}),
    )
}

ORDER = list(METHODS)


def of_kind(kind: type[Kind], features: Features | None = None) -> dict[str, Kind]:
    """The methods of one kind, such as ``Loss``; only those that run on ``features``, if given."""
    return {
        name: method
        for name, method in METHODS.items()
        if isinstance(method, kind) and (features is None or features in method.features)
    }


def published_names(paper: str) -> dict[str, str]:
    """The names that ``paper`` gives to methods that are run here, and ours for them."""
    return {method.published[paper]: name for name, method in METHODS.items() if paper in method.published}


def options() -> dict[str, Option]:
    """The options of all losses, in their order. Each is a column of ``tidy``; raises ``ValueError`` if two losses
    share a name."""
    owner: dict[str, str] = {}
    for loss in of_kind(Loss).values():
        for name in loss.options:
            if other := owner.get(name):
                raise ValueError(f"option '{name}' of {other} and of {loss.name}: rename it in one of them")
            owner[name] = loss.name
    return {name: of_kind(Loss)[loss].options[name] for name, loss in owner.items()}


def unlike_default(loss: str, chosen: Mapping[str, str | float]) -> str:
    """Those of the options ``chosen``, by name, of which ``loss`` has another default, in words for readers: ``gamma
    5``; nothing if there is none. Options of other losses may be among them."""
    return ", ".join(
        f"{name.replace('_', ' ')} {option.values[str(chosen[name])] if option.values else f'{chosen[name]:g}'}"
        for name, option in of_kind(Loss)[loss].options.items()
        if name in chosen and chosen[name] != option.default
    )
