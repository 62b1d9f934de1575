from collections.abc import Callable

import pytest

from oneclass.tables.render import Table

Texts = dict[tuple[str, ...], dict[str, str]]


@pytest.fixture(scope="session")
def texts() -> Callable[[Table], Texts]:
    """The cells of a table, by the labels of their row and then by their heading."""

    def read(table: Table) -> Texts:
        return {
            key if isinstance(key, tuple) else (key,): {str(name): text for name, text in values.items()}
            for key, values in table.wide.iterrows()
        }

    return read


@pytest.fixture(scope="session")
def of() -> Callable[[dict[str, str], str], list[str]]:
    """Here, published and difference: a method's cells in a row of ``texts``."""

    def select(row: dict[str, str], method: str) -> list[str]:
        return [row.get(f"{method} {source}", "") for source in ("(here)", "(published)", "difference")]

    return select
