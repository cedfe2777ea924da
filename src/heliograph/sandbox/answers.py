"""Answers of the REST side: JSON as Discord sends it, and its errors."""

import re
from typing import Any

import msgspec
from aiohttp import web

from heliograph.midjourney.wire import WireRefused

encode = msgspec.json.encode
# What `route` makes of the paths there are.
ROUTES = (
    "ack",
    "application-command-index",
    "applications",
    "attachments",
    "channels",
    "guilds",
    "interactions",
    "messages",
    "profile",
    "reactions",
    "search",
    "typing",
    "users",
)
_SEGMENT = re.compile(r"/api(?:/v\d+)?/(?P<rest>.*)")


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with exactly `application/json`: with a charset behind it, a client library breaks."""
    typed = {"Content-Type": "application/json"} | (headers or {})
    return web.Response(body=encode(data), status=status, headers=typed)


def error(status: int, code: int, message: str) -> web.Response:
    return answer({"message": message, "code": code}, status)


def refusal(refused: WireRefused) -> web.Response:
    return answer(refused.body, refused.status)


def unauthorized() -> web.Response:
    return error(401, 0, "401: Unauthorized")


def invalid(field: str, message: str) -> WireRefused:
    """Discord's refusal of a body, naming the field."""
    problem = {field: {"_errors": [{"code": "BASE_TYPE_BAD", "message": message}]}}
    body = {"code": 50035, "message": "Invalid Form Body", "errors": problem}
    return WireRefused(400, body)


def limited(retry_after: float, *, everywhere: bool) -> web.Response:
    """A 429; `everywhere` is Discord's `global`."""
    body = {
        "message": "You are being rate limited."
        if everywhere
        else "The resource is being rate limited.",
        "retry_after": retry_after,
        "global": everywhere,
    }
    headers = {
        "Retry-After": str(max(1, round(retry_after))),
        "X-RateLimit-Reset-After": f"{retry_after:.3f}",
        "X-RateLimit-Scope": "global" if everywhere else "user",
    }
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    return answer(body, 429, headers)


def route(path: str) -> str:
    """The name by which faults, limits and the log know a call: the last word of its path that is
    no id, such as `messages`, `interactions` or `application-command-index`."""
    found = _SEGMENT.fullmatch(path)
    words = (found["rest"] if found else path.strip("/")).split("/")
    if "reactions" in words:
        return "reactions"
    named = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
    return named[-1] if named else ""


async def json_body(request: web.Request) -> Any:
    """The body. Raises WireRefused for what is no JSON object."""
    try:
        body = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        raise WireRefused(
            400, {"message": "The request body contains invalid JSON.", "code": 50109}
        ) from None
    if not isinstance(body, dict):
        raise invalid("_", "Only dictionaries may be used in a DictType")
    return body
