"""A gateway session, without the socket and without the clock.

Theory. A *session* is what Discord remembers of a client: an id, and the dispatches it was sent,
numbered `s` = 1, 2, 3 … A *connection* is one socket. A session outlives its connections: whoever
comes back within some minutes, with its id and the last number seen, is sent what it missed
(RESUME). Whoever can't begins a new one (IDENTIFY), and what happened in between is lost to it. So
there are two kinds of trouble, and everything here serves to tell them apart:

    the connection is lost    resume: nothing is missed, nobody needs to know
    the session is lost       identify: dispatches may be missed, so that somebody must read the
                              channel's history (`Missed`)

One connection goes

    open ─▶ HELLO (10) ─┬─▶ RESUME (6) ──▶ what was missed … RESUMED ─┬─▶ dispatches, in order
                        └─▶ IDENTIFY (2) ─▶ READY ────────────────────┘

and ends by Discord's wish (RECONNECT 7, INVALID SESSION 9, a close code), by a broken socket, or
because nobody is there any more: the client sends a HEARTBEAT (1) once an interval, with the last
number seen, and each must be acknowledged (11) before the next is due. One that is not has met a
*zombie*, a socket that is open and leads nowhere; we hang up and resume. The first heartbeat comes
after a random part of the interval, so that a thousand clients that lost their connections in one
moment don't beat in one moment for ever.

We hang up with 4000. A client that closes with 1000 or 1001 ends its session.

What Discord's close codes mean: 4003 and 4004 don't accept the account; 4010 to 4014 this kind of
client; both are final, since trying again would only be a nuisance. 4007 and 4009 say that the
session is gone. After all others, and none, it may be resumed. INVALID SESSION says with its `d`
whether resuming may help; that is believed once, since a session that is refused again is lost.

An account may identify once in five seconds. `identified` is therefore kept over connections,
sessions and processes. After INVALID SESSION the pause before identifying is random too, one to
five seconds, as Discord asks.

The machine is told what comes in and how late it is, and answers with what is to be done. All times
are seconds of one clock that never goes back. Whatever the other side sends, in whatever order:

    1  no IDENTIFY while the session can be resumed
    2  nothing is sent before HELLO
    3  a RESUME names the session of the last READY and the highest number since
    4  two IDENTIFYs are five seconds apart
    5  after Hangup or Barred nothing more is asked of that connection
    6  every session that was begun and lost is reported by one Missed before the next READY
    7  a heartbeat that was not acknowledged is followed by no other
"""

from typing import Any, Literal, Protocol

import msgspec

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, ACKNOWLEDGED = 7, 9, 10, 11

# Our own close code: the session may be resumed.
RESUMABLE = 4000
SESSION_GONE = frozenset({4007, 4009})
NOT_ACCEPTED = frozenset({4003, 4004})
FATAL = NOT_ACCEPTED | {4010, 4011, 4012, 4013, 4014}

IDENTIFY_SECONDS = 5.0
# What Discord's own HELLO says today.
INTERVAL_SECONDS = 41.25
# Servers say HELLO at once, and READY within seconds even for accounts in hundreds of guilds.
HELLO_SECONDS = 20.0
READY_SECONDS = 60.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0

Phase = Literal["closed", "opened", "greeted", "identifying", "resuming", "running", "leaving"]


class Chance(Protocol):
    """The part of `random.Random` that jitter needs."""

    def uniform(self, a: float, b: float, /) -> float: ...


class Frame(msgspec.Struct):
    """One gateway payload; `d` is decoded by those whom it concerns."""

    op: int
    d: msgspec.Raw = msgspec.Raw(b"null")
    s: int | None = None
    t: str | None = None


class Person(msgspec.Struct, frozen=True):
    id: str


class PrivateChannel(msgspec.Struct, frozen=True):
    """A direct channel; who is in it is told in one of two ways, by the client's capabilities."""

    id: str
    type: int = 1
    recipient_ids: tuple[str, ...] = ()
    recipients: tuple[Person, ...] = ()

    def has(self, user: str) -> bool:
        """Whether it is the direct channel with that user, and nobody else."""
        return self.type == 1 and (
            user in self.recipient_ids or any(person.id == user for person in self.recipients)
        )


class Ready(msgspec.Struct, frozen=True):
    """The part of READY that matters here: it is megabytes for accounts in many guilds."""

    session_id: str
    user: Person
    resume_gateway_url: str | None = None
    private_channels: tuple[PrivateChannel, ...] = ()


class Identify(msgspec.Struct, frozen=True):
    """Begin a session."""


class Resume(msgspec.Struct, frozen=True):
    """Go on with a session behind its dispatch number `seq`."""

    session: str
    seq: int


class Heartbeat(msgspec.Struct, frozen=True):
    """Say that we are there, and which dispatch was the last."""

    seq: int | None


class Hangup(msgspec.Struct, frozen=True):
    """Close the connection with this code."""

    code: int


class Barred(msgspec.Struct, frozen=True):
    """Don't come back: Discord refuses the account, or this kind of client."""

    code: int


class Started(msgspec.Struct, frozen=True):
    """A session has begun."""

    ready: Ready


class Resumed(msgspec.Struct, frozen=True):
    """A session goes on; nothing was missed."""


class Missed(msgspec.Struct, frozen=True):
    """A session was lost: dispatches may be missed."""


class Deliver(msgspec.Struct, frozen=True):
    """A dispatch for the account."""

    type: str
    data: msgspec.Raw


Action = Identify | Resume | Heartbeat | Hangup | Barred | Started | Resumed | Missed | Deliver


class Session:
    """One account's session, over its connections.

    `url` is where a resume should go, as READY told; `failures` counts the connections in a row
    that led to no session.
    """

    def __init__(self, chance: Chance) -> None:
        self.phase: Phase = "closed"
        self.id: str | None = None
        self.url: str | None = None
        self.seq: int | None = None
        self.identified: float | None = None
        self.failures = 0
        self._chance = chance
        self._interval = INTERVAL_SECONDS
        self._beat: float | None = None
        self._acknowledged = True
        # When the phase must have ended, or a waiting IDENTIFY may be sent.
        self._due: float | None = None
        self._refused_before = False

    @property
    def resumable(self) -> bool:
        return self.id is not None and self.seq is not None

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to do, if nothing comes in before."""
        times = [time for time in (self._beat, self._due) if time is not None]
        return min(times, default=None)

    def restore(self, id: str, url: str | None, seq: int) -> None:
        """Goes on with a session that was begun by an earlier process. A number that is too low
        only means that some dispatches come a second time."""
        self.id, self.url, self.seq = id, url, seq

    def opened(self, now: float) -> None:
        """A connection stands."""
        self.phase, self._beat, self._acknowledged = "opened", None, True
        self._due = now + HELLO_SECONDS

    def closed(self, code: int | None) -> list[Action]:
        """The connection has ended, or none could be made; `code` is the other side's, if any."""
        self.phase, self._beat, self._due = "closed", None, None
        self.failures += 1
        if code in FATAL:
            self._forget()
            return [Barred(code or 0)]
        return self._forget() if code in SESSION_GONE else []

    def pause(self) -> float:
        """How long to wait before the next connection, in seconds."""
        longest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(self.failures - 1, 10))
        return self._chance.uniform(longest / 2, longest)

    def receive(self, frame: Frame, now: float) -> list[Action]:
        """Raises msgspec.DecodeError for a frame whose `d` is not what its `op` says."""
        if self.phase in ("closed", "leaving"):
            return []
        match frame.op:
            case 0:
                return self._dispatched(frame)
            case 1:
                return [] if self._beat is None else [Heartbeat(self.seq)]
            case 7:
                return self._leave()
            case 9:
                return self._refused(frame, now)
            case 10:
                return self._greeted(frame, now) if self.phase == "opened" else []
            case 11:
                self._acknowledged = True
        return []

    def tick(self, now: float) -> list[Action]:
        """What time alone brings about."""
        if self.phase in ("closed", "leaving"):
            return []
        if self._due is not None and now >= self._due:
            return self._identify(now) if self.phase == "greeted" else self._leave()
        if self._beat is not None and now >= self._beat:
            if not self._acknowledged:
                return self._leave()
            self._acknowledged = False
            self._beat = now + self._interval * self._chance.uniform(0.9, 1.0)
            return [Heartbeat(self.seq)]
        return []

    def _greeted(self, frame: Frame, now: float) -> list[Action]:
        told = msgspec.json.decode(frame.d, type=dict[str, Any]).get("heartbeat_interval")
        usable = isinstance(told, int | float) and told > 0
        self._interval = told / 1000 if usable and told else INTERVAL_SECONDS
        self._beat = now + self._interval * self._chance.uniform(0.0, 1.0)
        if self.id is not None and self.seq is not None:
            self.phase, self._due = "resuming", now + READY_SECONDS
            return [Resume(self.id, self.seq)]
        return self._identify_from(now, now)

    def _identify_from(self, now: float, earliest: float) -> list[Action]:
        if self.identified is not None:
            earliest = max(earliest, self.identified + IDENTIFY_SECONDS)
        if earliest <= now:
            return self._identify(now)
        self.phase, self._due = "greeted", earliest
        return []

    def _identify(self, now: float) -> list[Action]:
        self.phase, self.identified, self._due = "identifying", now, now + READY_SECONDS
        return [Identify()]

    def _dispatched(self, frame: Frame) -> list[Action]:
        if self.phase not in ("identifying", "resuming", "running"):
            return []
        if frame.t == "READY":
            return self._started(frame) if self.phase == "identifying" else []
        if self.phase == "identifying":
            # Of a session that we don't know; its first dispatch is READY.
            return []
        self._count(frame)
        if frame.t == "RESUMED":
            self._settle()
            return [Resumed()]
        return [Deliver(frame.t or "", frame.d)]

    def _started(self, frame: Frame) -> list[Action]:
        ready = msgspec.json.decode(frame.d, type=Ready)
        self.id, self.url, self.seq = ready.session_id, ready.resume_gateway_url, 0
        self._count(frame)
        self._settle()
        return [Started(ready)]

    def _count(self, frame: Frame) -> None:
        self.seq = max(self.seq or 0, frame.s or 0)

    def _settle(self) -> None:
        self.phase, self._due = "running", None
        self.failures, self._refused_before = 0, False

    def _refused(self, frame: Frame, now: float) -> list[Action]:
        if self.phase == "opened":
            return self._leave()
        again = msgspec.json.decode(frame.d) is True and not self._refused_before
        if again and self.resumable:
            self._refused_before = True
            return self._leave()
        lost = self._forget()
        return lost + self._identify_from(now, now + self._chance.uniform(1.0, 5.0))

    def _forget(self) -> list[Action]:
        had = self.id is not None
        self.id, self.url, self.seq, self._refused_before = None, None, None, False
        return [Missed()] if had else []

    def _leave(self) -> list[Action]:
        self.phase, self._beat, self._due = "leaving", None, None
        return [Hangup(RESUMABLE)]
