"""``oneclass score``: new pictures by a finished detector (docs/detector.md)."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

HELP = "score pictures with a detector"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--detector", type=Path, required=True, metavar="DIR", help="the folder that `fit` wrote")
    parser.add_argument("--out", type=Path, default=Path("scores"), metavar="DIR", help="for scores.csv and overlays/")
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGES", help="picture files, or folders of them")


def run(chosen: Namespace) -> int:
    """1 if a picture could not be read."""
    from oneclass.detector.score import score

    rows = score(chosen.detector, chosen.images, chosen.out)
    unreadable = [row for row in rows if row.error]
    anomalous = sum(row.anomalous == "yes" for row in rows)
    print(f"{len(rows) - len(unreadable)} pictures scored, {anomalous} anomalous: {chosen.out / 'scores.csv'}")
    for row in unreadable:
        print(f"error: {row.error}", file=sys.stderr)
    return 1 if unreadable else 0
