"""A memory that the first release left goes on where it stopped."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest

from heliograph.midjourney import buttons, content, interactions
from heliograph.midjourney.wire import Message
from heliograph.studio.memory import Memory
from heliograph.studio.schema import VERSION

DUMP = Path(__file__).with_name("memory_1.sql")


@pytest.fixture
def old(studio: Any) -> Any:
    """A studio with the first release's memory."""
    with sqlite3.connect(studio.path) as db:
        db.executescript(DUMP.read_text("utf-8"))
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()
    return studio


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Columns and indexes of every table, as SQLite understands them."""
    with sqlite3.connect(path) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {
            name: [
                *db.execute(f'PRAGMA table_info("{name}")'),
                *sorted(row[1:] for row in db.execute(f'PRAGMA index_list("{name}")')),
                *(row[2:] for row in db.execute("PRAGMA table_list") if row[1] == name),
            ]
            for name in names
        }
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()
    return found


async def test_upgraded_tables_are_those_of_a_new_memory(old: Any, tmp_path: Path) -> None:
    await (await Memory.open(old.path)).close()
    await (await Memory.open(tmp_path / "new.db")).close()
    assert tables(old.path) == tables(tmp_path / "new.db")


async def test_nothing_is_lost(old: Any) -> None:
    with sqlite3.connect(old.path) as db:
        before = {
            table: sorted(db.execute(f"SELECT {columns} FROM {table}"))
            for table, columns in KEPT.items()
        }
    db.close()
    await (await Memory.open(old.path)).close()
    with sqlite3.connect(old.path) as db:
        for table, columns in KEPT.items():
            assert sorted(db.execute(f"SELECT {columns} FROM {table}")) == before[table]
            assert before[table], table
    db.close()


KEPT = {
    "account": "token, user, channel, username, settings",
    "interaction": "user, nonce, id",
    "message": "id, channel, ephemeral, deleted, body",
    "queue": "uuid, user, message, ticket, shown",
    "finished": "uuid, job",
    "usage": "user, mode, jobs, images, seconds",
}


async def test_an_upgrade_that_breaks_leaves_the_file_as_it_was(old: Any) -> None:
    with sqlite3.connect(old.path) as db:
        db.execute("INSERT INTO message (id, channel, body) VALUES (7, 'c', x'00')")
        # Nothing is then written before the upgrade breaks but the tables themselves.
        db.execute("DELETE FROM usage")
        before = list(db.iterdump())
    db.close()
    with pytest.raises(msgspec.DecodeError):
        await Memory.open(old.path)
    with sqlite3.connect(old.path) as db:
        assert list(db.iterdump()) == before
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()


async def test_it_goes_on(old: Any) -> None:
    async with old.client() as client:
        running, _, single, grid = await client.link.history()
        final = await client.final(running["id"])
        assert final["content"].endswith("(turbo)")
        assert content.uuid_of(grid)
        assert content.uuid_of(single)

        await client.press(grid, "V1")
        assert "Variations" in (await client.final(grid["id"]))["content"]
        for message, label in ((grid, "U1"), (single, "Vary (Strong)")):
            await client.press(message, label)
            await client.final(message["id"])
        _, info = await client.told(await client.command("info"))
        assert "**Lifetime Usage**: 16 images" in info["embeds"][0]["description"]


@pytest.mark.parametrize("which", [2, 3])
async def test_old_jobs_can_be_shown(old: Any, which: int) -> None:
    async with old.client() as client:
        before: Message = (await client.link.history())[which]
        nonce = await client.run(interactions.show, content.uuid_of(before))
        ack = await client.acknowledged(nonce)
        assert (await client.final(ack["id"]))["content"] == before["content"]


async def test_seed_of_an_old_job(old: Any) -> None:
    async with old.client() as client:
        grid = (await client.link.history())[3]
        await client.link.react(grid["id"], "✉️")
        letter = await client.until(lambda d: "**seed**" in d.data.get("content", ""))
        assert content.read(letter.data["content"]).seed is not None
        assert len(letter.data["attachments"]) == 4
        assert buttons.labels(grid)[:2] == ["U1", "U2"]
