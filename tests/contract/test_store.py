"""What every store does. Run over each implementation."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from heliograph import errors, job
from heliograph.channel import Channel, Load, bind, choose
from heliograph.job import Change, Job, JobType, Status
from heliograph.store import migrate
from heliograph.store.base import Store, StoreFault, User
from heliograph.store.schema import metadata
from heliograph.store.sqlite import SqliteStore

NOW = 1_761_329_465_501
CHANNEL = Channel(id="100", user=1, token="studio", max_jobs=3)


@pytest.fixture
async def store(fresh: Path) -> AsyncIterator[Store]:
    opened = SqliteStore.open(fresh)
    await opened.add_channel(CHANNEL, NOW)
    yield opened
    await opened.close()


class Draft:
    """An image job whose six random digits the test may choose."""

    def __init__(
        self,
        user: int = 1,
        digits: Callable[[], int] | None = None,
        *,
        type: JobType | None = JobType.IMAGE,
        named: str | None = None,
        once: tuple[str, str] | None = None,
        parent: str | None = None,
        key: tuple[str, str] | None = None,
        relaxed: bool | None = None,
        queue: int | None = None,
    ) -> None:
        self.type = type
        self.named = named
        self.once = once
        self.key = key
        self.relaxed = relaxed
        self.queue = queue
        self._parent = once[0] if once else parent
        self._user = user
        self._rng = random.Random()
        self._digits = digits or (lambda: self._rng.randrange(10**6))

    def now(self) -> int:
        return NOW

    def bind(
        self, channels: Sequence[Channel], loads: Mapping[str, Load], waiting: Mapping[str, int]
    ) -> Channel:
        return bind(channels, loads, waiting, named=self.named)

    def choose(self, channels: Sequence[Channel], loads: Mapping[str, Load]) -> Channel:
        return choose(channels, loads, self.type, self._rng, named=self.named)

    def job(self, channel: str) -> Job:
        return job.new(
            now=NOW,
            digits=self._digits(),
            user=self._user,
            channel=channel,
            verb="imagine",
            type=self.type,
            request={"prompt": "ein Kätzchen 🐱", "replyRef": "mine"},
            parent=self._parent,
            once=self.once[1] if self.once else None,
            inputs={"custom_id": "MJ::JOB::…"} if self._parent else None,
        )


async def admit(store: Store, draft: Draft, user: int = 1) -> Job:
    made, how = await store.admit(user, draft)
    assert how == "new"
    return made


async def apply(store: Store, change: Change) -> Job:
    changed = await store.apply(change)
    assert changed is not None
    return changed


async def test_a_new_job_is_there_with_its_first_event(store: Store) -> None:
    created = await admit(store, Draft())
    assert await store.job(created.id) == created
    (event,) = await store.events(created.id, 0)
    assert (event.seq, event.name, event.status) == (1, "midjourney_created", Status.CREATED)
    assert event.at == NOW


async def test_capacity_holds_under_concurrency(store: Store) -> None:
    results = await asyncio.gather(
        *(admit(store, Draft()) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(result, Job) for result in results) == 3
    assert sum(isinstance(result, errors.AllChannelsBusy) for result in results) == 17
    assert len(await store.running(1)) == 3


async def test_every_final_state_frees_the_slot(store: Store) -> None:
    changes: list[Callable[[Job], Change]] = [
        lambda made: job.complete(made, NOW, {}),
        lambda made: job.fail(made, NOW, "no", code=502),
        lambda made: job.moderate(made, NOW, "no", None, None),
        lambda made: job.cancel(made, NOW),
    ]
    for make in changes:
        jobs = [await admit(store, Draft()) for _ in range(3)]
        with pytest.raises(errors.AllChannelsBusy):
            await admit(store, Draft())
        for made in jobs:
            await apply(store, make(made))
    assert await store.running(1) == []


@pytest.mark.parametrize("type", [JobType.IMAGE, JobType.VIDEO, None])
async def test_the_store_finds_room_exactly_where_the_rule_does(
    store: Store, type: JobType | None
) -> None:
    seed = random.randrange(2**32)
    print("SEED", seed)
    rng = random.Random(seed)
    for number in range(4):
        limits: Any = {"max_jobs": rng.randrange(1, 4), "max_image_jobs": 2, "max_video_jobs": 1}
        channel = Channel(id=f"c{number}", user=3, token="studio", **limits)
        await store.add_channel(channel, NOW)
    assert await store.lock_channel("c3", "Pending mod message", NOW)
    running: list[Job] = []
    for _ in range(40):
        named = rng.choice([None, "c0", "c1", "c2", "c3", "c9"])
        wanted = rng.choice([type, JobType.IMAGE, JobType.VIDEO])
        loads = {
            id: Load(
                images=sum(job.type is JobType.IMAGE for job in running if job.channel == id),
                videos=sum(job.type is JobType.VIDEO for job in running if job.channel == id),
            )
            for id in ("c0", "c1", "c2", "c3")
        }
        expected: str | None = None
        try:
            choose(await store.channels(3), loads, wanted, rng, named=named)
        except errors.Problem as problem:
            expected = str(problem)
        try:
            running.append(await admit(store, Draft(3, type=wanted, named=named), 3))
            found = None
        except errors.Problem as problem:
            found = str(problem)
        assert found == expected
        if running and rng.random() < 0.3:
            ending = running.pop(rng.randrange(len(running)))
            await apply(store, job.complete(ending, NOW, {}))


async def test_slots_are_counted_anew_at_the_start(store: Store) -> None:
    for _ in range(3):
        await admit(store, Draft())
    await store.release(None)
    with pytest.raises(errors.AllChannelsBusy):
        await admit(store, Draft())


async def test_a_refused_job_leaves_nothing(store: Store) -> None:
    with pytest.raises(errors.NoChannels):
        await admit(store, Draft(user=2), 2)
    assert await store.running(2) == []


async def test_an_id_that_is_taken_is_drawn_anew(store: Store) -> None:
    drawn = iter([7, 7, 7, 8])
    first = await admit(store, Draft(digits=lambda: next(drawn)))
    second = await admit(store, Draft(digits=lambda: next(drawn)))
    assert first.id != second.id


async def test_a_change_writes_row_and_event_together(store: Store) -> None:
    made = await admit(store, Draft())
    started = await apply(store, job.start(made, NOW + 1))
    moved = await apply(store, job.progress(started, NOW + 2, {"content": "(15%)"}, 15))
    assert (moved.status, moved.percent, moved.seq) == (Status.PROGRESS, 15, 3)
    assert moved.response == {"content": "(15%)", "replyRef": "mine"}
    names = [(event.seq, event.name) for event in await store.events(made.id, 0)]
    assert names == [
        (1, "midjourney_created"),
        (2, "midjourney_started"),
        (3, "midjourney_progress"),
    ]
    assert [event.seq for event in await store.events(made.id, 2)] == [3]


async def test_a_stale_guard_changes_nothing(store: Store) -> None:
    made = await admit(store, Draft())
    ended = await apply(store, job.complete(made, NOW, {}))
    for change in (
        job.start(made, NOW),
        job.progress(made, NOW, {}, 99),
        job.fail(made, NOW, "late", code=500),
        job.complete(made, NOW + 5, {"content": "again"}),
    ):
        assert await store.apply(change) is None
    assert await store.job(made.id) == ended
    assert len(await store.events(made.id, 0)) == 2


async def test_percentages_never_go_down(store: Store) -> None:
    made = await admit(store, Draft())
    moved = await apply(store, job.progress(made, NOW, {}, 40))
    assert await store.apply(job.progress(moved, NOW, {}, 39)) is None
    assert (await apply(store, job.progress(moved, NOW, {}, 40))).percent == 40


async def test_a_command_is_marked_as_sent_once(store: Store) -> None:
    made = await admit(store, Draft())
    assert [waiting.id for waiting in await store.unsent_on("100")] == [made.id]
    assert (await apply(store, job.sending(made, NOW))).sent == NOW
    assert await store.apply(job.sending(made, NOW + 1)) is None
    assert await store.unsent_on("100") == []
    assert [found.id for found in await store.running_on("100")] == [made.id]
    assert await store.running_ids("100") == {made.id}


async def test_a_form_is_kept_and_noted_as_filled_in_once(store: Store) -> None:
    made = await admit(store, Draft())
    form = {"type": "INTERACTION_MODAL_CREATE", "data": {"id": "5", "title": 'a "filled": form'}}
    opened = await apply(store, job.opened(made, form))
    assert opened.inputs == made.inputs | {"form": form}
    assert (opened.status, opened.seq) == (made.status, made.seq)
    filled = await apply(store, job.filling(opened, NOW))
    assert filled.inputs == opened.inputs | {"filled": NOW}
    # Neither who took the channel over meanwhile, nor who came back to it, does so again.
    for stale in (made, opened, filled):
        assert await store.apply(job.filling(stale, NOW + 1)) is None
        assert await store.apply(job.opened(stale, form)) is None
    await apply(store, job.start(filled, NOW + 2))
    [kept] = await store.running_on(CHANNEL.id)
    assert kept.inputs == filled.inputs


async def test_no_form_is_filled_in_for_a_job_that_has_ended(store: Store) -> None:
    made = await admit(store, Draft())
    await apply(store, job.cancel(made, NOW))
    assert await store.apply(job.opened(made, {"type": "INTERACTION_MODAL_CREATE"})) is None
    assert await store.apply(job.filling(made, NOW)) is None


async def test_an_unknown_job_is_none(store: Store) -> None:
    assert await store.job("j0") is None
    assert await store.events("j0", 0) == []


async def test_channels_are_their_users(store: Store) -> None:
    other = Channel(
        id="200", user=2, token="studio-b", max_jobs=5, reply_url="https://example.com/x"
    )
    assert await store.add_channel(other, NOW)
    assert not await store.add_channel(other, NOW)
    assert await store.channels(1) == [CHANNEL]
    assert await store.channels(2) == [other]
    assert await store.channel("200") == other
    assert await store.lock_channel("200", "Pending mod message", NOW)
    found = await store.channel("200")
    assert found is not None
    assert found.error == "Pending mod message"


async def test_a_channel_has_one_owner_until_its_lease_lapses(store: Store) -> None:
    assert [channel.id for channel in await store.claim("a", NOW, NOW + 30)] == ["100"]
    assert await store.claim("b", NOW + 1, NOW + 31) == []
    assert len(await store.claim("a", NOW + 10, NOW + 40)) == 1
    assert await store.claim("b", NOW + 40, NOW + 70) == []
    assert len(await store.claim("b", NOW + 41, NOW + 71)) == 1
    await store.release("a")
    assert await store.claim("c", NOW + 42, NOW + 72) == []
    await store.release("b")
    assert len(await store.claim("c", NOW + 42, NOW + 72)) == 1
    await store.release(None)
    assert len(await store.claim("d", NOW + 43, NOW + 73)) == 1


async def test_tokens_open_until_they_are_revoked(store: Store) -> None:
    made = await store.add_token(7, "first", "hash-1", "xyz", NOW)
    assert made is not None
    assert await store.add_token(7, "again", "hash-1", "xyz", NOW) is None
    assert await store.user_of("hash-1") == User(id=7, created=NOW)
    assert await store.user_of("hash-2") is None
    assert await store.tokens(7) == [made]
    assert not await store.revoke_token(8, made.id, NOW)
    assert await store.revoke_token(7, made.id, NOW + 1)
    assert not await store.revoke_token(7, made.id, NOW + 2)
    assert await store.user_of("hash-1") is None
    assert [token.revoked for token in await store.tokens(7)] == [NOW + 1]


async def test_a_subscription_ends_when_it_is_told_to(store: Store) -> None:
    await store.add_token(7, "first", "hash-1", "xyz", NOW)
    assert await store.set_subscription(7, NOW + 5)
    assert await store.user_of("hash-1") == User(id=7, created=NOW, subscription_until=NOW + 5)
    assert [user.subscription_until for user in await store.users()] == [None, NOW + 5]
    assert await store.set_subscription(7, None)
    assert not await store.set_subscription(8, NOW)


async def test_a_user_is_welcomed_once(store: Store) -> None:
    assert [await store.welcome(9, NOW) for _ in range(2)] == [True, False]
    assert 9 in [user.id for user in await store.users()]


async def test_a_deleted_channel_is_gone_but_for_its_running_jobs(store: Store) -> None:
    made = await admit(store, Draft())
    assert not await store.delete_channel(2, "100", NOW)
    assert await store.delete_channel(1, "100", NOW)
    assert not await store.delete_channel(1, "100", NOW)
    assert await store.channel("100") is None
    assert await store.channels(1) == []
    with pytest.raises(errors.NoChannels):
        await admit(store, Draft())
    with pytest.raises(errors.NoChannels):
        await admit(store, Draft(type=None))
    assert [channel.id for channel in await store.claim("a", NOW, NOW + 30)] == ["100"]
    await apply(store, job.complete(made, NOW, {}))
    assert await store.claim("a", NOW + 1, NOW + 31) == []


async def test_a_deleted_channel_comes_back_as_it_is_given(store: Store) -> None:
    assert await store.lock_channel("100", "Pending mod message", NOW)
    await store.delete_channel(1, "100", NOW)
    again = Channel(id="100", user=2, token="studio", max_jobs=7, reply_url="https://example.com")
    assert await store.add_channel(again, NOW + 1)
    assert await store.channel("100") == again
    assert await store.channels(2) == [again]


async def test_a_channel_takes_new_limits(store: Store) -> None:
    changed = Channel(id="100", user=1, token="studio", max_jobs=1, max_image_jobs=1)
    await store.update_channel(changed)
    assert await store.channel("100") == changed
    await admit(store, Draft())
    with pytest.raises(errors.AllChannelsBusy):
        await admit(store, Draft())


async def test_once_is_once_under_concurrency_and_again_after_a_failure(store: Store) -> None:
    parent = await admit(store, Draft(type=None))
    seed = random.randrange(2**32)
    print("SEED", seed)
    rng = random.Random(seed)
    for status in ("failed", "moderated", "completed"):
        asked = [
            store.admit(1, Draft(type=None, once=(parent.id, rng.choice(["U1", "U2"]))))
            for _ in range(40)
        ]
        results = await asyncio.gather(*asked)
        made = {found.once: found for found, how in results if how == "new"}
        assert len(made) == [how for _, how in results].count("new")
        assert all(made[found.once].id == found.id for found, _ in results)
        for found in made.values():
            await apply(store, _ending(found, status))
    again, how = await store.admit(1, Draft(type=None, once=(parent.id, "U1")))
    assert (again.status, how) == (Status.COMPLETED, "once")


def _ending(made: Job, status: str) -> Change:
    if status == "failed":
        return job.fail(made, NOW, "no", code=502)
    if status == "moderated":
        return job.moderate(made, NOW, "no", None, None)
    return job.complete(made, NOW, {})


async def test_a_repeated_call_takes_no_slot(store: Store) -> None:
    parent = await admit(store, Draft(type=None))
    for _ in range(5):
        await store.admit(1, Draft(once=(parent.id, "U1")))
    await admit(store, Draft())
    await admit(store, Draft())
    with pytest.raises(errors.AllChannelsBusy):
        await admit(store, Draft())


async def test_a_key_makes_one_job_under_concurrency(store: Store) -> None:
    asked = [store.admit(1, Draft(key=("k", "digest"))) for _ in range(20)]
    results = await asyncio.gather(*asked)
    assert len({found.id for found, _ in results}) == 1
    assert sorted(how for _, how in results) == ["new"] + ["replay"] * 19
    with pytest.raises(errors.KeyReused):
        await store.admit(1, Draft(key=("k", "another digest")))
    await store.add_channel(Channel(id="200", user=2, token="studio-2"), NOW)
    other, how = await store.admit(2, Draft(user=2, key=("k", "digest")))
    assert (other.user, how) == (2, "new")
    await store.forget_keys(NOW + 1)
    assert (await store.admit(1, Draft(key=("k", "another digest"))))[1] == "new"


async def test_a_refused_job_keeps_no_key(store: Store) -> None:
    with pytest.raises(errors.NoChannels):
        await store.admit(2, Draft(user=2, key=("k", "digest")))
    await store.add_channel(Channel(id="200", user=2, token="studio-2"), NOW)
    assert (await store.admit(2, Draft(user=2, key=("k", "digest"))))[1] == "new"


async def test_a_parent_knows_its_children(store: Store) -> None:
    parent = await admit(store, Draft(type=None))
    first = await admit(store, Draft(type=None, once=(parent.id, "U1")))
    second = await admit(store, Draft(type=None, parent=parent.id))
    await apply(store, job.complete(second, NOW, {}))
    found = await store.children(parent.id)
    assert {child.id: (child.once, child.status) for child in found} == {
        first.id: ("U1", Status.CREATED),
        second.id: (None, Status.COMPLETED),
    }
    assert (await store.job(first.id) or parent).inputs == {"custom_id": "MJ::JOB::…"}
    assert await store.children(first.id) == []


async def test_silence_counts_from_the_last_news(store: Store) -> None:
    waiting = await admit(store, Draft(type=None))
    heard = await apply(store, job.start(await admit(store, Draft(type=None)), NOW + 50))
    ended = await admit(store, Draft(type=None))
    await apply(store, job.complete(ended, NOW, {}))
    assert [one.job.id for one in await store.silent(NOW)] == [waiting.id]
    assert {one.job.id for one in await store.silent(NOW + 50)} == {waiting.id, heard.id}
    await store.set_channel_speed("100", relaxed=True)
    assert all(one.relaxed for one in await store.silent(NOW + 50))


async def test_news_that_came_meanwhile_saves_a_silent_job(store: Store) -> None:
    made = await admit(store, Draft())
    late = job.time_out(made, NOW + 9, "14")
    await apply(store, job.start(made, NOW + 8))
    assert await store.apply(late) is None
    assert (await store.job(made.id) or made).status is Status.STARTED


async def test_a_failing_write_undoes_only_itself(store: Store) -> None:
    class Broken(Draft):
        def job(self, channel: str) -> Job:
            raise ZeroDivisionError

    results = await asyncio.gather(
        admit(store, Draft()),
        admit(store, Broken()),
        admit(store, Draft()),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Job, ZeroDivisionError, Job]
    assert len(await store.running(1)) == 2


async def test_rows_are_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "again.db"
    first = SqliteStore.open(path)
    await first.add_channel(CHANNEL, NOW)
    made = await admit(first, Draft())
    await first.close()
    second = SqliteStore.open(path)
    assert await second.job(made.id) == made
    await second.close()


def test_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    path = tmp_path / "migrated.db"
    migrate.upgrade(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    assert migrate._revision(path) == migrate.HEAD


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    migrate.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreFault, match="newer version"):
        migrate.upgrade(path)
