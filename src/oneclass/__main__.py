"""The command line: ``oneclass COMMAND …``."""

import argparse
import sys

from oneclass.commands import evaluate, fit, plan, score, serve
from oneclass.errors import line

COMMANDS = {"fit": fit, "score": score, "evaluate": evaluate, "serve": serve, "plan": plan}


def parser() -> argparse.ArgumentParser:
    """What the commands take."""
    whole = argparse.ArgumentParser(prog="oneclass", description="A detector for your pictures; what a run costs.")
    commands = whole.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.HELP, description=command.__doc__))
    return whole


def main(arguments: list[str] | None = None) -> int:
    """The exit status: the command's, or 2 if nothing could be done."""
    chosen = parser().parse_args(arguments)
    try:
        return COMMANDS[chosen.command].run(chosen)
    except Exception as error:
        if not (told := line(error)):
            raise
        print(f"error: {told}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
