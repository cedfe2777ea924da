"""What every keeper of deliveries does. Run over each implementation."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heliograph import job
from heliograph.channel import Channel
from heliograph.job import Job
from heliograph.store.deliveries import SQL, SqliteDeliveries
from heliograph.store.sqlite import SqliteStore
from heliograph.webhooks.base import Attempt, Deliveries, Due, Settled
from tests.contract.test_store import NOW, Draft, apply

URL = "http://hooks.example.com:8080/in?key=1"
HOST = "hooks.example.com:8080"
HEARD = Attempt(at=NOW, ms=3, status=200, answer="thanks")
UNHEARD = Attempt(at=NOW, ms=3, status=500, answer="no")


class Books:
    """A store and its deliveries."""

    def __init__(self, store: SqliteStore, deliveries: Deliveries) -> None:
        self.store = store
        self.deliveries = deliveries

    async def job(self, **request: Any) -> Job:
        made, _ = await self.store.admit(1, Asking(request))
        return made

    async def due(self, now: int = NOW) -> list[Due]:
        return await self.deliveries.due(HOST, now, 100)

    async def names(self, now: int = NOW) -> list[tuple[str, int]]:
        return [
            (due.event.name.removeprefix("midjourney_"), due.event.seq)
            for due in await self.due(now)
        ]

    async def heard(self, now: int = NOW) -> None:
        """Everything that is due is heard."""
        settled = [Settled(due=due, attempt=HEARD) for due in await self.due(now)]
        await self.deliveries.settle(settled, now)


class Asking(Draft):
    """A job with that much in its request."""

    def __init__(self, request: dict[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self._request = {"prompt": "a cat"} | request

    def job(self, channel: str) -> Job:
        made = super().job(channel)
        return job.new(
            now=NOW,
            digits=int(made.id[14:20]),
            user=made.user,
            channel=channel,
            verb="imagine",
            type=self.type,
            request=self._request,
            parent=made.parent,
            once=made.once,
        )


@pytest.fixture
async def books(fresh: Path) -> AsyncIterator[Books]:
    store = SqliteStore.open(fresh)
    channel = Channel(id="100", user=1, token="studio", max_jobs=9, max_image_jobs=9)
    await store.add_channel(channel, NOW)
    yield Books(store, SqliteDeliveries(store.database))
    await store.close()


async def test_a_job_without_an_address_is_told_to_nobody(books: Books) -> None:
    made = await books.job()
    assert not made.watched
    await apply(books.store, job.start(made, NOW))
    assert await books.deliveries.hosts() == {}


async def test_a_job_is_told_to_its_own_address_or_else_to_its_channels(books: Books) -> None:
    channel = await books.store.channel("100")
    assert channel is not None
    changed = Channel(id="100", user=1, token="studio", max_jobs=9, reply_url=URL)
    await books.store.update_channel(changed)
    await books.job()
    await books.job(replyUrl="https://other.example.com/x")
    assert await books.deliveries.hosts() == {HOST: NOW, "other.example.com": NOW}


async def test_events_are_due_one_after_another(books: Books) -> None:
    made = await books.job(replyUrl=URL)
    started = await apply(books.store, job.start(made, NOW))
    await apply(books.store, job.complete(started, NOW, {}))
    seen = []
    while names := await books.names():
        seen += names
        await books.heard()
    assert seen == [("created", 1), ("started", 2), ("completed", 3)]
    assert await books.deliveries.hosts() == {}


async def test_a_newer_progress_takes_the_place_of_an_older_one(books: Books) -> None:
    made = await books.job(replyUrl=URL)
    for percent in (5, 6, 7):
        made = await apply(books.store, job.progress(made, NOW, {"at": percent}, percent))
    await apply(books.store, job.complete(made, NOW, {}))
    await books.heard()
    (due,) = await books.due()
    assert (due.event.seq, due.event.response) == (4, {"at": 7})
    await books.heard()
    assert await books.names() == [("completed", 5)]


async def test_progress_that_came_during_the_call_is_told_after_it(books: Books) -> None:
    made = await books.job(replyUrl=URL)
    await books.heard()
    made = await apply(books.store, job.progress(made, NOW, {"at": 5}, 5))
    (under_way,) = await books.due()
    await apply(books.store, job.progress(made, NOW, {"at": 6}, 6))
    hosts = await books.deliveries.settle([Settled(due=under_way, attempt=HEARD)], NOW)
    assert hosts == {HOST}
    (due,) = await books.due()
    assert (due.event.seq, due.attempts) == (3, 0)


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("all", ["created", "started", "progress", "completed"]),
        ("standard", ["created", "completed"]),
        ("minimal", ["completed"]),
    ],
)
async def test_a_level_leaves_out_what_it_says(books: Books, level: str, told: list[str]) -> None:
    made = await books.job(replyUrl=URL, replyLevel=level)
    made = await apply(books.store, job.start(made, NOW))
    made = await apply(books.store, job.progress(made, NOW, {}, 5))
    await apply(books.store, job.complete(made, NOW, {}))
    seen: list[str] = []
    while names := await books.names():
        seen += [name for name, _ in names]
        await books.heard()
    assert seen == told


async def test_what_was_not_heard_is_due_again_and_holds_back_the_rest(books: Books) -> None:
    made = await books.job(replyUrl=URL)
    await apply(books.store, job.start(made, NOW))
    for attempt in itertools.count(1):
        (due,) = await books.due(NOW + attempt)
        assert (due.event.seq, due.attempts) == (1, attempt - 1)
        again = NOW + attempt + 1 if attempt < 3 else None
        await books.deliveries.settle([Settled(due=due, attempt=UNHEARD, again=again)], NOW)
        if again is None:
            break
        assert await books.due(NOW + attempt) == []
    # Given up: the next has its turn.
    assert await books.names() == [("started", 2)]
    shown = await books.deliveries.show(1, due.id)
    assert shown is not None
    delivery, attempts = shown
    assert (delivery.state, delivery.attempts, delivery.url) == ("failed", 3, URL)
    assert attempts == [UNHEARD] * 3


async def test_a_replay_is_due_at_once(books: Books) -> None:
    await books.job(replyUrl=URL)
    await books.heard()
    ((delivery),) = await books.deliveries.listed(1, state="delivered", limit=9)
    assert await books.deliveries.replay(2, delivery.id, NOW) is None
    replayed = await books.deliveries.replay(1, delivery.id, NOW)
    assert replayed is not None
    assert (replayed.state, replayed.attempts) == ("pending", 0)
    assert await books.names() == [("created", 1)]
    assert await books.deliveries.show(2, delivery.id) is None
    assert await books.deliveries.listed(2, state=None, limit=9) == []


async def test_known_ones_are_left_out_and_do_not_count(books: Books) -> None:
    for _ in range(4):
        await books.job(replyUrl=URL)
    first, second, *others = [due.id for due in await books.due()]
    known = frozenset({first, second})
    assert [due.id for due in await books.deliveries.due(HOST, NOW, 2, known)] == others
    (third,) = await books.deliveries.due(HOST, NOW, 1, known)
    assert third.id == others[0]


async def test_targets_do_not_wait_for_each_other(books: Books) -> None:
    first, second = await books.job(replyUrl=URL), await books.job(replyUrl=URL)
    await apply(books.store, job.start(first, NOW))
    await apply(books.store, job.start(second, NOW))
    due = await books.due()
    assert [one.event.job for one in due] == [first.id, second.id]
    await books.deliveries.settle([Settled(due=due[0], attempt=UNHEARD, again=NOW + 99)], NOW)
    assert [(one.event.job, one.event.seq) for one in await books.due()] == [(second.id, 1)]
    assert await books.deliveries.hosts_of([first.id, second.id]) == {HOST}


async def test_a_repeated_call_is_told_too_with_its_own_reference(books: Books) -> None:
    parent = await books.job()
    once = {"once": (parent.id, "U1")}
    made, _ = await books.store.admit(1, Asking({"replyUrl": URL, "replyRef": "a"}, **once))
    await apply(books.store, job.start(made, NOW))
    again, how = await books.store.admit(
        1, Asking({"replyUrl": "http://other.example.com", "replyRef": "b"}, **once)
    )
    assert (again.id, how) == (made.id, "once")
    (due,) = await books.deliveries.due("other.example.com", NOW, 9)
    assert (due.target.ref, due.event.name) == ("b", "midjourney_started")
    await books.deliveries.settle([Settled(due=due, attempt=HEARD)], NOW)
    await apply(books.store, job.complete(made, NOW, {}))
    (due,) = await books.deliveries.due("other.example.com", NOW, 9)
    assert due.event.name == "midjourney_completed"


async def test_a_replaced_secret_is_valid_for_a_while(books: Books) -> None:
    await books.store.add_token(1, "t", "hash", "xyz", NOW)
    first = await books.deliveries.secrets(1, NOW)
    assert first == await books.deliveries.secrets(1, NOW)
    await books.deliveries.rotate(1, "whsec_new", NOW, NOW + 10)
    assert await books.deliveries.secrets(1, NOW + 9) == ["whsec_new", *first]
    assert await books.deliveries.secrets(1, NOW + 10) == ["whsec_new"]


async def test_no_more_than_a_few_secrets_sign(books: Books) -> None:
    await books.store.add_token(1, "t", "hash", "xyz", NOW)
    for n in range(9):
        await books.deliveries.rotate(1, f"whsec_{n}", NOW, NOW + 10)
    assert await books.deliveries.secrets(1, NOW) == [f"whsec_{n}" for n in (8, 7, 6, 5)]


async def test_what_is_settled_and_old_is_dropped_what_is_pending_stays(books: Books) -> None:
    made = await books.job(replyUrl=URL)
    await books.heard()
    made = await apply(books.store, job.progress(made, NOW + 1, {}, 5))
    await apply(books.store, job.complete(made, NOW + 2, {}))
    assert await books.store.prune_deliveries(NOW + 1, 9) == 1
    assert [one.event for one in await books.deliveries.listed(1, state=None, limit=9)] == [
        "midjourney_completed",
        "midjourney_progress",
    ]
    # The created event is old enough; the progress is still to be told; the last one stays.
    assert await books.store.prune_events(NOW + 9, 9) == 1
    assert [event.seq for event in await books.store.events(made.id, 0)] == [2, 3]
    await books.heard(NOW + 5)
    await books.heard(NOW + 5)
    assert await books.store.prune_events(NOW + 9, 9) == 1
    assert [event.seq for event in await books.store.events(made.id, 0)] == [3]


async def test_what_is_pending_shelters_nothing_behind_it(books: Books) -> None:
    await books.job(replyUrl=URL)
    for at in (1, 2):
        await books.job(replyUrl="http://other.example.com/")
        (due,) = await books.deliveries.due("other.example.com", NOW, 9)
        await books.deliveries.settle([Settled(due=due, attempt=HEARD)], NOW + at)
    assert await books.store.prune_deliveries(NOW + 9, 1) == 1
    assert await books.store.prune_deliveries(NOW + 9, 1) == 1
    assert await books.store.prune_deliveries(NOW + 9, 1) == 0
    (left,) = await books.deliveries.listed(1, state=None, limit=9)
    assert left.state == "pending"


async def test_old_deliveries_are_found_by_index(books: Books) -> None:
    for name in ("prune_deliveries", "prune_attempts"):
        plan = await books.store.database.read(
            lambda connection, name=name: connection.execute(  # type: ignore[misc]
                f"EXPLAIN QUERY PLAN {SQL[name]}", {"before": NOW, "most": 9}
            ).fetchall()
        )
        steps = [str(row["detail"]) for row in plan]
        assert any("ix_deliveries_settled" in step for step in steps), steps
        assert not any(step.startswith("SCAN deliveries") for step in steps), steps
