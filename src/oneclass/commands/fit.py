"""`oneclass fit`: a detector from a folder of normal pictures (docs/detector.md)."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from oneclass.commands.numbers import share, whole
from oneclass.files import require_writable

HELP = "make a detector from a folder of normal pictures"
OTHER_OUT = "choose another --out"
SMALLEST = 16  # pixels a side that a defect can be drawn on


def add_arguments(parser: ArgumentParser) -> None:
    side = whole(SMALLEST)
    parser.add_argument(
        "pictures", type=Path, metavar="PICTURES", help="a folder of normal pictures; or train/good, test/… in it"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("detector"),
        metavar="DIR",
        help="the detector's folder; one that is there is replaced (%(default)s)",
    )
    parser.add_argument(
        "--method",
        choices=("nearest", "closed_form", "both"),
        default="nearest",
        help="how pictures are compared with normal ones: docs/detector.md (%(default)s)",
    )
    parser.add_argument(
        "--size", type=side, help="pixels a side that pictures are resized to (256, or what the network is made for)"
    )
    parser.add_argument("--crop", type=side, help="pixels a side of the middle square; the rest is not looked at (all)")
    parser.add_argument(
        "--backbone", default="tf_efficientnet_lite0", metavar="NAME", help="a timm network (%(default)s)"
    )
    parser.add_argument(
        "--weights", metavar="FILE", help="its weights (left out: those of an installed package, else of timm's hub)"
    )
    parser.add_argument(
        "--layers", type=whole(), nargs="+", help="stages with the features (1 2 3; of a ViT's blocks, three)"
    )
    parser.add_argument(
        "--held-out",
        type=share,
        default=0.3,
        metavar="SHARE",
        help="normal pictures that are kept back to set the threshold (%(default)s)",
    )
    parser.add_argument(
        "--threshold-quantile",
        type=share,
        default=0.99,
        metavar="SHARE",
        help="held-out pictures that are below the threshold (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1024, help="for everything that is random (%(default)s)")
    parser.add_argument(
        "--resize-in-graph", action="store_true", help="also write an ONNX file that resizes pictures itself"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0 (%(default)s)")


def run(chosen: Namespace) -> int:
    from oneclass import cpus
    from oneclass.detectors import CARD, Detector

    require_writable(chosen.out, OTHER_OUT)  # before the work, not after it
    replaced = (chosen.out / CARD).exists()
    detector = Detector.fit(
        chosen.pictures,
        size=chosen.size,
        crop=chosen.crop,
        backbone=chosen.backbone,
        weights=chosen.weights,
        held_out=chosen.held_out,
        seed=chosen.seed,
        workers=cpus.usable(),
        device=chosen.device,
        method=chosen.method,
        threshold_quantile=chosen.threshold_quantile,
        **({"layers": sorted(set(chosen.layers))} if chosen.layers else {}),
    )
    detector.save(chosen.out, resize_in_graph=chosen.resize_in_graph)
    if replaced:
        print(f"{chosen.out}: another detector was there, which this one replaces")
    for warning in detector.card["warnings"]:
        print(f"warning: {warning}")
    print(detector.card["summary"])
    command = sys.argv[0] if Path(sys.argv[0]).name == "oneclass" else "oneclass"  # as it was typed, where it was
    print(f"Open {chosen.out / 'card.html'}, then try it: {command} score --detector {chosen.out} NEW_PICTURES")
    return 0
