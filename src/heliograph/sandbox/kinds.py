"""The kinds of faults.

Each is a struct: its docstring is what `GET /__faults` says of it, its fields are its options, and
the first field is what a bare value sets: `{"drop": 2}` is `{"drop": {"times": 2}}`. With `user` a
fault strikes that account alone.
"""

from typing import Annotated

import msgspec

Times = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]
Status = Annotated[int, msgspec.Meta(ge=500, le=599)]
Code = Annotated[int, msgspec.Meta(ge=1000, le=4999)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Fault(msgspec.Struct, forbid_unknown_fields=True, rename={"everywhere": "global"}):
    """What all kinds have."""


class Drop(Fault):
    """Closes an account's socket without a word in the middle of its next job; what was to be sent
    waits for a resume."""

    times: Times = 1
    user: str = ""


class Silent(Fault):
    """Holds frames and acknowledgements of all open sockets back for `seconds`, then sends them. If
    no socket is open, that of the next to come."""

    seconds: Seconds = 5.0
    user: str = ""


class Close(Fault):
    """Closes all sockets now, with that code."""

    code: Code = 4000
    user: str = ""


class Reconnect(Fault):
    """Asks all sockets now to reconnect (op 7)."""

    times: Times = 1
    user: str = ""


class InvalidSession(Fault):
    """Refuses to resume a session (op 9, false)."""

    times: Times = 1
    user: str = ""


class Duplicate(Fault):
    """Sends a message's dispatch twice."""

    times: Times = 1
    user: str = ""


class Reorder(Fault):
    """Sends a message's dispatch after the one that follows it, or half a second late."""

    times: Times = 1
    user: str = ""


class LateFinal(Fault):
    """Holds the final message of a job, and the end of its progress message, back for `seconds`;
    the history does not have it earlier either."""

    seconds: Seconds = 2.0
    times: Times = 1
    user: str = ""


class LostFinal(Fault):
    """The final message of a job is written, and never sent: only the history has it."""

    times: Times = 1
    user: str = ""


class NoFinal(Fault):
    """A job ends without a final message: its progress message is deleted, and that is all."""

    times: Times = 1
    user: str = ""


class RateLimit(Fault):
    """Answers REST calls with 429: those of one `route`, or any; with `global` for all."""

    times: Times = 1
    retry_after: Seconds = 0.5
    everywhere: bool = False
    route: str = ""
    user: str = ""


class ServerError(Fault):
    """Answers REST calls with a 5xx; with `taken` only after having done what was asked."""

    times: Times = 1
    status: Status = 503
    taken: bool = False
    route: str = ""
    user: str = ""


class HangUp(Fault):
    """Closes the connection of a REST call without an answer; with `taken` only after having done
    what was asked."""

    times: Times = 1
    taken: bool = True
    route: str = "interactions"
    user: str = ""


class Forbidden(Fault):
    """Answers an interaction with 403."""

    times: Times = 1
    user: str = ""


class InteractionFailure(Fault):
    """Takes an interaction (204), and then says INTERACTION_FAILURE; nothing comes of it."""

    times: Times = 1
    reason: int = 2
    user: str = ""


class Rotate(Fault):
    """Gives all commands a new version now. Older ones are refused with 50035 from then on."""

    times: Times = 1


class ExpireLinks(Fault):
    """Lets all links of attachments that were given out until now lapse."""

    times: Times = 1


class NoticeFault(Fault):
    """Says a notice of the bot's, by `name`: in answer to a command, or where it is one that comes
    after the start, in place of the picture."""

    name: str = ""
    times: Times = 1
    user: str = ""


class Challenge(Fault):
    """Answers a command with a frame that asks for a person."""

    times: Times = 1
    user: str = ""


class Disable(Fault):
    """Disables an account in the middle of its next job: 4004 on its sockets, 401 from then on."""

    times: Times = 1
    user: str = ""


class Enable(Fault):
    """Makes disabled accounts work again, now."""

    times: Times = 1
    user: str = ""


class Chance(Fault):
    """Lets each fault of `kinds` happen by itself with that `rate` (0 to 1), wherever it could,
    until the faults are cleared."""

    rate: Share = 0.02
    kinds: tuple[str, ...] = ("drop", "duplicate", "reorder", "late_final", "invalid_session")
    user: str = ""


KINDS: dict[str, type[Fault]] = {
    "drop": Drop,
    "silent": Silent,
    "close": Close,
    "reconnect": Reconnect,
    "invalid_session": InvalidSession,
    "duplicate": Duplicate,
    "reorder": Reorder,
    "late_final": LateFinal,
    "lost_final": LostFinal,
    "no_final": NoFinal,
    "rate_limit": RateLimit,
    "server_error": ServerError,
    "hang_up": HangUp,
    "forbidden": Forbidden,
    "interaction_failure": InteractionFailure,
    "rotate": Rotate,
    "expire_links": ExpireLinks,
    "notice": NoticeFault,
    "challenge": Challenge,
    "disable": Disable,
    "enable": Enable,
    "random": Chance,
}
NAMES = {kind: name for name, kind in KINDS.items()}
