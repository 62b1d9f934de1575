"""How the card of a detector is drawn: words first, then scores and pictures, numbers and hashes folded below."""

from collections.abc import Mapping
from typing import Any

from oneclass.detector import charts, page
from oneclass.detector.card import outlying_names
from oneclass.detector.fit import Findings
from oneclass.detector.page import Section, Table

METRICS = {
    "image_auroc": "image AUROC",
    "image_ap": "image average precision",
    "pixel_auroc": "pixel AUROC",
    "pixel_aupro": "pixel AUPRO (false-positive rate to 0.3)",
    "pixel_ap": "pixel average precision",
}
CHOSEN = {"method": "Method", "center_norm": "Norm", "centering": "Centering"}


def as_html(card: Mapping[str, Any], findings: Findings) -> str:
    """A page that needs nothing but itself."""
    anomalies = "drawn defects" if findings.drawn else "anomalies"
    normal, other = findings.normal_scores.scores, findings.anomaly_scores.scores
    return page.render(
        f"Detector made from '{card['name']}'",
        card["verdict"],
        warnings=card["warnings"],
        steps=card["next"],
        charts=[
            charts.histogram(normal, other, findings.threshold, anomalies),
            charts.roc(normal, other, findings.threshold),
        ],
        sections=_sections(findings, anomalies),
        tables=[Table("Numbers", _measured(card)), Table("What was chosen, and from what", _rows(card))],
        normal_level=findings.normal_level,
        threshold=findings.threshold,
    )


def _sections(findings: Findings, anomalies: str) -> list[Section]:
    """The pictures, those to look at first."""
    suspects = outlying_names(findings.normal_scores)
    first = [shown for shown in findings.shown if not shown.anomalous and shown.name in suspects]
    others = [shown for shown in findings.shown if shown.anomalous or shown.name not in suspects]
    odd = Section("Is this normal?", "Much higher scores than those of the other normal pictures.", first)
    return [odd, *page.by_verdict(others, findings.threshold, anomalies)]


def _measured(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    measured = card["measured"]
    return [
        ("Measured on", measured["on"]),
        *((label, f"{measured[name]:.1f} %") for name, label in METRICS.items() if name in measured),
        ("Anomalies found", f"{measured['detected']:.1f} % score above the threshold"),
        ("Threshold", f"{card['threshold']['value']:g}. {card['threshold']['why']}"),
    ]


def _rows(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What makes the detector again."""
    data, backbone = card["data"], card["backbone"]
    crop = f", then the middle {card['preprocessing']['crop']}" if card["preprocessing"]["crop"] else ""
    chosen = [(label, f"{card[key]['chosen']}. {card[key]['why']}") for key, label in CHOSEN.items() if key in card]
    if "center_norm" in card:
        by_norm = "; ".join(f"{norm}: {value:.1f}" for norm, value in card["center_norm"]["image_auroc"].items())
        chosen.append(("Image AUROC by norm", by_norm))
    return [
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
        ("ONNX file", f"{card['onnx']['format']}; {card['onnx']['input']}; gives {card['onnx']['output']}"),
        ("ONNX Runtime, PyTorch", f"differ by at most {card['onnx']['difference']:.0e} on held-out pictures"),
        ("Versions", ", ".join(f"{name} {number}" for name, number in card["versions"].items())),
    ]
