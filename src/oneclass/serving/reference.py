"""The page for programmers, made from the service's OpenAPI description; it needs no script and no other server."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The detector for programs</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/page.css">
</head>
<body>
<main>
<h1>The detector for programs</h1>
<p>For example, if it is served at port 8000:</p>
<pre>curl --data-binary @picture.png http://127.0.0.1:8000/score
curl -F file=@one.png -F file=@two.png "http://127.0.0.1:8000/score?overlay=1"</pre>
<p>Answers are JSON; that to an error has the reason under <code>detail</code>. The same for machines:
<a href="openapi.json">openapi.json</a>. For people: <a href=".">the page</a>.</p>
"""


def page(description: Mapping[str, Any]) -> str:
    """``description``, an OpenAPI document, as HTML."""
    operations = [
        _operation(f"{method.upper()} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    answers = {name: schema for name, schema in description["components"]["schemas"].items() if "Error" not in name}
    objects = [
        _table(name, (("Field", "Type", "Meaning"), *(_field(*item) for item in schema["properties"].items())))
        for name, schema in answers.items()
    ]
    return "\n".join([HEAD, *operations, "<h2>Objects</h2>", *objects, "</main>\n</body>\n</html>\n"])


def _operation(title: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<h2><code>{escape(title)}</code></h2>"]
    parts += [f"<p>{escape(text)}</p>" for text in operation["description"].split("\n\n")]
    if body := operation.get("requestBody"):
        parts.append(f"<p>Body: {escape(' or '.join(body['content']))}.</p>")
    if asked := operation.get("parameters"):
        rows = [(each["name"], _type(each["schema"]), each["description"]) for each in asked]
        parts.append(_table("In the query", (("Name", "Type", "Meaning"), *rows)))
    answers = operation["responses"].items()
    rows = [(status, _type(_schema(answer)), answer["description"]) for status, answer in answers]
    return "\n".join([*parts, _table("Answers", (("Status", "Object", "Meaning"), *rows))])


def _schema(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _field(name: str, schema: Mapping[str, Any]) -> tuple[str, str, str]:
    return name, _type(schema), schema.get("description", "")


def _type(schema: Mapping[str, Any]) -> str:
    """What a JSON schema allows, in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "const" in schema:
        return f'"{schema["const"]}"'
    return f"list of {_type(schema['items'])}" if "items" in schema else str(schema.get("type", ""))


def _table(title: str, rows: Iterable[tuple[str, str, str]]) -> str:
    head, *body = [[escape(cell) for cell in row] for row in rows]
    lines = [f"<tr>{''.join(f'<th scope=col>{cell}</th>' for cell in head)}</tr>"]
    lines += [f"<tr><td><code>{first}</code></td><td>{kind}</td><td>{text}</td></tr>" for first, kind, text in body]
    return f"<table>\n<caption>{escape(title)}</caption>\n" + "\n".join(lines) + "\n</table>"
