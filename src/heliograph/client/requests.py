"""What is sent: every request of the API, described without sending it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict
from urllib.parse import quote, urlsplit

import httpx2

from heliograph.client.commands import Command, Imagine, Options

DEFAULT_URL = "http://127.0.0.1:8080"
ROOT = "/v3/midjourney"
# Heartbeats come every 15 s, so a stream that is silent for 60 s is dead.
TIMEOUT = httpx2.Timeout(60, connect=10)
KEY = "Idempotency-Key"
STREAM = {"Accept": "text/event-stream"}

ChallengeKind = Literal["moderation", "challenge"]
DeliveryState = Literal["pending", "delivered", "failed"]


class Limits(TypedDict, total=False):
    """How many jobs a channel runs at once."""

    max_jobs: int | None
    max_image_jobs: int | None
    max_video_jobs: int | None


@dataclass(frozen=True)
class Request:
    """A request; `content` are the HTTP library's words for its query and its body."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def repeatable(self) -> bool:
        return KEY in self.headers

    def sent(self, base_url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """The arguments of the HTTP library's `request` and `stream`."""
        url = base_url + self.path
        every = {**headers, **self.headers}
        return {"method": self.method, "url": url, "headers": every, **self.content}


def submission(what: str | Command, options: Options, *, stream: bool) -> Request:
    """What makes a job; a text is a prompt to paint. Raises OSError for a file that can't be
    read."""
    command = Imagine(what) if isinstance(what, str) else what
    fields = {
        "stream": stream,
        "channel": options.get("channel"),
        "replyUrl": options.get("reply_url"),
        "replyRef": options.get("reply_ref"),
        "replyLevel": options.get("reply_level"),
        "queue": options.get("queue"),
        **command.fields(),
    }
    key = options.get("key")
    headers = {**(STREAM if stream else {}), **({} if key is None else {KEY: key})}
    path = f"{ROOT}/jobs/{command.verb}"
    return Request("POST", path, headers, _body(_said(fields), command.files()))


def follow(jobid: str, after: str | None) -> Request:
    resume = {} if after is None else {"Last-Event-ID": after}
    return Request("GET", _path("jobs", jobid), {**STREAM, **resume})


def tail() -> Request:
    return Request("GET", f"{ROOT}/events", STREAM)


def job(jobid: str) -> Request:
    return Request("GET", _path("jobs", jobid))


def jobs() -> Request:
    return Request("GET", f"{ROOT}/jobs")


def cancel(jobid: str) -> Request:
    return Request("DELETE", _path("jobs", jobid))


def accounts() -> Request:
    return Request("GET", f"{ROOT}/accounts")


def account(channel: str) -> Request:
    return Request("GET", _path("accounts", channel))


def configure(token: str, reply_url: str | None, limits: Limits) -> Request:
    fields = {
        "discord": token,
        "replyUrl": reply_url,
        "maxJobs": limits.get("max_jobs"),
        "maxImageJobs": limits.get("max_image_jobs"),
        "maxVideoJobs": limits.get("max_video_jobs"),
    }
    return Request("POST", f"{ROOT}/accounts", content={"json": _said(fields)})


def delete_account(channel: str) -> Request:
    return Request("DELETE", _path("accounts", channel))


def reset(channel: str) -> Request:
    return Request("POST", _path("accounts", "reset", channel))


def challenge(channel: str, kind: ChallengeKind) -> Request:
    return Request("POST", _path("studio", channel, "challenge"), content={"json": {"kind": kind}})


def resolve(channel: str) -> Request:
    return Request("DELETE", _path("studio", channel, "challenge"))


def deliveries(state: DeliveryState | None, limit: int) -> Request:
    query = _said({"state": state, "limit": limit})
    return Request("GET", f"{ROOT}/webhooks", content={"params": query})


def delivery(id: int) -> Request:
    return Request("GET", _path("webhooks", str(id)))


def replay(id: int) -> Request:
    return Request("POST", _path("webhooks", str(id), "replay"))


def signing_secrets() -> Request:
    return Request("GET", f"{ROOT}/webhooks/secret")


def rotate_secret() -> Request:
    return Request("POST", f"{ROOT}/webhooks/secret")


def address(base_url: str | None) -> str:
    """The server's address, without a slash at its end. Raises ValueError for what is none."""
    url = base_url or os.environ.get("HELIOGRAPH_URL") or DEFAULT_URL
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not the http:// or https:// address of a server")
    return url.rstrip("/")


def connection(address: str) -> dict[str, Any]:
    """How the HTTP library is to connect."""
    # A proxy from the environment is for the world outside; it can't reach this machine's own
    # loopback, and must not see its tokens.
    host = urlsplit(address).hostname or ""
    local = host in {"localhost", "::1"} or host.startswith("127.")
    return {"timeout": TIMEOUT, "trust_env": not local}


def credentials(token: str | None) -> dict[str, str]:
    token = token or os.environ.get("HELIOGRAPH_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _path(*parts: str) -> str:
    return "/".join([ROOT, *(quote(part, safe=":") for part in parts)])


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _body(fields: dict[str, Any], files: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
    if not files:
        return {"json": fields}
    # All values of a form are text.
    texts = {name: _text(value) for name, value in fields.items()}
    return {"data": texts, "files": files}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
