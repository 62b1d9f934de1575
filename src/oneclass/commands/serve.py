"""``oneclass serve``: a finished detector as a service, with a page to drop pictures on (docs/detector.md)."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from oneclass import packages
from oneclass.errors import UserError

HELP = "score pictures that a browser or another program sends"
PACKAGES = {"fastapi": "fastapi", "uvicorn": "uvicorn", "python-multipart": "python_multipart"}  # and their modules


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--detector", type=Path, required=True, metavar="DIR", help="the folder that `fit` wrote")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0 is for all who reach this machine (%(default)s)"
    )
    parser.add_argument("--port", type=int, default=8000, help="0: any that is free (%(default)s)")
    parser.add_argument("--max-megabytes", type=float, default=32, metavar="MB", help="of a request (%(default)s)")
    parser.add_argument("--max-megapixels", type=float, default=64, metavar="MP", help="of a picture (%(default)s)")
    parser.add_argument("--max-seconds", type=float, default=30, metavar="S", help="for a request (%(default)s)")
    parser.add_argument(
        "--max-requests", type=int, default=64, metavar="N", help="in work or waiting; more get a 503 (%(default)s)"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="that score (as many as it may use CPUs)")


def run(chosen: Namespace) -> int:
    """0 once a signal has ended the service."""
    missing = [package for package, module in PACKAGES.items() if packages.folder(module) is None]
    if missing:
        raise UserError(f"`oneclass serve` needs packages that are missing: python -m pip install {' '.join(missing)}")
    limits = (chosen.max_megabytes, chosen.max_megapixels, chosen.max_seconds, chosen.max_requests)
    if not all(number > 0 for number in (*limits, 1 if chosen.threads is None else chosen.threads)):  # nor NaN
        raise UserError("--max-… and --threads are numbers above 0")

    from oneclass import cpus
    from oneclass.serving.app import Limits
    from oneclass.serving.server import serve

    serve(chosen.detector, chosen.host, chosen.port, Limits(*limits), chosen.threads or cpus.usable())
    return 0
