"""The files of a finished job, fetched without overwriting anybody's."""

from pathlib import Path

from heliograph.cli.ending import Quit
from heliograph.client import ApiError, Client, Job, files
from heliograph.client.saving import free


class Pictures:
    """What to save of one job. Fetched again after a lost connection, it goes on where it was."""

    def __init__(self, job: Job, out: Path) -> None:
        names = [name for name, _ in files(job)]
        if not names:
            raise Quit("the job is completed, but its answer has no pictures or clips.")
        self.paths = free(out, names)
        self._saved = 0

    def fetch(self, client: Client, job: Job) -> None:
        """Saves what is not saved yet, from the URLs in `job`: another server has others."""
        for path, (_, url) in list(zip(self.paths, files(job), strict=False))[self._saved :]:
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
