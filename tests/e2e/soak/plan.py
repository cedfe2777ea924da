"""What a soak asks for and which trouble it makes: all of it drawn from a seed beforehand.

Every account has three callers, as many as it has slots. A caller takes the account's walks one
after another: a picture and what is pressed on it or asked of it, a describe, or a command of the
settings; some jobs are cancelled. Every job has a number of its own, which its words carry, or
those of the picture that it was made from.

Trouble comes when so many jobs have ended, not at a time: a slow machine has the same soak.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

CALLERS = 3
# The longest a sandbox and a server may take to find a dead socket is in proportion to this.
HEARTBEAT_SECONDS = 1.0
# Trouble for so many jobs: about one.
JOBS_A_TROUBLE = 7

Json = dict[str, Any]
Kind = Literal["imagine", "button", "seed", "describe", "settings", "info"]

ZOOM, REGION = "Custom Zoom", "Vary (Region)"
# What is pressed on a single picture, of which there is one once U1 to U4 has been pressed.
ON_SINGLE = (ZOOM, REGION)


@dataclass(frozen=True)
class Ask:
    """One job. Buttons are pressed on the walk's first picture, or the single one out of it.

    `form`: the press opens one, in which the job's own words are filled in. `cancelled`: after so
    many events.
    """

    kind: Kind
    number: int
    label: str = ""
    form: bool = False
    cancelled: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a job ends of which a fault struck the command; its error or details have `words`, or
    `other` ones."""

    status: str
    code: int
    words: str
    other: str = ""


@dataclass(frozen=True)
class Trouble:
    """A fault as it is posted, when `after` jobs have ended, for the account of that index.

    `outcome` is what each time it strikes does to one job, None where no caller notices anything.
    `forgets`: the session is lost with it, and what is not in the history can't be known.
    """

    fault: Json
    outcome: Outcome | None = None
    forgets: bool = False
    after: int = 0
    account: int = 0

    def posted(self, user: str) -> list[Json]:
        """The faults as the sandbox is told of them."""
        return [_meant_for(user, name, value) for name, value in self.fault.items()]

    def waits(self, user: str, fault: Json) -> bool:
        """Whether that one, as the sandbox tells it, may be this one's and has not struck yet."""
        return any(
            name in fault and _without_times(options).items() <= fault[name].items()
            for posted in self.posted(user)
            for name, options in posted.items()
        )


# What strikes all accounts alike, and what a bare value of some faults says.
_EVERYBODY = ("rotate", "expire_links")
_FIRST = {"notice": "name", "silent": "seconds", "close": "code"}


def _meant_for(user: str, name: str, value: Any) -> Json:
    options = value if isinstance(value, dict) else {_FIRST.get(name, "times"): value}
    return {name: options if name in _EVERYBODY else options | {"user": user}}


def _without_times(options: Json) -> Json:
    return {key: value for key, value in options.items() if key != "times"}


UNKNOWN = Outcome("failed", 502, "unknown whether the upstream took it", "so nothing was made")
CANCELLED = Outcome("failed", 499, "cancelled by user")
BARRED = Outcome("failed", 596, "token")

UNNOTICED = (
    Trouble({"drop": 1}),
    Trouble({"silent": 3.5 * HEARTBEAT_SECONDS}),
    Trouble({"close": 4000}),
    Trouble({"reconnect": 1}),
    Trouble({"duplicate": 6}),
    Trouble({"reorder": 3}),
    Trouble({"late_final": {"seconds": 2.0, "times": 2}}),
    Trouble({"rate_limit": {"times": 2, "retry_after": 0.4, "route": "interactions"}}),
    Trouble({"rate_limit": {"times": 2, "retry_after": 0.4, "global": True}}),
    Trouble({"server_error": {"taken": True, "route": "interactions"}}),
    Trouble({"hang_up": {"taken": True, "route": "interactions"}}),
    Trouble({"server_error": {"route": "application-command-index"}}),
    Trouble({"rotate": 1}),
    Trouble({"expire_links": 1}),
    Trouble({"notice": "job queued"}),
    Trouble({"lost_final": 1}),
)
FORGETFUL = (
    Trouble({"invalid_session": 1, "drop": 1}, forgets=True),
    Trouble({"close": 4009}, forgets=True),
)
NOTICED = (
    Trouble({"notice": "banned prompt"}, Outcome("moderated", 422, "Banned prompt")),
    Trouble({"notice": "image denied"}, Outcome("moderated", 422, "Image denied")),
    Trouble({"notice": "something went wrong"}, Outcome("failed", 502, "something went wrong")),
    Trouble({"notice": "invalid parameter"}, Outcome("failed", 400, "Invalid parameter")),
    Trouble({"notice": "queue full"}, Outcome("failed", 429, "Queue full")),
    Trouble({"notice": "credits exhausted"}, Outcome("failed", 402, "Credits exhausted")),
    Trouble({"interaction_failure": 1}, Outcome("failed", 502, "failed to take the command")),
    Trouble({"forbidden": 1}, Outcome("failed", 596, "refuses the account's commands")),
    Trouble({"notice": "pending mod message"}, Outcome("failed", 596, "Pending mod message")),
    Trouble({"challenge": 1}, Outcome("failed", 596, "Action required")),
    Trouble({"disable": 1}, BARRED),
)
# A minute passes before it is clear what became of the job.
SLOW = (
    Trouble({"no_final": 1}, Outcome("moderated", 422, "took the job back")),
    Trouble({"server_error": {"taken": False, "route": "interactions"}}, UNKNOWN),
    Trouble({"hang_up": {"taken": False, "route": "interactions"}}, UNKNOWN),
)


@dataclass(frozen=True)
class Plan:
    """`walks` by account; `trouble` in the order in which it comes."""

    walks: list[list[list[Ask]]]
    trouble: list[Trouble]

    @property
    def jobs(self) -> int:
        return sum(len(walk) for walks in self.walks for walk in walks)

    def forgetful(self, account: int) -> bool:
        """Whether that account loses a session."""
        return any(one.forgets and one.account == account for one in self.trouble)

    def cancels(self, account: int) -> int:
        """How many of that account's jobs are cancelled: a fault may strike the cancelling."""
        return sum(ask.cancelled > 0 for walk in self.walks[account] for ask in walk)

    def barred(self, account: int) -> bool:
        """Whether that account is not accepted for a while."""
        return any("disable" in one.fault and one.account == account for one in self.trouble)


def drawn(jobs: int, accounts: int, seed: int, *, patient: bool) -> Plan:
    """The same for the same arguments. One that is not `patient` avoids what takes a minute."""
    rng = Random(seed)
    walks: list[list[list[Ask]]] = [[] for _ in range(accounts)]
    number = 0
    while number < jobs:
        account = min(range(accounts), key=lambda one: sum(map(len, walks[one])))
        walk = _walk(rng, number, account)[: jobs - number]
        walks[account].append(walk)
        number += len(walk)
    return Plan(walks, _trouble(rng, jobs, accounts, patient=patient))


def remixes(account: int) -> bool:
    """Whether variations open a form there, in which new words may be given."""
    return account % 4 == 1


def _walk(rng: Random, number: int, account: int) -> list[Ask]:
    """Only even accounts do without what the history can't be searched for."""
    if account % 2 == 0:
        return [Ask("imagine", number), *_presses(rng, number, account)]
    kind = rng.choices(_KINDS, _WEIGHTS)[0]
    if kind != "imagine":
        return [Ask(kind, number)]
    if rng.random() < CANCELLED_SHARE:
        return [Ask("imagine", number, cancelled=rng.choice((1, 2, 3, 4)))]
    walk = [Ask("imagine", number), *_presses(rng, number, account)]
    if rng.random() < SEED_SHARE:
        walk.append(Ask("seed", number + len(walk)))
    if any(ask.label.startswith("U") for ask in walk) and rng.random() < SINGLE_SHARE:
        label = rng.choice(ON_SINGLE)
        cancelled = rng.choice((0, 0, 0, 2))
        walk.append(Ask("button", number + len(walk), label, label == ZOOM, cancelled))
    return walk


def _presses(rng: Random, number: int, account: int) -> list[Ask]:
    labels = rng.sample(("U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4"), rng.choice((0, 1, 2, 3)))
    return [
        Ask("button", number + n, label, label.startswith("V") and remixes(account))
        for n, label in enumerate(labels, 1)
    ]


# Of the pictures, of those that are not cancelled, and of those with a single one out of them.
CANCELLED_SHARE, SEED_SHARE, SINGLE_SHARE = 0.15, 0.5, 0.7

_KINDS: tuple[Kind, ...] = ("imagine", "describe", "settings", "info")
_WEIGHTS = (6, 2, 1, 1)


def _trouble(rng: Random, jobs: int, accounts: int, *, patient: bool) -> list[Trouble]:
    known = UNNOTICED + FORGETFUL + NOTICED + (SLOW if patient else ())
    count = max(len(known), jobs // JOBS_A_TROUBLE)
    # One of each at least. But a command is sent anew once: the bot has no two releases a second.
    often = [one for one in known if "rotate" not in one.fault]
    chosen = [*known, *rng.choices(often, k=count - len(known))]
    return sorted(
        (_placed(rng, one, jobs, accounts, patient=patient) for one in chosen),
        key=lambda one: one.after,
    )


def _placed(rng: Random, trouble: Trouble, jobs: int, accounts: int, *, patient: bool) -> Trouble:
    account = rng.randrange(accounts)
    if not patient:
        # A command whose answer the history doesn't show must not meet a lost session.
        account = account // 2 * 2 + (0 if trouble.forgets else trouble.outcome is not None)
        account = min(account, accounts - 1)
    latest = 0.5 if trouble in SLOW else 0.85
    after = rng.randrange(int(0.02 * jobs), int(latest * jobs))
    return Trouble(trouble.fault, trouble.outcome, trouble.forgets, after, account)
