"""The port to the mails that are still to be sent. Every implementation passes
tests/contract/test_mails.py.

The store writes a mail in the transaction of the change that it reports. It keeps what happened,
not the words for it: those are made when it is sent. Of the mails about one thing (a channel, an
address for webhooks) only the oldest pending one is due, so that "is open again" never arrives
before "is in error".
"""

from typing import Literal, Protocol

import msgspec

State = Literal["pending", "sent", "failed"]


class ChannelLocked(msgspec.Struct, frozen=True, kw_only=True, tag="channel locked"):
    """A channel went into error. `own`: it is one of our own bot's."""

    channel: str
    error: str
    own: bool


class ChannelOpened(msgspec.Struct, frozen=True, kw_only=True, tag="channel opened"):
    """A channel that was in error was reset."""

    channel: str
    error: str


class WebhookFailing(msgspec.Struct, frozen=True, kw_only=True, tag="webhook failing"):
    """No delivery to that address (without its query) got through since `since` (ms); `error` is
    what came of the last one."""

    url: str
    since: int
    error: str


News = ChannelLocked | ChannelOpened | WebhookFailing


def about(news: News) -> str:
    """What they are about: mails about one thing go out one after another."""
    match news:
        case ChannelLocked() | ChannelOpened():
            return f"channel {news.channel}"
        case WebhookFailing():
            return f"webhook {news.url}"


class Addresses(msgspec.Struct, frozen=True):
    """Whom mail may go to: each user's own address, else `fallback`."""

    fallback: str | None = None


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in the outbox. Times in ms since 1970; `attempts` counts those that failed, `error`
    says what came of the last."""

    id: int
    user: int
    address: str
    news: News
    state: State
    attempts: int
    created: int
    error: str | None = None
    due: int | None = None
    settled: int | None = None

    @property
    def about(self) -> str:
        return about(self.news)


class Outbox(Protocol):
    """Reads and durable writes over mails."""

    async def due(self, now: int, limit: int) -> list[Mail]:
        """What is to be sent now, the longest overdue first."""

    async def next_due(self) -> int | None:
        """When the earliest mail is due (ms); None when none waits."""

    async def sent(self, id: int, now: int) -> None: ...

    async def unsent(self, id: int, error: str, now: int, again: int | None) -> None:
        """An attempt failed. `again` is when the next one is (ms); None gives the mail up."""

    async def listed(self, user: int, limit: int) -> list[Mail]:
        """A user's mails, newest first."""
