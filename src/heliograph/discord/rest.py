"""One account's calls to Discord's REST interface, within its limits.

What an answer means for whoever asked:

    2xx              done
    401              the account is not accepted any more: `WireBarred`
    403              refused; where it answers an interaction, a person has to look: `WireBarred`
    429              not taken: made again after the time that it names
    other 4xx        surely not taken: `WireRefused`
    5xx, broken off  nobody knows: `WireLost`, unless the call can be made twice without harm

The token goes to the API's own host and nowhere else, and no redirect is followed.
"""

import asyncio
import base64
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from heliograph.discord import routes
from heliograph.discord.buckets import SPACING, Buckets
from heliograph.discord.routes import Route
from heliograph.midjourney.wire import Message, Payload, WireBarred, WireLost, WireRefused

# Discord answers an interaction within three seconds, or not at all.
ANSWER = aiohttp.ClientTimeout(total=30.0, connect=10.0)
# A photograph over a slow line.
UPLOAD = aiohttp.ClientTimeout(total=120.0, connect=10.0)
# Calls that may be made twice are; a fault of a moment is over by then.
RETRY_PAUSES = (0.5, 2.0)
# A command that would have to wait longer than this for a limit is refused instead.
LONGEST_WAIT = 120.0

_Broken = (aiohttp.ClientError, OSError, TimeoutError)


class _Unreached(WireRefused):
    """No connection could be made."""


class Rest:
    """`api` is the base without the version, `activities` that of the bot's embedded pages."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        token: str,
        *,
        api: str,
        activities: str,
        spacing: float = SPACING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._authorization = {"Authorization": token}
        self._api = f"{api.rstrip('/')}/{routes.VERSION}"
        self._activities = activities.rstrip("/")
        self._buckets = Buckets(spacing)
        self._clock = clock

    async def me(self) -> dict[str, Any]:
        """The account's own user. Raises WireBarred for a token that is not accepted."""
        user: dict[str, Any] = await self.call(routes.me())
        return user

    async def messages(
        self,
        channel: str,
        *,
        limit: int = 50,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
    ) -> list[Message]:
        """A page of a channel's history, newest first."""
        route = routes.messages(channel, limit=limit, before=before, after=after, around=around)
        page: list[Message] = await self.call(route)
        return page

    async def interact(self, payload: Payload) -> None:
        """Posts an interaction, once."""
        try:
            await self.call(routes.interactions(), payload)
        except WireRefused as refused:
            if refused.status != 403:
                raise
            reason = refused.body.get("message") or "Forbidden"
            message = f"Discord refuses the account's commands in this channel: {reason}"
            raise WireBarred(403, {"message": message}) from None

    async def react(self, channel: str, message: str, emoji: str) -> None:
        await self.call(routes.reaction(channel, message, emoji))

    async def upload(self, channel: str, filename: str, data: bytes, content_type: str) -> str:
        """Asks for a place, and puts the file there; returns the name to use it by."""
        form = routes.form_of_upload(filename, len(data))
        answer = await self.call(routes.attachments(channel), form)
        try:
            place = answer["attachments"][0]
            url, name = str(place["upload_url"]), str(place["upload_filename"])
        except (KeyError, IndexError, TypeError):
            raise WireRefused(502, {"message": "no place was given for the upload"}) from None
        await self._put(url, data, content_type)
        return name

    async def submit_inpaint(self, frame: str, mask: bytes, prompt: str) -> None:
        """Answers the region editor, in the newer way, which takes WebP alone, else in the older.
        Raises WireRefused or WireLost."""
        inpaint = "inpaint/api/submit-job"
        new = URL(f"{self._activities}/.proxy/{inpaint}") / frame
        drawn = await asyncio.to_thread(_webp, mask)
        try:
            await self._submit(new, {"mask": _text(drawn), "prompt": prompt})
        except WireRefused as refused:
            if refused.status != 404:
                raise
            form = {"username": "0", "userId": "0", "customId": frame, "mask": _text(mask)}
            old = URL(f"{self._activities}/{inpaint}")
            await self._submit(old, form | {"prompt": prompt, "full_prompt": None})

    async def call(self, route: Route, body: Any = None) -> Any:
        """The answer's JSON, None for an empty one. Raises WireRefused, WireBarred and WireLost."""
        pauses = iter(RETRY_PAUSES)
        while True:
            try:
                return await self._called(route, body)
            except (WireLost, _Unreached) as error:
                harmless = route.again or isinstance(error, _Unreached)
                pause = next(pauses, None) if harmless else None
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _called(self, route: Route, body: Any) -> Any:
        waited = 0.0
        while True:
            while wait := self._buckets.take(route, self._clock()):
                waited += wait
                if waited > LONGEST_WAIT:
                    raise _too_many(wait)
                await asyncio.sleep(wait)
            status, answer, again = await self._made(route, body)
            if again is not None:
                if waited + again > LONGEST_WAIT:
                    raise _too_many(again)
                continue
            return _meant(status, answer)

    async def _made(self, route: Route, body: Any) -> tuple[int, Any, float | None]:
        """One call: its status, what it says, and for a 429 when to make it again."""
        headers = dict(self._authorization)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(body)
        url = URL(self._api + route.path, encoded=True)
        landed = False
        try:
            async with self._http.request(
                route.method,
                url,
                data=data,
                headers=headers,
                timeout=ANSWER,
                allow_redirects=False,
            ) as got:
                answer = _json(await got.read())
                landed = True
                again = self._buckets.told(route, got.status, got.headers, answer, self._clock())
                return got.status, answer, again
        except _Broken as error:
            raise _unanswered(error) from None
        finally:
            if not landed:
                self._buckets.lost(route)

    async def _submit(self, url: URL, form: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        await self._elsewhere("POST", url, msgspec.json.encode(form), headers, ANSWER)

    async def _put(self, url: str, data: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type}
        await self._elsewhere("PUT", URL(url, encoded=True), data, headers, UPLOAD)

    async def _elsewhere(
        self,
        method: str,
        url: URL,
        data: bytes,
        headers: dict[str, str],
        patience: aiohttp.ClientTimeout,
    ) -> None:
        """A call to another host than the API's, which is not told who calls."""
        try:
            async with self._http.request(
                method, url, data=data, headers=headers, timeout=patience, allow_redirects=False
            ) as got:
                answer = _json(await got.read())
                status = got.status
        except _Broken as error:
            raise _unanswered(error) from None
        if status == 401:
            raise WireRefused(status, _body(answer))
        _meant(status, answer)


def _webp(mask: bytes) -> bytes:
    """The same picture as WebP, without loss."""
    # Heavy, and needed for nothing else here.
    from PIL import Image

    with Image.open(BytesIO(mask)) as picture:
        if picture.format == "WEBP":
            return mask
        written = BytesIO()
        picture.save(written, "WEBP", lossless=True)
    return written.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _meant(status: int, answer: Any) -> Any:
    match status:
        case _ if 200 <= status < 300:
            return answer
        case 401:
            raise WireBarred(status, {"message": "Discord does not accept the account's token"})
        case _ if 400 <= status < 500:
            raise WireRefused(status, _body(answer))
        case _:
            raise WireLost(f"Discord answered {status}")


def _unanswered(error: Exception) -> WireLost | WireRefused:
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        # Nothing was sent, so nothing was taken.
        return _Unreached(503, {"message": "Discord can't be reached"})
    if isinstance(error, TimeoutError):
        return WireLost("Discord did not answer in time")
    return WireLost("the connection to Discord broke off")


def _too_many(seconds: float) -> WireRefused:
    message = f"Discord's rate limit holds for another {seconds:.0f} seconds"
    return WireRefused(429, {"message": message})


def _json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data) if data else None
    except msgspec.DecodeError:
        return None


def _body(answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {}
