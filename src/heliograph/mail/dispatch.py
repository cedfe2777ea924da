"""Sends what is in the outbox, until it has been taken.

A mail is a row that was committed together with what it reports, and stays pending until the mail
server has taken it. So a crash loses none; one that comes between the server's word and the row
sends the mail again, with the same Message-ID. There are few mails and one server: they go one
after another.
"""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random
from typing import Any

import structlog

from heliograph.bus.base import Bus
from heliograph.mail.base import Mail, Outbox
from heliograph.mail.letters import letter
from heliograph.mail.post import Post, PostFailed, compose
from heliograph.retry import Schedule

log: Any = structlog.get_logger("heliograph.mail")

POLL_SECONDS = 5.0
PAGE = 50


class MailDispatcher:
    """Run it once for each store. `base` is the address under which callers reach this server."""

    def __init__(
        self,
        outbox: Outbox,
        bus: Bus,
        post: Post,
        *,
        sender: str,
        base: str,
        schedule: Schedule,
        now: Callable[[], int],
        rng: Random,
    ) -> None:
        self._outbox = outbox
        self._bus = bus
        self._post = post
        self._sender = sender
        self._base = base
        self._schedule = schedule
        self._now = now
        self._rng = rng
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. What was not sent by then is still due."""
        leave = self._bus.subscribe("mail", lambda _: self._woken.set())
        try:
            while True:
                self._woken.clear()
                wait = POLL_SECONDS
                try:
                    wait = await self._round()
                except Exception:
                    # A disk that is full or locked for a moment: what was sent may go out again.
                    log.exception("mails interrupted")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()
        finally:
            leave()

    async def _round(self) -> float:
        """Sends what is due; returns how long nothing will be, in seconds."""
        while mails := await self._outbox.due(self._now(), PAGE):
            for mail in mails:
                await self._send(mail)
                _end_if_cancelled()
        due = await self._outbox.next_due()
        if due is None:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(0.0, (due - self._now()) / 1000))

    async def _send(self, mail: Mail) -> None:
        try:
            message = compose(letter(mail, self._base), mail, self._sender)
            await self._post.send(message)
        except PostFailed as failed:
            await self._failed(mail, str(failed))
        except Exception:
            log.exception("mail broke", mail=mail.id)
            await self._failed(mail, "The mail broke here")
        else:
            await self._outbox.sent(mail.id, self._now())
            log.info("mail sent", mail=mail.id, about=mail.news.__struct_config__.tag)

    async def _failed(self, mail: Mail, error: str) -> None:
        pause = self._schedule.pause(mail.attempts + 1, self._rng)
        again = None if pause is None else self._now() + int(pause * 1000)
        said = "mail given up" if again is None else "mail not sent"
        log.warning(said, mail=mail.id, attempts=mail.attempts + 1, reason=error)
        await self._outbox.unsent(mail.id, error, self._now(), again)


def _end_if_cancelled() -> None:
    """Raises a cancellation that got lost: the SMTP library waits with `asyncio.wait_for`, which
    in Python 3.11 loses one that comes together with what it waits for."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
