"""The gateway session, frame by frame, and under frames in any order."""

import json
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.discord import session as wire
from heliograph.discord.session import (
    Action,
    Barred,
    Deliver,
    Frame,
    Hangup,
    Heartbeat,
    Identify,
    Missed,
    Ready,
    Resume,
    Resumed,
    Session,
    Started,
)


def frame(op: int, d: Any = None, s: int | None = None, t: str | None = None) -> Frame:
    return Frame(op, msgspec.Raw(json.dumps(d).encode()), s, t)


HELLO = frame(10, {"heartbeat_interval": 1000})
ACK = frame(11)


def ready(id: str = "s1", s: int = 1, **more: Any) -> Frame:
    return frame(0, {"session_id": id, "user": {"id": "7"}, **more}, s, "READY")


def message(s: int) -> Frame:
    return frame(0, {"id": str(s)}, s, "MESSAGE_CREATE")


def started() -> Session:
    session = Session(Random(1))
    session.opened(0.0)
    assert session.receive(HELLO, 0.0) == [Identify()]
    [begun] = session.receive(ready(resume_gateway_url="ws://there"), 0.1)
    assert isinstance(begun, Started)
    return session


def test_a_session_begins_and_hands_its_dispatches_on() -> None:
    session = started()
    assert session.receive(message(2), 0.2) == [Deliver("MESSAGE_CREATE", message(2).d)]
    assert (session.phase, session.seq, session.url) == ("running", 2, "ws://there")


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 4000, 4005, 4008])
def test_a_lost_connection_is_resumed(code: int | None) -> None:
    session = started()
    session.receive(message(5), 0.2)
    assert session.closed(code) == []
    session.opened(1.0)
    assert session.receive(HELLO, 1.0) == [Resume("s1", 5)]
    assert session.receive(message(6), 1.1) == [Deliver("MESSAGE_CREATE", message(6).d)]
    assert session.receive(frame(0, {}, 7, "RESUMED"), 1.2) == [Resumed()]
    assert (session.phase, session.failures) == ("running", 0)


@pytest.mark.parametrize("code", [4007, 4009])
def test_a_session_that_is_gone_is_begun_anew_and_reported(code: int) -> None:
    session = started()
    assert session.closed(code) == [Missed()]
    session.opened(10.0)
    assert session.receive(HELLO, 10.0) == [Identify()]


@pytest.mark.parametrize("code", [4003, 4004, 4010, 4011, 4012, 4013, 4014])
def test_some_codes_are_final(code: int) -> None:
    assert started().closed(code) == [Barred(code)]


def test_a_heartbeat_without_acknowledgement_is_a_zombie() -> None:
    session = started()
    first = session.deadline
    assert first is not None
    assert first <= 1.0
    assert session.tick(first) == [Heartbeat(1)]
    second = session.deadline
    assert second is not None
    assert 0.9 <= second - first <= 1.0
    assert session.tick(second) == [Hangup(4000)]
    assert session.resumable


def test_an_acknowledged_heartbeat_is_followed_by_the_next() -> None:
    session = started()
    for _ in range(5):
        due = session.deadline
        assert due is not None
        assert session.tick(due) == [Heartbeat(1)]
        session.receive(ACK, due)


def test_a_heartbeat_that_is_asked_for_is_sent_at_once() -> None:
    session = started()
    assert session.receive(frame(1), 0.3) == [Heartbeat(1)]


def test_reconnect_keeps_the_session() -> None:
    session = started()
    assert session.receive(frame(7), 1.0) == [Hangup(4000)]
    assert session.receive(message(2), 1.0) == []
    session.closed(None)
    session.opened(2.0)
    assert session.receive(HELLO, 2.0) == [Resume("s1", 1)]


def test_an_invalid_session_is_believed_once_that_it_may_be_resumed() -> None:
    session = started()
    assert session.receive(frame(9, True), 1.0) == [Hangup(4000)]
    session.closed(None)
    session.opened(2.0)
    assert session.receive(HELLO, 2.0) == [Resume("s1", 1)]
    assert session.receive(frame(9, True), 2.1) == [Missed()]


def test_after_an_invalid_session_identifying_waits_on_the_same_connection() -> None:
    session = started()
    assert session.receive(frame(9, False), 1.0) == [Missed()]
    due = session.deadline
    assert due is not None
    assert due < 6.0
    actions: list[Action] = []
    while session.phase == "greeted":
        now = session.deadline
        assert now is not None
        actions += session.tick(now)
        session.receive(ACK, now)
    assert session.identified is not None
    assert session.identified >= wire.IDENTIFY_SECONDS
    assert actions[-1] == Identify()


def test_five_seconds_between_identifies_count_over_connections() -> None:
    session = Session(Random(1))
    session.opened(0.0)
    assert session.receive(HELLO, 0.5) == [Identify()]
    session.closed(None)
    session.opened(2.0)
    assert session.receive(frame(10, {"heartbeat_interval": 10**9}), 2.0) == []
    assert session.deadline == 5.5
    assert session.tick(5.4) == []
    assert session.tick(5.5) == [Identify()]


def test_five_seconds_between_identifies_count_over_processes() -> None:
    session = Session(Random(1))
    session.identified = -3.0
    session.opened(0.0)
    assert session.receive(frame(10, {"heartbeat_interval": 10**9}), 0.0) == []
    assert session.tick(1.9) == []
    assert session.tick(2.0) == [Identify()]


def test_a_resume_goes_on_behind_the_highest_number() -> None:
    session = started()
    for s in (2, 4, 3):
        session.receive(message(s), 0.2)
    session.closed(None)
    session.opened(1.0)
    assert session.receive(HELLO, 1.0) == [Resume("s1", 4)]


def test_a_session_of_an_earlier_process_is_resumed() -> None:
    session = Session(Random(1))
    session.restore("s0", "ws://there", 7)
    session.opened(0.0)
    assert session.receive(HELLO, 0.0) == [Resume("s0", 7)]


def test_a_server_that_says_nothing_is_left() -> None:
    session = Session(Random(1))
    session.opened(0.0)
    assert session.deadline == wire.HELLO_SECONDS
    assert session.tick(wire.HELLO_SECONDS) == [Hangup(4000)]


def test_a_session_that_never_gets_ready_is_left() -> None:
    session = Session(Random(1))
    session.opened(0.0)
    session.receive(frame(10, {"heartbeat_interval": 10**9}), 0.0)
    assert session.tick(wire.READY_SECONDS) == [Hangup(4000)]


def test_pauses_grow_to_half_a_minute_and_never_agree() -> None:
    session = Session(Random(1))
    for most in (1, 2, 4, 8, 16, 30, 30, 30):
        session.closed(None)
        pauses = {session.pause() for _ in range(50)}
        assert len(pauses) > 40
        assert min(pauses) >= most / 2
        assert max(pauses) <= most


@pytest.mark.parametrize(
    "channel",
    [
        {"id": "5", "type": 1, "recipient_ids": ["9"]},
        {"id": "5", "type": 1, "recipients": [{"id": "9", "username": "bot"}]},
        {"id": "5", "recipient_ids": ["9"], "last_message_id": None, "flags": 0},
    ],
)
def test_who_is_in_a_direct_channel_is_told_in_two_ways(channel: dict[str, Any]) -> None:
    group = {"id": "4", "type": 3, "recipient_ids": ["9", "8"]}
    told = msgspec.json.decode(ready(private_channels=[group, channel]).d, type=Ready)
    assert [one.id for one in told.private_channels if one.has("9")] == ["5"]


FRAMES = st.one_of(
    st.just(HELLO),
    st.just(ACK),
    st.sampled_from([frame(1, 3), frame(7), frame(9, True), frame(9, False), frame(37, {})]),
    st.builds(ready, st.sampled_from(["a", "b", "c"]), st.integers(1, 3)),
    st.builds(message, st.integers(1, 50)),
    st.just(frame(0, {}, 9, "RESUMED")),
)
STEPS = st.one_of(
    FRAMES,
    st.just("open"),
    st.sampled_from([None, 1000, 4000, 4007, 4009]).map(lambda code: ("close", code)),
    st.floats(0.0, 12.0).map(lambda seconds: ("wait", seconds)),
)


class Watch:
    """Checks the promises of the module's theory on every step."""

    def __init__(self) -> None:
        self.session = Session(Random(3))
        self.now = 0.0
        self.greeted = self.left = self.open = False
        self.begun = self.missed = False
        self.id: str | None = None
        self.highest = 0
        self.identified = -1e9
        self.unanswered = False

    def take(self, step: Any) -> None:
        match step:
            case "open" if not self.open:
                self.open, self.greeted, self.left, self.unanswered = True, False, False, False
                self.session.opened(self.now)
            case ("close", code) if self.open:
                self.open = False
                self.see(self.session.closed(code))
            case ("wait", seconds):
                self.now += seconds
                for _ in range(20):
                    self.see(self.session.tick(self.now))
            case Frame() if self.open:
                self.receive(step)

    def receive(self, step: Frame) -> None:
        self.greeted |= step.op == 10
        self.unanswered &= step.op != 11
        resumable = self.session.resumable
        actions = self.session.receive(step, self.now)
        assert not (resumable and Identify() in actions and Missed() not in actions)
        self.see(actions)
        if any(isinstance(action, Deliver | Resumed) for action in actions):
            self.highest = max(self.highest, step.s or 0)
        if any(isinstance(action, Started) for action in actions):
            self.highest = step.s or 0

    def see(self, actions: list[Action]) -> None:
        for action in actions:
            assert not (self.left and self.open), "after a hangup nothing more is asked"
            match action:
                case Identify():
                    assert self.greeted
                    assert not self.session.resumable
                    assert self.now - self.identified >= 5.0
                    self.identified = self.now
                case Resume(session, seq):
                    assert self.greeted
                    assert (session, seq) == (self.id, self.highest)
                case Heartbeat():
                    assert self.greeted
                case Hangup() | Barred():
                    self.left = True
                case Started(told):
                    assert self.missed or not self.begun
                    self.begun, self.missed, self.id = True, False, told.session_id
                case Missed():
                    assert self.begun
                    assert not self.missed
                    self.missed = True


@given(st.lists(STEPS, max_size=60))
def test_no_order_of_frames_breaks_a_promise(steps: list[Any]) -> None:
    watch = Watch()
    for step in steps:
        watch.take(step)


@given(st.lists(st.floats(0.01, 3.0), max_size=30), st.data())
def test_no_heartbeat_follows_one_that_was_not_acknowledged(
    waits: list[float], data: st.DataObject
) -> None:
    session, now, unanswered = started(), 0.1, False
    for wait in waits:
        now += wait
        for action in session.tick(now):
            assert not (unanswered and isinstance(action, Heartbeat))
            unanswered = True
        if data.draw(st.booleans()):
            session.receive(ACK, now)
            unanswered = False
