"""Carries what the bot says in an account's channels to the sessions of that account.

Everything passes here once, in order: links take the place of the bot's own URLs, a guild's
messages get their marks, and faults strike. What a fault changes in the course of a job is changed
in the history as well, as far as the real Discord's would show it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import msgspec

from heliograph.midjourney.wire import Dispatch, Message
from heliograph.sandbox import discord
from heliograph.sandbox.faults import Faults
from heliograph.sandbox.finals import is_final
from heliograph.sandbox.kinds import (
    Disable,
    Drop,
    Duplicate,
    LateFinal,
    LostFinal,
    NoFinal,
    NoticeFault,
    Reorder,
)
from heliograph.sandbox.links import Links
from heliograph.sandbox.notices import NOTICES, QUEUED_NAME
from heliograph.sandbox.people import People, Person
from heliograph.sandbox.sessions import Sessions
from heliograph.studio.tickets import Account

# How long a dispatch waits for one that it can change places with.
REORDER_SECONDS = 0.5
TOKEN_REFUSED = 4004
# What the content of a progress message ends in.
_TAIL = re.compile(r"\((?:Waiting to start|\d+%)\)(?: \([a-z, ]+\))?$")
MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")

encode = msgspec.json.encode


class Post:
    """One account's. `run` it; `frames` are the iframes that were opened, by token. `dress` gives a
    message its last touch."""

    def __init__(
        self,
        person: Person,
        people: People,
        sessions: Sessions,
        links: Links,
        faults: Faults,
        dress: Callable[[Message], Message],
    ) -> None:
        self._person = person
        self._people = people
        self._sessions = sessions
        self._links = links
        self._faults = faults
        self._dress = dress
        self._hidden: set[str] = set()
        self._changed: dict[str, Message] = {}
        self._progress: dict[str, Message] = {}
        self._gone: Message = {}
        # What waits for the MESSAGE_DELETE that follows a final message, by channel.
        self._endings: dict[str, Callable[[Dispatch], None]] = {}
        self._queued: set[str] = set()
        self._waiting: tuple[Account, Dispatch] | None = None
        self._gates: set[asyncio.Future[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self.frames: dict[str, Account] = {}

    async def run(self, account: Account, dispatches: AsyncIterator[Dispatch]) -> None:
        """Carries one channel's dispatches until there are no more."""
        async for dispatch in dispatches:
            while self._gates:
                await asyncio.wait(set(self._gates))
            self._take(account, dispatch)

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()

    def gate(self) -> asyncio.Future[None]:
        """Nothing is carried until its result is set: the answer to a call goes out first."""
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gates.add(gate)
        gate.add_done_callback(self._gates.discard)
        return gate

    def queue(self, nonce: str) -> None:
        """The job of that nonce is acknowledged as queued."""
        self._queued.add(nonce)

    def later(self, account: Account, said: list[tuple[str, dict[str, Any]]]) -> None:
        """Something that the bot has not said, behind the gates that stand now."""
        waiting = asyncio.gather(*self._gates)

        def due(done: object) -> None:
            for type, data in said:
                self._send(account, Dispatch(type, data))

        waiting.add_done_callback(due)

    def shown(self, account: Account, message: Message) -> Message | None:
        """A message of the history as the client may see it; None where it may not."""
        if message["id"] in self._hidden:
            return None
        return self.written(account, self._changed.get(message["id"], message))

    def written(self, account: Account, message: Message) -> Message:
        """A message with links for its files."""
        rewritten: Message = self._links.rewritten(self._dress(message), account.channel)
        return rewritten

    def _take(self, account: Account, dispatch: Dispatch) -> None:
        if dispatch.type == "INTERACTION_IFRAME_MODAL_CREATE":
            self.frames[str(dispatch.data["custom_id"]).rpartition("::")[2]] = account
        self._remember(dispatch)
        if _in_job(dispatch):
            self._strike(self._person.user)
        ending = self._endings.pop(account.channel, None)
        if _is_final(dispatch):
            self._end(account, dispatch)
        elif ending and dispatch.type == "MESSAGE_DELETE":
            ending(dispatch)
        else:
            self._carry(account, self._as_queued(dispatch))

    def _remember(self, dispatch: Dispatch) -> None:
        """Keeps progress messages as they were last."""
        id = dispatch.data.get("id", "")
        if dispatch.type == "MESSAGE_DELETE":
            self._gone = self._progress.pop(id, {})
        elif _TAIL.search(dispatch.data.get("content", "")):
            self._progress[id] = dispatch.data
        else:
            self._progress.pop(id, None)

    def _strike(self, user: str) -> None:
        """Faults of sockets in the middle of a job."""
        outlets = list(self._sessions.outlets(user))
        if outlets and self._faults.take(Drop, user):
            for outlet in outlets:
                outlet.drop()
        if self._faults.take(Disable, user):
            self._people.disabled.add(user)
            for session in self._sessions.of(user):
                if session.outlet:
                    session.outlet.close(TOKEN_REFUSED)
                self._sessions.end(session)

    def _end(self, account: Account, dispatch: Dispatch) -> None:
        """A final message, and what may become of it."""
        user, id = self._person.user, dispatch.data["id"]
        if self._faults.take(NoFinal, user):
            self._hidden.add(id)
        elif failure := self._faults.take(NoticeFault, user, lambda one: NOTICES[one.name].late):
            self._hidden.add(id)
            self._endings[account.channel] = partial(self._fail, account, dispatch, failure.name)
        elif late := self._faults.take(LateFinal, user):
            self._hidden.add(id)
            held = [dispatch]
            self._endings[account.channel] = held.append
            self._after(late.seconds, partial(self._release, account, held))
        elif not self._faults.take(LostFinal, user):
            self._carry(account, dispatch)

    def _fail(self, account: Account, final: Dispatch, name: str, gone: Dispatch) -> None:
        """In place of the final message a reply to the progress message, which then stays."""
        stopped = _stopped(self._gone or final.data | {"id": gone.data["id"]})
        failure = _failure(final.data, stopped, name)
        self._changed[final.data["id"]] = failure
        self._hidden.discard(final.data["id"])
        self._carry(account, Dispatch("MESSAGE_CREATE", failure))
        self._carry(account, Dispatch("MESSAGE_UPDATE", stopped))

    def _release(self, account: Account, held: list[Dispatch]) -> None:
        for dispatch in held:
            self._hidden.discard(dispatch.data["id"])
            self._carry(account, dispatch)
        # Should its end come only now, nothing holds it back.
        held.clear()
        self._endings.pop(account.channel, None)

    def _after(self, seconds: float, what: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            what()

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)

    def _as_queued(self, dispatch: Dispatch) -> Dispatch:
        nonce = dispatch.data.get("nonce")
        if dispatch.type != "MESSAGE_CREATE" or nonce not in self._queued:
            return dispatch
        self._queued.discard(nonce)
        embed = NOTICES[QUEUED_NAME].embed
        return Dispatch(dispatch.type, dispatch.data | {"content": "", "embeds": [embed]})

    def _carry(self, account: Account, dispatch: Dispatch) -> None:
        user = self._person.user
        ours = dispatch.type in MESSAGES
        if ours and not self._waiting and self._faults.take(Reorder, user):
            self._waiting = account, dispatch
            self._after(REORDER_SECONDS, self._follow)
            return
        self._send(account, dispatch)
        if ours and self._faults.take(Duplicate, user):
            self._send(account, dispatch)
        self._follow()

    def _follow(self) -> None:
        """What was to come after another one."""
        if self._waiting:
            account, dispatch = self._waiting
            self._waiting = None
            self._send(account, dispatch)

    def _send(self, account: Account, dispatch: Dispatch) -> None:
        data = dispatch.data
        if dispatch.type.startswith(("MESSAGE_", "INTERACTION_MODAL", "INTERACTION_IFRAME")):
            data = self.written(account, discord.placed(data, account))
        body = encode(data)
        own = dispatch.type.startswith("INTERACTION_")
        for session in self._sessions.of(self._person.user):
            if not (own and session.bot):
                session.dispatch(dispatch.type, body)


def _in_job(dispatch: Dispatch) -> bool:
    """Whether a job has begun, and has not ended yet."""
    progress = dispatch.type == "MESSAGE_UPDATE" and "%)" in dispatch.data.get("content", "")
    return progress or _is_final(dispatch)


def _is_final(dispatch: Dispatch) -> bool:
    return dispatch.type == "MESSAGE_CREATE" and is_final(dispatch.data)


def _stopped(progress: Message) -> Message:
    content = _TAIL.sub("(Stopped)", progress["content"])
    return progress | {"content": content, "components": []}


def _failure(final: Message, stopped: Message, name: str) -> Message:
    """The reply that takes the final message's place."""
    notice = NOTICES[name]
    reference = {"type": 0, "channel_id": stopped["channel_id"], "message_id": stopped["id"]}
    return final | {
        "type": 19,
        "content": "" if notice.embed else notice.text,
        "attachments": [],
        "embeds": [notice.embed] if notice.embed else [],
        "components": notice.rows,
        "message_reference": reference,
        "referenced_message": {k: v for k, v in stopped.items() if k != "referenced_message"},
    }
