"""Bounds on what a connection takes before anybody knows who it is, which uvicorn's fast HTTP
parser lacks: how long a head may be, how long it and the pieces of a body may take to come, how
long an answer may lie unread, how many requests may be sent ahead, and how many connections there
may be.

Without them a few connections that never end what they began take the memory, the files or the
event loop's time of the whole server, and need no token for it.
"""

import asyncio
import re
import resource
from functools import cache

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Ours are a few hundred bytes; proxies with cookies and tracing stay under 16 KiB.
MOST_BYTES = 64 * 1024
# A head comes in one packet, or few.
HEAD_SECONDS = 10.0
# A body has to move on: by a kilobyte in that time, which the slowest of links does.
BODY_SECONDS = 30.0
BODY_BYTES = 1024
# Nobody who still reads takes nothing at all for so long.
UNREAD_SECONDS = 60.0
# Hardly any client sends requests ahead; each takes fifty times the bytes that it came in.
MOST_AHEAD = 16
# What the calls to receivers, the databases and the pictures need.
OWN_FILES = 640
LEAST_CONNECTIONS = 128
# Java's client offers HTTP/2 in this way; the parser would drop the body that comes with it.
UPGRADE = re.compile(rb"\nupgrade(?=[ \t]*:)", re.IGNORECASE)
ANSWER = (
    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%s"
)


@cache
def most_connections() -> int:
    """As many as the files that this process may open allow."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 1 << 16 if files == resource.RLIM_INFINITY else files
    return max(LEAST_CONNECTIONS, most - OWN_FILES)


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 to a head that has not ended after 64 KiB (and the read it began in), 408 to one
    that takes longer than 10 s, 503 where there are too many connections, if no other answer is
    under way; the connection is closed."""

    # Bytes since the head began, or since the last piece of body.
    _loose = 0
    _in_head = False
    _in_body = False
    _moved = False
    # Bytes since the deadline was set.
    _received = 0
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            self._refuse(b"503 Service Unavailable", "The server has too many connections")
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        self._read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._moved = False
        super().data_received(data if self._in_body else _plain(data))
        if self.transport.is_closing():
            return
        self._received += len(data)
        # The read in which a head begins may hold another request's body before it.
        self._loose = 0 if self._moved else self._loose + len(data)
        if self._loose > MOST_BYTES:
            self._refuse(
                b"431 Request Header Fields Too Large",
                "The request's head is larger than 65536 bytes",
            )
        elif self._in_head or self._in_body:
            self._watch()
        elif self.cycle is not None:
            self._unwatch()
            self._keep_alive()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Some end their side with their request, and still want its answer."""
        awaited = self._whole() and not self.cycle.response_started
        if awaited:
            self.cycle.keep_alive = False
        return awaited

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_AHEAD:
            raise ConnectionAbortedError("too many requests sent ahead")
        self._in_head = self._moved = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a body is no part of the head.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if 2 * len(self.connections) > most_connections():
            # Idle ones never keep new callers out.
            self.cycle.keep_alive = False
        self._unwatch()
        self._in_head, self._in_body, self._moved = False, True, True

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body, self._moved = False, True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._await_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        self._read()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """The parser's refusals in the form of all others."""
        self._refuse(b"400 Bad Request", "The request is not valid HTTP")

    def _watch(self) -> None:
        if self._deadline is None:
            self._received = 0
            seconds = BODY_SECONDS if self._in_body else HEAD_SECONDS
            self._deadline = self.loop.call_later(seconds, self._expire)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        answered = self.cycle is not None and self.cycle.response_complete
        slow = not self._in_body or answered or self._received < BODY_BYTES
        if not slow or self.flow.read_paused:
            # It is on its way, or it is this side that has to take it first.
            self._watch()
        elif self._in_head or self._in_body:
            self._refuse(b"408 Request Timeout", "The request did not come in time")
        else:
            self.transport.close()

    def _await_reader(self) -> None:
        # One for an earlier answer knows nothing of this one.
        self._read()
        left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self._abandon, left)

    def _abandon(self, before: int) -> None:
        self._unread = None
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        elif self.transport.get_write_buffer_size():
            self._await_reader()

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _keep_alive(self) -> None:
        """Where the answer was earlier than the end of its request, nobody has set the time after
        which an idle connection is closed."""
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _refuse(self, status: bytes, sentence: str) -> None:
        self._unwatch()
        if self._may_answer():
            body = b'{"error":"%s"}' % sentence.encode()
            self.transport.write(ANSWER % (status, len(body), body))
        self.transport.close()

    def _whole(self) -> bool:
        """Whether there is a request, and all of it has come."""
        return self.cycle is not None and not (self._in_head or self._in_body)

    def _may_answer(self) -> bool:
        """Whether an answer would be taken for one to what is being received."""
        if self.cycle is None or self.cycle.response_complete:
            return not self._in_body
        return self._in_body and not self.cycle.response_started and not self.pipeline


def _plain(data: bytes) -> bytes:
    """A read that begins in a head, without the head's offer of another protocol."""
    end = data.find(b"\r\n\r\n")
    if offer := UPGRADE.search(data, 0, len(data) if end < 0 else end):
        return data[: offer.start()] + b"\nx-grade" + data[offer.end() :]
    return data
