"""What the handlers share: the doors, the hub, the files, and the settings they obey."""

from collections.abc import Callable
from typing import cast

import msgspec
from starlette.requests import Request

from heliograph.hub import Hub
from heliograph.media.store import Media
from heliograph.outgoing import Outgoing
from heliograph.service.channels import Channels
from heliograph.service.jobs import Jobs
from heliograph.service.people import People
from heliograph.service.tasks import Tasks
from heliograph.service.webhooks import Webhooks


class State(msgspec.Struct, frozen=True, kw_only=True):
    """One for each app. `ready` says whether jobs would be taken up now; `cdn` is where the
    Midjourney CDN lies, and `cdn_client` calls it. `now` in ms since 1970;
    `heartbeat` and `stream_age` in seconds.
    """

    people: People
    jobs: Jobs
    tasks: Tasks
    channels: Channels
    webhooks: Webhooks
    hub: Hub
    media: Media
    ready: Callable[[], bool]
    now: Callable[[], int]
    cdn: str
    cdn_client: Outgoing
    public_url: str | None
    heartbeat: float
    stream_age: float
    json_bytes: int
    multipart_bytes: int


def state(request: Request) -> State:
    return cast(State, request.app.state.heliograph)


def base_url(request: Request) -> str:
    """What absolute media URLs begin with: the setting, else the host that the caller used."""
    scheme, host = request.scope["scheme"], request.headers.get("host")
    return state(request).public_url or f"{scheme}://{host or _own_address(request)}"


def _own_address(request: Request) -> str:
    # HTTP/1.0 callers name no host.
    host, port = request.scope["server"]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
