"""A bot on paper behind the driver: it answers each step in the recorded shapes, dispatch by
dispatch, in whatever order a test lets its jobs speak."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec

from heliograph import job as jobs
from heliograph.job import Change, Job, Status
from heliograph.midjourney.driver import Driver
from heliograph.midjourney.files import FileRefused
from heliograph.midjourney.reading import Reading
from heliograph.midjourney.wire import Dispatch, Message, Payload, WireLost

Script = Iterator[Dispatch]

BOT = {"id": "936929561302675456", "bot": True}
PROMPT = "**x --v 7.0**"
LOADING, EPHEMERAL = 192, 64
PARENT = "00000000-0000-0000-0000-00000000000a"
CLIPS = "00000000-0000-0000-0000-00000000000c"
REGION = f"MJ::Inpaint::1::{PARENT}::SOLO"
CUSTOM_ZOOM = f"MJ::CustomZoom::{PARENT}"


def grid(id: str = "50", uuid: str = PARENT) -> Message:
    """A finished grid under which everything can be pressed."""
    ids = [f"MJ::JOB::{name}::{n}::{uuid}" for name in ("upsample", "variation") for n in range(5)]
    ids += [f"MJ::JOB::video_virtual_upscale::{n}::{uuid}" for n in range(1, 5)]
    ids += [REGION, CUSTOM_ZOOM]
    return {
        "id": id,
        "channel_id": "5",
        "author": BOT,
        "content": f"{PROMPT} - <@1> (fast)",
        "attachments": [{"filename": f"user_x_{uuid}.png"}],
        "components": [{"type": 2, "style": 2, "label": id, "custom_id": id} for id in ids],
    }


class Pictures:
    """Files whose bytes are their own names."""

    def __init__(self, *refused: str) -> None:
        self._refused = refused

    async def read(self, image: dict[str, Any]) -> tuple[str, str, bytes]:
        name = str(image.get("key") or image["url"])
        if name in self._refused:
            raise FileRefused(f"{name} is not a picture")
        return f"{name}.png", "image/png", name.encode()

    async def copy(self, attachment: dict[str, Any]) -> dict[str, Any]:
        return attachment


class ScriptedBot:
    """The wire and the bot. `finals` is the message that ends each job, by the job's nonce;
    `running` are the scripts that still have something to say."""

    user = "1"
    channel = "5"
    lag_ms = 0
    cdn = "https://cdn.test"

    def __init__(self, *, remix: bool = False) -> None:
        self.payloads: list[Payload] = []
        self.uploads: list[tuple[str, bytes, str]] = []
        self.reactions: list[tuple[str, str]] = []
        self.masks: list[tuple[str, bytes, str]] = []
        self.running: list[Script] = []
        self.finals: dict[str, str] = {}
        self.breaks: set[str] = set()
        self._remix = remix
        self._ids = itertools.count(1000)
        self._uuids = (f"{n:08x}-0000-0000-0000-000000000001" for n in itertools.count(1))
        # What goes on when a form, a frame or a reaction comes, by its id.
        self._then: dict[str, Callable[[str, str], Script]] = {}

    async def interact(self, payload: Payload) -> None:
        self._break("interact")
        self.payloads.append(payload)
        nonce, data = payload["nonce"], payload["data"]
        if payload["type"] == 5:
            self.running.append(self._then.pop(data["id"])(nonce, self._id()))
        elif payload["type"] == 3:
            self.running.append(self._pressed(nonce, data["custom_id"], payload["message_id"]))
        else:
            self.running.append(self._command(nonce, data))

    async def upload(self, filename: str, data: bytes, content_type: str) -> str:
        self._break("upload")
        self.uploads.append((filename, data, content_type))
        return f"{len(self.uploads)}/{filename}"

    async def react(self, message: str, emoji: str) -> None:
        self._break("react")
        self.reactions.append((message, emoji))
        self.running.append(self._then.pop(message)("", ""))

    async def submit_inpaint(self, frame: str, mask: bytes, prompt: str) -> None:
        self.masks.append((frame, mask, prompt))
        self.running.append(self._then.pop(frame)("", ""))

    async def history(self, *, limit: int = 50, before: str | None = None) -> list[Message]:
        return []

    def dispatches(self) -> AsyncIterator[Dispatch]:
        raise NotImplementedError

    async def close(self) -> None:
        self.running.clear()

    def _break(self, call: str) -> None:
        if call in self.breaks:
            raise WireLost(f"{call} broke off")

    def _id(self) -> str:
        return str(next(self._ids))

    def _command(self, nonce: str, data: Any) -> Script:
        match data["name"]:
            case "imagine" | "blend" as name:
                # As recorded, a blend's final message refers to nothing.
                refers = name == "imagine"
                return self._picture(nonce, self._id(), nonce=nonce, refers=refers)
            case "show":
                return self._shown(nonce, data["options"][0]["value"])
            case "describe":
                embed = {"description": "1️⃣ a cat\n\n2️⃣ a dog"}
                return self._private(nonce, {"embeds": [embed]})
            case "info":
                embed = {"title": "Your info - u", "description": "**Job Mode**: Turbo"}
                return self._private(nonce, {"embeds": [embed]})
            case _:
                return self._private(nonce, {"content": "Remix mode turned on! …"})

    def _pressed(self, nonce: str, custom_id: str, parent: str) -> Script:
        press = self._id()
        uuid = next(part for part in custom_id.split("::") if len(part) == len(PARENT))
        yield from self._taken(nonce, press)
        # The pressed button is coloured, in a message that is nobody's news.
        yield Dispatch("MESSAGE_UPDATE", grid(parent, uuid))
        match custom_id.split("::")[1:4]:
            case ["JOB", "upsample", n]:
                yield from self._picture(
                    nonce, press, nonce=nonce, parent=parent, text=f"Image #{n} "
                )
            case ["JOB", "video_virtual_upscale", n]:
                yield from self._clip(nonce, press, parent, int(n), uuid)
            case ["JOB", "variation", _] if not self._remix:
                text = "Variations (Strong) by "
                yield from self._picture(nonce, press, nonce=nonce, parent=parent, text=text)
            case ["Inpaint", *_]:
                yield self._opens_frame(nonce, press, parent)
            case _:
                yield self._opens_form(nonce, press, parent)

    def _opens_form(self, owner: str, press: str, parent: str) -> Dispatch:
        def answered(nonce: str, id: str) -> Script:
            yield from self._taken(nonce, id)
            yield from self._picture(owner, id, nonce=nonce, parent=parent, opener=press)

        self._then[press] = answered
        field = {"type": 4, "custom_id": "MJ::Any::prompt", "value": "what it offers"}
        data = {
            "id": press,
            "channel_id": "5",
            "custom_id": f"MJ::AnyModal::{press}",
            "nonce": owner,
            "components": [{"type": 1, "components": [field]}],
        }
        return Dispatch("INTERACTION_MODAL_CREATE", data)

    def _opens_frame(self, owner: str, press: str, parent: str) -> Dispatch:
        token = f"token{press}"
        self._then[token] = lambda _nonce, _id: self._picture(
            owner, press, parent=parent, text="Variations (Region) by "
        )
        data = {
            "id": press,
            "nonce": owner,
            "title": "Inpaint",
            "custom_id": f"MJ::iframe::{token}",
            "iframe_path": f"/inpaint/embedded/{token}",
        }
        return Dispatch("INTERACTION_IFRAME_MODAL_CREATE", data)

    def _taken(self, nonce: str, id: str) -> Script:
        for type in ("INTERACTION_CREATE", "INTERACTION_SUCCESS"):
            yield Dispatch(type, {"id": id, "nonce": nonce})

    def _picture(
        self,
        owner: str,
        interaction: str,
        *,
        nonce: str | None = None,
        parent: str | None = None,
        opener: str | None = None,
        text: str = "",
        refers: bool = True,
    ) -> Script:
        ack, uuid = self._id(), next(self._uuids)
        metadata: dict[str, Any] = {"id": interaction}
        if opener:
            metadata["triggering_interaction_metadata"] = {"id": opener}
        base: Message = {"id": ack, "author": BOT, "interaction_metadata": metadata}
        if parent is None:
            yield from self._taken(nonce or "", interaction)
        else:
            base["message_reference"] = {"message_id": parent}
            base["components"] = [{"custom_id": f"MJ::CancelJob::ByJobid::{uuid}"}]
        waiting = {"content": f"{PROMPT} - <@1> (Waiting to start)"}
        yield Dispatch("MESSAGE_CREATE", base | waiting | ({"nonce": nonce} if nonce else {}))
        preview = [{"filename": f"{uuid}_grid_0.webp"}]
        working: Message = {"content": f"{PROMPT} - {text}<@1> (40%) (fast)"}
        working["attachments"] = preview
        yield Dispatch("MESSAGE_UPDATE", base | working)
        final = self.finals[owner] = self._id()
        done: Message = {
            "id": final,
            "author": BOT,
            "nonce": f"14{final}",
            "content": f"{PROMPT} - {text}<@1> (fast)",
            "attachments": [{"filename": f"user_x_{uuid}.png"}],
        }
        if refers:
            done["message_reference"] = {"message_id": parent or ack}
        yield Dispatch("MESSAGE_CREATE", done)
        yield Dispatch("MESSAGE_DELETE", {"id": ack})

    def _clip(self, nonce: str, press: str, parent: str, n: int, uuid: str) -> Script:
        ack, final = self._id(), self._id()
        self.finals[nonce] = final
        base = {"author": BOT, "message_reference": {"message_id": parent}}
        told = {"interaction_metadata": {"id": press}, "nonce": nonce}
        text = f"Upscaling image #{n} with {PROMPT} - <@1> (Waiting to start)"
        waiting = {"id": ack, "content": text}
        cancel = [{"custom_id": f"MJ::CancelJob::ByJobid::{uuid}"}]
        yield Dispatch("MESSAGE_CREATE", base | told | waiting | {"components": cancel})
        done = {
            "id": final,
            "content": f"{PROMPT} (fast)",
            "attachments": [{"filename": f"{uuid}_{n - 1}_720_N.mp4"}],
            "components": [{"custom_id": f"MJ::JOB::animate_low_extend::{n}::{uuid}"}],
        }
        yield Dispatch("MESSAGE_CREATE", base | done)
        yield Dispatch("MESSAGE_DELETE", {"id": ack})

    def _private(self, nonce: str, answer: Message) -> Script:
        interaction, id = self._id(), self._id()
        base = {"id": id, "author": BOT, "interaction_metadata": {"id": interaction}}
        self.finals[nonce] = id
        yield from self._taken(nonce, interaction)
        empty = {"content": "", "embeds": [], "flags": LOADING, "nonce": nonce}
        yield Dispatch("MESSAGE_CREATE", base | empty)
        filled = {"content": "", "embeds": [], "flags": EPHEMERAL} | answer
        yield Dispatch("MESSAGE_UPDATE", base | filled)

    def _shown(self, nonce: str, uuid: str) -> Script:
        interaction, id = self._id(), self._id()
        base = {"id": id, "author": BOT, "interaction_metadata": {"id": interaction}}

        def told(_nonce: str, _id: str) -> Script:
            self.finals[nonce] = final = self._id()
            text = f"{PROMPT}\n**Job ID**: {uuid}\n**seed** 77"
            files = [{"filename": f"anonymous_x_{n}_{uuid}.png"} for n in range(4)]
            message = {"id": final, "author": BOT, "content": text, "attachments": files}
            yield Dispatch("MESSAGE_CREATE", message)

        self._then[id] = told
        yield from self._taken(nonce, interaction)
        yield Dispatch("MESSAGE_CREATE", base | {"content": "Displaying...", "nonce": nonce})
        yield Dispatch("MESSAGE_UPDATE", grid(id, uuid) | base)


class Stage:
    """A driver, its jobs as a store would keep them, and the tasks that send them."""

    def __init__(self, bot: ScriptedBot, *refused: str, seconds: float = 60.0) -> None:
        self.bot = bot
        pictures = Pictures(*refused)
        self.driver = Driver(
            bot, pictures, self._filling, form_seconds=seconds, shown_seconds=seconds
        )
        self.jobs: dict[str, Job] = {}
        self.events: dict[str, list[str]] = {}
        self.now = 1_000
        self._digits = itertools.count(1)

    def job(self, verb: str, **inputs: Any) -> Job:
        """A job that is marked as sent and adopted, as the lane does it."""
        made = jobs.new(
            now=self.now,
            digits=next(self._digits),
            user=1,
            channel="5",
            verb=verb,
            type=None,
            request={"prompt": "x"} if verb == "imagine" else {},
            inputs=inputs,
        )
        made = msgspec.structs.replace(made, sent=self.now)
        self.jobs[made.id], self.events[made.id] = made, []
        self.driver.adopt(made)
        return made

    def button(self, custom_id: str, *, uuid: str = PARENT, **inputs: Any) -> Job:
        return self.job("button", message=grid("50", uuid), custom_id=custom_id, **inputs)

    def hear(self, dispatch: Dispatch) -> Reading:
        reading = self.driver.hear(dispatch, self.now)
        self.apply(reading)
        return reading

    async def _filling(self, job: Job) -> Job | None:
        if job.id not in self.driver.jobs:
            return None
        self._apply(jobs.filling(job, self.now))
        return self.jobs[job.id]

    def apply(self, reading: Reading) -> None:
        for change in reading.changes:
            self._apply(change)

    async def play(self) -> None:
        """Lets the scripts speak, one after another, until all is said."""
        await settled()
        while self.bot.running:
            for dispatch in self.bot.running.pop(0):
                self.hear(dispatch)
                await settled()

    def _apply(self, change: Change) -> None:
        before = self.jobs[change.job]
        late = change.percent_at_most is not None and before.percent > change.percent_at_most
        if before.status not in change.guard or late:
            return
        after = msgspec.structs.replace(before, **change.columns)
        self.jobs[change.job] = after
        if change.event:
            self.events[change.job].append(after.status.value)
        if after.status in (Status.COMPLETED, Status.FAILED, Status.MODERATED):
            self.driver.drop(after.id)
        else:
            self.driver.keep(after)


async def settled() -> None:
    """Lets the sending tasks go as far as they can without another dispatch."""
    for _ in range(4):
        await asyncio.sleep(0)
