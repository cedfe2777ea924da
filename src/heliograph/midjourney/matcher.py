"""Which job a dispatch belongs to.

Programs that match by prompt text mix results up: the bot rewrites prompts, blends have none, and
two users may have one and the same. Here only identities count. They reach us one after another,
and each message that is matched by one may teach the next:

    nonce ─▶ interaction id ─▶ progress message ─▶ final message (refers to the progress message,
             (SUCCESS, or         │                 or, after a press, to the pressed one)
             metadata)            └▶ job uuid (Cancel Job, preview files) ─▶ final message

Only the final of a press whose uuid was never shown must be told by what it is: an answer to the
pressed message, younger than our job's own first message, for the same user, by the same kind of
action, and contradicted by no identity. If more than one job fits, none is taken.
"""

from typing import Any, Literal

import msgspec

from heliograph.midjourney import content
from heliograph.midjourney.content import Content
from heliograph.midjourney.interactions import APPLICATIONS
from heliograph.midjourney.wire import Dispatch, Message

_Key = tuple[Literal["nonce", "interaction", "message", "uuid"], str]


class Identities(msgspec.Struct, frozen=True):
    """What is known of a job; `message` is its acknowledgement, which shows its progress."""

    nonce: str | None = None
    interaction: str | None = None
    message: str | None = None
    uuid: str | None = None


class _Job(msgspec.Struct):
    nonce: str | None = None
    interaction: str | None = None
    message: str | None = None
    uuid: str | None = None
    parent_message: str | None = None
    final: str | None = None
    user: str | None = None
    action: str = ""
    image: int | None = None
    keys: set[_Key] = msgspec.field(default_factory=set)


class _Evidence(msgspec.Struct, frozen=True):
    """What a message says of its origin."""

    id: str
    nonce: str | None
    interactions: tuple[str, ...]
    reference: str | None
    uuid: str | None
    text: Content


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _inner(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _interactions(message: Message) -> tuple[str, ...]:
    metadata = _inner(message, "interaction_metadata")
    sources = (
        metadata,
        # The answer to a modal names the press that opened it.
        _inner(metadata, "triggering_interaction_metadata"),
        _inner(message, "interaction"),
    )
    return tuple(id for source in sources if (id := _id(source.get("id"))) is not None)


def _evidence(message: Message) -> _Evidence:
    return _Evidence(
        id=_id(message.get("id")) or "",
        nonce=_id(message.get("nonce")),
        interactions=_interactions(message),
        reference=_id(_inner(message, "message_reference").get("message_id")),
        uuid=content.uuid_of(message),
        text=content.read(message.get("content") or ""),
    )


def _from_bot(message: Message) -> bool:
    # Edits may come without their author; people answer to the bot's messages too.
    author = _inner(message, "author")
    return not author or bool(author.get("bot")) or _id(author.get("id")) in APPLICATIONS


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _younger(id: str, than: str) -> bool:
    # Snowflakes grow; compared as numbers without trusting them to be some.
    return (len(id), id) > (len(than), than)


def _family(action: str) -> str:
    """The kind of action, which the bot names differently before, while and after it is done."""
    match action.split(" ")[0]:
        case "Upscaling" | "Upscaled" | "Image":
            return "upscale"
        case "Variations" | "Remix":
            return "variation"
        case "Video" | "":
            return ""
        case _:
            return action


class Matcher:
    """The jobs under way in one channel, by what is known of them; job ids are opaque to it.

    A job's final stays its own when it is edited later (a pressed button is coloured): forget the
    job when it ends, and such edits belong to none.
    """

    def __init__(self, user: str | None = None) -> None:
        """`user` is the account's own, for channels in which others work too."""
        self._user = user
        self._jobs: dict[str, _Job] = {}
        self._index: dict[_Key, str] = {}

    def expect(self, job: str, nonce: str, *, parent_message: str | None = None) -> None:
        """A job whose interaction is about to be sent; a further nonce (of a modal) adds to it."""
        self.restore(job, nonce=nonce, parent_message=parent_message)

    def restore(
        self,
        job: str,
        *,
        nonce: str | None,
        interaction: str | None = None,
        message: str | None = None,
        uuid: str | None = None,
        parent_message: str | None = None,
    ) -> None:
        """A job that was under way before a restart, with what was stored of it."""
        known = self._jobs.setdefault(job, _Job())
        known.parent_message = parent_message or known.parent_message
        if nonce is not None:
            known.nonce = nonce
            self._claim(job, ("nonce", nonce))
        self._set_interaction(job, interaction)
        self._set_message(job, message)
        self._set_uuid(job, uuid)

    def bind(self, job: str, message_id: str) -> None:
        """Says by hand which message is the job's first, where a recording lost all else."""
        self._jobs.setdefault(job, _Job())
        self._set_message(job, str(message_id))

    def identities(self, job: str) -> Identities:
        """What is known of the job by now; nothing of one that isn't there."""
        known = self._jobs.get(job, _Job())
        return Identities(known.nonce, known.interaction, known.message, known.uuid)

    def forget(self, job: str) -> None:
        """Drops all that is known of the job."""
        known = self._jobs.pop(job, None)
        for key in known.keys if known else ():
            del self._index[key]

    def match(self, dispatch: Dispatch) -> str | None:
        """The job that a dispatch is news of, and learns from it.

        A deletion is news only where it takes a job's progress message.
        """
        match dispatch.type:
            case "MESSAGE_CREATE":
                return self._of_message(dispatch.data, new=True)
            case "MESSAGE_UPDATE":
                return self._of_message(dispatch.data, new=False)
            case "MESSAGE_DELETE":
                return self._of_deletion(dispatch.data)
            case type if type.startswith("INTERACTION_"):
                return self._of_interaction(dispatch.data)
            case _:
                return None

    def match_message(self, message: Message) -> str | None:
        """The same for a message out of the channel's history."""
        return self._of_message(message, new=True)

    def _claim(self, job: str, key: _Key) -> bool:
        if self._index.setdefault(key, job) != job:
            return False
        self._jobs[job].keys.add(key)
        return True

    def _set_interaction(self, job: str, id: str | None) -> None:
        known = self._jobs[job]
        if id is not None and known.interaction is None and self._claim(job, ("interaction", id)):
            known.interaction = id

    def _set_message(self, job: str, id: str | None) -> None:
        known = self._jobs[job]
        if id is not None and known.message is None and self._claim(job, ("message", id)):
            known.message = id

    def _set_uuid(self, job: str, uuid: str | None) -> None:
        known = self._jobs[job]
        if uuid is not None and known.uuid is None and self._claim(job, ("uuid", uuid)):
            known.uuid = uuid

    def _of_interaction(self, data: dict[str, Any]) -> str | None:
        nonce, id = _id(data.get("nonce")), _id(data.get("id"))
        job = self._index.get(("nonce", nonce or "")) or self._index.get(("interaction", id or ""))
        if job is not None:
            self._set_interaction(job, id)
        return job

    def _of_deletion(self, data: dict[str, Any]) -> str | None:
        id = _id(data.get("id"))
        job = self._index.get(("message", id or ""))
        return job if job is not None and self._jobs[job].message == id else None

    def _of_message(self, message: Message, *, new: bool) -> str | None:
        if not _from_bot(message):
            return None
        seen = _evidence(message)
        job = self._by_origin(seen) or self._by_progress(seen) or self._by_uuid(seen)
        if job is None and new:
            job = self._by_pressed(seen)
        if job is not None:
            self._learn(job, seen)
        return job

    def _by_origin(self, seen: _Evidence) -> str | None:
        keys: list[_Key] = [("nonce", seen.nonce or "")]
        keys += [("interaction", id) for id in seen.interactions]
        keys.append(("message", seen.id))
        return next((job for key in keys if (job := self._index.get(key)) is not None), None)

    def _by_progress(self, seen: _Evidence) -> str | None:
        job = self._index.get(("message", seen.reference or ""))
        if job is None:
            return None
        known = self._jobs[job]
        # An answer to a final, or of another uuid, is what a later press made of it.
        is_own = known.message == seen.reference and _agree(known.uuid, seen.uuid)
        return job if is_own else None

    def _by_uuid(self, seen: _Evidence) -> str | None:
        job = self._index.get(("uuid", seen.uuid or ""))
        # A job has one final; a second message that shows it again is another command's answer.
        return job if job is not None and self._jobs[job].final is None else None

    def _by_pressed(self, seen: _Evidence) -> str | None:
        if seen.text.kind != "done" or seen.reference is None:
            return None
        # A job that was never acknowledged takes nothing, yet it may be the one that is meant.
        fitting = [job for job, known in self._jobs.items() if self._fits(known, seen)]
        if len(fitting) != 1:
            return None
        known = self._jobs[fitting[0]]
        first = known.message or known.interaction
        return fitting[0] if first is not None and _younger(seen.id, first) else None

    def _fits(self, known: _Job, seen: _Evidence) -> bool:
        return (
            known.parent_message == seen.reference
            and known.final is None
            and _agree(known.uuid, seen.uuid)
            and (known.interaction is None or not seen.interactions)
            and seen.text.user in (None, known.user or self._user)
            and _agree(known.image, seen.text.image)
            and (not known.action or _family(known.action) == _family(seen.text.action))
        )

    def _learn(self, job: str, seen: _Evidence) -> None:
        known = self._jobs[job]
        if seen.interactions:
            self._set_interaction(job, seen.interactions[0])
        self._set_uuid(job, seen.uuid)
        if seen.text.kind != "done":
            if seen.id != known.final:
                self._set_message(job, seen.id)
        elif known.final is None and self._claim(job, ("message", seen.id)):
            known.final = seen.id
        known.user = known.user or seen.text.user
        known.action = seen.text.action or known.action
        known.image = known.image or seen.text.image
