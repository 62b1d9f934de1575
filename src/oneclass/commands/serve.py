"""`oneclass serve`: a finished detector as a service, with a page to drop pictures on (docs/detector.md)."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from oneclass import packages
from oneclass.commands.numbers import PORTS, positive, whole
from oneclass.errors import UserError

HELP = "score pictures that a browser or another program sends"
PACKAGES = {"fastapi": "fastapi", "uvicorn": "uvicorn", "python-multipart": "python_multipart"}  # and their modules


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--detector", type=Path, required=True, metavar="DIR", help="the folder that `fit` wrote")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0 is for all who reach this machine (%(default)s)"
    )
    parser.add_argument("--port", type=whole(0, PORTS), default=8000, help="0: any that is free (%(default)s)")
    parser.add_argument("--max-megabytes", type=positive, default=32, metavar="MB", help="of a request (%(default)s)")
    parser.add_argument("--max-megapixels", type=positive, default=64, metavar="MP", help="of a picture (%(default)s)")
    parser.add_argument("--max-seconds", type=positive, default=30, metavar="S", help="for a request (%(default)s)")
    parser.add_argument(
        "--max-requests",
        type=whole(),
        default=64,
        metavar="N",
        help="requests at once, waiting ones included; others get a 503 (%(default)s)",
    )
    parser.add_argument("--threads", type=whole(), metavar="N", help="threads that score (one for each usable CPU)")


def run(chosen: Namespace) -> int:
    """0 once a signal has ended the service."""
    missing = [package for package, module in PACKAGES.items() if packages.folder(module) is None]
    if missing:
        raise UserError(f"`oneclass serve` needs packages that are missing: python -m pip install {' '.join(missing)}")

    from oneclass import cpus
    from oneclass.serving.app import Limits
    from oneclass.serving.server import serve

    limits = Limits(chosen.max_megabytes, chosen.max_megapixels, chosen.max_seconds, chosen.max_requests)
    serve(chosen.detector, chosen.host, chosen.port, limits, chosen.threads or cpus.usable())
    return 0
