"""The client for blocking code."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Unpack

from heliograph.client import requests
from heliograph.client.answers import Job, files
from heliograph.client.commands import (
    Blend,
    Button,
    Command,
    Describe,
    Dimensions,
    Image,
    Options,
    Seed,
    Setting,
)
from heliograph.client.events import Cursor, Event, EventParser, read
from heliograph.client.saving import free
from heliograph.client.transport import Transport

OnEvent = Callable[[Event], None]


class Client(Transport):
    """A server, seen from blocking code.

    `base_url` and `token` fall back to HELIOGRAPH_URL and HELIOGRAPH_TOKEN. `backoff` holds the
    pauses before each new try to go on with a stream whose connection was lost.

    The methods that are named after a verb submit a job and wait for its final state, whichever
    that is. `submit` and `stream` take the same as a prompt or a command, such as
    `Button(jobid, "U1")`, and don't wait.
    """

    def imagine(
        self, prompt: str, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        """Paints `prompt`: a grid of four pictures."""
        return self.run(prompt, on_event, **options)

    def button(
        self,
        jobid: str,
        label: str,
        on_event: OnEvent | None = None,
        *,
        prompt: str | None = None,
        mask: Path | str | bytes | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Presses a button of a finished job, one of its `response.buttons`.

        `prompt` is for Custom Zoom and remix mode, `mask` (a file or its bytes: white is painted
        anew) for Vary (Region).
        """
        return self.run(Button(jobid, label, prompt, mask), on_event, **options)

    def blend(
        self,
        images: Sequence[Image],
        dimensions: Dimensions | None = None,
        on_event: OnEvent | None = None,
        **options: Unpack[Options],
    ) -> Job:
        """Makes one picture of two to five, each a URL, a file's path, or its bytes."""
        return self.run(Blend(images, dimensions), on_event, **options)

    def describe(
        self, image: Image, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        """Has prompts written for a picture; `prompts` reads them off the job."""
        return self.run(Describe(image), on_event, **options)

    def seed(self, jobid: str, **options: Unpack[Options]) -> Job:
        """Asks for a finished job's seed; it is `response.seed` of the job returned."""
        return self.run(Seed(jobid), **options)

    def settings(self, **options: Unpack[Options]) -> Job:
        """Shows the bot's settings, as `response.settings`."""
        return self.run(Setting("settings"), **options)

    def info(self, **options: Unpack[Options]) -> Job:
        """Shows the account's usage, queue and speed."""
        return self.run(Setting("info"), **options)

    def fast(self, **options: Unpack[Options]) -> Job:
        """Switches to fast mode."""
        return self.run(Setting("fast"), **options)

    def relax(self, **options: Unpack[Options]) -> Job:
        """Switches to relaxed mode."""
        return self.run(Setting("relax"), **options)

    def turbo(self, **options: Unpack[Options]) -> Job:
        """Switches to turbo mode."""
        return self.run(Setting("turbo"), **options)

    def remix(self, **options: Unpack[Options]) -> Job:
        """Switches remix mode on or off."""
        return self.run(Setting("remix"), **options)

    def variability(self, **options: Unpack[Options]) -> Job:
        """Switches between strong and subtle variations."""
        return self.run(Setting("variability"), **options)

    def run(
        self, what: str | Command, on_event: OnEvent | None = None, **options: Unpack[Options]
    ) -> Job:
        """Submits a prompt or a command and waits; returns the job in its final state."""
        final: Job = {}
        for event in self.stream(what, **options):
            if on_event is not None:
                on_event(event)
            final = event.get("job", final)
        return final

    def submit(self, what: str | Command, **options: Unpack[Options]) -> Job:
        """Submits a prompt or a command; returns its job without waiting for it."""
        return self._object(requests.submission(what, options, stream=False))

    def stream(self, what: str | Command, **options: Unpack[Options]) -> Iterator[Event]:
        """Submits a prompt or a command; yields its events up to the final one.

        A connection lost on the way is replaced by one that resumes; it is submitted once.
        """
        submission = requests.submission(what, options, stream=True)
        yield from self._followed(Cursor(self._backoff, submission=submission))

    def follow(self, jobid: str, *, after: int | str | None = None) -> Iterator[Event]:
        """Yields the events of a job that come after the one with id `after` (None: all).

        Resumes by itself after a lost connection, and ends with the final event.
        """
        yield from self._followed(Cursor(self._backoff, jobid=jobid, after=after))

    def tail(self, on_open: Callable[[], None] | None = None) -> Iterator[Event]:
        """Yields the events of all jobs from now on; `on_open` is called once none is missed.

        For looking on: when the connection ends, it raises Lost, and can't be resumed.
        """
        parser = EventParser()
        for chunk in self._chunks(requests.tail()):
            if on_open is not None:
                on_open()
                on_open = None
            yield from map(read, parser.feed(chunk))

    def get(self, jobid: str) -> Job:
        """The job as it is now."""
        return self._object(requests.job(jobid))

    def jobs(self) -> dict[str, Any]:
        """The running jobs of all channels, with their counts and limits."""
        return self._object(requests.jobs())

    def cancel(self, jobid: str) -> None:
        """Cancels a running job; ApiError 409 if it has ended."""
        self._call(requests.cancel(jobid))

    def accounts(self) -> dict[str, Any]:
        """The configured channels by their id."""
        return self._object(requests.accounts())

    def account(self, channel: str) -> dict[str, Any]:
        """One configured channel."""
        return self._object(requests.account(channel))

    def configure(
        self, token: str, *, reply_url: str | None = None, **limits: Unpack[requests.Limits]
    ) -> dict[str, Any]:
        """Adds the channel of an account's token, or sets what is said of a known one."""
        return self._object(requests.configure(token, reply_url, limits))

    def delete_account(self, channel: str) -> None:
        """Removes a channel; its running jobs go on."""
        self._call(requests.delete_account(channel))

    def reset(self, channel: str) -> None:
        """Opens a channel again, once a person has resolved what put it in error."""
        self._call(requests.reset(channel))

    def challenge(self, channel: str, kind: requests.ChallengeKind = "moderation") -> None:
        """Has the server's own bot raise trouble on one of its channels, to try that out."""
        self._call(requests.challenge(channel, kind))

    def resolve(self, channel: str) -> None:
        """Ends what `challenge` began; the channel is `reset` apart."""
        self._call(requests.resolve(channel))

    def deliveries(
        self, state: requests.DeliveryState | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """The webhook deliveries, newest first; at most 500."""
        found: list[dict[str, Any]] = self._object(requests.deliveries(state, limit))["deliveries"]
        return found

    def delivery(self, id: int) -> dict[str, Any]:
        """One webhook delivery with its attempts, as `log`."""
        return self._object(requests.delivery(id))

    def replay(self, id: int) -> dict[str, Any]:
        """Has a webhook delivery made again, at once."""
        return self._object(requests.replay(id))

    def signing_secrets(self) -> list[str]:
        """The secrets that sign the webhooks, newest first."""
        secrets: list[str] = self._object(requests.signing_secrets())["secrets"]
        return secrets

    def rotate_secret(self) -> list[str]:
        """Makes a new secret; the ones before it go on signing for a day."""
        secrets: list[str] = self._object(requests.rotate_secret())["secrets"]
        return secrets

    def save(self, job: Job, folder: Path) -> list[Path]:
        """Downloads what a finished job made, in place of no file that is there."""
        sources = files(job)
        paths = free(folder, [name for name, _ in sources])
        for path, (_, url) in zip(paths, sources, strict=True):
            self.download(url, path)
        return paths
