"""What every outbox does, and when the store writes into it. Run over each implementation."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from heliograph.channel import Channel
from heliograph.mail.base import (
    Addresses,
    ChannelLocked,
    ChannelOpened,
    Mail,
    Outbox,
    WebhookFailing,
)
from heliograph.store.deliveries import SqliteDeliveries
from heliograph.store.mails import SqliteOutbox
from heliograph.store.sqlite import SqliteStore
from heliograph.webhooks.base import Attempt, Settled
from tests.contract.test_deliveries import Asking
from tests.contract.test_store import NOW

OPERATOR = "operator@example.com"
ERROR = "Pending mod message"
HOUR = 3_600_000
DAY = 24 * HOUR
URL = "https://key:secret@hooks.example.com/in?token=hush#part"
SHOWN = "https://hooks.example.com/in"
ANSWERED = Attempt(at=NOW, ms=3, status=503, answer="no")
CUT_OFF = Attempt(at=NOW, ms=3, error="Connection refused")


class Books:
    """A store with its outbox and its deliveries."""

    def __init__(self, path: Path, addresses: Addresses | None) -> None:
        self.path = path
        self.store = SqliteStore.open(path, addresses=addresses)
        self.outbox: Outbox = SqliteOutbox(self.store.database)
        self.deliveries = SqliteDeliveries(self.store.database, addresses)

    async def mails(self, user: int = 1) -> list[Mail]:
        """Oldest first."""
        return (await self.outbox.listed(user, 100))[::-1]

    async def due(self, now: int = NOW) -> list[Mail]:
        return await self.outbox.due(now, 100)

    async def called(self, attempt: Attempt, at: int, url: str = URL) -> None:
        """A job's first event is told to `url`; that is what came of it."""
        await self.store.admit(1, Asking({"replyUrl": url}, type=None))
        *_, due = await self.deliveries.due("hooks.example.com", NOW, 100)
        attempted = Attempt(at=at, ms=1, status=attempt.status, error=attempt.error)
        await self.deliveries.settle([Settled(due=due, attempt=attempted)], at)


Open = Callable[[Addresses | None], Books]


@pytest.fixture
async def open_books(fresh: Path) -> AsyncIterator[Open]:
    opened: list[Books] = []

    def open(addresses: Addresses | None) -> Books:
        opened.append(Books(fresh, addresses))
        return opened[-1]

    yield open
    for books in opened:
        await books.store.close()


@pytest.fixture
async def books(open_books: Open) -> Books:
    books = open_books(Addresses(OPERATOR))
    await books.store.add_channel(Channel(id="100", user=1, token="studio"), NOW)
    await books.store.add_channel(Channel(id="200", user=2, token="a-discord-token"), NOW)
    return books


async def test_an_error_is_told_once_and_so_is_its_end(books: Books) -> None:
    assert await books.store.lock_channel("100", ERROR, NOW)
    assert not await books.store.lock_channel("100", ERROR, NOW + 1)
    (locked,) = await books.mails()
    assert locked.news == ChannelLocked(channel="100", error=ERROR, own=True)
    assert (locked.address, locked.state, locked.attempts) == (OPERATOR, "pending", 0)
    assert (locked.created, locked.due) == (NOW, NOW)
    assert await books.store.open_channel("100", NOW + 2)
    assert not await books.store.open_channel("100", NOW + 3)
    _, opened = await books.mails()
    assert opened.news == ChannelOpened(channel="100", error=ERROR)
    channel = await books.store.channel("100")
    assert channel is not None
    assert channel.error is None


async def test_another_error_and_the_same_one_after_a_reset_are_told_again(books: Books) -> None:
    for error in (ERROR, "Blocked"):
        assert await books.store.lock_channel("100", error, NOW)
    await books.store.open_channel("100", NOW)
    assert await books.store.lock_channel("100", "Blocked", NOW)
    assert [type(mail.news) for mail in await books.mails()] == [
        ChannelLocked,
        ChannelLocked,
        ChannelOpened,
        ChannelLocked,
    ]


async def test_a_channel_that_is_not_there_is_nobodys_news(books: Books) -> None:
    await books.store.delete_channel(1, "100", NOW)
    for id in ("100", "unheard of"):
        assert not await books.store.lock_channel(id, ERROR, NOW)
        assert not await books.store.open_channel(id, NOW)
    assert await books.mails() == []


async def test_mail_goes_to_the_users_own_address_or_else_to_the_settings(books: Books) -> None:
    assert await books.store.set_mail(2, "two@example.com")
    assert not await books.store.set_mail(77, "nobody@example.com")
    assert [(user.id, user.mail) for user in await books.store.users()] == [
        (1, None),
        (2, "two@example.com"),
    ]
    for id in ("100", "200"):
        await books.store.lock_channel(id, ERROR, NOW)
    assert [mail.address for mail in await books.due()] == [OPERATOR, "two@example.com"]
    (second,) = await books.mails(2)
    assert second.news == ChannelLocked(channel="200", error=ERROR, own=False)
    await books.store.set_mail(2, None)
    await books.store.open_channel("200", NOW)
    assert (await books.mails(2))[-1].address == OPERATOR


@pytest.mark.parametrize("addresses", [None, Addresses()])
async def test_without_an_address_nothing_is_written(
    open_books: Open, addresses: Addresses | None
) -> None:
    books = open_books(addresses)
    await books.store.add_channel(Channel(id="100", user=1, token="studio"), NOW)
    assert await books.store.lock_channel("100", ERROR, NOW)
    assert await books.store.open_channel("100", NOW)
    assert await books.mails() == []
    assert await books.outbox.next_due() is None


async def test_mails_about_one_thing_go_out_one_after_another(books: Books) -> None:
    await books.store.lock_channel("100", ERROR, NOW)
    await books.store.open_channel("100", NOW + 1)
    await books.store.lock_channel("200", ERROR, NOW + 2)
    later = NOW + 10
    first, other = await books.due(later)
    assert [mail.user for mail in (first, other)] == [1, 2]
    await books.outbox.unsent(first.id, "busy", later, later + 5)
    assert [mail.id for mail in await books.due(later)] == [other.id]
    await books.outbox.sent(other.id, later)
    assert await books.outbox.next_due() == later + 5
    await books.outbox.sent(first.id, later + 5)
    (second,) = await books.due(later + 5)
    assert isinstance(second.news, ChannelOpened)


async def test_what_was_not_taken_is_due_again_until_it_is_given_up(books: Books) -> None:
    await books.store.lock_channel("100", ERROR, NOW)
    await books.store.open_channel("100", NOW)
    (mail,) = await books.due()
    await books.outbox.unsent(mail.id, "busy", NOW, NOW + 5)
    assert await books.due(NOW + 4) == []
    (again,) = await books.due(NOW + 5)
    assert (again.id, again.attempts, again.error) == (mail.id, 1, "busy")
    await books.outbox.unsent(mail.id, "refused", NOW + 5, None)
    given_up, following = await books.mails()
    assert (given_up.state, given_up.attempts, given_up.error) == ("failed", 2, "refused")
    assert (given_up.settled, given_up.due) == (NOW + 5, None)
    assert await books.due(NOW + 5) == [following]


async def test_what_is_sent_stays_sent(books: Books) -> None:
    await books.store.lock_channel("100", ERROR, NOW)
    (mail,) = await books.due()
    await books.outbox.sent(mail.id, NOW)
    await books.outbox.unsent(mail.id, "too late", NOW, NOW)
    (sent,) = await books.mails()
    assert (sent.state, sent.settled, sent.error) == ("sent", NOW, None)
    assert await books.due(NOW + DAY) == []


async def test_settled_mails_are_dropped_with_time_pending_ones_stay(books: Books) -> None:
    for id in ("100", "200"):
        await books.store.lock_channel(id, ERROR, NOW)
    first, second = await books.due()
    await books.outbox.sent(first.id, NOW)
    assert await books.store.prune_mails(NOW, 9) == 0
    assert await books.store.prune_mails(NOW + 1, 9) == 1
    assert [mail.id for mail in await books.due()] == [second.id]


async def test_an_outage_of_a_day_is_told_once(books: Books) -> None:
    await books.called(ANSWERED, NOW)
    await books.called(CUT_OFF, NOW + DAY - 1)
    assert await books.mails() == []
    await books.called(CUT_OFF, NOW + DAY)
    await books.called(ANSWERED, NOW + 2 * DAY)
    (mail,) = await books.mails()
    assert mail.news == WebhookFailing(url=SHOWN, since=NOW, error="Connection refused")


async def test_a_delivery_that_gets_through_ends_the_outage(books: Books) -> None:
    heard = Attempt(at=NOW, ms=1, status=204)
    await books.called(ANSWERED, NOW)
    await books.called(heard, NOW + HOUR)
    await books.called(ANSWERED, NOW + DAY)
    assert await books.mails() == []
    for begin in (NOW + 2 * DAY, NOW + 9 * DAY):
        await books.called(ANSWERED, begin)
        await books.called(ANSWERED, begin + DAY)
        await books.called(heard, begin + DAY + HOUR)
    assert [mail.news.since for mail in await books.mails()] == [NOW + DAY, NOW + 9 * DAY]  # type: ignore[union-attr]


async def test_urls_that_differ_in_their_query_are_one_receiver(books: Books) -> None:
    for number in range(5):
        await books.called(ANSWERED, NOW, f"{SHOWN}?job={number}")
        await books.called(ANSWERED, NOW + DAY, f"{SHOWN}?job={number}")
    assert len(await books.mails()) == 1


async def test_an_outage_is_told_once_there_is_an_address(open_books: Open) -> None:
    books = open_books(Addresses())
    await books.store.add_channel(Channel(id="100", user=1, token="studio"), NOW)
    await books.called(ANSWERED, NOW)
    await books.called(ANSWERED, NOW + DAY)
    assert await books.mails() == []
    await books.store.set_mail(1, "one@example.com")
    await books.called(ANSWERED, NOW + DAY + HOUR)
    (mail,) = await books.mails()
    assert (mail.address, mail.news) == (
        "one@example.com",
        WebhookFailing(url=SHOWN, since=NOW, error="The receiver answered 503"),
    )


async def test_an_address_that_nothing_is_sent_to_is_forgotten(books: Books) -> None:
    await books.called(ANSWERED, NOW)
    await books.store.prune_mails(NOW + 1, 9)
    await books.called(ANSWERED, NOW + 40 * DAY)
    assert await books.mails() == []


async def test_no_secret_reaches_the_rows(books: Books) -> None:
    await books.called(ANSWERED, NOW)
    await books.called(ANSWERED, NOW + DAY)
    await books.store.lock_channel("200", ERROR, NOW)
    with closing(sqlite3.connect(books.path)) as connection:
        rows = [
            str(row)
            for table in ("mails", "failing")
            for row in connection.execute(f"SELECT * FROM {table}").fetchall()
        ]
    assert len(rows) == 3
    for secret in ("a-discord-token", "secret", "hush"):
        assert not any(secret in row for row in rows)


async def test_of_one_host_there_is_one_mail_a_day(books: Books) -> None:
    base = "https://hooks.example.com/"
    for n in range(3):
        await books.called(CUT_OFF, NOW, f"{base}{n}")
    for n in range(3):
        await books.called(CUT_OFF, NOW + DAY, f"{base}{n}")
    assert [mail.about for mail in await books.mails()] == [f"webhook {base}0"]
    await books.called(CUT_OFF, NOW + 2 * DAY, f"{base}1")
    assert [mail.about for mail in await books.mails()] == [
        f"webhook {base}0",
        f"webhook {base}1",
    ]
