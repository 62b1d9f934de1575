"""`oneclass evaluate`: a finished detector on labelled pictures (docs/detector.md)."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from oneclass.commands.fit import OTHER_OUT
from oneclass.commands.numbers import share
from oneclass.files import require_writable

HELP = "measure a detector on labelled pictures"
SEED = 1024  # of the interval of the AUROC


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--detector", type=Path, required=True, metavar="DIR", help="the folder that `fit` wrote")
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), metavar="DIR", help="for evaluation.html, .json and .csv"
    )
    parser.add_argument(
        "--false-alarms",
        type=share,
        default=0.01,
        metavar="SHARE",
        help="of normal pictures; the threshold for it is worked out, too (%(default)s)",
    )
    parser.add_argument("pictures", type=Path, metavar="LABELLED", help="good/ and a folder for each kind of anomaly")


def run(chosen: Namespace) -> int:
    """1 if a picture could not be read."""
    from oneclass.detector.scorer import Scorer
    from oneclass.evaluation import measures
    from oneclass.evaluation.labelled import score_labelled
    from oneclass.evaluation.page import as_html, steps, summary
    from oneclass.files import atomic
    from oneclass.seeds import derive

    scorer = Scorer.load(chosen.detector)
    require_writable(chosen.out, OTHER_OUT)  # before the work, not after it
    pictures = score_labelled(scorer, chosen.pictures)
    measured = measures.measure(pictures, scorer.threshold, chosen.false_alarms, derive(SEED, "evaluation"))
    page = as_html(chosen.detector.resolve().name, pictures, measured, scorer)
    measures.write_csv(pictures, scorer.threshold, chosen.out / "evaluation.csv")
    for name, text in (("evaluation.json", measures.as_json(measured)), ("evaluation.html", page)):
        with atomic(chosen.out / name) as path:
            path.write_text(text, encoding="utf-8", newline="\n")
    for error in pictures.errors.values():
        print(f"error: {error}", file=sys.stderr)
    print(summary(measured))
    print(steps(measured)[0])
    print(f"Open {chosen.out / 'evaluation.html'}")
    return 1 if pictures.errors else 0
