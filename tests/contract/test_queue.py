"""What every store does with what waits. Run over each implementation."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.config import Config

from heliograph import errors, job, task
from heliograph.channel import Channel
from heliograph.job import Job, JobType, Status
from heliograph.store import migrate
from heliograph.store.base import Queue, Store, Tasks, User
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.queue import SqliteQueue, SqliteTasks
from heliograph.store.sqlite import SqliteStore
from heliograph.task import Known, Mode, Task, Usage
from heliograph.turns import Waiting
from tests.contract.test_store import NOW, Draft, apply

MONTH = NOW - 1_000_000
HOOK = "http://127.0.0.1:9/hook"


class World:
    """A store of one kind, with two channels of user 1 and one of user 2."""

    def __init__(self, store: Store, queue: Queue, tasks: Tasks) -> None:
        self.store = store
        self.queue = queue
        self.tasks = tasks

    async def job(self, user: int = 1, **wanted: object) -> Job:
        """A job that may wait."""
        draft = Draft(user, queue=100, **wanted)  # type: ignore[arg-type]
        return (await self.store.admit(user, draft))[0]

    async def filled(self) -> list[Job]:
        """The jobs that leave user 1 no room."""
        return [await self.job() for _ in range(3)]

    async def task(
        self, user: int = 1, mode: Mode = "fast", *, most: int = 100, hook: str | None = None
    ) -> Task:
        made = task.new(now=NOW, user=user, prompt="a cat", mode=mode, hook_url=hook, timeout=300)
        await self.tasks.submit(made, JobType.IMAGE, month=MONTH, most=most)
        return made

    async def advance(self, most: int = 50) -> list[Job]:
        return await self.queue.advance(Turn(), most)

    async def known(self, made: Task) -> Known:
        (found,) = await self.tasks.find(made.user, [made.id], 0)
        return found


class Turn:
    """Whoever came first; for `heliograph.store.base.Turn`."""

    numbers = itertools.count()

    def now(self) -> int:
        return NOW + 1

    def next_up(self, waiting: Sequence[Waiting], running: Mapping[int, int]) -> Waiting:
        return min(waiting, key=lambda one: one.id)

    def job(self, task: Task, type: JobType, channel: str) -> Job:
        return job.new(
            now=self.now(),
            digits=next(self.numbers),
            user=task.user,
            channel=channel,
            verb="imagine",
            type=type,
            request={"prompt": task.prompt},
        )


@pytest.fixture
async def world(fresh: Path) -> AsyncIterator[World]:
    store = SqliteStore.open(fresh)
    for id, user, most in (("100", 1, 2), ("101", 1, 1), ("200", 2, 1)):
        await store.add_channel(Channel(id=id, user=user, token="studio", max_jobs=most), NOW)
    yield World(store, SqliteQueue(store.database), SqliteTasks(store.database))
    await store.close()


async def test_with_room_nothing_waits(world: World) -> None:
    made = await world.filled()
    assert [len(await world.store.unsent_on(id)) for id in ("100", "101")] == [2, 1]
    assert await world.advance() == []
    assert {one.channel for one in made} == {"100", "101"}


async def test_without_room_a_job_waits_on_the_least_loaded_channel(world: World) -> None:
    await world.filled()
    waiting = [await world.job() for _ in range(3)]
    # Of two slots and one: both are full, then 2/2 and 2/1, then 3/2 and 2/1, then 4/2 and 2/1.
    assert [one.channel for one in waiting] == ["100", "101", "100"]
    assert (await world.job(named="101")).channel == "101"
    assert len(await world.store.running(1)) == 7
    assert [len(await world.store.unsent_on(id)) for id in ("100", "101")] == [2, 1]
    assert len(await world.store.events(waiting[0].id, 0)) == 1


async def test_a_waiting_job_takes_the_slot_that_becomes_free(world: World) -> None:
    first = (await world.filled())[0]
    waiting = await world.job(named=first.channel)
    assert await world.advance() == []
    await apply(world.store, job.complete(first, NOW, {}))
    (begun,) = await world.advance()
    assert (begun.id, begun.updated, begun.status) == (waiting.id, NOW + 1, Status.CREATED)
    assert waiting.id in {one.id for one in await world.store.unsent_on(waiting.channel)}
    assert await world.advance() == []
    with pytest.raises(errors.AllChannelsBusy):
        await world.store.admit(1, Draft())


async def test_who_queues_does_not_overtake_who_waits(world: World) -> None:
    first = (await world.filled())[0]
    waiting = await world.job(named=first.channel)
    await apply(world.store, job.complete(first, NOW, {}))
    later = await world.job()
    assert [one.id for one in await world.advance()] == [waiting.id]
    assert later.id in {one.id for one in await world.store.running(1)}


async def test_a_job_that_ends_while_it_waits_gives_up_its_place_and_no_slot(
    world: World,
) -> None:
    first = (await world.filled())[0]
    waiting = [await world.job(named=first.channel) for _ in range(2)]
    await apply(world.store, job.cancel(waiting[0], NOW))
    with pytest.raises(errors.AllChannelsBusy):
        await world.store.admit(1, Draft())
    await apply(world.store, job.complete(first, NOW, {}))
    assert [one.id for one in await world.advance()] == [waiting[1].id]


async def test_silence_is_no_fault_of_who_waits(world: World) -> None:
    running = await world.filled()
    await world.job()
    assert {one.job.id for one in await world.store.silent(NOW)} == {one.id for one in running}


async def test_slots_are_counted_anew_without_those_that_wait(world: World) -> None:
    first = (await world.filled())[0]
    waiting = await world.job(named=first.channel)
    await world.store.release(None)
    assert await world.advance() == []
    await apply(world.store, job.complete(first, NOW, {}))
    assert [one.id for one in await world.advance()] == [waiting.id]


async def test_too_many_may_not_wait(world: World) -> None:
    await world.filled()
    for _ in range(3):
        await world.store.admit(1, Draft(queue=3))
    with pytest.raises(errors.QueueFull):
        await world.store.admit(1, Draft(queue=3))
    assert len(await world.store.running(1)) == 6


async def test_what_can_never_run_does_not_wait(world: World) -> None:
    with pytest.raises(errors.NoChannels):
        await world.store.admit(3, Draft(3, queue=9))
    with pytest.raises(errors.ChannelNotFound):
        await world.store.admit(1, Draft(queue=9, named="200"))
    await world.store.lock_channel("100", "Pending mod message", NOW)
    with pytest.raises(errors.ChannelError):
        await world.store.admit(1, Draft(queue=9, named="100"))
    await world.store.lock_channel("101", "Pending mod message", NOW)
    with pytest.raises(errors.AllChannelsInError):
        await world.store.admit(1, Draft(queue=9))


async def test_one_users_line_does_not_hold_up_anothers(world: World) -> None:
    await world.filled()
    for _ in range(5):
        await world.job()
    other = await world.task(2)
    assert [one.user for one in await world.advance()] == [2]
    assert (await world.known(other)).job is not None


async def test_a_channel_in_error_keeps_its_line_until_it_is_open(world: World) -> None:
    await world.filled()
    waiting = await world.job(named="101")
    await world.store.lock_channel("101", "Pending mod message", NOW)
    (busy,) = [one for one in await world.store.running_on("101") if one.id != waiting.id]
    await apply(world.store, job.complete(busy, NOW, {}))
    assert await world.advance() == []
    await world.store.open_channel("101", NOW)
    assert [one.id for one in await world.advance()] == [waiting.id]


async def test_a_deleted_channel_strands_those_who_wait_for_it(world: World) -> None:
    await world.filled()
    waiting = await world.job(named="101")
    assert await world.queue.stranded() == []
    await world.store.delete_channel(1, "101", NOW)
    (stranded,) = await world.queue.stranded()
    assert stranded.id == waiting.id
    await apply(world.store, job.stranded(stranded, NOW))
    assert await world.queue.stranded() == []


async def test_a_task_gets_its_job_when_it_leaves(world: World) -> None:
    made = await world.task()
    assert await world.known(made) == Known(made)
    assert await world.store.running(1) == []
    (begun,) = await world.advance()
    assert (await world.known(made)).job == begun
    assert [event.name for event in await world.store.events(begun.id, 0)] == ["midjourney_created"]
    ended = await apply(world.store, job.complete(begun, NOW + 9, {}))
    found = await world.known(made)
    assert (found.task.ended, found.job) == (NOW + 9, ended)
    assert await world.tasks.overdue(NOW + 10**9) == []


async def test_tasks_are_found_by_their_user_in_the_order_asked_for(world: World) -> None:
    made = [await world.task() for _ in range(3)]
    others = await world.task(2)
    ids = [made[2].id, "no-such-task", others.id, made[0].id, made[2].id]
    found = await world.tasks.find(1, ids, 0)
    assert [one.task.id for one in found] == [made[2].id, made[0].id]
    assert await world.tasks.find(1, ids, NOW + 1) == []


async def test_every_task_gets_one_job_whoever_asks(world: World) -> None:
    made = [await world.task() for _ in range(3)]
    begun = await asyncio.gather(*(world.advance() for _ in range(10)))
    assert sorted(len(some) for some in begun) == [0] * 9 + [3]
    assert len({one.id for some in begun for one in some}) == len(made)


async def test_a_transaction_begins_no_more_than_it_is_told_to(world: World) -> None:
    for _ in range(3):
        await world.task()
    assert [len(await world.advance(2)) for _ in range(3)] == [2, 1, 0]


async def test_unfinished_tasks_are_counted(world: World) -> None:
    made = [await world.task() for _ in range(10)]
    with pytest.raises(errors.TooManyTasks):
        await world.task()
    await world.task(2)
    (begun, *_) = await world.advance(1)
    await apply(world.store, job.fail(begun, NOW, "no", code=502))
    assert await world.tasks.fail(made[-1].id, "no", NOW)
    await world.task()
    await world.task()
    with pytest.raises(errors.TooManyTasks):
        await world.task()
    assert await world.store.set_quotas(1, {"unfinished": None})
    await world.task()
    with pytest.raises(errors.TooManyTasks):
        await world.task(most=11)


async def test_a_months_tasks_are_counted_by_mode(world: World) -> None:
    assert await world.store.set_quotas(1, {"fast_jobs": 2, "relaxed_jobs": 0})
    with pytest.raises(errors.QuotaUsed, match="0 relaxed"):
        await world.task(mode="relaxed")
    made = [await world.task() for _ in range(2)]
    with pytest.raises(errors.QuotaUsed, match="2 fast"):
        await world.task()
    # What failed without ever having run doesn't count; what ran does, however it ended.
    await world.tasks.fail(made[0].id, "no", NOW)
    await world.task()
    (begun, *_) = await world.advance(1)
    await apply(world.store, job.fail(begun, NOW, "no", code=502))
    with pytest.raises(errors.QuotaUsed):
        await world.task()
    next_month = task.new(now=NOW, user=1, prompt="a cat", mode="fast", hook_url=None, timeout=300)
    await world.tasks.submit(next_month, JobType.IMAGE, month=NOW + 1, most=9)
    assert await world.store.set_quotas(1, {"fast_jobs": None})
    await world.task()


async def test_quotas_hold_under_concurrency(world: World) -> None:
    results = await asyncio.gather(*(world.task() for _ in range(30)), return_exceptions=True)
    assert sum(isinstance(result, Task) for result in results) == 10
    assert sum(isinstance(result, errors.TooManyTasks) for result in results) == 20


async def test_only_the_quotas_that_are_given_change(world: World) -> None:
    assert await world.store.set_quotas(1, {"fast_jobs": 5})
    assert await world.store.set_quotas(1, {"unfinished": 3})
    first, second = await world.store.users()
    assert first == User(id=1, created=NOW, fast_jobs=5, unfinished=3)
    assert second == User(id=2, created=NOW)
    assert not await world.store.set_quotas(7, {"fast_jobs": 5})


async def test_a_waiting_task_ends_without_a_job_and_its_hook_is_told(
    world: World, tmp_path: Path
) -> None:
    made = await world.task(hook=HOOK)
    assert [one.task.id for one in await world.tasks.overdue(made.deadline)] == [made.id]
    assert await world.tasks.overdue(made.deadline - 1) == []
    assert await world.tasks.fail(made.id, "too late", NOW + 5)
    assert not await world.tasks.fail(made.id, "again", NOW + 6)
    assert await world.advance() == []
    found = await world.known(made)
    assert (found.task.ended, found.task.fail_reason, found.job) == (NOW + 5, "too late", None)
    assert isinstance(world.store, SqliteStore)
    deliveries = SqliteDeliveries(world.store.database)
    assert await deliveries.hosts_of([made.id]) == {"127.0.0.1:9"}
    (due,) = await deliveries.due("127.0.0.1:9", NOW + 5, 10)
    assert (due.job, due.task, due.target.kind) == (None, found.task, "task")
    assert (due.event.status, due.event.error) == (Status.FAILED, "too late")
    (shown,) = await deliveries.listed(1, state=None, limit=10)
    assert (shown.job, shown.task) == (None, made.id)


async def test_a_task_that_has_a_job_ends_with_it_alone(world: World) -> None:
    made = await world.task(hook=HOOK)
    (begun,) = await world.advance()
    assert not await world.tasks.fail(made.id, "too late", NOW)
    assert begun.watched
    assert isinstance(world.store, SqliteStore)
    deliveries = SqliteDeliveries(world.store.database)
    assert await deliveries.listed(1, state=None, limit=10) == []
    (found,) = await world.tasks.overdue(made.deadline)
    assert found.job == begun
    ended = await apply(world.store, job.overdue(begun, NOW + 5, made.timeout))
    (due,) = await deliveries.due("127.0.0.1:9", NOW + 5, 10)
    assert (due.job, due.target.kind, due.event.code) == (ended, "task", 504)
    assert due.task is not None
    assert due.task.ended == NOW + 5


async def test_usage_is_counted_by_user_and_time(world: World) -> None:
    await world.job(type=JobType.VIDEO, relaxed=True)
    failed = await world.job()
    await apply(world.store, job.moderate(failed, NOW, "no", None, None))
    await world.job(type=None)
    await world.task(mode="relaxed")
    await world.advance()
    first, second = await world.store.usage(NOW, NOW + 100)
    assert first == Usage(user=1, fast=1, relaxed=2, images=2, videos=1, failed=1, tasks=1)
    assert second == Usage(user=2)
    assert await world.store.usage(NOW + 100, NOW + 200) == [Usage(user=1), Usage(user=2)]


async def test_a_job_that_says_nothing_has_its_channels_speed(world: World) -> None:
    await world.store.set_channel_speed("200", relaxed=True)
    await world.job(2)
    await world.job(2, relaxed=False)
    (_, usage) = await world.store.usage(0, NOW + 1)
    assert (usage.relaxed, usage.fast) == (1, 1)


async def test_jobs_of_an_older_release_keep_their_slots(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    alembic.upgrade(config, "0001")
    made = Draft().job("100")
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute("INSERT INTO users (id, created) VALUES (1, 0)")
        rows.execute(
            "INSERT INTO channels (id, user_id, token, max_jobs, max_image_jobs, max_video_jobs,"
            " images, created) VALUES ('100', 1, 'studio', 1, 1, 1, 1, 0)"
        )
        rows.execute(
            "INSERT INTO jobs (id, user_id, channel, verb, type, nonce, status, created, request,"
            " seq, percent) VALUES (?, 1, '100', 'imagine', 'image', ?, 'created', 0, '{}', 1, -1)",
            [made.id, made.nonce],
        )
    store = SqliteStore.open(path)
    await store.release(None)
    assert [one.id for one in await store.unsent_on("100")] == [made.id]
    with pytest.raises(errors.AllChannelsBusy):
        await store.admit(1, Draft())
    assert [user.unfinished for user in await store.users()] == [10]
    await store.close()
