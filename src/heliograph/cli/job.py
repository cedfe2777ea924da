"""`heliograph imagine` and `press`: one job, from its submission to its files.

It is submitted once. From then on only the job's id matters: following, saving and
cancelling survive a server that goes away, as long as another can be had on the same data folder.
"""

import contextlib
import json
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import FrameType

from heliograph.cli.connect import Link, explained
from heliograph.cli.ending import FAILED, TERMINATED, Quit, printable
from heliograph.cli.pictures import Pictures, make_folder
from heliograph.cli.progress import Display, Moment, display, moment
from heliograph.client import ApiError, ClientError, Command, Job, Lost, Unreachable

# After Ctrl-C a submission that is on its way gets this long to say its job's id.
LATE_SECONDS = 5
VIEWERS = ("xdg-open", "open")


def run(what: str | Command, link: Link, *, out: Path, as_json: bool, show: bool) -> int:
    """Does it all; returns the exit status. Raises Quit for what a sentence explains."""
    make_folder(out)
    with _terminable(), link:
        try:
            with display(quiet=as_json) as shown:
                shown.show(Moment("starting"))
                job, pictures = _paint(what, link, out, shown)
        except ClientError as error:
            raise Quit(_explained(error)) from error
    return _report(job, pictures, as_json=as_json, show=show)


def _paint(
    what: str | Command, link: Link, out: Path, shown: Display
) -> tuple[Job, Pictures | None]:
    submission = _Submission(what)
    try:
        return _finish(link, submission.send(link), out, shown)
    except KeyboardInterrupt:
        submission.cancel(link)
        raise


class _Submission:
    """The one request that must not be cut in two: interrupted, it would leave a job that nobody
    knows the id of. So it runs in a thread, and Ctrl-C waits for its answer."""

    def __init__(self, what: str | Command) -> None:
        self._what = what
        # A submission that got lost may be sent again: by its key it is known as the same.
        self._key = secrets.token_hex(16)
        self._pending: Future[Job] | None = None

    def send(self, link: Link) -> str:
        """The id of the new job."""
        while True:
            client = link.client()
            # Known before the thread runs: Ctrl-C may come at any moment from then on.
            self._pending = Future()
            submit = partial(client.submit, self._what, key=self._key)
            _settle_in_background(self._pending, submit)
            try:
                return str(self._pending.result()["jobid"])
            except Unreachable as error:
                self._pending = None
                link.lost(error)

    def cancel(self, link: Link) -> None:
        if self._pending is not None:
            with contextlib.suppress(ClientError, TimeoutError):
                _cancel(link, str(self._pending.result(LATE_SECONDS)["jobid"]))


def _cancel(link: Link, jobid: str) -> None:
    """Cancels the job, or says why it couldn't: the command is ending either way."""
    try:
        try:
            link.client().cancel(jobid)
        except Unreachable as error:
            link.lost(error)
            link.client().cancel(jobid)
        print("heliograph: the job is cancelled.", file=sys.stderr)
    except ApiError as error:
        print(f"heliograph: {printable(error.error)}", file=sys.stderr)
    except (ClientError, Quit) as error:
        print(f"heliograph: the job was not cancelled: {printable(str(error))}", file=sys.stderr)


def _finish(link: Link, jobid: str, out: Path, shown: Display) -> tuple[Job, Pictures | None]:
    """Follows the job to its end and fetches its pictures, over as many servers as it takes."""
    walk = _Walk(jobid, out, shown)
    while True:
        try:
            return walk.go_on(link)
        except Unreachable as error:
            link.lost(error)


class _Walk:
    """One job's way to its end, so that a lost server costs nothing that was already done."""

    def __init__(self, jobid: str, out: Path, shown: Display) -> None:
        self._jobid = jobid
        self._out = out
        self._shown = shown
        self._after: int | None = None
        self._moment = Moment("waiting")
        self._ended = False
        self._pictures: Pictures | None = None

    def go_on(self, link: Link) -> tuple[Job, Pictures | None]:
        if not self._ended:
            self._follow(link)
        job = link.client().get(self._jobid)
        if job["status"] != "completed":
            return job, None
        self._shown.show(Moment("saving", 100, self._moment.mode))
        self._pictures = self._pictures or Pictures(job, self._out)
        self._pictures.fetch(link.client(), job)
        return job, self._pictures

    def _follow(self, link: Link) -> None:
        for event in link.client().follow(self._jobid, after=self._after):
            link.progressed()
            self._after = event.get("seq", self._after)
            self._moment = moment(event.get("job") or {}, self._moment)
            self._shown.show(self._moment)
        self._ended = True


def _report(job: Job, pictures: Pictures | None, *, as_json: bool, show: bool) -> int:
    paths = [str(path) for path in pictures.paths] if pictures else []
    if as_json:
        print(json.dumps({**job, "files": paths}, ensure_ascii=False, indent=2))
    if not paths:
        words = [job.get("error") or f"The job ended as {job['status']}", job.get("errorDetails")]
        reason = "\n".join(printable(word) for word in words if word)
        raise Quit(f"{job['status']}: {reason}", FAILED)
    if not as_json:
        print("\n".join(paths))
    if show:
        _open(paths[0])
    return 0


def _open(path: str) -> None:
    viewer = next(filter(None, map(shutil.which, VIEWERS)), None)
    if viewer is None:
        print("heliograph: there is no viewer here (xdg-open or open).", file=sys.stderr)
        return
    nothing = subprocess.DEVNULL
    # A session of its own: closing this terminal must not close the picture.
    subprocess.Popen(  # noqa: S603 - the path is one that this program has just written
        [viewer, path], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )


def _explained(error: ClientError) -> str:
    return explained(error) + (" The job may go on there." if isinstance(error, Lost) else "")


def _settle_in_background(result: Future[Job], call: Callable[[], Job]) -> None:
    def settle() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=settle, name="submission", daemon=True).start()


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the embedded server cleanly instead of leaving its painters behind."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
