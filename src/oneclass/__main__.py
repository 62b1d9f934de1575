"""The command line: ``oneclass score --detector DIR IMAGES…`` (docs/detector.md), ``oneclass plan`` (docs/price.md)."""

import argparse
import sys
from pathlib import Path

from oneclass.errors import UserError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, 1 if a picture could not be read, 2 if nothing could be done."""
    parser = argparse.ArgumentParser(prog="oneclass", description="What a run costs, and the use of what it made.")
    commands = parser.add_subparsers(dest="command", required=True)
    score = commands.add_parser("score", help="score pictures with a detector")
    score.add_argument("--detector", type=Path, required=True, metavar="DIR", help="results/detector/{name}")
    score.add_argument("--out", type=Path, default=Path("scores"), metavar="DIR", help="for scores.csv and overlays/")
    score.add_argument("images", type=Path, nargs="+", metavar="IMAGES", help="picture files, or folders of them")
    plan = commands.add_parser("plan", help="print what a run costs: jobs, time, memory, disk")
    plan.add_argument("--configfile", type=Path, default=Path("config.yaml"), metavar="FILE", help="its configuration")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "plan":
            return _plan(chosen.configfile)
        return _score(chosen.detector, chosen.images, chosen.out)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _score(detector: Path, images: list[Path], out: Path) -> int:
    from oneclass.detector.score import score  # brings ONNX Runtime along, which --help does without

    rows = score(detector, images, out)
    unreadable = [row for row in rows if row.error]
    anomalous = sum(row.anomalous == "yes" for row in rows)
    print(f"{len(rows) - len(unreadable)} pictures scored, {anomalous} anomalous: {out / 'scores.csv'}")
    for row in unreadable:
        print(f"error: {row.error}", file=sys.stderr)
    return 1 if unreadable else 0


def _plan(configfile: Path) -> int:
    from oneclass import config  # pydantic and YAML, which scoring does without
    from oneclass.plan.plan import Plan
    from oneclass.price.model import Price
    from oneclass.price.report import text

    print(text(Price(Plan(config.read(configfile), Path("workflow_scripts")))), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
