"""The document describes what is served, and what is served keeps to it."""

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from heliograph.http.app import ENDPOINTS
from heliograph.http.shapes import ChannelObject, ErrorObject, JobObject, RunningObject
from tests.integration.conftest import V3, Running

ROOT = Path(__file__).resolve().parents[2]


async def document(server: Running) -> dict[str, Any]:
    found: dict[str, Any] = (await server.client.get("/openapi.json")).json()
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


async def test_every_route_is_described(server: Running) -> None:
    described = await document(server)
    assert described["openapi"].startswith("3.1")
    for endpoint in ENDPOINTS:
        path = re.sub(r":\w+}", "}", endpoint.path)
        operation = described["paths"][path][endpoint.method.lower()]
        assert operation["summary"]
        assert set(operation["responses"]) == {str(status) for status in endpoint.answers}


def test_the_postman_collection_is_that_of_the_document() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "postman.py"))
    kept = (ROOT / "docs" / "heliograph.postman_collection.json").read_text("utf-8")
    assert kept == script["text"](), "run scripts/postman"
    requests = [request for folder in json.loads(kept)["item"] for request in folder["item"]]
    assert len(requests) == len(ENDPOINTS)


async def test_the_page_for_people_names_every_endpoint(server: Running) -> None:
    answer = await server.client.get("/docs", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    for endpoint in ENDPOINTS:
        assert f'id="{endpoint.handler.__name__}"' in answer.text
    # Nothing on it is loaded from anywhere.
    assert not re.search(r"<(script|img|link|iframe)\b|url\(", answer.text)


async def test_every_reference_leads_somewhere(server: Running) -> None:
    described = await document(server)
    found = set(references(described))
    assert found
    for reference in found:
        target: Any = described
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target


async def test_operations_have_names_of_their_own(server: Running) -> None:
    described = await document(server)
    names = [
        operation["operationId"]
        for operations in described["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names)) == len(ENDPOINTS)


async def test_answers_have_the_described_shapes(server: Running) -> None:
    made = await server.submit("a cat", replyRef="mine")
    msgspec.convert(made, JobObject)
    running = (await server.client.get(f"{V3}/jobs")).json()
    msgspec.convert(running, RunningObject)
    for event in (await server.follow(made["jobid"]))[1:]:
        msgspec.convert(event["job"], JobObject)
    ended = msgspec.convert(await server.job(made["jobid"]), JobObject)
    assert ended.status == "completed"
    failed = await server.submit("a cat --fluffy")
    msgspec.convert(await server.ended(failed["jobid"]), JobObject)
    accounts = (await server.client.get(f"{V3}/accounts")).json()
    msgspec.convert(accounts, dict[str, ChannelObject])
    unknown = await server.client.get(f"{V3}/jobs/j1")
    msgspec.convert(unknown.json(), ErrorObject)
