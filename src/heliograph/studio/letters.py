"""What the bot writes to a user who reacts with ✉️ to a finished job: its seed, and its pictures
one by one.
"""

import asyncio
import logging

import msgspec

from heliograph.studio import messages, wording
from heliograph.studio.files import Files
from heliograph.studio.ids import media_key
from heliograph.studio.memory import encode
from heliograph.studio.painters.base import Order, OrderRefused, Origin, Painter, Picture
from heliograph.studio.reception import Reception
from heliograph.studio.tickets import Account, Finished, Message

_log = logging.getLogger(__name__)


class Letters:
    """Writes one letter after the other while `run` runs. Those that wait at the end are lost, as
    a reaction is no command: whoever still wants an answer reacts again."""

    def __init__(self, reception: Reception, painter: Painter, files: Files) -> None:
        self._reception = reception
        self._painter = painter
        self._files = files
        self._due: asyncio.Queue[tuple[Account, Finished] | None] = asyncio.Queue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def put(self, account: Account, job: Finished) -> None:
        self._due.put_nowait((account, job))

    async def run(self) -> None:
        """Writes until `close`."""
        self._idle.clear()
        try:
            while not self._closed and (due := await self._due.get()):
                await self._write(*due)
        finally:
            self._idle.set()

    async def close(self) -> None:
        """Ends `run`, after the letter that is being written."""
        self._closed = True
        self._due.put_nowait(None)
        await self._idle.wait()

    async def _write(self, account: Account, job: Finished) -> None:
        try:
            letter = await self._letter(account, job)
            await self._reception.memory.put(account, letter["id"], encode(letter))
            self._reception.say(account, "MESSAGE_CREATE", letter)
        except Exception:
            _log.exception("the letter about job %s could not be written", job.ticket.uuid)

    async def _letter(self, account: Account, job: Finished) -> Message:
        files = await self._pictures(account, job)
        id, now = self._reception.ids.snowflake(), self._reception.clock()
        return messages.letter(account, wording.letter(job.ticket), files, id=id, now=now)

    async def _pictures(self, account: Account, job: Finished) -> list[Message]:
        """The pictures of a grid; what isn't a grid of pictures is attached as it is."""
        if len(job.scenes) > 1 and job.ticket.order.operation not in ("animate", "extend"):
            return [await self._cell(job, n) for n in range(len(job.scenes))]
        shown = await self._reception.memory.shown(account, job.ticket.uuid)
        return list(shown["attachments"]) if shown else []

    async def _cell(self, job: Finished, cell: int) -> Message:
        picture = await self._painter.paint(_single(job, cell), _unheard, self._fetch)
        if picture.picture is None:
            raise OrderRefused("the painter took no picture out of the grid")
        name = wording.cell_name(job.ticket, cell)
        return await self._attach(picture.picture, name)

    async def _attach(self, picture: Picture, name: str) -> Message:
        key = media_key(name)
        url = await self._files.publish(
            key, picture.data, picture.content_type, same_as=picture.same_as
        )
        id = self._reception.ids.snowflake()
        return messages.attachment(picture, id=id, filename=name, url=url)

    async def _fetch(self, url: str) -> bytes:
        try:
            return await self._files.fetch(url)
        except FileNotFoundError as error:
            raise OrderRefused("the picture of that job is no longer there") from error


def _single(job: Finished, cell: int) -> Order:
    before = job.ticket.order
    seed = before.seeds[cell]
    return msgspec.structs.replace(
        before,
        operation="single",
        seeds=(seed,),
        origin=Origin(seed, job.scenes[cell]),
        cell=cell + 1,
        sources=(job.picture,),
    )


def _unheard(percent: int, preview: Picture | None) -> None:
    """Taking a cell out of a grid is too quick to report on."""
