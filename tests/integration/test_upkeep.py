"""Time-outs and expiry, with a clock that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heliograph import command, errors, job
from heliograph.bus.local import LocalBus
from heliograph.calm import Calm
from heliograph.channel import Channel
from heliograph.inbox import Inbox
from heliograph.job import Job, Status
from heliograph.media.store import Media
from heliograph.outgoing import Outgoing, Policy
from heliograph.service.jobs import Jobs
from heliograph.service.people import People
from heliograph.store.sqlite import SqliteStore
from heliograph.upkeep import Keep, Patience, Upkeep

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


class World:
    """Jobs, people and their upkeep, at a time of the test's choosing."""

    def __init__(self, store: SqliteStore, folder: Path) -> None:
        self.clock = 1_761_329_465_501
        self.store = store
        self.bus = LocalBus()
        inbox = Inbox(Media.folder(folder), Outgoing(Policy()))
        self.jobs = Jobs(store, self.bus, Calm(), inbox=inbox, now=lambda: self.clock)
        self.people = People(store, now=lambda: self.clock)
        self.upkeep = Upkeep(store, self.bus, Patience(), Keep(), now=lambda: self.clock)

    async def job(self, prompt: str = "a cat") -> Job:
        return (await self.jobs.imagine(1, command.imagine({"prompt": prompt}))).job

    async def progress(self, made: Job, content: str) -> Job:
        change = job.progress(made, self.clock, {"content": content}, 10)
        changed = await self.store.apply(change)
        assert changed is not None
        return changed

    async def status(self, made: Job) -> tuple[Status, int | None]:
        found = await self.store.job(made.id)
        assert found is not None
        return found.status, found.code


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = SqliteStore.open(tmp_path / "store.db")
    await store.add_channel(Channel(id="100", user=1, token="studio"), 1)
    yield World(store, tmp_path / "media")
    await store.close()


async def test_a_job_times_out_after_fourteen_minutes_without_news(world: World) -> None:
    made = await world.job()
    world.clock += 10 * MINUTE
    made = await world.progress(made, "**a cat** - <@1> (10%) (fast)")
    world.clock += 14 * MINUTE - 1
    await world.upkeep.round()
    assert await world.status(made) == (Status.PROGRESS, None)
    world.clock += 1
    await world.upkeep.round()
    assert await world.status(made) == (Status.FAILED, 504)
    ended = await world.jobs.job(1, made.id)
    assert ended.error == "Job timed out: nothing was heard of it for 14 minutes"
    # Its slot is free again, and what comes late changes nothing.
    assert await world.store.apply(job.complete(made, world.clock, {})) is None
    for _ in range(3):
        await world.job()


@pytest.mark.parametrize("how", ["the bot", "the prompt", "the channel"])
async def test_a_relaxed_job_waits_for_an_hour(world: World, how: str) -> None:
    if how == "the channel":
        await world.store.set_channel_speed("100", relaxed=True)
    made = await world.job("a cat --relax" if how == "the prompt" else "a cat")
    if how == "the bot":
        made = await world.progress(made, "**a cat** - <@1> (10%) (relaxed)")
    world.clock += 60 * MINUTE - 1
    await world.upkeep.round()
    assert (await world.status(made))[0] in (Status.CREATED, Status.PROGRESS)
    world.clock += 1
    await world.upkeep.round()
    assert await world.status(made) == (Status.FAILED, 504)


@pytest.mark.parametrize("relaxed", ["prompt", "bot"])
async def test_the_bots_own_word_on_the_speed_counts_most(world: World, relaxed: str) -> None:
    await world.store.set_channel_speed("100", relaxed=True)
    made = await world.job("a cat --fast" if relaxed == "prompt" else "a cat --relax")
    if relaxed == "bot":
        made = await world.progress(made, "**a cat** - <@1> (10%) (fast)")
    world.clock += 14 * MINUTE
    await world.upkeep.round()
    assert await world.status(made) == (Status.FAILED, 504)


async def test_after_62_days_a_job_has_expired(world: World) -> None:
    made = await world.job()
    await world.store.apply(job.complete(made, world.clock, {"id": "1"}))
    world.clock += 62 * DAY
    assert (await world.jobs.job(1, made.id)).status is Status.COMPLETED
    world.clock += 1
    calls: list[Any] = [
        (errors.JobExpired, world.jobs.job(1, made.id)),
        (errors.JobExpired, world.jobs.cancel(1, made.id)),
        (errors.ParentExpired, world.jobs.seed(1, command.seed({"jobId": made.id}))),
        (
            errors.ParentExpired,
            world.jobs.button(1, command.button({"jobId": made.id, "button": "U1"})),
        ),
    ]
    for problem, call in calls:
        with pytest.raises(problem) as refused:
            await call
        assert refused.value.status == 410
    world.clock += 365 * DAY
    await world.upkeep.round()
    with pytest.raises(errors.JobExpired):
        await world.jobs.job(1, made.id)


async def test_a_user_whose_subscription_has_ended_is_told_so(world: World) -> None:
    secret = await world.people.create_token(1, "t")
    await world.people.subscribe(1, world.clock + 5)
    assert await world.people.user_of(secret, subscribed=True) == 1
    world.clock += 5
    with pytest.raises(errors.NotSubscribed):
        await world.people.user_of(secret, subscribed=True)
    assert await world.people.user_of(secret) == 1
    await world.people.subscribe(1, None)
    assert await world.people.user_of(secret, subscribed=True) == 1
