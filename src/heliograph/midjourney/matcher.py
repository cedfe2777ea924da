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

A press that opens a form is followed by a second interaction, which has a nonce and an id of its
own; what answers it names both. A seed is told in a message without any of these: the uuid that it
names is the one that was asked for. Clips taken out of one grid have the grid's uuid all of them:
they are told apart by their number.
"""

from typing import Any, Literal

import msgspec

from heliograph.midjourney import evidence
from heliograph.midjourney.evidence import Evidence, id_of
from heliograph.midjourney.wire import Dispatch, Message

_Key = tuple[Literal["nonce", "interaction", "message", "uuid", "seed"], str]


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
    seed_of: str | None = None
    shares_uuid: bool = False
    final: str | None = None
    user: str | None = None
    family: str | None = None
    image: int | None = None
    progressing: bool = False
    keys: set[_Key] = msgspec.field(default_factory=set)


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _younger(id: str, than: str) -> bool:
    # Snowflakes grow; compared as numbers without trusting them to be some.
    return (len(id), id) > (len(than), than)


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

    def expect(
        self,
        job: str,
        nonce: str,
        *,
        parent_message: str | None = None,
        pressed: str | None = None,
    ) -> None:
        """A job whose interaction is about to be sent; a further nonce (of a form) adds to it."""
        self.restore(job, nonce=nonce, parent_message=parent_message, pressed=pressed)

    def restore(
        self,
        job: str,
        *,
        nonce: str | None,
        interaction: str | None = None,
        message: str | None = None,
        uuid: str | None = None,
        parent_message: str | None = None,
        pressed: str | None = None,
        seed_of: str | None = None,
    ) -> None:
        """A job that was under way before a restart, with what was stored of it.

        `pressed` is the custom_id of the button under `parent_message` that it presses, `seed_of`
        the uuid whose seed it asks for.
        """
        known = self._jobs.setdefault(job, _Job())
        known.parent_message = parent_message or known.parent_message
        known.seed_of = seed_of or known.seed_of
        if nonce is not None:
            known.nonce = known.nonce or nonce
            self._claim(job, ("nonce", nonce))
        if pressed is not None:
            foreseen = evidence.outlook(pressed)
            known.family, known.image = foreseen.family, foreseen.image
            known.shares_uuid = foreseen.shares_uuid
        if seed_of is not None:
            self._claim(job, ("seed", seed_of))
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
        if id is not None and self._claim(job, ("interaction", id)):
            known.interaction = known.interaction or id

    def _set_message(self, job: str, id: str | None) -> None:
        known = self._jobs[job]
        if id is not None and self._claim(job, ("message", id)):
            known.message = known.message or id

    def _set_uuid(self, job: str, uuid: str | None) -> None:
        known = self._jobs[job]
        if known.shares_uuid:
            return
        if uuid is not None and known.uuid is None and self._claim(job, ("uuid", uuid)):
            known.uuid = uuid

    def _of_interaction(self, data: dict[str, Any]) -> str | None:
        nonce, id = id_of(data.get("nonce")), id_of(data.get("id"))
        job = self._index.get(("nonce", nonce or "")) or self._index.get(("interaction", id or ""))
        if job is not None:
            self._set_interaction(job, id)
        return job

    def _of_deletion(self, data: dict[str, Any]) -> str | None:
        id = id_of(data.get("id"))
        job = self._index.get(("message", id or ""))
        return job if job is not None and self._jobs[job].message == id else None

    def _of_message(self, message: Message, *, new: bool) -> str | None:
        if not evidence.from_bot(message):
            return None
        seen = evidence.read(message)
        job = self._by_seed(seen) or self._by_origin(seen) or self._by_progress(seen)
        job = job or self._by_uuid(seen)
        if job is None and new:
            job = self._by_pressed(seen) or self._by_showing(seen)
        if job is not None:
            self._learn(job, seen)
        return job

    def _by_seed(self, seen: Evidence) -> str | None:
        asked = seen.text.uuid if seen.text.seed is not None else None
        return self._index.get(("seed", asked or ""))

    def _by_showing(self, seen: Evidence) -> str | None:
        """A job whose seed is asked for, shown again so that somebody can react to it."""
        job = self._index.get(("seed", seen.uuid or ""))
        asked = self._jobs[job].interaction if job is not None else None
        return job if asked is not None and _younger(seen.id, asked) else None

    def _by_origin(self, seen: Evidence) -> str | None:
        keys: list[_Key] = [("nonce", seen.nonce or "")]
        keys += [("interaction", id) for id in seen.interactions]
        keys.append(("message", seen.id))
        return next((job for key in keys if (job := self._index.get(key)) is not None), None)

    def _by_progress(self, seen: Evidence) -> str | None:
        job = self._index.get(("message", seen.reference or ""))
        if job is None:
            return None
        known = self._jobs[job]
        # An answer to a final, or of another uuid, is what a later press made of it.
        is_own = known.final != seen.reference and _agree(known.uuid, seen.uuid)
        return job if is_own else None

    def _by_uuid(self, seen: Evidence) -> str | None:
        job = self._index.get(("uuid", seen.uuid or ""))
        # A job has one final; a second message that shows it again is another command's answer.
        return job if job is not None and self._jobs[job].final is None else None

    def _by_pressed(self, seen: Evidence) -> str | None:
        if seen.text.kind != "done" or seen.reference is None:
            return None
        # A job that was never acknowledged takes nothing, yet it may be the one that is meant.
        fitting = [job for job, known in self._jobs.items() if self._fits(known, seen)]
        if len(fitting) != 1:
            return None
        known = self._jobs[fitting[0]]
        first = known.message or known.interaction
        return fitting[0] if first is not None and _younger(seen.id, first) else None

    def _fits(self, known: _Job, seen: Evidence) -> bool:
        return (
            known.parent_message == seen.reference
            and known.final is None
            and _agree(known.uuid, seen.uuid)
            and (known.interaction is None or not seen.interactions)
            and seen.text.user in (None, known.user or self._user)
            and _agree(known.image, seen.image)
            and _agree(known.family, evidence.family(seen.text.action))
        )

    def _learn(self, job: str, seen: Evidence) -> None:
        known = self._jobs[job]
        # Somebody else's command may show the same picture.
        if known.interaction is None or self._by_origin(seen) == job:
            for id in seen.interactions:
                self._set_interaction(job, id)
        if known.seed_of is not None:
            # The uuid is another job's, and what is shown of it is no result.
            self._set_message(job, seen.id)
            return
        self._set_uuid(job, seen.uuid)
        if seen.text.kind != "done":
            if seen.id != known.final:
                self._follow(job, seen)
        elif known.final is None and self._claim(job, ("message", seen.id)):
            known.final = seen.id
        known.user = known.user or seen.text.user
        known.image = known.image or seen.image
        if seen.text.action and known.family is None:
            known.family = evidence.family(seen.text.action)

    def _follow(self, job: str, seen: Evidence) -> None:
        """A notice, such as of a full queue, may come before the message that shows progress."""
        self._set_message(job, seen.id)
        known = self._jobs[job]
        progresses = seen.text.kind in ("waiting", "progress")
        if progresses and not known.progressing and ("message", seen.id) in known.keys:
            known.message, known.progressing = seen.id, True
