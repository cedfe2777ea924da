"""One job, from the desk to its final message."""

import logging

import msgspec

from heliograph.studio import messages, wording
from heliograph.studio.feed import Feed
from heliograph.studio.files import Files, LinkRefused
from heliograph.studio.ids import Clock, Ids, media_key
from heliograph.studio.memory import Memory, encode
from heliograph.studio.painters.base import (
    OrderRefused,
    Painter,
    Painting,
    Picture,
)
from heliograph.studio.progress import Progress
from heliograph.studio.tickets import Finished, Message, Shown, Ticket

_log = logging.getLogger(__name__)

EXTENSIONS = {"image/png": "png", "image/webp": "webp", "image/jpeg": "jpeg"}
CLIP = "video/mp4"


class Work:
    """Paints tickets, shows how they get on, and ends them."""

    def __init__(
        self,
        memory: Memory,
        feed: Feed,
        painter: Painter,
        files: Files,
        ids: Ids,
        *,
        clock: Clock,
        update_seconds: float,
    ) -> None:
        self._memory = memory
        self._feed = feed
        self._painter = painter
        self._files = files
        self._ids = ids
        self._clock = clock
        self._update_seconds = update_seconds

    async def do(self, ticket: Ticket, shown: Shown) -> None:
        """Paints a ticket and ends it, well or not. Cancelled, it leaves the ticket as it is."""
        began = self._clock()
        try:
            if not shown.started:
                await self._announce(ticket)
            painting = await self._paint(ticket, shown)
            await self._finish(ticket, painting, began)
        except LinkRefused as refusal:
            await self._fail(ticket, "Invalid link", str(refusal))
        except OrderRefused as refusal:
            await self._fail(ticket, "Invalid request", str(refusal))
        except Exception:
            _log.exception("job %s of the studio bot broke", ticket.uuid)
            await self._break(ticket)

    async def stop(self, ticket: Ticket) -> bool:
        """Ends a ticket at its user's wish; False when it had ended before."""
        body = encode(messages.stopped(ticket, self._clock()))
        stopped = await self._memory.stop(ticket, (ticket.message, body))
        if stopped:
            self._say(ticket, "MESSAGE_UPDATE", body)
        return stopped

    async def _announce(self, ticket: Ticket) -> None:
        """Of a clip the bot says what it will make only when it turns to it."""
        if wording.waiting(ticket) != wording.queued(ticket) and not ticket.ephemeral:
            await self._edit(ticket, Shown(), messages.queued(ticket, self._clock()))

    async def _paint(self, ticket: Ticket, before: Shown) -> Painting:
        last = before

        async def show(percent: int, preview: Picture | None) -> None:
            nonlocal last
            attachment = await self._preview(ticket, preview) if preview else last.attachment
            last = Shown(percent, attachment)
            await self._show(ticket, last)

        progress = Progress(show, before, self._clock, self._update_seconds)
        painting = await progress.over(
            self._painter.paint(ticket.order, progress.report, self._fetch)
        )
        await progress.finish()
        return painting

    async def _show(self, ticket: Ticket, shown: Shown) -> None:
        if not ticket.ephemeral:
            await self._edit(ticket, shown, messages.progress(ticket, shown, self._clock()))

    async def _edit(self, ticket: Ticket, shown: Shown, message: Message) -> None:
        # The history's version is still the message that our client's nonce made.
        body = encode(message)
        nonce = ticket.interaction.nonce
        stored = encode(message | {"nonce": nonce}) if nonce else body
        if await self._memory.show(ticket, shown, stored):
            self._say(ticket, "MESSAGE_UPDATE", body)

    async def _preview(self, ticket: Ticket, preview: Picture) -> Message:
        return await self._attach(preview, wording.preview_name(ticket))

    async def _attach(self, picture: Picture, filename: str) -> Message:
        url = await self._publish(media_key(filename), picture)
        id = self._ids.snowflake()
        return messages.attachment(picture, id=id, filename=filename, url=url)

    async def _fetch(self, url: str) -> bytes:
        try:
            return await self._files.read(url)
        except FileNotFoundError as error:
            raise OrderRefused("The picture of that job is no longer there.") from error

    async def _publish(self, key: str, picture: Picture) -> str:
        return await self._files.publish(
            key, picture.data, picture.content_type, same_as=picture.same_as
        )

    async def _finish(self, ticket: Ticket, painting: Painting, began: float) -> None:
        if painting.picture is None:
            await self._describe(ticket, painting.prompts, began)
            return
        name = _name(ticket, painting.picture)
        attachment = await self._attach(painting.picture, name)
        cells = [
            await self._publish(wording.cell_key(ticket, n), cell)
            for n, cell in enumerate(painting.cells)
        ]
        now = self._clock()
        id = self._ids.snowflake()
        nonce = self._ids.nonce()
        message = messages.final(ticket, id=id, nonce=nonce, attachment=attachment, now=now)
        # The history's version carries the nonce of the command, so that a client which died
        # before it knew any other id of its job still finds the result.
        stored = encode(message | {"nonce": ticket.interaction.nonce})
        kept = msgspec.structs.replace(ticket, parent=None)
        job = Finished(kept, attachment["url"], painting.scenes, tuple(cells))
        images = 0 if ticket.order.operation == "single" else len(cells)
        if await self._memory.finish(job, id, stored, images=images, seconds=now - began):
            self._say(ticket, "MESSAGE_CREATE", encode(message))
            gone = {"id": ticket.message, "channel_id": ticket.account.channel}
            self._say(ticket, "MESSAGE_DELETE", encode(gone))

    async def _describe(self, ticket: Ticket, prompts: tuple[str, ...], began: float) -> None:
        now = self._clock()
        body = encode(messages.description(ticket, prompts, now))
        job = Finished(msgspec.structs.replace(ticket, parent=None), "")
        seconds = now - began
        if await self._memory.finish(job, ticket.message, body, images=0, seconds=seconds):
            self._say(ticket, "MESSAGE_UPDATE", body)

    async def _fail(self, ticket: Ticket, title: str, description: str) -> None:
        now = self._clock()
        id = ticket.message if ticket.ephemeral else self._ids.snowflake()
        embed = messages.embed(
            title,
            description,
            color=messages.NEWER_RED,
            prompt=ticket.order.prompt,
            command=ticket.action if ticket.ephemeral else "imagine",
        )
        reply = encode(messages.failure(ticket, id=id, embed=embed, now=now))
        if ticket.ephemeral:
            if await self._memory.stop(ticket, (id, reply)):
                self._say(ticket, "MESSAGE_UPDATE", reply)
            return
        stopped = encode(messages.stopped(ticket, now))
        if await self._memory.stop(ticket, (id, reply), (ticket.message, stopped)):
            self._say(ticket, "MESSAGE_CREATE", reply)
            self._say(ticket, "MESSAGE_UPDATE", stopped)

    async def _break(self, ticket: Ticket) -> None:
        try:
            await self._fail(
                ticket,
                "Sorry, something went wrong",
                "The job encountered an error. Please try again.",
            )
        except Exception:
            # Its row stays in the queue: the next start tries it again.
            _log.exception("job %s of the studio bot could not be ended", ticket.uuid)

    def _say(self, ticket: Ticket, type: str, data: bytes) -> None:
        self._feed.put(ticket.account.channel, type, data)


def _name(ticket: Ticket, picture: Picture) -> str:
    if picture.content_type == CLIP:
        return wording.clip_name(ticket)
    return wording.picture_name(ticket, EXTENSIONS[picture.content_type])
