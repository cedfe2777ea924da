"""Takes interactions on disk, then answers them in the channel.

Every way to answer stands here once: with a job, a refusal, a private word, a form. Nobody hears
of an interaction before it is on disk, and one whose nonce was used before changes nothing.
"""

import asyncio
from collections.abc import Callable, Sequence

from heliograph.midjourney.prompt import InvalidPrompt
from heliograph.studio import messages, moderation
from heliograph.studio.desk import Desk
from heliograph.studio.feed import Feed
from heliograph.studio.forms import OPEN_SECONDS, Form, opened
from heliograph.studio.ids import Clock, Ids, first_of
from heliograph.studio.memory import Memory, Press, encode
from heliograph.studio.preferences import Settings
from heliograph.studio.tickets import Account, Interaction, Message, Shown, Ticket

Dispatch = tuple[str, bytes]

# Beyond this a queue is a mistake of the client's, or an attack.
MOST_QUEUED = 1000
QUEUE_FULL = "Queue full"
# So many more than are painted at once, where that has a bound.
QUEUED_BESIDE = 10


class Reception:
    """What the handlers of commands, presses and forms share. `settings` are those of the accounts
    that are connected, by user."""

    def __init__(self, memory: Memory, feed: Feed, desk: Desk, ids: Ids, clock: Clock) -> None:
        self.memory = memory
        self.ids = ids
        self.clock = clock
        self.settings: dict[str, Settings] = {}
        self._feed = feed
        self._desk = desk

    def interaction(
        self, nonce: str, *, name: str = "", pressed: str = "", opener: str = ""
    ) -> Interaction:
        """A new one; its id says when it came."""
        return Interaction(self.ids.snowflake(), nonce, name, pressed, opener)

    async def job(
        self, *tickets: Ticket, press: Press | None = None, closes: Form | None = None
    ) -> None:
        """Takes the jobs of one interaction, if there is room for them."""
        first = tickets[0]
        account, interaction = first.account, first.interaction
        bound = self._desk.concurrent
        most = MOST_QUEUED if bound is None else bound + QUEUED_BESIDE
        if self._desk.held(account.user) + len(tickets) > most:
            text = "Your job queue is full. Please wait for a job to finish first, then resubmit"
            embed = messages.embed(
                QUEUE_FULL, f"{text} this one.", color=messages.YELLOW, prompt=first.text
            )
            await self.refuse(account, interaction, embed, parent=first.parent, closes=closes)
            return
        says = [(ticket.message, encode(self._first_word(ticket))) for ticket in tickets]
        taken = await self.memory.take(
            account, interaction, says=says, tickets=tickets, press=press, closes=closes
        )
        if taken is None:
            return
        said = [("MESSAGE_CREATE", body) for _, body in says]
        if taken.parent:
            said.append(("MESSAGE_UPDATE", taken.parent))
        asyncio.get_running_loop().call_soon(self._begin, tickets, said, closes)

    def _first_word(self, ticket: Ticket) -> Message:
        first = messages.waiting(ticket)
        return messages.in_line(first, ticket) if self._desk.full(ticket) else first

    async def refuse(
        self,
        account: Account,
        interaction: Interaction,
        embed: Message | None,
        *,
        content: str = "",
        parent: Message | None = None,
        rows: Sequence[Message] = (),
        closes: Form | None = None,
    ) -> None:
        """Answers with an embed, or with plain words, that say why nothing comes of it."""
        id = self.ids.snowflake()
        answer = messages.refusal(
            account, interaction, id=id, embed=embed, now=self.clock(), parent=parent
        )
        answer |= {"content": content, "components": list(rows)}
        body = encode(answer)
        if await self.memory.take(account, interaction, says=[(id, body)], closes=closes):
            self.later(account, interaction, [("MESSAGE_CREATE", body)], closes)

    async def invalid(
        self,
        account: Account,
        interaction: Interaction,
        invalid: InvalidPrompt,
        text: str,
        *,
        command: str = "imagine",
        parent: Message | None = None,
        closes: Form | None = None,
    ) -> None:
        """Refuses what the bot does not understand or can't do."""
        embed = messages.embed(
            invalid.title, invalid.description, color=messages.RED, prompt=text, command=command
        )
        await self.refuse(account, interaction, embed, parent=parent, closes=closes)

    async def ban(
        self,
        account: Account,
        interaction: Interaction,
        word: str,
        prompt: str,
        *,
        parent: Message | None = None,
        closes: Form | None = None,
    ) -> None:
        """Refuses a prompt for one of its words."""
        text = moderation.description(word)
        embed = messages.embed(moderation.TITLE, text, color=messages.RED, prompt=prompt)
        await self.refuse(account, interaction, embed, parent=parent, closes=closes)

    async def tell(
        self,
        account: Account,
        interaction: Interaction,
        say: Callable[[Settings], Message],
        change: Callable[[Settings], Settings] = lambda settings: settings,
    ) -> None:
        """Answers privately: what `say` makes of the settings, after `change`, fills the message
        that began as empty."""
        id, now = self.ids.snowflake(), self.clock()
        answer = messages.private(account, interaction, id=id, now=now)
        adjusted = await self.memory.adjust(
            account, interaction, change, id, lambda settings: answer | say(settings)
        )
        if adjusted is None:
            return
        self.settings[account.user] = adjusted.settings
        first = encode(messages.loading(answer, interaction))
        said = [("MESSAGE_CREATE", first), ("MESSAGE_UPDATE", adjusted.said)]
        self.later(account, interaction, said)

    async def ask(self, account: Account, form: Form) -> None:
        """Opens a form."""
        type, data = opened(account, form)
        if await self.memory.take(account, form.opener, opens=form):
            self.later(account, form.opener, [(type, encode(data))])

    async def form(self, account: Account, *, id: str = "", token: str = "") -> Form | None:
        """A form that was opened and is still open."""
        since = first_of(self.clock() - OPEN_SECONDS)
        return await self.memory.form(account, id=id, token=token, since=since)

    def later(
        self,
        account: Account,
        interaction: Interaction,
        said: Sequence[Dispatch] = (),
        closes: Form | None = None,
    ) -> None:
        """Tells the channel, once the caller knows that its interaction was taken."""
        asyncio.get_running_loop().call_soon(self._answer, account, interaction, said, closes)

    def say(self, account: Account, type: str, data: Message) -> None:
        self._feed.put(account.channel, type, encode(data))

    def _begin(
        self, tickets: Sequence[Ticket], said: Sequence[Dispatch], closes: Form | None
    ) -> None:
        self._answer(tickets[0].account, tickets[0].interaction, said, closes)
        for ticket in tickets:
            self._desk.put(ticket, Shown())

    def _answer(
        self,
        account: Account,
        interaction: Interaction,
        said: Sequence[Dispatch],
        closes: Form | None,
    ) -> None:
        # The answer to a frame comes by another way than interactions do.
        if not (closes and closes.token):
            event = encode({"id": interaction.id, "nonce": interaction.nonce or None})
            for type in ("INTERACTION_CREATE", "INTERACTION_SUCCESS"):
                self._feed.put(account.channel, type, event)
        for type, body in said:
            self._feed.put(account.channel, type, body)
