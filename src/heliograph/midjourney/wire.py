"""The port between the driver and the Midjourney bot.

Only what Discord itself would carry crosses it: interaction payloads going up, dispatches and
messages coming down, as plain JSON. No job id and no callback of ours ever does, so the in-process
bot and the network client are interchangeable.
"""

from collections.abc import AsyncIterator
from typing import Any, Protocol

import msgspec

Payload = dict[str, Any]
Message = dict[str, Any]


class Dispatch(msgspec.Struct, frozen=True):
    """One gateway dispatch: `type` as Discord names it (`MESSAGE_CREATE`), and its `d`."""

    type: str
    data: dict[str, Any]


class WireRefused(Exception):
    """The upstream refused a call and says that it did not take it."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('message', '')}".strip())
        self.status = status
        self.body = body


class WireBarred(WireRefused):
    """The upstream takes nothing more of this account until a person has looked at it: its token
    is not accepted, or it may not use the channel. The body's message is a whole sentence."""

    @property
    def reason(self) -> str:
        return str(self.body.get("message") or self)


class WireLost(Exception):
    """The call broke off: whether the upstream took it is unknown."""


class Wire(Protocol):
    """One account's connection to the bot."""

    @property
    def user(self) -> str:
        """The account's own user id."""

    @property
    def channel(self) -> str:
        """The channel in which the account talks to the bot."""

    @property
    def lag_ms(self) -> int:
        """How long after the bot took a command `history` may still show nothing of it."""

    @property
    def cdn(self) -> str:
        """Where the bot's single pictures lie: `{cdn}/{uuid}/0_{n}.jpeg`, n from 0."""

    async def interact(self, payload: Payload) -> None:
        """Posts one interaction; returns when the upstream has taken it (its 204).

        Raises WireRefused when it was surely not taken (WireBarred, when a person has to look at
        the channel), WireLost when that can't be known.
        """

    async def upload(self, filename: str, data: bytes, content_type: str) -> str:
        """Puts a file where a command's attachment can name it; returns the `uploaded_filename`.

        Raises WireRefused or WireLost.
        """

    async def react(self, message: str, emoji: str) -> None:
        """Reacts to a message as the account. Raises WireRefused or WireLost."""

    async def submit_inpaint(self, frame: str, mask: bytes, prompt: str) -> None:
        """Answers the frame that a press on Vary (Region) opened: `frame` is the token behind
        `MJ::iframe::` in its custom_id, `mask` an encoded PNG or WebP.

        Raises WireRefused or WireLost.
        """

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        """The channel's latest messages, newest first, without ephemeral or deleted ones.

        `before` is a message id: only older ones.
        """

    def dispatches(self) -> AsyncIterator[Dispatch]:
        """What happens in the channel from this call on, in order, until `close`.

        Raises WireLost when something may have been missed, which the history then tells, and
        WireBarred when there will be nothing more.
        """

    async def close(self) -> None:
        """Ends `dispatches`. Jobs that the bot has taken go on without us."""
