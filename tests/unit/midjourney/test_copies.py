"""Copies of results, by links that may have lapsed."""

from typing import Any

import pytest

from heliograph.midjourney import copies
from heliograph.midjourney.files import FileRefused
from heliograph.midjourney.wire import Message, WireLost
from tests.unit.midjourney.scripted import Pictures, ScriptedBot


class Lapsed(Pictures):
    """Nothing is left behind old links."""

    async def copy(self, attachment: dict[str, Any]) -> dict[str, Any]:
        if attachment["url"] == "old":
            raise FileRefused("Received status code 404")
        return {"url": f"copy of {attachment['url']}"}


class Historian(ScriptedBot):
    """A wire whose history has that message."""

    def __init__(self, *messages: Message, lost: bool = False) -> None:
        super().__init__()
        self._messages = list(messages)
        self._lost = lost

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        if self._lost:
            raise WireLost("the line is cut")
        return [one for one in self._messages if int(one["id"]) < int(before or 0)][:limit]


def message(id: str, url: str) -> Message:
    return {"id": id, "attachments": [{"url": url}]}


async def test_a_link_that_has_lapsed_is_asked_for_anew() -> None:
    wire = Historian(message("9", "new"))
    assert await copies.made(Lapsed(), wire, message("9", "old")) == [{"url": "copy of new"}]


@pytest.mark.parametrize(
    ("wire", "id"),
    [
        (Historian(message("8", "new")), "9"),
        (Historian(), "9"),
        (Historian(message("9", "new"), lost=True), "9"),
        (Historian(message("9", "new")), "no snowflake"),
        (Historian(message("9", "old")), "9"),
    ],
)
async def test_what_nobody_has_any_more_is_refused(wire: Historian, id: str) -> None:
    with pytest.raises(FileRefused):
        await copies.made(Lapsed(), wire, message(id, "old"))
