"""GitHub's Markdown."""

from collections.abc import Sequence


def row(cells: Sequence[str]) -> str:
    """A row of a table; a cell may hold any text."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
