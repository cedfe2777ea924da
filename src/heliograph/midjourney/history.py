"""A channel's history, back to a moment."""

from heliograph.midjourney.elimination import sent_at
from heliograph.midjourney.wire import Message, Wire

PAGE = 100
# A page holds a hundred messages; jobs under way are never this far back.
MAX_PAGES = 20


async def since(wire: Wire, moment: int) -> list[Message]:
    """The channel's messages from `moment` (ms) on, oldest first."""
    found: list[Message] = []
    for _ in range(MAX_PAGES):
        before = found[-1]["id"] if found else None
        page = await wire.history(limit=PAGE, before=before)
        found += page
        if len(page) < PAGE or sent_at(str(page[-1]["id"])) < moment:
            break
    return found[::-1]
