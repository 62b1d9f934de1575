"""`oneclass plan`: what a run costs before it is started (docs/price.md)."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

HELP = "print what a run costs: jobs, time, memory, disk"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--configfile", type=Path, default=Path("config.yaml"), metavar="FILE", help="its configuration (%(default)s)"
    )


def run(chosen: Namespace) -> int:
    from oneclass import config
    from oneclass.plan.plan import Plan
    from oneclass.price.model import Price
    from oneclass.price.report import text

    print(text(Price(Plan(config.read(chosen.configfile), Path("workflow_scripts")))), end="")
    return 0
