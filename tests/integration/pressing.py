"""A user who presses buttons over HTTP, and looks at the files that come of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import av
import httpx2
import pytest
from PIL import Image, ImageChops, ImageStat

import diorama
from heliograph.midjourney import buttons
from heliograph.studio import sizes
from tests.integration.conftest import V3, Running

Job = dict[str, Any]
Size = tuple[int, int]
Box = tuple[float, float, float, float]


def apart(picture: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, 0 to 255, the second at the size of the first."""
    other = other.resize(picture.size, Image.Resampling.BOX)
    return sum(ImageStat.Stat(ImageChops.difference(picture, other)).mean) / 3


def part(picture: Image.Image, box: Box) -> Image.Image:
    """What `box` shows of a picture, in shares of its width and height."""
    width, height = picture.size
    left, top, right, bottom = box
    edges = left * width, top * height, right * width, bottom * height
    return picture.crop((round(edges[0]), round(edges[1]), round(edges[2]), round(edges[3])))


def quarters(grid: Image.Image) -> list[Image.Image]:
    """The four pictures of a grid, in reading order."""
    return [part(grid, (x, y, x + 0.5, y + 0.5)) for y in (0, 0.5) for x in (0, 0.5)]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def file_of(picture: Image.Image, form: str = "PNG") -> bytes:
    out = BytesIO()
    picture.save(out, form)
    return out.getvalue()


def mask_of(size: Size, box: tuple[int, int, int, int]) -> Image.Image:
    """A mask of that size, white in a box of pixels."""
    mask = Image.new("L", size)
    mask.paste(255, box)
    return mask


@contextmanager
def small() -> Iterator[None]:
    """Pictures and clips of a size that costs little."""
    sides = {"SQUARE": 128, "AREA": 192 * 128, "STEP": 4, "PREVIEW": 320, "CLIP": 80}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sides.items():
            patch.setattr(sizes, name, value)
        yield


@dataclass(frozen=True)
class Film:
    """A clip as a player sees it."""

    size: Size
    frames: list[Image.Image]

    def goes_on(self, before: "Film") -> bool:
        """Whether it is the clip before it, frame by frame, and then more of it without a jump."""
        count = len(before.frames)
        pairs = zip(before.frames, self.frames, strict=False)
        after = self.frames[count - 1 : count + 1]
        return all(apart(*pair) == 0 for pair in pairs) and 0 < apart(*after) < 8


def film(data: bytes) -> Film:
    with av.open(BytesIO(data), "r") as container:
        pixels = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    frames = [Image.fromarray(one) for one in pixels]
    return Film(frames[0].size, frames)


class Presser:
    """Makes jobs of one server, and checks of each what holds for all of them."""

    def __init__(self, server: Running, plain: httpx2.AsyncClient) -> None:
        self.server = server
        self._plain = plain

    async def post(
        self, verb: str, body: dict[str, Any], *, files: Any = None, status: int = 201
    ) -> Job:
        """The job that a call answers with, once it has ended; with `files` the call is a form."""
        sent = {"data": body, "files": files} if files else {"json": body}
        answer = await self.server.client.post(f"{V3}/jobs/{verb}", **sent)
        assert answer.status_code == status, answer.text
        job = await self.server.ended(answer.json()["jobid"])
        assert (job["status"], job["code"]) == ("completed", 200), job.get("errorDetails")
        assert job["verb"] == verb
        return job

    async def imagine(self, prompt: str) -> Job:
        return await self.checked(await self.post("imagine", {"prompt": prompt, "stream": False}))

    async def press(self, parent: Job, label: str, **fields: Any) -> Job:
        """The job of a press, and the parent tells of it afterwards."""
        asked = {"jobId": parent["jobid"], "button": label, **fields}
        made = await self.checked(await self.post("button", {**asked, "stream": False}))
        shown = {**asked, "stream": False} | ({"mask": "blob"} if "mask" in fields else {})
        assert made["request"] == shown
        after = (await self.server.job(parent["jobid"]))["response"]
        child = {"verb": "button", "button": label, "status": "completed"}
        assert after["children"][made["jobid"]] == {**child, "created": made["created"]}
        once = label if label in buttons.ONCE else None
        assert after["executeOnce"].get(label) == (made["jobid"] if once else None)
        return made

    async def checked(self, job: Job) -> Job:
        """The job, when its type, its files' sizes and its single files are as they are told."""
        response = job["response"]
        [file] = response["attachments"]
        video = job["jobType"] == "video"
        assert job["jobid"][20] == ("v" if video else "i")
        assert response["progress_percent"] == 100
        assert ("videoUx" in response, "imageUx" in response) == (video, not video)
        data = await self.data(file["url"])
        size = film(data).size if file["filename"].endswith(".mp4") else opened(data).size
        assert size == (file["width"], file["height"])
        assert len(data) == file["size"]
        return job

    async def data(self, url: str) -> bytes:
        """What anybody gets who knows the URL."""
        answer = await self._plain.get(url)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def file(self, job: Job) -> bytes:
        return await self.data(job["response"]["attachments"][0]["url"])

    async def picture(self, job: Job) -> Image.Image:
        return opened(await self.file(job))

    async def singles(self, job: Job) -> list[bytes]:
        """The files of `imageUx` or `videoUx`, in their order."""
        response = job["response"]
        listed = response.get("imageUx") or response["videoUx"]
        assert [one["id"] for one in listed] == [*range(1, len(listed) + 1)]
        return [await self.data(one["url"]) for one in listed]

    async def cells(self, grid: Job, size: Size) -> list[Image.Image]:
        """The four pictures of a grid, which also lie apart, and are no two the same."""
        whole = await self.picture(grid)
        assert whole.size == (2 * size[0], 2 * size[1])
        cells = quarters(whole)
        apiece = [opened(data) for data in await self.singles(grid)]
        assert [one.size for one in apiece] == [size] * 4
        assert all(apart(*pair) < 6 for pair in zip(cells, apiece, strict=True))
        assert len({cell.tobytes() for cell in cells}) == 4
        return cells

    async def single(self, job: Job, size: Size) -> Image.Image:
        """The one picture of a job, which lies apart too."""
        picture = await self.picture(job)
        [apiece] = [opened(data) for data in await self.singles(job)]
        assert picture.size == apiece.size == size
        assert apart(picture, apiece) < 6
        return picture

    async def words(self, job: Job) -> list[str]:
        """The prompts that the painter wrote into a picture's file, one for each cell."""
        return [scene.prompt for scene in diorama.recognise(await self.file(job))]
