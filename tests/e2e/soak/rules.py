"""What must hold after a soak, whatever happened in it. Each rule returns what breaks it."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from heliograph.midjourney import interactions
from tests.e2e.soak.plan import (
    BARRED,
    CANCELLED,
    ON_SINGLE,
    REGION,
    UNKNOWN,
    ZOOM,
    Ask,
    Json,
    Outcome,
    Plan,
    Trouble,
)

FINAL = ("completed", "failed", "moderated")
_PERCENT = re.compile(r"\((\d+)%\)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Heard:
    """A job as its caller saw it: every event, in the order in which they came. `parent` is the
    first picture of its walk; `cancelled`: so it was told when it wanted to cancel it."""

    ask: Ask
    parent: Ask | None
    account: int
    events: list[Json] = field(default_factory=list)
    cancelled: bool = False

    @property
    def job(self) -> Json:
        found: Json = self.events[-1].get("job", {})
        return found

    @property
    def id(self) -> str:
        return str(self.events[0]["jobId"])

    @property
    def completed(self) -> bool:
        return self.job.get("status") == "completed"

    @property
    def story(self) -> str:
        """How it ended, to be searched for words."""
        return f"{self.job.get('error', '')} {self.job.get('errorDetails', '')}"

    def is_so(self, outcome: Outcome) -> bool:
        job = self.job
        same = (job.get("status"), job.get("code")) == (outcome.status, outcome.code)
        told = [words for words in (outcome.words, outcome.other) if words and words in self.story]
        return same and bool(told)

    def __str__(self) -> str:
        job = self.job
        ended = f"{job.get('status')} {job.get('code')} {self.story}"
        return f"number {self.ask.number} ({self.ask.kind} {self.ask.label}): {ended}"


def events_in_order(heard: list[Heard]) -> Iterator[str]:
    """`seq` grows, percents don't fall, and the last event alone is a final one."""
    for one in heard:
        seqs = [event["seq"] for event in one.events]
        if any(after <= before for before, after in pairwise(seqs)):
            yield f"{one}: seq {seqs}"
        percents = [percent for event in one.events if (percent := _percent(event)) is not None]
        if percents != sorted(percents):
            yield f"{one}: percents {percents}"
        final = [event.get("job", {}).get("status") in FINAL for event in one.events]
        if final != [False] * (len(final) - 1) + [True]:
            yield f"{one}: final events at {final}"


def results_at_home(heard: list[Heard]) -> Iterator[str]:
    """A result shows the words of its own job, and no two jobs have the same."""
    for one in heard:
        if one.completed and not _own(one):
            yield f"{one}: {json.dumps(one.job['response'])[:2000]}"
    done = [one for one in heard if one.completed]
    for what, counted in (
        ("message", Counter(one.job["response"]["id"] for one in done)),
        ("picture", Counter(uuid for one in done if (uuid := _picture(one)))),
    ):
        yield from (f"{what} {id} is given {n} times" for id, n in counted.items() if n > 1)


def explained(
    heard: list[Heard], plan: Plan, waiting: list[Json], users: list[str]
) -> Iterator[str]:
    """Every job is completed, but for one for each time that a fault struck which ends a job so.

    Where a session was lost, a command may stay unknown; while an account is barred, any job fails
    for it; either may then have come before another fault's outcome. So may a cancelling, which
    ends what was told that it is cancelled, and nothing else.
    """
    for account, user in enumerate(users):
        owed = _owed(plan, waiting, account, user)
        excused = plan.cancels(account)
        for one in (one for one in heard if one.account == account and not one.completed):
            if one.cancelled or one.is_so(CANCELLED):
                if not (one.cancelled and one.is_so(CANCELLED)):
                    yield f"{one}: it was told that it is cancelled: {one.cancelled}"
            elif found := next((due for due in owed if one.is_so(due) and owed[due] > 0), None):
                owed[found] -= 1
            elif (plan.forgetful(account) and one.is_so(UNKNOWN)) or (
                plan.barred(account) and one.is_so(BARRED)
            ):
                excused += 1
            else:
                yield f"{one}: nothing explains it"
        yield from (
            f"{one}: completed, and cancelled"
            for one in heard
            if one.account == account and one.completed and one.cancelled
        )
        left = {due: n for due, n in owed.items() if n}
        if sum(left.values()) > excused:
            yield f"account {account}: nobody noticed {left}"


def sent_once(heard: list[Heard], data: Path, log: Json) -> Iterator[str]:
    """Each nonce was taken upstream at most once, each completed job's was with its form's, and no
    other's than a job's, its form's, or that with which it was cancelled; so as many interactions
    as commands that were accepted."""
    rows = _rows(data)
    nonces = {nonce: status for nonce, _, status in rows}
    statuses = {id: status for _, id, status in rows}
    ids = {id: nonce for nonce, id, _ in rows}
    forms = {interactions.nonce(ids[one.id], "form"): one for one in heard if one.ask.form}
    cancels = {interactions.nonce(ids[one.id], "cancel") for one in heard if one.cancelled}
    for one in heard:
        if statuses.get(one.id) != one.job.get("status"):
            yield f"{one}: the store says {statuses.get(one.id)}"
    taken: dict[str, int] = log["accepted"]
    yield from (f"nonce {nonce} was taken {n} times" for nonce, n in taken.items() if n != 1)
    known = nonces.keys() | forms.keys() | cancels
    yield from (f"nonce {nonce} is no job's" for nonce in taken if nonce not in known)
    yield from (
        f"{one}: its form was never filled in, and it is completed"
        for nonce, one in forms.items()
        if one.completed and nonce not in taken
    )
    refused = Counter(str(entry["nonce"]) for entry in log["interactions"] if not entry["taken"])
    for nonce, status in nonces.items():
        if status == "completed" and nonce not in taken:
            yield f"nonce {nonce} was never taken, and its job is completed"
        if log["received"].get(nonce, 0) != taken.get(nonce, 0) + refused[nonce]:
            yield f"nonce {nonce} was received {log['received'].get(nonce, 0)} times"
    if len(nonces) != len(heard):
        yield f"{len(heard)} jobs were accepted, {len(nonces)} are in the store"


def nothing_held(data: Path) -> Iterator[str]:
    """No channel counts a job that has ended."""
    with _store(data) as store:
        for id, images, videos in store.execute("SELECT id, images, videos FROM channels"):
            if images or videos:
                yield f"channel {id} still counts {images} pictures and {videos} clips"


def _owed(plan: Plan, waiting: list[Json], account: int, user: str) -> Counter[Outcome]:
    """How often each outcome must have come: for each fault that has struck."""
    owed: Counter[Outcome] = Counter()
    known: dict[Outcome, Trouble] = {}
    for one in plan.trouble:
        if one.account == account and one.outcome and one.outcome != BARRED:
            owed[one.outcome] += 1
            known[one.outcome] = one
    for outcome, one in known.items():
        owed[outcome] -= sum(one.waits(user, fault) for fault in waiting)
    return owed


def _own(one: Heard) -> bool:
    """Whether the result is what was asked for."""
    shown = one.job["response"]
    text = json.dumps(shown, ensure_ascii=False)
    content = shown["content"]
    match one.ask.kind:
        case "imagine":
            return words(one.ask.number) in content
        case "button":
            return _pressed(one, content, shown["attachments"][0]["filename"])
        case "seed":
            assert one.parent is not None
            return words(one.parent.number) in content and shown["seed"] > 0
        case "describe":
            return f"{_number(one.ask.number)}.png" in text
        case "settings":
            return "settings" in content
        case "info":
            return "Your info" in text


def _pressed(one: Heard, content: str, name: str) -> bool:
    """In its own words where a form took them, else in those of the first picture."""
    assert one.parent is not None
    number = one.ask.number if one.ask.form else one.parent.number
    made = {ZOOM: "Zoom Out by", REGION: "Variations (Region) by"}
    if one.ask.label.startswith("U"):
        told = f"Image #{one.ask.label[1]}" in content
    elif one.ask.label in ON_SINGLE:
        told = made[one.ask.label] in content
    else:
        told = ("Remix" if one.ask.form else "Variations") in content
    return told and words(number) in content and _number(number) in name


def _number(number: int) -> str:
    return f"number_{number:05}"


def words(number: int) -> str:
    """What a job of that number is asked for with."""
    return f"number {number:05} of a long row"


def file_name(number: int) -> str:
    return f"{_number(number)}.png"


def _percent(event: Json) -> int | None:
    content = (event.get("job", {}).get("response") or {}).get("content") or ""
    found = _PERCENT.search(content)
    return int(found[1]) if found else None


def _picture(one: Heard) -> str | None:
    names = [file["filename"] for file in one.job["response"].get("attachments", ())]
    found = _UUID.search(names[0]) if names and one.ask.kind in ("imagine", "button") else None
    return found[0] if found else None


@contextmanager
def _store(data: Path) -> Iterator[sqlite3.Connection]:
    store = sqlite3.connect(data / "heliograph.db")
    try:
        yield store
    finally:
        store.close()


def _rows(data: Path) -> list[tuple[str, str, str]]:
    """Nonces, ids and statuses of the jobs."""
    with _store(data) as store:
        return store.execute("SELECT nonce, id, status FROM jobs").fetchall()
