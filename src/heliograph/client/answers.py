"""What comes back: answers, and what a job's JSON says of its files and prompts."""

import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2

from heliograph.client.errors import ApiError, refusal

Job = dict[str, Any]

# Most file systems end at 255 bytes; this leaves room for a number and an ending.
STEM_LETTERS = 180
# The bot numbers its prompts with keycap emoji.
KEYCAP = re.compile(r"^\s*[1-9]\ufe0f?\u20e3\s*", re.MULTILINE)


def answer(response: httpx2.Response) -> Any:
    """The JSON of an answer, None for none. Raises ApiError."""
    if not response.is_success:
        raise refusal(response.status_code, response.content)
    if response.status_code == 204:
        return None
    try:
        return json.loads(response.content)
    except ValueError:
        raise ApiError(response.status_code, "The server's answer is not JSON.") from None


def expect_events(response: httpx2.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind != "text/event-stream":
        raise ApiError(response.status_code, "The server's answer is not a stream of events.")


def prompts(job: Job) -> list[str]:
    """The prompts that a finished describe job holds."""
    embeds = (job.get("response") or {}).get("embeds") or [{}]
    texts = KEYCAP.split(embeds[0].get("description") or "")[1:]
    return [text.strip() for text in texts]


def files(job: Job) -> list[tuple[str, str]]:
    """(file name, URL) of what a finished job made: a grid and its single pictures or clips, or
    one picture, or one clip. The names are safe in any folder."""
    response: dict[str, Any] = job.get("response") or {}
    attachments = response.get("attachments") or []
    if not attachments:
        return []
    whole = attachments[0]["url"]
    name = file_name(whole, job.get("jobid", "grid"))
    stem = PurePosixPath(name).stem
    singles = response.get("imageUx") or response.get("videoUx") or []
    listed = [(f"{stem}_{one['id']}{_ending(one['url'], response)}", one["url"]) for one in singles]
    # The only single is the attachment once more.
    return [(name, whole), *(listed if len(listed) > 1 else [])]


def file_name(url: str, otherwise: str) -> str:
    """The last segment of a URL's path as a name that is safe in any folder."""
    last = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    safe = re.sub(r"[^\w.-]+", "_", last).strip("._-")
    path = PurePosixPath(safe or re.sub(r"[^\w.-]+", "_", otherwise))
    return path.stem[:STEM_LETTERS] + path.suffix[:10]


def _ending(url: str, response: dict[str, Any]) -> str:
    suffix = PurePosixPath(urlsplit(url).path).suffix
    if re.fullmatch(r"\.\w{1,8}", suffix):
        return suffix
    return ".jpeg" if response.get("imageUx") else ".mp4"
