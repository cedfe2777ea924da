"""What bad input meets: a server with jobs of every kind to press on, and a watch over what may not
change."""

import sqlite3
from contextlib import closing
from typing import Any

import httpx2

from heliograph import wiring
from tests.contract_table import NO_JOB, V3
from tests.integration.states import Calls


class Scene:
    """A server with jobs of every kind to press on, and what may not change."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.client = calls.server.client
        self.names: dict[str, str] = {}
        self.size = (0, 0)

    async def prepare(self) -> None:
        calls, names = self.calls, self.names
        names["channel"] = await calls.channel()
        names["grid"] = await calls.parent()
        single = await calls.made("button", {"jobId": names["grid"], "button": "U1"})
        names["single"] = single["jobid"]
        shown = single["response"]["attachments"][0]
        self.size = (shown["width"], shown["height"])
        names["video"] = (await self.made_from("single", "Animate (Low motion)"))["jobid"]
        names["failed"] = (await calls.made("imagine", {"prompt": "a cat --fluffy"}))["jobid"]
        names["moderated"] = (await calls.made("imagine", {"prompt": "hentai"}))["jobid"]
        names["info"] = (await calls.made("info", {}))["jobid"]
        names["foreign"] = await self.foreign()
        names["nowhere"] = NO_JOB

    async def made_from(self, parent: str, button: str) -> dict[str, Any]:
        return await self.calls.made("button", {"jobId": self.names[parent], "button": button})

    async def foreign(self) -> str:
        """A finished job of another user's."""
        server = self.calls.server
        async with wiring.offline(server.settings) as offline:
            other = Calls(server, await offline.people.create_token(2, "other"))
        await other.fresh_channel()
        return await other.parent()

    def kept(self) -> tuple[int, list[str]]:
        """How many jobs there are, and what callers have left in the inbox."""
        home = self.calls.server.home
        with closing(sqlite3.connect(home.database, timeout=10)) as database:
            (count,) = database.execute("SELECT COUNT(*) FROM jobs").fetchone()
        inbox = home.media / "inbox"
        return count, sorted(str(path) for path in inbox.rglob("*") if path.is_file())

    def named(self, value: Any) -> Any:
        return value.format_map(self.names) if isinstance(value, str) else value

    async def refused(
        self, verb: str, status: int, sentence: str | None, **request: Any
    ) -> httpx2.Response:
        """The answer, which is all that came of it."""
        before = self.kept()
        answer = await self.client.post(f"{V3}/{verb}", **request)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        said = answer.json()
        assert list(said) == ["error"]
        assert "Traceback" not in said["error"]
        assert "/src/" not in said["error"]
        if sentence is not None:
            assert said["error"] == self.named(sentence)
        assert self.kept() == before
        running = (await self.client.get(f"{V3}/jobs")).json()
        assert running["total"] == 0
        return answer
