"""What the card of a detector says: how good it is, what to do next, what was chosen and why, what was measured."""

import json
import math
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from oneclass.detector.fit import TOLERANCE, Findings
from oneclass.detector.graph import IR_VERSION, OPSET
from oneclass.detector.learning import ALIGNED, REFERENCE
from oneclass.detector.patches import CANDIDATES
from oneclass.detector.shown import NamedScores
from oneclass.detector.threshold import FalseAlarms, choose_threshold, false_alarms, outlying
from oneclass.detector.verdict import GOOD, USABLE, percent, word

GUIDE = "paper 1, Section 5.3: for a mean cosine of 0.19, norms from 1 to 32 serve; for 0.61, norms from 1 to below 8"
WHAT = {
    "nearest": f"A patch's score is its distance to the nearest of {REFERENCE:,} normal patches, which cover "
    f"{CANDIDATES:,} drawn at random from the training pictures (or all, where there are fewer).",
    "closed_form": "A patch's score is what training a projector of normal patches would leave of it.",
    "both": "A patch's score is the mean of two: its distance to the nearest normal patch, and what training a "
    "projector of normal patches would leave of it.",
}
PACKAGES = ("torch", "timm", "onnx", "onnxruntime", "numpy", "pillow")

CERTAIN = 0.1
"""Share of false alarms that the interval may reach before the card warns of too few pictures."""


def describe(
    findings: Findings,
    settings: Mapping[str, Any],
    data: Mapping[str, Any],
    backbone: Mapping[str, Any],
    *,
    threshold_quantile: float,
    difference: float,
) -> dict[str, Any]:
    """Everything on the card but its pictures, for ``card.json``; nothing that depends on when or where it was made."""
    size = settings["size"]
    alarms = false_alarms(findings.held_out, threshold_quantile)
    verdict, steps = _verdict(findings, alarms), _steps(findings, alarms, threshold_quantile)
    return {
        "name": data["dataset"],
        "summary": f"{verdict} {steps[0]}",
        "verdict": verdict,
        "warnings": [
            *_outlying(findings, threshold_quantile),
            *_outlying_training(findings),
            *findings.oddities,
            *_few(findings, alarms),
        ],
        "next": steps,
        "data": {
            **data,
            "training_pictures": findings.train,
            "held_out_normal_pictures": findings.held_out,
            "anomalies": findings.anomalies,
            "anomalies_are": _anomalies(findings),
        },
        "backbone": {**backbone, **{key: settings[key] for key in ("layers", "patch_size", "alignment")}},
        "preprocessing": {
            "resize": settings["resize"],
            "crop": settings["crop"],
            "interpolation": "Pillow's bilinear, antialiased, to a square; then the centre",
            "normalisation": "inside the model",
        },
        "method": {"chosen": findings.method, "why": WHAT[findings.method]},
        **_closed_form(findings),
        "threshold": _threshold(findings, alarms, threshold_quantile),
        "measured": {
            "on": f"{findings.held_out} held-out normal pictures and {_anomalies(findings)}",
            **{name: round(value, 2) for name, value in findings.measured.items()},
            "detected": round(findings.detected, 2),
        },
        "smoothing": settings["sigma"],
        "onnx": {
            "format": f"IR version {IR_VERSION}, opset {OPSET}",
            "input": f"images, uint8 [B, 3, {size}, {size}], RGB, resized as under preprocessing",
            "output": f"map [B, {size}, {size}] and score [B], the largest value of the map",
            "difference": float(f"{difference:.0e}"),
        },
        "versions": {name: version(name) for name in PACKAGES},
    }


def outlying_names(pictures: NamedScores) -> list[str]:
    """The normal pictures that should be looked at: their scores are much too high for the others."""
    return [pictures.names[position] for position in outlying(pictures.scores)]


def _verdict(findings: Findings, alarms: FalseAlarms) -> str:
    """How good it is, in words."""
    found = int((findings.anomaly_scores.scores > findings.threshold).sum())
    how_good = word(findings.detected, 100 * alarms.expected)
    return (
        f"{how_good}: it finds {found} of {_anomalies(findings)} with an image AUROC of "
        f"{findings.measured['image_auroc']:.1f} %, and {_alarms(alarms)} of new normal pictures are expected to be "
        "flagged."
    )


def _alarms(alarms: FalseAlarms) -> str:
    return f"about {100 * alarms.expected:.2g} % ({percent(alarms.low, alarms.high)})"


def _outlying(findings: Findings, quantile: float) -> list[str]:
    """What a held-out picture that is itself anomalous would do, if there seems to be one."""
    names, scores = outlying_names(findings.normal_scores), findings.normal_scores.scores
    if not names:
        return []
    which = f"The held-out normal picture{'s' if len(names) > 1 else ''} {', '.join(names)}"
    rest = choose_threshold(np.delete(scores, outlying(scores)), quantile)
    found = [int((findings.anomaly_scores.scores > value).sum()) for value in (rest, findings.threshold)]
    return [
        f"{which} score{'' if len(names) > 1 else 's'} much higher than the others. Without, the threshold would be "
        f"{rest:.3g} instead of {findings.threshold:.3g}, and {found[0]} anomalies would be found instead of "
        f"{found[1]}. If there is a defect, take it out of the normal pictures and fit again; else leave it."
    ]


def _outlying_training(findings: Findings) -> list[str]:
    """What a training picture that is itself anomalous, or of something else, would do, if there seems to be one."""
    names = outlying_names(findings.training_scores)
    if not names:
        return []
    one = len(names) == 1
    return [
        f"The training picture{'' if one else 's'} {', '.join(names)} {'is' if one else 'are'} unlike the others. What "
        f"{'it shows' if one else 'they show'} counts as normal wherever it is. If it should not, take "
        f"{'it' if one else 'them'} out and fit again; else leave it."
    ]


def _few(findings: Findings, alarms: FalseAlarms) -> list[str]:
    if alarms.high <= CERTAIN:
        return []
    return [
        f"Only {findings.held_out} normal pictures set the threshold: the share of new normal ones that are flagged "
        f"may be anything from {100 * alarms.low:.2g} to {100 * alarms.high:.2g} %."
    ]


def _steps(findings: Findings, alarms: FalseAlarms, quantile: float) -> list[str]:
    """What to do next, what matters most first."""
    names = [*outlying_names(findings.normal_scores), *outlying_names(findings.training_scores)]
    needed = math.ceil(1 / (1 - quantile) - 1e-9) - 1
    steps = []
    if names:
        steps.append(f"Look at {names[0]} first: is it normal?")
    if findings.detected < USABLE[0] and findings.measured["image_auroc"] < GOOD[0]:
        steps.append("Try a larger size (at 512 pixels smaller defects show), another method or another backbone.")
    if findings.held_out < needed:
        lacking = math.ceil((needed - findings.held_out) * (1 + findings.train / findings.held_out))
        steps.append(
            f"Add about {lacking} normal pictures: {needed} of them, instead of {findings.held_out}, would then set "
            f"the threshold, which is what it takes to flag no more than {100 * (1 - quantile):.2g} % of new ones."
        )
    if findings.drawn:
        steps.append(
            "Measure it on real defects, if you have some (oneclass evaluate): drawn ones do not tell how well it "
            "finds yours."
        )
    return [*steps, "Score new pictures (oneclass score)."]


def _closed_form(findings: Findings) -> dict[str, Any]:
    """What only the closed form chooses."""
    chosen: dict[str, Any] = {}
    if findings.variance_explained_by_mean_map is not None:
        chosen["centering"] = {
            "chosen": findings.centering,
            "variance_explained_by_mean_map": round(findings.variance_explained_by_mean_map, 4),
            "why": _why_centering(findings.variance_explained_by_mean_map),
        }
    if findings.center_norm is not None:
        chosen["center_norm"] = {
            "chosen": findings.center_norm,
            "cosine": round(findings.cosine, 4),
            "image_auroc": {f"{norm:g}": round(value, 2) for norm, value in findings.auroc_by_center_norm.items()},
            "feasible": findings.feasible,
            "guide": GUIDE,
            "why": _why_center_norm(findings),
        }
    return chosen


def _threshold(findings: Findings, alarms: FalseAlarms, quantile: float) -> dict[str, Any]:
    return {
        "value": findings.threshold,
        "threshold_quantile": quantile,
        "expected_false_alarms": round(100 * alarms.expected, 2),
        "false_alarm_interval": [round(100 * bound, 2) for bound in (alarms.low, alarms.high)],
        "why": f"The {100 * quantile:g} % quantile of {findings.held_out} held-out normal scores, as high as their "
        f"number allows; {_alarms(alarms)} of new normal pictures are expected above it.",
    }


def as_json(card: Mapping[str, Any]) -> str:
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def _anomalies(findings: Findings) -> str:
    kind = "drawn defects (not real ones)" if findings.drawn else "real anomalies"
    return f"{findings.anomalies} {kind}"


def _why_centering(known: float) -> str:
    share = f"{100 * known:.0f} %"
    return (
        f"The mean map of the training pictures explains {share} of the held-out normal pictures' variance. From "
        f"{100 * ALIGNED:.0f} % on things lie in the same place in every picture, and position is advised; else none."
    )


def _why_center_norm(findings: Findings) -> str:
    if len(findings.auroc_by_center_norm) == 1:
        return "The only one in the configuration."
    text = (
        f"The smallest of those within {TOLERANCE:g} point of the best image AUROC on {_anomalies(findings)}: "
        f"{', '.join(f'{norm:g}' for norm in findings.feasible)}. Mean cosine of normal and anomalous features before "
        f"training: {findings.cosine:.2f} ({GUIDE})."
    )
    return text if findings.centering == "none" else f"{text} Features that are centred hardly depend on the norm."
