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

from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.midjourney.wire import Message, Payload, WireRefused
from heliograph.studio import components, intake, messages, orders
from heliograph.studio.components import Button
from heliograph.studio.desk import Desk
from heliograph.studio.feed import Feed, Reader
from heliograph.studio.files import Files
from heliograph.studio.ids import EPOCH, Clock, Ids, iso
from heliograph.studio.memory import Memory, Press, Settings, encode
from heliograph.studio.painters.base import Painter
from heliograph.studio.tickets import Account, Interaction, Shown, Ticket
from heliograph.studio.work import Work

Dispatch = tuple[str, bytes]

# Beyond this a queue is a mistake of the client's, or an attack.
MOST_QUEUED = 1000
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
    ) -> None:
        self._memory = memory
        self._painter = painter
        self._ids = ids
        self._clock = clock
        self._feed = Feed()
        self._work = Work(
            memory, self._feed, painter, files, ids, clock=clock, update_seconds=update_seconds
        )
        self._desk = Desk(painter.slots, self._work.do)
        self._settings: dict[str, Settings] = {}

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
    ) -> "Bot":
        """Opens the bot's memory at `path`; what its queue holds waits for `run`.

        The bot closes its painter. Raises sqlite3.Error when the file can't be used.
        """
        memory = await Memory.open(path)
        ids = Ids(clock, rng or Random(), last=await memory.last_id())
        await memory.prune((int((clock() - NONCE_SECONDS) * 1000) - EPOCH) << 22)
        bot = cls(memory, painter, files, ids, clock=clock, update_seconds=update_seconds)
        for ticket, shown in await memory.queue():
            bot._desk.put(ticket, shown)
        return bot

    async def account(self, token: str, username: str) -> Account:
        """The account of that token, made on its first use."""
        account = await self._memory.account(token, username)
        self._settings[account.user] = await self._memory.settings(account)
        return account

    async def run(self) -> None:
        """Paints until `close`."""
        await self._desk.run()

    async def close(self) -> None:
        """Stops painting; what is not finished waits for the next start."""
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

    async def interact(self, account: Account, payload: Payload) -> None:
        """Takes one interaction. Raises WireRefused when it does not."""
        nonce, ask = intake.read(payload, account)
        try:
            await self._heed(account, nonce, ask)
        except WireRefused:
            # What an earlier one with this nonce has done may be why it can't be done again.
            if not await self._memory.knows(account, nonce):
                raise

    async def _heed(self, account: Account, nonce: str, ask: intake.Ask) -> None:
        match ask:
            case intake.Imagine():
                interaction = Interaction(self._ids.snowflake(), nonce, name="imagine")
                await self._imagine(account, interaction, ask.prompt)
            case intake.PressButton():
                interaction = Interaction(self._ids.snowflake(), nonce, pressed=ask.message)
                await self._press(account, interaction, ask.custom_id)
            case intake.CancelJob():
                interaction = Interaction(self._ids.snowflake(), nonce, name="Cancel Job")
                await self._cancel(account, interaction, ask.message)

    async def _imagine(self, account: Account, interaction: Interaction, text: str) -> None:
        settings = self._settings[account.user]
        now = self._clock()
        try:
            ticket = orders.imagine(account, interaction, text, settings, self._ids, now)
        except InvalidPrompt as invalid:
            await self._refuse(account, interaction, invalid.title, invalid.description, text)
        else:
            await self._take(ticket)

    async def _press(self, account: Account, interaction: Interaction, custom_id: str) -> None:
        message = await self._memory.message(account, interaction.pressed)
        if message is None:
            raise intake.refused(10008, "Unknown Message")
        button = components.read(custom_id)
        if button and button.press == "cancel":
            await self._cancel(account, interaction, interaction.pressed)
        elif button and components.offered(message, custom_id):
            await self._paint_on(account, interaction, button, message, custom_id)
        else:
            raise intake.not_offered()

    async def _paint_on(
        self,
        account: Account,
        interaction: Interaction,
        button: Button,
        parent: Message,
        custom_id: str,
    ) -> None:
        job = await self._memory.finished(button.uuid)
        if job is None:
            raise intake.not_offered()
        settings, now = self._settings[account.user], self._clock()
        components.pressed(parent, custom_id)
        ticket = orders.pressed(interaction, button, job, parent, settings, self._ids, now)
        await self._take(ticket, Press(interaction.pressed, custom_id, iso(now)))

    async def _take(self, ticket: Ticket, press: Press | None = None) -> None:
        account, interaction = ticket.account, ticket.interaction
        if self._desk.held(account.user) >= MOST_QUEUED:
            title, text = "Queue full", "Your job queue is full. Please wait for a job to finish "
            text += "first, then resubmit this one."
            await self._refuse(account, interaction, title, text, ticket.text, ticket.parent)
            return
        body = encode(messages.waiting(ticket))
        taken = await self._memory.take(
            account, interaction, answer=(ticket.message, body), ticket=ticket, press=press
        )
        if taken is None:
            return
        said = [("MESSAGE_CREATE", body)]
        if taken.parent:
            said.append(("MESSAGE_UPDATE", taken.parent))
        asyncio.get_running_loop().call_soon(self._begin, ticket, said)

    async def _cancel(self, account: Account, interaction: Interaction, message: str) -> None:
        ticket = await self._memory.queued(message)
        if ticket is None or ticket.account != account:
            raise intake.refused(10008, "Unknown Message")
        if await self._memory.take(account, interaction):
            self._answer(account, interaction)
            if await self._work.stop(ticket):
                self._desk.withdraw(ticket)

    async def _refuse(
        self,
        account: Account,
        interaction: Interaction,
        title: str,
        text: str,
        prompt: str,
        parent: Message | None = None,
    ) -> None:
        id = self._ids.snowflake()
        color = messages.YELLOW if title == "Queue full" else messages.RED
        embed = messages.embed(title, text, color=color, prompt=prompt)
        answer = messages.refusal(
            account, interaction, id=id, embed=embed, now=self._clock(), parent=parent
        )
        body = encode(answer)
        if await self._memory.take(account, interaction, answer=(id, body)):
            said = [("MESSAGE_CREATE", body)]
            asyncio.get_running_loop().call_soon(self._answer, account, interaction, said)

    def _begin(self, ticket: Ticket, said: Sequence[Dispatch]) -> None:
        self._answer(ticket.account, ticket.interaction, said)
        self._desk.put(ticket, Shown())

    def _answer(
        self, account: Account, interaction: Interaction, said: Sequence[Dispatch] = ()
    ) -> None:
        """Tells the channel, once the caller knows that its interaction was taken."""
        event = encode({"id": interaction.id, "nonce": interaction.nonce or None})
        for type in ("INTERACTION_CREATE", "INTERACTION_SUCCESS"):
            self._feed.put(account.channel, type, event)
        for type, body in said:
            self._feed.put(account.channel, type, body)
