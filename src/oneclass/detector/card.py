"""The card of a detector: what it was made from, what was chosen and why, and what was measured. JSON, and a page."""

import base64
import io
import json
from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from typing import Any

from PIL import Image

from oneclass.detector.fit import TOLERANCE, CardPicture, Findings
from oneclass.detector.learning import ALIGNED, CANDIDATES, REFERENCE
from oneclass.detector.overlay import overlay

GUIDE = "paper 1, Section 5.3: for a mean cosine of 0.19, norms from 1 to 32 serve; for 0.61, norms from 1 to below 8"
METRICS = {
    "image_auroc": "image AUROC",
    "image_ap": "image average precision",
    "pixel_auroc": "pixel AUROC",
    "pixel_aupro": "pixel AUPRO (false-positive rate to 0.3)",
    "pixel_ap": "pixel average precision",
}
WHAT = {
    "nearest": f"A patch's score is its distance to the nearest of {REFERENCE:,} normal patches, which cover "
    f"{CANDIDATES:,} drawn at random from the training pictures (or all, where there are fewer).",
    "closed_form": "A patch's score is what training a projector of normal patches would leave of it.",
    "both": "A patch's score is the mean of two: its distance to the nearest normal patch, and what training a "
    "projector of normal patches would leave of it.",
}
CHOSEN = {"method": "Method", "center_norm": "Norm", "centering": "Centering"}
PACKAGES = ("torch", "timm", "onnx", "onnxruntime", "numpy", "pillow")

STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #5a5a5a; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem auto; padding: 0 1rem; max-width: 60rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; width: 14rem; }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; }
figure img { width: 16rem; max-width: 48%; }
figcaption { color: var(--quiet); }
""".strip()


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
    return {
        "name": data["dataset"],
        "summary": _summary(findings),
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
        "threshold": {
            "value": findings.threshold,
            "threshold_quantile": threshold_quantile,
            "expected_false_alarms": round(findings.false_alarms, 2),
            "why": _why_threshold(findings, threshold_quantile),
        },
        "measured": {
            "on": f"{findings.held_out} held-out normal pictures and {_anomalies(findings)}",
            **{name: round(value, 2) for name, value in findings.measured.items()},
            "detected": round(findings.detected, 2),
        },
        "smoothing": settings["sigma"],
        "onnx": {
            "input": f"images, uint8 [B, 3, {size}, {size}], RGB, resized as under preprocessing",
            "output": f"map [B, {size}, {size}] and score [B], the largest value of the map",
            "difference": float(f"{difference:.0e}"),
        },
        "versions": {name: version(name) for name in PACKAGES},
    }


def _summary(findings: Findings) -> str:
    """What the detector can do, in words."""
    return (
        f"Made from {findings.train} normal pictures. {findings.held_out} more set the threshold: about "
        f"{findings.false_alarms:.1f} % of new normal pictures are expected above it. Of {_anomalies(findings)}, "
        f"{findings.detected:.0f} % are."
    )


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


def as_json(card: Mapping[str, Any]) -> str:
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def as_html(card: Mapping[str, Any], findings: Findings) -> str:
    """A page that needs nothing but itself."""
    title = f"Detector '{card['name']}'"
    figures = [_figure(shown, findings) for shown in findings.shown]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>",
            _table(_rows(card)),
            f"<h2>Pictures</h2>\n<p>{escape(_legend(findings))}</p>",
            *figures,
            "</body>\n</html>\n",
        ]
    )


def _rows(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the page says, line by line."""
    data, backbone, measured = card["data"], card["backbone"], card["measured"]
    crop = f", then the middle {card['preprocessing']['crop']}" if card["preprocessing"]["crop"] else ""
    chosen = [(label, f"{card[key]['chosen']}. {card[key]['why']}") for key, label in CHOSEN.items() if key in card]
    if "center_norm" in card:
        by_norm = "; ".join(f"{norm}: {value:.1f}" for norm, value in card["center_norm"]["image_auroc"].items())
        chosen.append(("Image AUROC by norm", by_norm))
    return [
        ("Measured on", measured["on"]),
        *((label, f"{measured[name]:.1f} %") for name, label in METRICS.items() if name in measured),
        ("Anomalies found", f"{measured['detected']:.1f} % score above the threshold"),
        ("Threshold", f"{card['threshold']['value']:g}. {card['threshold']['why']}"),
        *chosen,
        (
            "Data",
            f"data set '{data['dataset']}', class '{data['class']}': {data['training_pictures']} normal pictures for "
            f"training, {data['held_out_normal_pictures']} held out; index {data['index_hash']}",
        ),
        (
            "Backbone",
            f"{backbone['architecture']}, layers {', '.join(map(str, backbone['layers']))}; weights "
            f"{backbone['weights_sha256']}",
        ),
        ("Preprocessing", f"resize to {card['preprocessing']['resize']} pixels a side (Pillow, bilinear){crop}"),
        ("ONNX file", f"{card['onnx']['input']}; gives {card['onnx']['output']}"),
        ("ONNX Runtime, PyTorch", f"differ by at most {card['onnx']['difference']:.0e} on held-out pictures"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in card["versions"].items())),
    ]


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


def _why_threshold(findings: Findings, threshold_quantile: float) -> str:
    return (
        f"The {100 * threshold_quantile:g} % quantile of {findings.held_out} held-out normal scores; about "
        f"{findings.false_alarms:.1f} % of new normal pictures are expected above it."
    )


def _legend(findings: Findings) -> str:
    return (
        "Each picture as the network sees it, then with its anomaly map: no colour up to what a normal pixel has, the "
        f"threshold {findings.threshold:g} outlined, the same scale for all."
    )


def _table(rows: list[tuple[str, str]]) -> str:
    cells = [f'<tr><th scope="row">{escape(label)}</th><td>{escape(text)}</td></tr>' for label, text in rows]
    return "\n".join(["<table>", *cells, "</table>"])


def _figure(shown: CardPicture, findings: Findings) -> str:
    picture = Image.fromarray(shown.picture)
    images = (picture, overlay(picture, shown.anomaly, findings.normal_level, findings.threshold))
    kind = "anomalous" if shown.anomalous else "normal"
    verdict = "above" if shown.score > findings.threshold else "below"
    caption = f"{shown.name} ({kind}): score {shown.score:.3g}, {verdict} the threshold"
    tags = [f'<img src="{_data_uri(image)}" alt="{escape(caption)}">' for image in images]
    return f"<figure>{''.join(tags)}<figcaption>{escape(caption)}</figcaption></figure>"


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
