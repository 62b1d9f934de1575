"""Reading a configuration's YAML, more strictly than YAML asks: a key that is written twice is a mistake."""

from pathlib import Path
from typing import Any

import yaml

from oneclass.errors import UserError, shown

MOST_BYTES = 2**20
"""Of a file. The largest here has 10,000; a parser needs a minute and a gigabyte for ten million."""


class _Loader(yaml.SafeLoader):
    """YAML's plain values, whose tags make no Python objects."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"the key '{key.value}' is written twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return node


def parsed(path: Path) -> dict[str, Any]:
    """The keys and values in the file ``path``; ``UserError`` if it cannot be read, or holds something else."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES} bytes")
        values = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read ({shown(' '.join(str(error).split()))})") from None
    except RecursionError:
        raise UserError(f"{path}: cannot be read (brackets within brackets, too many)") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: not a configuration; write its keys, each with a value")
    return values
