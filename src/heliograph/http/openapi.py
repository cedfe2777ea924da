"""`/openapi.json`: OpenAPI 3.1, made from the route table and the wire's types."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from heliograph import __version__
from heliograph.http.shapes import ChannelObject, ErrorObject, EventObject, JobObject

REF = "#/components/schemas/{name}"
STREAM = "text/event-stream"
MEANINGS = {596: "The channel has an error that a person has to resolve"}
JOB, CHANNEL = "$response.body#/jobid", "$response.body#/channel"
# What the ids in an answer are good for.
LINKS: Mapping[Any, Mapping[str, Any]] = {
    JobObject: {
        "show": {"operationId": "get_job", "parameters": {"jobid": JOB}},
        "cancel": {"operationId": "delete_job", "parameters": {"jobid": JOB}},
        "press": {"operationId": "post_button", "requestBody": {"jobId": JOB, "button": "U1"}},
        "seed": {"operationId": "post_seed", "requestBody": {"jobId": JOB}},
    },
    ChannelObject: {
        "show": {"operationId": "get_account", "parameters": {"channel": CHANNEL}},
        "delete": {"operationId": "delete_account", "parameters": {"channel": CHANNEL}},
        "reset": {"operationId": "reset_account", "parameters": {"channel": CHANNEL}},
        "challenge": {"operationId": "post_challenge", "parameters": {"channel": CHANNEL}},
    },
}

Handler = Callable[[Request], Awaitable[Response]]


class Endpoint(msgspec.Struct, frozen=True):
    """One row of the route table. `answers` maps a status to the type of its JSON body, or to
    None for no body; `body` is what the endpoint takes, as JSON or multipart; `query` says what
    each of its query parameters means; `keyed` ones take the token as `API-KEY`, too."""

    method: str
    path: str
    handler: Handler
    answers: Mapping[int, Any] = {}
    body: Any = None
    optional_body: bool = False
    query: Mapping[str, str] = {}
    optional_query: bool = False
    stream: int | None = None
    open: bool = False
    keyed: bool = False


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
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "API-KEY"},
            },
        },
        "security": [{"token": []}],
    }


def _types(endpoint: Endpoint) -> list[Any]:
    shown = [kind for kind in endpoint.answers.values() if kind is not None]
    told = [EventObject] if endpoint.stream else []
    return [*shown, *told, *([endpoint.body] if endpoint.body else []), ErrorObject]


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
    if parameters := _parameters(endpoint):
        operation["parameters"] = parameters
    if endpoint.body is not None:
        content = {"schema": _schema(endpoint.body)}
        operation["requestBody"] = {
            "required": not endpoint.optional_body,
            "content": {"application/json": content, "multipart/form-data": content},
        }
    if endpoint.open:
        operation["security"] = []
    if endpoint.keyed:
        operation["security"] = [{"key": []}, {"token": []}]
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    names = [(name, "path", None) for name in re.findall(r"\{(\w+)", endpoint.path)]
    queries = [(name, "query", text) for name, text in endpoint.query.items()]
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path" or not endpoint.optional_query,
            "schema": {"type": "string"},
            **({"description": text} if text else {}),
        }
        for name, place, text in [*names, *queries]
    ]


def _answer(endpoint: Endpoint, status: int, kind: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": MEANINGS.get(status) or HTTPStatus(status).phrase}
    content: dict[str, Any] = {}
    if kind is not None:
        content["application/json"] = {"schema": _schema(kind)}
    if status == endpoint.stream:
        content[STREAM] = {"schema": _event()}
    if content:
        answer["content"] = content
    if kind in (JobObject, ChannelObject):
        answer["links"] = LINKS[kind]
    return answer


def _event() -> dict[str, Any]:
    """One event as its lines say it; `data` is JSON in text."""
    data = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": _schema(EventObject),
    }
    properties = {"id": {"type": "string"}, "data": data}
    return {"type": "object", "properties": properties, "required": ["data"]}


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema
