"""Takes a job's command to the bot, in as many steps as it needs.

    imagine, settings …   command
    blend, describe       read the pictures ─▶ upload them ─▶ command
    button                press ─▶ (a form, or the region editor, opens) ─▶ fill it in
    seed                  show the job again ─▶ (it is shown) ─▶ react with an envelope

Whether a press opens a form depends on the account's settings, so none is expected by name: the
bot either opens one, by our nonce, or answers with a message. What it waits for is told by whoever
hears the channel, who must not be blocked meanwhile.
"""

import asyncio
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
_FORM_PRESSES = ("MJ::CustomZoom::", "MJ::Inpaint::")

_Answer = Dispatch | Message
_Waiting = asyncio.Future[_Answer | None]


def form_nonce(job: Job) -> str:
    """The nonce with which a form of the job's is submitted."""
    return interactions.nonce(job.nonce, "form")


class Sender:
    """The jobs whose sending is under way. How long a form, or a shown job, is waited for is told
    in seconds."""

    def __init__(
        self, wire: Wire, files: Files, *, form_seconds: float, shown_seconds: float
    ) -> None:
        self._wire = wire
        self._files = files
        self._form_seconds = form_seconds
        self._shown_seconds = shown_seconds
        self._waiting: dict[str, _Waiting] = {}

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

    def opened(self, id: str, form: Dispatch) -> None:
        """A form or a frame came for the job."""
        self._answer(id, form)

    def heard(self, job: Job, message: Message) -> None:
        """A message came for the job."""
        if job.verb != "seed" or _shows(message, job.inputs["uuid"]):
            self._answer(job.id, message)

    def drop(self, id: str) -> None:
        """The job has ended: nobody waits for it any longer."""
        self._answer(id, None)

    def _answer(self, id: str, answer: _Answer | None) -> None:
        waiting = self._waiting.get(id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def _asked(self, job: Job, payload: dict[str, Any], seconds: float) -> _Answer | None:
        """Sends an interaction and waits for what answers it; None when the job was dropped.

        Raises TimeoutError.
        """
        # The answer may come before the call returns.
        waiting: _Waiting = asyncio.get_running_loop().create_future()
        self._waiting[job.id] = waiting
        try:
            await self._wire.interact(payload)
            async with asyncio.timeout(seconds):
                return await waiting
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
        if form.type == FRAME:
            if mask is None:
                raise errors.Upstream("The upstream asked for a mask, and the job has none")
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
            await self._wire.react(str(shown["id"]), ENVELOPE)


def _prompt_of(job: Job) -> str:
    return content.read(job.inputs["message"].get("content") or "").prompt


def _shows(message: Message, uuid: str) -> bool:
    return bool(message.get("attachments")) and content.uuid_of(message) == uuid
