"""`oneclass score`: scores new pictures with a detector (docs/detector.md)."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from oneclass.commands.numbers import finite, whole

HELP = "score pictures with a detector"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--detector", type=Path, required=True, metavar="DIR", help="the folder that `fit` wrote")
    parser.add_argument(
        "--out", type=Path, default=Path("scores"), metavar="DIR", help="for scores.csv, regions.jsonl and overlays/"
    )
    parser.add_argument("--threshold", type=finite, metavar="SCORE", help="anomalous is what is above (the detector's)")
    parser.add_argument(
        "--overlays",
        choices=("all", "anomalous", "none"),
        help="pictures whose anomaly map is drawn over them (all of up to 1,000 pictures, else anomalous ones)",
    )
    parser.add_argument("--maps", action="store_true", help="write each raw anomaly map, too: maps/….npy, float32")
    parser.add_argument(
        "--tiles",
        type=whole(),
        metavar="PIXELS",
        help="look at large pictures in overlapping squares of so many pixels",
    )
    parser.add_argument("--ignore", type=Path, metavar="MASK", help="a picture that is white where nothing counts")
    parser.add_argument("--watch", action="store_true", help="go on with pictures that arrive, until Ctrl-C")
    parser.add_argument(
        "images", nargs="+", metavar="IMAGES", help="picture files, folders of them, patterns, or - for a list on stdin"
    )


def run(chosen: Namespace) -> int:
    """0 if all were scored, 1 if a picture could not be read, 3 if it was stopped before the end."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(chosen)
    except KeyboardInterrupt:
        print("error: stopped; run the same command again to go on", file=sys.stderr)
        return 3
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run(chosen: Namespace) -> int:
    from oneclass.scoring.memory import return_freed_memory
    from oneclass.scoring.run import score

    return_freed_memory()
    done = score(
        chosen.detector,
        chosen.images,
        chosen.out,
        threshold=chosen.threshold,
        overlays=chosen.overlays,
        maps=chosen.maps,
        tiles=chosen.tiles,
        ignore=chosen.ignore,
        watch=chosen.watch,
    )
    for error in done.errors:
        print(f"error: {error}", file=sys.stderr)
    if done.passed_over:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in done.passed_over.most_common())
        print(f"not pictures, and left out: {kinds}", file=sys.stderr)
    before = f"; {done.taken_over} scored before" if done.taken_over else ""
    if done.others:
        before += f"; {done.others} rows of other pictures are kept"
    pictures = "1 picture" if done.scored == 1 else f"{done.scored} pictures"
    unreadable = f", {len(done.errors)} not readable" if done.errors else ""
    overlays = {"all": "", "anomalous": "; overlays of these alone", "none": "; no overlays"}[done.overlays]
    told = f"{pictures} scored, {done.anomalous} anomalous{unreadable}{overlays}{before}"
    print(f"{told}: {chosen.out / 'scores.csv'}")
    if done.stopped:
        print(f"error: stopped ({done.stopped}); run the same command again to go on", file=sys.stderr)
        return 3
    return 1 if done.errors else 0
