"""The calls that are made to Discord's REST interface, and what their limits are counted by."""

from typing import Any
from urllib.parse import quote

import msgspec

VERSION = "v9"


class Route(msgspec.Struct, frozen=True):
    """One call. `template` is its path without ids, by which Discord forms its buckets; `major`
    is the id (of a channel or a guild) that has buckets of its own. `again`: taken twice it does
    no more than once, so that it may be tried again when it is unknown whether it was taken.
    """

    method: str
    template: str
    path: str
    major: str = ""
    again: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What a bucket is learned for."""
        return (self.method, self.template)


def me() -> Route:
    return Route("GET", "/users/@me", "/users/@me")


def private_channels() -> Route:
    return Route("GET", "/users/@me/channels", "/users/@me/channels")


def channel(id: str) -> Route:
    return Route("GET", "/channels/:id", f"/channels/{quote(id)}", id)


def messages(
    channel: str,
    *,
    limit: int = 50,
    before: str | None = None,
    after: str | None = None,
    around: str | None = None,
) -> Route:
    """A page of a channel's history, newest first."""
    edges = {"before": before, "after": after, "around": around}
    query = "".join(f"&{name}={quote(id)}" for name, id in edges.items() if id is not None)
    path = f"/channels/{quote(channel)}/messages?limit={limit}{query}"
    return Route("GET", "/channels/:id/messages", path, channel)


def interactions() -> Route:
    """The one call that is never made twice by itself."""
    return Route("POST", "/interactions", "/interactions", again=False)


def attachments(channel: str) -> Route:
    path = f"/channels/{quote(channel)}/attachments"
    return Route("POST", "/channels/:id/attachments", path, channel)


def reaction(channel: str, message: str, emoji: str) -> Route:
    path = (
        f"/channels/{quote(channel)}/messages/{quote(message)}/reactions/{quote(emoji, safe='')}"
        "/%40me?location=Message&type=0"
    )
    template = "/channels/:id/messages/:id/reactions/:emoji/@me"
    return Route("PUT", template, path, channel)


def command_index(channel: str, guild: str | None) -> Route:
    """All commands that can be given in a direct channel, or in a guild."""
    kind, id = ("guilds", guild) if guild else ("channels", channel)
    path = f"/{kind}/{quote(id)}/application-command-index"
    return Route("GET", f"/{kind}/:id/application-command-index", path, id)


def command_search(channel: str, name: str, type: int) -> Route:
    """The same for one command, as it was asked before there was an index."""
    path = (
        f"/channels/{quote(channel)}/application-commands/search"
        f"?type={type}&include_applications=true&query={quote(name, safe='')}"
    )
    return Route("GET", "/channels/:id/application-commands/search", path, channel)


def form_of_upload(filename: str, size: int) -> dict[str, Any]:
    """The body with which a place for an upload is asked for."""
    return {"files": [{"filename": filename, "file_size": size, "id": "0"}]}
