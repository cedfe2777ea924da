"""`/docs`: the OpenAPI document as a page for people, which needs nothing from the internet.

Rendered once, from the document alone: whatever the document doesn't say the page doesn't either.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #b8632a; }
* { box-sizing: border-box }
body { font: 15px/1.55 system-ui, sans-serif; margin: 0; display: flex }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; width: 21rem; flex: none;
  border-right: 1px solid var(--line); padding: 1.2rem }
nav a { display: block; color: inherit; text-decoration: none; padding: .1rem 0;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav a:hover { color: var(--accent) }
main { padding: 1.2rem 2.5rem 6rem; max-width: 62rem; min-width: 0; flex: 1 }
h1 { font-size: 1.6rem; margin: .2rem 0 }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .3rem; padding-top: .8rem;
  border-top: 1px solid var(--line); overflow-wrap: anywhere }
h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; margin: 1.1rem 0 .3rem;
  opacity: .7 }
code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
pre { background: var(--soft); padding: .7rem 1rem; overflow: auto; border-radius: .4rem }
.method { display: inline-block; min-width: 3.9rem; font: 600 12px ui-monospace, monospace;
  color: var(--accent) }
table { border-collapse: collapse; width: 100%; display: block; overflow: auto }
td, th { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line) }
a { color: var(--accent) }
.need { color: var(--accent); font-size: .85em }
@media (max-width: 50rem) { body { display: block }
  nav { position: static; width: auto; height: auto; border: 0 } main { padding: 1.2rem } }
"""


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = document["components"]["schemas"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} {escape(info['version'])}</title>"
        f"<style>{STYLE}</style></head><body>"
        f"<nav>{_index(operations, schemas)}</nav><main>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"<p>{escape(info['description'])} The same as data: "
        '<a href="openapi.json">openapi.json</a>. Unless it says otherwise, an endpoint wants the '
        "header <code>Authorization: Bearer &lt;token&gt;</code>.</p>"
        + "".join(_operation(*operation) for operation in operations)
        + "".join(_object(name, schema) for name, schema in sorted(schemas.items()))
        + "</main></body></html>"
    )


def _index(operations: list[tuple[str, str, Any]], schemas: dict[str, Any]) -> str:
    calls = "".join(
        f'<a href="#{escape(operation["operationId"])}" title="{escape(path)}">'
        f'<span class="method">{method}</span>{escape(_short(path))}</a>'
        for method, path, operation in operations
    )
    objects = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in sorted(schemas))
    return f"<h3>Endpoints</h3>{calls}<h3>Objects</h3>{objects}"


def _short(path: str) -> str:
    return path.removeprefix("/v3/midjourney")


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    return (
        f'<h2 id="{escape(operation["operationId"])}"><span class="method">{method}</span> '
        f"<code>{escape(path)}</code></h2><p>{escape(operation['summary'])}."
        f"{_access(operation.get('security'))}</p>"
        + _parameters(operation.get("parameters", []))
        + _body(operation.get("requestBody"))
        + _answers(operation["responses"])
    )


def _access(security: list[Any] | None) -> str:
    if security == []:
        return " No token is needed."
    return " The token may come as <code>API-KEY: &lt;token&gt;</code>, too." if security else ""


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (
            f"<code>{escape(one['name'])}</code>",
            escape(one["in"]),
            escape(one.get("description", "")),
        )
        for one in parameters
    ]
    return _table("Parameters", ("Name", "In", ""), rows)


def _body(body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    kinds = " or ".join(f"<code>{escape(kind)}</code>" for kind in body["content"])
    schema = next(iter(body["content"].values()))["schema"]
    return f"<h3>Request body</h3><p>{_type(schema)}, as {kinds}</p>"


def _answers(answers: dict[str, Any]) -> str:
    rows = [
        (
            f"<code>{escape(status)}</code>",
            escape(one["description"]),
            "<br>".join(
                f"<code>{escape(kind)}</code> {_type(content['schema'])}"
                for kind, content in one.get("content", {}).items()
            ),
        )
        for status, one in answers.items()
    ]
    return _table("Answers", ("Status", "", ""), rows)


def _object(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(field)}</code>"
            + (' <span class="need">required</span>' if field in needed else ""),
            _type(kind),
            _limits(kind),
        )
        for field, kind in schema.get("properties", {}).items()
    ]
    return (
        f'<h2 id="{escape(name)}">{escape(name)}</h2>'
        f"<p>{escape(schema.get('description', ''))}</p>" + _table("", ("Field", "Type", ""), rows)
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(_type(one) for one in schema[union])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties'])}"
    return escape(str(schema.get("type", "anything")))


def _limits(schema: dict[str, Any]) -> str:
    said = [schema["description"]] if "description" in schema else []
    words = {
        "maxLength": "at most {} characters",
        "minimum": "at least {}",
        "maximum": "at most {}",
        "default": "default {}",
    }
    said += [text.format(schema[key]) for key, text in words.items() if key in schema]
    said += [f"such as {schema['examples'][0]}"] if schema.get("examples") else []
    return escape("; ".join(said))


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    heading = f"<h3>{escape(title)}</h3>" if title else ""
    cells = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"{heading}<table><tr>{cells}</tr>{body}</table>"
