"""Carrying the bytes: connections, streams and downloads, for blocking code and for asyncio."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from heliograph.client import requests
from heliograph.client.answers import answer, expect_events
from heliograph.client.errors import ClientError, Lost, refusal, translated
from heliograph.client.events import BACKOFF, Cursor, Event, Patience
from heliograph.client.requests import Request
from heliograph.client.saving import Part


class Transport:
    """What `Client` sends over; the same as `AsyncTransport`, line by line."""

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.base_url = requests.address(base_url)
        self._headers = requests.credentials(token)
        self._backoff = backoff
        self._http = httpx2.Client(**requests.connection(self.base_url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def download(self, url: str, path: Path) -> None:
        """Fetches a picture or clip; `path` is there whole or not at all, and is replaced if it
        was.

        Media URLs need no token, and many lead to other hosts, so none is sent.
        """
        part = Part(path)
        try:
            with translated(url), self._http.stream("GET", url, follow_redirects=True) as response:
                if not response.is_success:
                    raise refusal(response.status_code, response.read())
                for chunk in response.iter_bytes():
                    part.write(chunk)
            part.finish()
        finally:
            part.discard()

    def _object(self, request: Request) -> dict[str, Any]:
        found: dict[str, Any] = self._call(request)
        return found

    def _call(self, request: Request) -> Any:
        patience = Patience(self._backoff, begun=False, repeatable=request.repeatable)
        while True:
            try:
                with translated(self.base_url):
                    return answer(self._http.request(**self._sent(request)))
            except ClientError as error:
                time.sleep(patience.pause(error))

    def _followed(self, cursor: Cursor) -> Iterator[Event]:
        while True:
            try:
                for chunk in self._chunks(cursor.request()):
                    yield from cursor.feed(chunk)
                    if cursor.ended:
                        return
            except ClientError as error:
                time.sleep(cursor.pause(error))

    def _chunks(self, request: Request) -> Iterator[bytes]:
        with (
            translated(self.base_url),
            self._http.stream(**self._sent(request)) as response,
        ):
            if not response.is_success:
                raise refusal(response.status_code, response.read())
            expect_events(response)
            yield from response.iter_bytes()
        raise Lost(f"The connection to {self.base_url} ended before the stream did.")

    def _sent(self, request: Request) -> dict[str, Any]:
        return request.sent(self.base_url, self._headers)


class AsyncTransport:
    """What `AsyncClient` sends over."""

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        *,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.base_url = requests.address(base_url)
        self._headers = requests.credentials(token)
        self._backoff = backoff
        self._http = httpx2.AsyncClient(**requests.connection(self.base_url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def download(self, url: str, path: Path) -> None:
        part = await asyncio.to_thread(Part, path)
        try:
            with translated(url):
                async with self._http.stream("GET", url, follow_redirects=True) as response:
                    if not response.is_success:
                        raise refusal(response.status_code, await response.aread())
                    async for chunk in response.aiter_bytes():
                        await asyncio.to_thread(part.write, chunk)
            await asyncio.to_thread(part.finish)
        finally:
            part.discard()

    async def _object(self, request: Request) -> dict[str, Any]:
        found: dict[str, Any] = await self._call(request)
        return found

    async def _call(self, request: Request) -> Any:
        patience = Patience(self._backoff, begun=False, repeatable=request.repeatable)
        while True:
            try:
                with translated(self.base_url):
                    return answer(await self._http.request(**self._sent(request)))
            except ClientError as error:
                await asyncio.sleep(patience.pause(error))

    async def _followed(self, cursor: Cursor) -> AsyncGenerator[Event, None]:
        while True:
            try:
                async with aclosing(self._chunks(cursor.request())) as chunks:
                    async for chunk in chunks:
                        for event in cursor.feed(chunk):
                            yield event
                        if cursor.ended:
                            return
            except ClientError as error:
                await asyncio.sleep(cursor.pause(error))

    async def _chunks(self, request: Request) -> AsyncGenerator[bytes, None]:
        with translated(self.base_url):
            async with self._http.stream(**self._sent(request)) as response:
                if not response.is_success:
                    raise refusal(response.status_code, await response.aread())
                expect_events(response)
                async for chunk in response.aiter_bytes():
                    yield chunk
        raise Lost(f"The connection to {self.base_url} ended before the stream did.")

    def _sent(self, request: Request) -> dict[str, Any]:
        return request.sent(self.base_url, self._headers)
