"""Gateway sessions: a counted stream of dispatches, kept for a client that comes back for it.

A session outlives its socket. Each dispatch gets the session's next number and stays in a buffer;
a client that resumes with the last number it saw gets all that follow, so that nothing is lost and
nothing comes twice. One that was away for too long, or missed too much, has to identify anew.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

MOST_KEPT = 5000


class Outlet(Protocol):
    """A session's socket."""

    def send(self, frame: bytes) -> None: ...

    def close(self, code: int) -> None: ...

    def drop(self) -> None: ...

    def silence(self, seconds: float) -> None: ...


class Session:
    """One client's stream. `outlet` is where it flows now, if anywhere. That of a `bot` hears of no
    interactions of its own: bots make none."""

    def __init__(self, user: str, *, bot: bool = False) -> None:
        self.id = secrets.token_hex(16)
        self.user = user
        self.bot = bot
        self.outlet: Outlet | None = None
        self.left_at = 0.0
        self._sequence = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=MOST_KEPT)

    def dispatch(self, type: str, body: bytes) -> None:
        """Sends a dispatch now, or when the client is back; `body` is its `d`."""
        self._sequence += 1
        frame = b'{"t":"%s","s":%d,"op":0,"d":%s}' % (type.encode(), self._sequence, body)
        self._kept.append((self._sequence, frame))
        if self.outlet:
            self.outlet.send(frame)

    def has_since(self, sequence: int) -> bool:
        """Whether all that came after that number is still here."""
        oldest = self._kept[0][0] if self._kept else self._sequence + 1
        return oldest - 1 <= sequence <= self._sequence

    def replay(self, sequence: int, outlet: Outlet) -> None:
        """Goes on at that number over another socket; the old one is done with."""
        if self.outlet and self.outlet is not outlet:
            self.outlet.close(4000)
        self.outlet = outlet
        for number, frame in self._kept:
            if number > sequence:
                outlet.send(frame)
        self.dispatch("RESUMED", b'{"_trace":["sandbox"]}')


class Sessions:
    """All of them. `seconds` is how long one waits for its client."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._sessions: dict[str, Session] = {}

    def begin(self, user: str, *, bot: bool) -> Session:
        self._forget_old()
        session = Session(user, bot=bot)
        self._sessions[session.id] = session
        return session

    def found(self, id: str, user: str, sequence: int) -> Session | None:
        """The session to resume, if it can be."""
        self._forget_old()
        session = self._sessions.get(id)
        if session and session.user == user and session.has_since(sequence):
            return session
        return None

    def leave(self, session: Session, outlet: Outlet) -> None:
        """Its socket is gone."""
        if session.outlet is outlet:
            session.outlet = None
            session.left_at = self._clock()

    def end(self, session: Session) -> None:
        """It can't be resumed any more."""
        self._sessions.pop(session.id, None)

    def of(self, user: str) -> list[Session]:
        """All of an account, or everybody's for an empty `user`."""
        return [one for one in self._sessions.values() if user in ("", one.user)]

    def outlets(self, user: str) -> Iterator[Outlet]:
        for session in self.of(user):
            if session.outlet:
                yield session.outlet

    def _forget_old(self) -> None:
        edge = self._clock() - self._seconds
        for session in list(self._sessions.values()):
            if session.outlet is None and session.left_at < edge:
                del self._sessions[session.id]
