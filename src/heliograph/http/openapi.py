"""`/openapi.json`: OpenAPI 3.1, made from the route table and the wire's types."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from heliograph import __version__
from heliograph.http.shapes import ErrorObject

REF = "#/components/schemas/{name}"
STREAM = "text/event-stream"
MEANINGS = {596: "The channel has an error that a person has to resolve"}


class Endpoint(msgspec.Struct, frozen=True):
    """One row of the route table. `answers` maps a status to the type of its JSON body, or to
    None for no body; `body` is what the endpoint takes, as JSON or multipart."""

    method: str
    path: str
    handler: Callable[[Request], Awaitable[Response]]
    answers: Mapping[int, Any] = {}
    body: Any = None
    stream: int | None = None
    open: bool = False


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document, ready to be encoded."""
    types = [kind for endpoint in endpoints for kind in _types(endpoint)]
    _, schemas = msgspec.json.schema_components(types, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Heliograph",
            "version": __version__,
            "description": "Midjourney-style generation over HTTP, on a server of your own.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _types(endpoint: Endpoint) -> list[Any]:
    shown = [kind for kind in endpoint.answers.values() if kind is not None]
    return [*shown, *([endpoint.body] if endpoint.body else []), ErrorObject]


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    text = " ".join((endpoint.handler.__doc__ or "").split())
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "summary": text.split(". ", 1)[0].rstrip("."),
        "responses": {
            str(status): _answer(endpoint, status, kind)
            for status, kind in sorted(endpoint.answers.items())
        },
    }
    names = re.findall(r"\{(\w+)", endpoint.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    if endpoint.body is not None:
        content = {"schema": _schema(endpoint.body)}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": content, "multipart/form-data": content},
        }
    if endpoint.open:
        operation["security"] = []
    return operation


def _answer(endpoint: Endpoint, status: int, kind: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": MEANINGS.get(status) or HTTPStatus(status).phrase}
    content: dict[str, Any] = {}
    if kind is not None:
        content["application/json"] = {"schema": _schema(kind)}
    if status == endpoint.stream:
        content[STREAM] = {"schema": {"type": "string"}}
    if content:
        answer["content"] = content
    return answer


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema
