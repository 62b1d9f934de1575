"""The configuration as a page for people, written from its JSON schema: a table for each section."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
TYPES = {"string": "text", "boolean": "true or false"}
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
HEAD = """# Configuration

<!-- Written by `make schema` from src/oneclass/config. -->

Every key that a configuration may have. `config.yaml` and the files in `configs/` are examples. Editors that read
the schema that the first line of each names, in `schemas/`, complete and check the keys. A key without a default
is required, and a section that is left out is not run. `{name}` is a name that you give.
"""


def write(schema: Schema) -> str:
    """The page, in Markdown, for the JSON ``schema`` of the configuration."""
    places: dict[str, list[str]] = {}  # of each section, by the name of its definition
    for name, place in _places(schema, schema, ""):
        places.setdefault(name, []).append(place)
    parts = [HEAD, _table(schema, places)]
    for name, (first, *others) in places.items():
        same = f" The same keys: {', '.join(f'`{place}`' for place in others)}." if others else ""
        section = schema["$defs"][name]
        parts += [f"## {first}\n", f"{_about(section)}{same}\n", _table(section, places)]
    return "\n".join(parts)


def _places(schema: Schema, section: Schema, path: str) -> Iterator[tuple[str, str]]:
    """The sections within ``section``, which is at ``path``, each with the key under which it is."""
    for key, value in section["properties"].items():
        for name, end in _sections(value):
            yield name, f"{path}{key}{end}"
            yield from _places(schema, schema["$defs"][name], f"{path}{key}{end}.")


def _sections(value: Schema) -> list[tuple[str, str]]:
    """The sections that a key may hold, each with what comes after the key."""
    if "$ref" in value:
        return [(value["$ref"].rpartition("/")[2], "")]
    inner = [(each, "") for each in value.get("anyOf", [])] + [(each, ".{name}") for each in _by_name(value)]
    inner += [(value["items"], "[]")] if "items" in value else []
    return [(name, end + rest) for each, end in inner for name, rest in _sections(each)]


def _by_name(value: Schema) -> list[Schema]:
    """What a key holds for each name that the user gives."""
    named = [value.get("additionalProperties"), *value.get("patternProperties", {}).values()]
    return [each for each in named if isinstance(each, Mapping)]


def _table(section: Schema, places: Mapping[str, list[str]]) -> str:
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in section["properties"].items():
        links = [places[name][0] for name, _ in _sections(value)]
        anchors = ["".join(letter for letter in link if letter.isalnum() or letter == "_") for link in links]
        kind = f"[{links[0]}](#{anchors[0]})" if links else _kind(value)
        chosen = value.get("default")
        default = {} if links and chosen else chosen  # a section's defaults are in its own table
        written = f" `{json.dumps(default, ensure_ascii=False)}`" if "default" in value else ""
        about = _about(value)
        rows.append(f"| `{key}` | {kind} |{written} |{about and f' {about}'} |")
    return "\n".join(rows) + "\n"


def _about(value: Schema) -> str:
    """Its description, in one line."""
    return " ".join(value.get("description", "").replace("``", "`").split())


def _kind(value: Schema) -> str:
    """What a value may be, in words."""
    if "anyOf" in value:
        return " or ".join(map(_kind, value["anyOf"]))
    if "enum" in value or "const" in value:
        return ", ".join(f"`{each}`" for each in value.get("enum", [value.get("const")]))
    if "items" in value:
        return f"list of {_kind(value['items'])}"
    if value["type"] == "object":
        return f"{_kind(_by_name(value)[0])}, by name"
    bounds = [f"{sign} {value[bound]:g}" for bound, sign in BOUNDS.items() if bound in value]
    return f"{TYPES.get(value['type'], value['type'])} {', '.join(bounds)}".strip()
