"""One call to a receiver: to an address that may be called, within its time, redirects refused."""

import asyncio
from typing import Protocol

import aiohttp
import msgspec

from heliograph.outgoing import Outgoing, OutgoingRefused, Unreachable

TOTAL_SECONDS = 20.0
ANSWER_BYTES = 2048


class Answer(msgspec.Struct, frozen=True):
    """What a receiver answered; `body` is its beginning."""

    status: int
    body: bytes
    retry_after: str | None = None


class CallFailed(Exception):
    """There was no answer. `dead`: no connection could be made, or it timed out."""

    def __init__(self, sentence: str, *, dead: bool) -> None:
        super().__init__(sentence)
        self.dead = dead


class Caller(Protocol):
    """Makes the calls."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Raises CallFailed."""


class GuardedCaller:
    """`Caller` over the guarded client."""

    def __init__(self, outgoing: Outgoing, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._outgoing = outgoing
        self._total_seconds = total_seconds

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            async with (
                asyncio.timeout(self._total_seconds),
                self._outgoing.post(url, body, headers) as answer,
            ):
                return Answer(answer.status, await _beginning(answer), _retry_after(answer))
        except TimeoutError:
            raise CallFailed("No answer in time", dead=True) from None
        except Unreachable as error:
            raise CallFailed(str(error), dead=error.dead) from error
        except OutgoingRefused as refused:
            raise CallFailed(str(refused), dead=False) from None


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """At most 2 KB: the rest is nobody's business. An answer that breaks off was an answer."""
    data = b""
    try:
        while len(data) < ANSWER_BYTES and (chunk := await answer.content.read(ANSWER_BYTES)):
            data += chunk
    except aiohttp.ClientError:
        pass
    return data[:ANSWER_BYTES]


def _retry_after(answer: aiohttp.ClientResponse) -> str | None:
    return answer.headers.get("Retry-After")
