"""How long an answer may lie unread, on a clock that the test holds in its hands."""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from heliograph.http.heads import UNREAD_SECONDS, BoundedHttp


class Timer:
    def __init__(self, at: float, act: Callable[[], None]) -> None:
        self.at = at
        self.act = act
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """As much of an event loop as timers need."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[Timer] = []

    def call_later(self, seconds: float, act: Callable[..., None], *values: Any) -> Timer:
        self._timers.append(Timer(self._now + seconds, lambda: act(*values)))
        return self._timers[-1]

    def pass_by(self, seconds: float) -> None:
        end = self._now + seconds
        while due := [one for one in self._timers if one.at <= end and not one.cancelled]:
            first = min(due, key=lambda one: one.at)
            self._timers.remove(first)
            self._now = first.at
            first.act()
        self._now = end


class Connection(asyncio.Transport):
    unsent = 0
    aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.aborted

    def close(self) -> None:
        """What is unsent keeps it open."""

    def abort(self) -> None:
        self.aborted = True


def opened() -> tuple[Clock, Connection, BoundedHttp]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nothing is asked")

    config = uvicorn.Config(app, lifespan="off", log_config=None)
    clock, connection = Clock(), Connection()
    loop: Any = clock
    protocol = BoundedHttp(config, ServerState(), {}, loop)
    protocol.connection_made(connection)
    return clock, connection, protocol


def test_an_answer_has_its_own_time_not_what_an_earlier_one_left() -> None:
    clock, connection, protocol = opened()
    # It has not gone out yet when it is complete.
    connection.unsent = 300
    protocol.on_response_complete()
    connection.unsent = 0
    clock.pass_by(UNREAD_SECONDS - 5)
    connection.unsent = 100_000
    protocol.pause_writing()
    clock.pass_by(10)
    assert not connection.aborted
    clock.pass_by(UNREAD_SECONDS)
    assert connection.aborted


def test_who_reads_slowly_is_waited_for() -> None:
    clock, connection, protocol = opened()
    connection.unsent = 100_000
    protocol.pause_writing()
    for _ in range(9):
        connection.unsent -= 10_000
        clock.pass_by(UNREAD_SECONDS)
    assert not connection.aborted
    clock.pass_by(2 * UNREAD_SECONDS)
    assert connection.aborted
