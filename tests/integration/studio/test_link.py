"""The wire itself: history, readers, copies."""

import gc
from typing import Any

import pytest

from heliograph.midjourney.wire import Wire, WireLost
from heliograph.studio import feed
from heliograph.studio.link import StudioLink


def as_wire(link: StudioLink) -> Wire:
    """The type checker's proof that a link is a wire."""
    return link


async def test_same_token_same_account(studio: Any) -> None:
    async with studio.bot() as bot:
        one = await StudioLink.open(bot, "studio")
        other = await StudioLink.open(bot, "studio")
        assert (one.user, one.channel) == (other.user, other.channel)
        assert len(one.user) == len(one.channel) == 19
    async with studio.bot() as bot:
        again = await StudioLink.open(bot, "studio", username="somebody else")
        assert (again.user, again.channel) == (one.user, one.channel)


async def test_history_newest_first_in_pages(studio: Any) -> None:
    async with studio.client() as client:
        finals = [await client.painted(f"number {n}") for n in range(5)]
        newest_first = [final["id"] for final in reversed(finals)]
        history = await client.link.history()
        assert [message["id"] for message in history] == newest_first
        # The history keeps the command's nonce, by which a client that crashed finds its result.
        assert history[0] | {"nonce": None} == finals[-1] | {"nonce": None}
        assert len(history[0]["nonce"]) == 19
        page = await client.link.history(limit=2)
        assert [message["id"] for message in page] == newest_first[:2]
        page = await client.link.history(limit=2, before=page[-1]["id"])
        assert [message["id"] for message in page] == newest_first[2:4]


async def test_nobody_shares_objects(studio: Any, connect: Any) -> None:
    async with studio.client() as client:
        other = connect(client.link)
        final = await client.painted("a shared picture")
        kept = final["content"]
        final["content"] = "scribbled over"
        again = await other.until(lambda d: d.data.get("type") == 0)
        assert again.data["content"] == kept
        [stored] = await client.link.history()
        assert stored["content"] == kept


async def test_closed_link_ends_its_dispatches(studio: Any) -> None:
    async with studio.client() as client:
        await client.painted("the last words")
        await client.next()
        await client.link.close()
        with pytest.raises(StopAsyncIteration):
            await client.next()


async def test_reader_that_is_gone_holds_nothing(studio: Any) -> None:
    async with studio.client() as client:
        client.link.dispatches()
        await client.painted("heard by one")
        gc.collect()
        assert client.link.readers == 1


async def test_reader_too_far_behind_is_told(
    studio: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 6)
    async with studio.client() as client:
        sleeper = connect(client.link)
        for n in range(3):
            await client.painted(f"number {n}")
        with pytest.raises(WireLost):
            await sleeper.until(lambda d: False)


async def test_closed_bot_takes_nothing(studio: Any) -> None:
    async with studio.client() as client:
        pass
    with pytest.raises(WireLost):
        await client.imagine("too late")
