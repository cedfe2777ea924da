"""Takes a job's command to the bot, in as many steps as it needs.

    imagine, settings …   command
    blend, describe       read the pictures ─▶ upload them ─▶ command
    button                press ─▶ (a form, or the region editor, opens) ─▶ fill it in
    seed                  show the job again ─▶ (it is shown) ─▶ react with an envelope

Whether a press opens a form depends on the account's settings, so none is expected by name: the
bot either opens one, by our nonce, or answers with a message. What it waits for is told by whoever
hears the channel, who must not be blocked meanwhile.

A sending that was cut off between two steps goes on with the second when what it waits for comes
all the same, as it does after a restart. That is safe: whoever fills in a form notes it before, and
never does so again; and a reaction that is there already is not put a second time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from heliograph import errors
from heliograph.job import Job
from heliograph.midjourney import content, interactions
from heliograph.midjourney.files import Files
from heliograph.midjourney.interactions import File
from heliograph.midjourney.wire import Dispatch, Message, Wire, WireLost, WireRefused

# Facts of other programs: a form comes at once or not at all; a job is shown within minutes.
FORM_SECONDS = 60.0
SHOWN_SECONDS = 180.0

ENVELOPE = "✉️"
_FORM, FRAME = "INTERACTION_MODAL_CREATE", "INTERACTION_IFRAME_MODAL_CREATE"
FORMS = frozenset({_FORM, FRAME})
_TOKEN = "MJ::iframe::"  # noqa: S105
# These presses do nothing but open one.
_FORM_PRESSES = ("MJ::CustomZoom::", "MJ::Inpaint::")
FORM_LOST = (
    "The connection broke before the form that the press opens was filled in, so nothing was"
    " made: press again"
)

Answer = Dispatch | Message
_Waiting = asyncio.Future[Answer | None]
Filling = Callable[[Job], Awaitable[Job | None]]
"""Notes that a job's form is about to be filled in; None when the job has ended."""


def form_nonce(job: Job) -> str:
    """The nonce with which a form of the job's is submitted."""
    return interactions.nonce(job.nonce, "form")


class Sender:
    """The jobs whose sending is under way. How long a form, or a shown job, is waited for is told
    in seconds."""

    def __init__(
        self,
        wire: Wire,
        files: Files,
        filling: Filling,
        *,
        form_seconds: float,
        shown_seconds: float,
    ) -> None:
        self._wire = wire
        self._files = files
        self._filling = filling
        self._form_seconds = form_seconds
        self._shown_seconds = shown_seconds
        self._waiting: dict[str, _Waiting] = {}
        # Jobs whose last step is being taken or has been, and what came for others when nobody
        # waited.
        self._done: set[str] = set()
        self._halfway: dict[str, Answer] = {}

    async def send(self, job: Job) -> None:
        """Returns when the last step is taken, or the job has been dropped meanwhile.

        Raises WireRefused, WireLost, FileRefused, and errors.Upstream where the bot didn't do its
        part in time.
        """
        channel = self._wire.channel
        match job.verb:
            case "imagine":
                prompt = job.request["prompt"]
                await self._wire.interact(interactions.imagine(channel, prompt, job.nonce))
            case "blend":
                files, shape = await self._uploaded(job), job.inputs["dimensions"]
                await self._wire.interact(interactions.blend(channel, files, shape, job.nonce))
            case "describe":
                (file,) = await self._uploaded(job)
                await self._wire.interact(interactions.describe(channel, file, job.nonce))
            case "button":
                await self._press(job)
            case "seed":
                await self._ask_seed(job)
            case "remix" | "variability":
                await self._wire.interact(interactions.prefer(channel, job.verb, job.nonce))
            case _:
                await self._wire.interact(interactions.command(job.verb, channel, job.nonce))

    async def go_on(self, job: Job, answer: Answer) -> None:
        """Takes the step that follows that answer, one of `halfway`. Raises as `send` does."""
        if isinstance(answer, Dispatch):
            await self._fill(job, answer, await self._mask(job))
        else:
            await self._react(job, answer)

    def halfway(self) -> dict[str, Answer]:
        """What came for jobs whose sending was cut off before; each is told once."""
        halfway, self._halfway = self._halfway, {}
        self._done.update(halfway)
        return halfway

    def may_go_on(self, id: str) -> bool:
        """Whether the job is one of `halfway`."""
        return id in self._halfway

    def opened(self, job: Job) -> None:
        """A form or a frame may have come for the job: its row has it, so that none gets lost."""
        if "form" in job.inputs and not self.filled(job):
            form = Dispatch(**job.inputs["form"])
            if not self._answer(job.id, form):
                self._halfway[job.id] = form

    def heard(self, job: Job, message: Message) -> None:
        """A message came for the job."""
        if job.verb != "seed":
            self._answer(job.id, message)
            return
        shown = _shows(message, job.inputs["uuid"])
        if shown and not self._answer(job.id, message) and job.id not in self._done:
            self._halfway[job.id] = message

    def filled(self, job: Job) -> bool:
        """Whether the form that the job's press opened may have been filled in."""
        return job.id in self._done or "filled" in job.inputs

    def doubt(self, job: Job) -> errors.Upstream:
        """Why a job is given up of which nothing was heard."""
        opens = job.inputs.get("custom_id", "").startswith(_FORM_PRESSES)
        never_asked = opens and not self.filled(job)
        return errors.Upstream(FORM_LOST) if never_asked else errors.UpstreamUnknown()

    def drop(self, id: str) -> None:
        """The job has ended: nobody waits for it any longer."""
        self._answer(id, None)
        self._done.discard(id)
        self._halfway.pop(id, None)

    def _answer(self, id: str, answer: Answer | None) -> bool:
        """Whether somebody waits for it, or has just done so."""
        waiting = self._waiting.get(id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)
        return waiting is not None

    async def _asked(self, job: Job, payload: dict[str, Any], seconds: float) -> Answer | None:
        """Sends an interaction and waits for what answers it; None when the job was dropped.

        Raises TimeoutError.
        """
        # The answer may come before the call returns.
        waiting: _Waiting = asyncio.get_running_loop().create_future()
        self._waiting[job.id] = waiting
        try:
            await self._wire.interact(payload)
            # An answer that comes in the last moment counts: `wait` doesn't take it away.
            await asyncio.wait([waiting], timeout=seconds)
            if not waiting.done():
                raise TimeoutError
            return waiting.result()
        finally:
            del self._waiting[job.id]

    async def _uploaded(self, job: Job) -> list[File]:
        uploaded = []
        for image in job.inputs["images"]:
            name, content_type, data = await self._files.read(image)
            uploaded.append(File(name, await self._upload(name, data, content_type)))
        return uploaded

    async def _upload(self, name: str, data: bytes, content_type: str) -> str:
        try:
            return await self._wire.upload(name, data, content_type)
        except WireLost as lost:
            # No command has been sent yet, so there is no doubt whether the bot took it.
            raise WireRefused(502, {"message": f"the upload of {name} broke off: {lost}"}) from lost

    async def _press(self, job: Job) -> None:
        message, custom_id = job.inputs["message"], job.inputs["custom_id"]
        mask = await self._mask(job)
        payload = interactions.press(message, custom_id, job.nonce)
        try:
            answer = await self._asked(job, payload, self._form_seconds)
        except TimeoutError as error:
            if custom_id.startswith(_FORM_PRESSES):
                raise errors.Upstream(
                    f"The upstream opened no form within {self._form_seconds:.0f} seconds of the"
                    " press"
                ) from error
            return
        if isinstance(answer, Dispatch):
            await self._fill(job, answer, mask)

    async def _fill(self, job: Job, form: Dispatch, mask: bytes | None) -> None:
        prompt: str | None = job.inputs.get("prompt")
        if form.type == FRAME and mask is None:
            raise errors.Upstream("The upstream asked for a mask, and the job has none")
        self._done.add(job.id)
        if await self._filling(job) is None:
            return
        if form.type == FRAME and mask is not None:
            token = str(form.data["custom_id"]).removeprefix(_TOKEN)
            await self._wire.submit_inpaint(token, mask, prompt or _prompt_of(job))
            return
        where = {"channel_id": self._wire.channel}
        await self._wire.interact(interactions.submit(where | form.data, prompt, form_nonce(job)))

    async def _mask(self, job: Job) -> bytes | None:
        key = job.inputs.get("mask")
        if key is None:
            return None
        _, _, data = await self._files.read(
            {"key": key, "filename": "mask.png", "content_type": "image/png"}
        )
        return data

    async def _ask_seed(self, job: Job) -> None:
        payload = interactions.show(self._wire.channel, job.inputs["uuid"], job.nonce)
        try:
            shown = await self._asked(job, payload, self._shown_seconds)
        except TimeoutError as error:
            raise errors.Upstream(
                f"The upstream did not show the job within {self._shown_seconds:.0f} seconds"
            ) from error
        if isinstance(shown, dict):
            await self._react(job, shown)

    async def _react(self, job: Job, shown: Message) -> None:
        self._done.add(job.id)
        await self._wire.react(str(shown["id"]), ENVELOPE)


def _prompt_of(job: Job) -> str:
    return content.read(job.inputs["message"].get("content") or "").prompt


def _shows(message: Message, uuid: str) -> bool:
    return bool(message.get("attachments")) and content.uuid_of(message) == uuid
