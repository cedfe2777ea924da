"""A bot in a process of its own, for `test_restart.py` to kill; it prints what happens.

Arguments: the folder, then the prompts to imagine. Afterwards it paints until it is killed.
"""

import asyncio
import sys
from pathlib import Path

from heliograph.midjourney import interactions
from heliograph.studio.bot import Bot
from heliograph.studio.link import StudioLink
from heliograph.studio.painters.blank import BlankPainter


class DiskFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def publish(
        self, key: str, data: bytes, content_type: str, *, same_as: str | None = None
    ) -> str:
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"/media/{key}"

    async def fetch(self, url: str) -> bytes:
        return (self._folder / url.removeprefix("/media/")).read_bytes()

    async def read(self, url: str) -> bytes:
        return await self.fetch(url)


async def main(folder: Path, prompts: list[str]) -> None:
    painter = BlankPainter(1.0, slots=2)
    files = DiskFiles(folder / "media")
    bot = await Bot.open(folder / "studio.db", painter, files, update_seconds=0.05)
    async with bot:
        link = await StudioLink.open(bot, "studio")
        feed = link.dispatches()
        for n, prompt in enumerate(prompts):
            await link.interact(interactions.imagine(link.channel, prompt, f"{n:019}"))
            print("taken", prompt, flush=True)
        async for dispatch in feed:
            print(dispatch.type, dispatch.data.get("content"), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
