"""The client for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Unpack

from heliograph.client import requests
from heliograph.client.answers import Job, files
from heliograph.client.commands import (
    Blend,
    Button,
    Command,
    Describe,
    Dimensions,
    Image,
    Options,
    Seed,
    Setting,
)
from heliograph.client.events import Cursor, Event, EventParser, read
from heliograph.client.saving import free
from heliograph.client.transport import AsyncTransport

OnEvent = Callable[[Event], None]


class AsyncClient(AsyncTransport):
    """A server, seen from asyncio; the same methods and arguments as `Client`."""

    async def imagine(
        self, prompt: str, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        return await self.run(prompt, on_event, **options)

    async def button(
        self,
        jobid: str,
        label: str,
        on_event: OnEvent | None = None,
        *,
        prompt: str | None = None,
        mask: Path | str | bytes | None = None,
        **options: Unpack[Options],
    ) -> Job:
        return await self.run(Button(jobid, label, prompt, mask), on_event, **options)

    async def blend(
        self,
        images: Sequence[Image],
        dimensions: Dimensions | None = None,
        on_event: OnEvent | None = None,
        **options: Unpack[Options],
    ) -> Job:
        return await self.run(Blend(images, dimensions), on_event, **options)

    async def describe(
        self, image: Image, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        return await self.run(Describe(image), on_event, **options)

    async def seed(self, jobid: str, **options: Unpack[Options]) -> Job:
        return await self.run(Seed(jobid), **options)

    async def settings(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("settings"), **options)

    async def info(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("info"), **options)

    async def fast(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("fast"), **options)

    async def relax(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("relax"), **options)

    async def turbo(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("turbo"), **options)

    async def remix(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("remix"), **options)

    async def variability(self, **options: Unpack[Options]) -> Job:
        return await self.run(Setting("variability"), **options)

    async def run(
        self, what: str | Command, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        final: Job = {}
        async with aclosing(self.stream(what, **options)) as events:
            async for event in events:
                if on_event is not None:
                    on_event(event)
                final = event.get("job", final)
        return final

    async def submit(self, what: str | Command, **options: Unpack[Options]) -> Job:
        # It may read files.
        request = await asyncio.to_thread(requests.submission, what, options, stream=False)
        return await self._object(request)

    async def stream(
        self, what: str | Command, **options: Unpack[Options]
    ) -> AsyncGenerator[Event, None]:
        submission = await asyncio.to_thread(requests.submission, what, options, stream=True)
        cursor = Cursor(self._backoff, submission=submission)
        async with aclosing(self._followed(cursor)) as events:
            async for event in events:
                yield event

    async def follow(
        self, jobid: str, *, after: int | str | None = None
    ) -> AsyncGenerator[Event, None]:
        cursor = Cursor(self._backoff, jobid=jobid, after=after)
        async with aclosing(self._followed(cursor)) as events:
            async for event in events:
                yield event

    async def tail(self, on_open: Callable[[], None] | None = None) -> AsyncGenerator[Event, None]:
        parser = EventParser()
        async with aclosing(self._chunks(requests.tail())) as chunks:
            async for chunk in chunks:
                if on_open is not None:
                    on_open()
                    on_open = None
                for data in parser.feed(chunk):
                    yield read(data)

    async def get(self, jobid: str) -> Job:
        return await self._object(requests.job(jobid))

    async def jobs(self) -> dict[str, Any]:
        return await self._object(requests.jobs())

    async def cancel(self, jobid: str) -> None:
        await self._call(requests.cancel(jobid))

    async def accounts(self) -> dict[str, Any]:
        return await self._object(requests.accounts())

    async def account(self, channel: str) -> dict[str, Any]:
        return await self._object(requests.account(channel))

    async def configure(
        self, token: str, *, reply_url: str | None = None, **limits: Unpack[requests.Limits]
    ) -> dict[str, Any]:
        return await self._object(requests.configure(token, reply_url, limits))

    async def delete_account(self, channel: str) -> None:
        await self._call(requests.delete_account(channel))

    async def reset(self, channel: str) -> None:
        await self._call(requests.reset(channel))

    async def challenge(self, channel: str, kind: requests.ChallengeKind = "moderation") -> None:
        await self._call(requests.challenge(channel, kind))

    async def resolve(self, channel: str) -> None:
        await self._call(requests.resolve(channel))

    async def deliveries(
        self, state: requests.DeliveryState | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        answered = await self._object(requests.deliveries(state, limit))
        found: list[dict[str, Any]] = answered["deliveries"]
        return found

    async def delivery(self, id: int) -> dict[str, Any]:
        return await self._object(requests.delivery(id))

    async def replay(self, id: int) -> dict[str, Any]:
        return await self._object(requests.replay(id))

    async def signing_secrets(self) -> list[str]:
        secrets: list[str] = (await self._object(requests.signing_secrets()))["secrets"]
        return secrets

    async def rotate_secret(self) -> list[str]:
        secrets: list[str] = (await self._object(requests.rotate_secret()))["secrets"]
        return secrets

    async def save(self, job: Job, folder: Path) -> list[Path]:
        sources = files(job)
        paths = await asyncio.to_thread(free, folder, [name for name, _ in sources])
        for path, (_, url) in zip(paths, sources, strict=True):
            await self.download(url, path)
        return paths
