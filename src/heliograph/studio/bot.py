"""Our own bot: takes interactions, and answers them with messages as the Midjourney bot does.

An interaction is taken in one transaction, before anybody hears of it: what the caller was told
is taken is painted, even if the next thing that happens is a power cut.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import TracebackType

from heliograph.midjourney import content
from heliograph.midjourney.wire import Message, Payload, WireRefused
from heliograph.studio import components, faults, intake, messages
from heliograph.studio.commands import Commands, name_of
from heliograph.studio.controls import Controls
from heliograph.studio.desk import Desk
from heliograph.studio.faults import Faults, Kind
from heliograph.studio.feed import Feed, Reader
from heliograph.studio.files import Files
from heliograph.studio.forms import Form
from heliograph.studio.ids import Clock, Ids, first_of, media_key, upload_name
from heliograph.studio.letters import Letters
from heliograph.studio.memory import Memory, encode
from heliograph.studio.messages import BOT
from heliograph.studio.moderation import Moderation
from heliograph.studio.painters.base import Painter
from heliograph.studio.reception import Reception
from heliograph.studio.tickets import Account, Interaction, Ticket
from heliograph.studio.work import Work

# Nobody sends a command again after a day.
NONCE_SECONDS = 24 * 60 * 60


class Bot:
    """One bot for many accounts. `open` it, then `run` it (or use it as a context)."""

    def __init__(
        self,
        memory: Memory,
        painter: Painter,
        files: Files,
        ids: Ids,
        *,
        clock: Clock,
        update_seconds: float,
        moderation: Moderation,
        challenges: dict[str, str],
        concurrent: int | None = None,
    ) -> None:
        self._memory = memory
        self._painter = painter
        self._files = files
        self._feed = Feed()
        self._work = Work(
            memory, self._feed, painter, files, ids, clock=clock, update_seconds=update_seconds
        )
        self._desk = Desk(painter.slots, self._work.do, concurrent)
        self._reception = Reception(memory, self._feed, self._desk, ids, clock)
        self._commands = Commands(self._reception, files, moderation)
        self._controls = Controls(self._reception, files, moderation, self._stop)
        self._letters = Letters(self._reception, painter, files)
        self._faults = Faults(self._reception, challenges)

    @classmethod
    async def open(
        cls,
        path: Path,
        painter: Painter,
        files: Files,
        *,
        clock: Clock = time.time,
        rng: Random | None = None,
        update_seconds: float = 1.0,
        moderation: Moderation | None = None,
        concurrent: int | None = None,
    ) -> "Bot":
        """Opens the bot's memory at `path`; what its queue holds waits for `run`.

        With `concurrent` only so many of a user's jobs are painted at once, and ten more wait.

        The bot closes its painter. Raises sqlite3.Error, or MemoryFault, when the file can't be
        used.
        """
        memory = await Memory.open(path)
        ids = Ids(clock, rng or Random(), last=await memory.last_id())
        await memory.prune(first_of(clock() - NONCE_SECONDS))
        bot = cls(
            memory,
            painter,
            files,
            ids,
            clock=clock,
            update_seconds=update_seconds,
            moderation=moderation or Moderation.load(),
            challenges=await memory.challenges(),
            concurrent=concurrent,
        )
        for ticket, shown in await memory.queue():
            bot._desk.put(ticket, shown)
        return bot

    async def account(self, token: str, username: str) -> Account:
        """The account of that token, made on its first use."""
        account = await self._memory.account(token, username)
        settings = await self._memory.settings(account)
        # Another link of the same account may have changed them while they were read.
        self._reception.settings.setdefault(account.user, settings)
        return account

    async def run(self) -> None:
        """Paints and writes until `close`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._letters.run())
            group.create_task(self._desk.run())

    async def close(self) -> None:
        """Stops painting; what is not finished waits for the next start."""
        await self._letters.close()
        await self._desk.close()
        await self._painter.close()
        self._feed.close()
        await self._memory.close()

    async def __aenter__(self) -> "Bot":
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._group.create_task(self.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
        # Only a cancellation may be the group's own; any other error leaves as it came.
        if not isinstance(error, asyncio.CancelledError):
            kind = error = trace = None
        await self._group.__aexit__(kind, error, trace)

    def listen(self, account: Account) -> Reader:
        return self._feed.reader(account.channel)

    async def history(self, account: Account, limit: int, before: str | None) -> list[Message]:
        return await self._memory.history(account, limit, before)

    async def later(self, account: Account, limit: int, after: str) -> list[Message]:
        """The messages that follow one, newest first."""
        return await self._memory.later(account, limit, after)

    async def write(
        self, account: Account, content: str, files: list[Message], nonce: str
    ) -> Message:
        """The user's own message, with attachments; the bot keeps it and heeds it not."""
        id, now = self._reception.ids.snowflake(), self._reception.clock()
        message = messages.written(account, content, files, nonce, id=id, now=now)
        await self._memory.put(account, id, encode(message))
        self._reception.say(account, "MESSAGE_CREATE", message)
        return message

    async def decline(
        self,
        account: Account,
        payload: Payload,
        embed: Message | None,
        *,
        content: str = "",
        rows: Sequence[Message] = (),
    ) -> None:
        """Answers an interaction with that message in place of taking it up; with neither embed nor
        content, by a frame that asks for a person. Raises WireRefused."""
        nonce, ask = intake.read(payload, account)
        interaction, parent, form = await self._asked(account, nonce, ask)
        if embed is None and not content:
            await self._faults.answer(account, interaction, "challenge")
            return
        await self._reception.refuse(
            account, interaction, embed, content=content, parent=parent, rows=rows, closes=form
        )

    async def _asked(
        self, account: Account, nonce: str, ask: intake.Ask
    ) -> tuple[Interaction, Message | None, Form | None]:
        """The interaction, the message that it pressed on, and the form that it fills in."""
        reception = self._reception
        match ask:
            case intake.PressButton():
                parent = await self._message(account, ask.message)
                return reception.interaction(nonce, pressed=ask.message), parent, None
            case intake.SubmitForm():
                form = await reception.form(account, id=ask.form)
                if form is None:
                    raise intake.refused(10062, "Unknown interaction", 404)
                pressed = form.opener.pressed
                parent = await self._message(account, pressed)
                interaction = reception.interaction(nonce, pressed=pressed, opener=form.opener.id)
                return interaction, parent, form
            case intake.CancelJob():
                return reception.interaction(nonce, name="Cancel Job"), None, None
            case _:
                return reception.interaction(nonce, name=name_of(ask)), None, None

    async def interact(self, account: Account, payload: Payload) -> None:
        """Takes one interaction. Raises WireRefused when it does not."""
        nonce, ask = intake.read(payload, account)
        try:
            await self._heed(account, nonce, ask)
        except WireRefused:
            # What an earlier one with this nonce has done may be why it can't be done again.
            if not await self._memory.knows(account, nonce):
                raise

    async def upload(self, filename: str, data: bytes, content_type: str) -> str:
        """Keeps a file for a later command; returns the `uploaded_filename` that names it there."""
        key = media_key(upload_name(filename, content_type))
        await self._files.publish(key, data, content_type)
        return key

    async def submit_inpaint(self, account: Account, frame: str, mask: bytes, prompt: str) -> None:
        """Answers the frame of Vary (Region). Raises WireRefused."""
        await self._controls.submit_frame(account, frame, mask, prompt)

    async def react(self, account: Account, message: str, emoji: str) -> None:
        """Takes a reaction: ✉️ asks for a job's seed, ❌ deletes a message. Raises WireRefused."""
        body = await self._message(account, message, 404)
        self._reception.say(account, "MESSAGE_REACTION_ADD", _reaction(account, message, emoji))
        match emoji.replace("\ufe0f", ""):
            case "✉":
                await self._write_about(account, body)
            case "❌":
                await self._delete(account, message)

    async def challenge(self, channel: str, kind: Kind) -> None:
        """From now on the channel's commands are answered with that trouble, until `resolve` or,
        with "moderation", a press on Acknowledge. Kept over a restart. Raises UnknownChannel."""
        await self._faults.begin(channel, kind)

    async def resolve(self, channel: str) -> None:
        """The channel's commands are taken again. Raises UnknownChannel."""
        await self._faults.resolve(channel)

    async def _heed(self, account: Account, nonce: str, ask: intake.Ask) -> None:
        trouble = self._faults.of(account.channel)
        match ask:
            case intake.PressButton(custom_id=faults.ACKNOWLEDGE):
                await self._acknowledge(account, nonce, ask)
            case intake.CancelJob():
                await self._controls.cancel(account, nonce, ask)
            case intake.SubmitForm():
                # Its press was taken before the trouble began, or it would not be open.
                await self._controls.submit(account, nonce, ask)
            case intake.PressButton() if trouble:
                parent = await self._message(account, ask.message)
                interaction = self._reception.interaction(nonce, pressed=ask.message)
                await self._faults.answer(account, interaction, trouble, parent=parent)
            case intake.PressButton():
                await self._controls.press(account, nonce, ask)
            case _ if trouble:
                interaction = self._reception.interaction(nonce, name=name_of(ask))
                await self._faults.answer(account, interaction, trouble)
            case _:
                await self._commands.heed(account, nonce, ask)

    async def _acknowledge(self, account: Account, nonce: str, ask: intake.PressButton) -> None:
        message = await self._message(account, ask.message)
        if not components.offered(message, ask.custom_id):
            raise intake.not_offered()
        await self._faults.acknowledge(account, nonce, message)

    async def _message(self, account: Account, id: str, status: int = 400) -> Message:
        message = await self._memory.message(account, id)
        if message is None:
            raise intake.refused(10008, "Unknown Message", status)
        return message

    async def _write_about(self, account: Account, message: Message) -> None:
        """Answers the wish for a letter; a message that shows no finished job gets none."""
        uuid = content.uuid_of(message)
        job = await self._memory.finished(uuid) if uuid else None
        if job and job.ticket.account.user == account.user:
            self._letters.put(account.alone(), job)

    async def _delete(self, account: Account, message: str) -> None:
        """Deletes a message, and ends the job whose progress it shows."""
        if ticket := await self._memory.queued(message):
            await self._stop(ticket)
        if await self._memory.delete(account, message):
            gone = {"id": message, "channel_id": account.channel}
            self._reception.say(account, "MESSAGE_DELETE", gone)

    async def _stop(self, ticket: Ticket) -> None:
        if await self._work.stop(ticket):
            self._desk.withdraw(ticket)


def _reaction(account: Account, message: str, emoji: str) -> Message:
    return {
        "user_id": account.user,
        "channel_id": account.channel,
        "message_id": message,
        "message_author_id": BOT,
        "emoji": {"id": None, "name": emoji},
        "type": 0,
        "burst": False,
    }
