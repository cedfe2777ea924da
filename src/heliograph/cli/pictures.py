"""The files of a finished job: their names, and fetching them without overwriting anybody's."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from heliograph.cli.ending import Quit
from heliograph.client import ApiError, Client, Job

# Most file systems end at 255 bytes; this leaves room for a number and an ending.
STEM_LETTERS = 180


class Pictures:
    """What to save of one job. Fetched again after a lost connection, it goes on where it was."""

    def __init__(self, job: Job, out: Path) -> None:
        names = [name for name, _ in _sources(job)]
        if not names:
            raise Quit("the job is completed, but its answer has no pictures.")
        self.paths = _free(out, names)
        self._saved = 0

    def fetch(self, client: Client, job: Job) -> None:
        """Saves what is not saved yet, from the URLs in `job`: another server has others."""
        for path, (_, url) in list(zip(self.paths, _sources(job), strict=False))[self._saved :]:
            try:
                client.download(url, path)
            except OSError as error:
                raise Quit(f"{path} can't be written: {error.strerror}.") from error
            except ApiError as error:
                raise Quit(f"{path.name} can't be fetched: {error}") from error
            self._saved += 1


def make_folder(out: Path) -> None:
    """Before the job is paid for: its pictures must have a place to go."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Quit(f"the folder {out} can't be made: {error.strerror}.") from error


def _sources(job: Job) -> list[tuple[str, str]]:
    """(file name, URL) of the grid and of its single pictures or clips."""
    response: dict[str, Any] = job.get("response") or {}
    attachments = response.get("attachments") or []
    if not attachments:
        return []
    grid = attachments[0]["url"]
    name = file_name(grid, job.get("jobid", "grid"))
    stem = PurePosixPath(name).stem
    singles = response.get("imageUx") or response.get("videoUx") or []
    return [(name, grid)] + [
        (f"{stem}_{single['id']}{_ending(single['url'])}", single["url"]) for single in singles
    ]


def file_name(url: str, otherwise: str) -> str:
    """The last segment of a URL's path as a name that is safe in any folder."""
    last = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    safe = re.sub(r"[^\w.-]+", "_", last).strip("._-")
    path = PurePosixPath(safe or re.sub(r"[^\w.-]+", "_", otherwise))
    return path.stem[:STEM_LETTERS] + path.suffix[:10]


def _ending(url: str) -> str:
    suffix = PurePosixPath(urlsplit(url).path).suffix
    return suffix if re.fullmatch(r"\.\w{1,8}", suffix) else ".jpeg"


def _free(out: Path, names: list[str]) -> list[Path]:
    """The names in `out`, all with the same number if any of them is taken there."""
    return next(
        paths
        for paths in ([out / name for name in numbered] for numbered in _numbered(names))
        if not any(path.exists() for path in paths)
    )


def _numbered(names: list[str]) -> Iterator[list[str]]:
    yield names
    for number in itertools.count(2):
        paths = [PurePosixPath(name) for name in names]
        yield [f"{path.stem}-{number}{path.suffix}" for path in paths]
