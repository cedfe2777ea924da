"""Makes docs/heliograph.postman_collection.json from the API's own OpenAPI document.

Run it as `scripts/postman` after the API has changed; a test holds the file against the document.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from heliograph.http import app, openapi

OUT = Path(__file__).resolve().parents[1] / "docs" / "heliograph.postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(document: dict[str, Any]) -> dict[str, Any]:
    """A Postman collection (v2.1) with a request for each operation, in folders by path."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            request = _request(method.upper(), path, operation, document)
            folders.setdefault(_folder(path), []).append(request)
    info = document["info"]
    return {
        "info": {"name": info["title"], "description": info["description"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]},
        "variable": [
            {"key": "base", "value": "http://127.0.0.1:8080"},
            {"key": "token", "value": ""},
        ],
        "item": [{"name": name, "item": items} for name, items in folders.items()],
    }


def _folder(path: str) -> str:
    found = re.match(r"/v3/midjourney/(\w+)|/midjourney/(v1)/", path)
    return found[1] or found[2] if found else "server"


def _request(
    method: str, path: str, operation: dict[str, Any], document: dict[str, Any]
) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    query = [one["name"] for one in parameters if one["in"] == "query"]
    parts = [re.sub(r"^\{(\w+)\}$", r":\1", part) for part in path.strip("/").split("/")]
    raw = "{{base}}/" + "/".join(parts) + ("/" if path.endswith("/") else "")
    url: dict[str, Any] = {
        "raw": raw + ("?" + "&".join(f"{name}=" for name in query) if query else ""),
        "host": ["{{base}}"],
        "path": parts + ([""] if path.endswith("/") else []),
        "variable": [
            {"key": one["name"], "value": ""} for one in parameters if one["in"] == "path"
        ],
        "query": [{"key": name, "value": ""} for name in query],
    }
    request: dict[str, Any] = {
        "method": method,
        "description": operation["summary"] + ".",
        "header": [],
        "url": {key: value for key, value in url.items() if value},
    }
    if operation.get("security") == []:
        request["auth"] = {"type": "noauth"}
    if body := operation.get("requestBody"):
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {
            "mode": "raw",
            "raw": json.dumps(_example(body, document), indent=2),
            "options": {"raw": {"language": "json"}},
        }
    return {"name": operation["operationId"].replace("_", " "), "request": request}


def _example(body: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The required fields of a body, each with an example or an empty value."""
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    return {
        field: (schema["properties"][field].get("examples") or [""])[0]
        for field in schema.get("required", [])
    }


def text() -> str:
    """The collection as the file holds it."""
    made = collection(openapi.document(app.ENDPOINTS))
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    OUT.write_text(text(), encoding="utf-8")
    print(f"wrote {OUT.name}", file=sys.stderr)
