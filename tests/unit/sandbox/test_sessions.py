"""Sessions: nothing lost, nothing twice, however often the cable is cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from heliograph.sandbox.sessions import MOST_KEPT, Session, Sessions


class Cable:
    """An outlet that delivers the first `length` frames, and swallows the rest."""

    def __init__(self, length: int) -> None:
        self.frames: list[dict[str, object]] = []
        self.codes: list[int] = []
        self._length = length

    def send(self, frame: bytes) -> None:
        if len(self.frames) < self._length:
            self.frames.append(json.loads(frame))

    def close(self, code: int) -> None:
        self.codes.append(code)

    def drop(self) -> None:
        self._length = 0

    def silence(self, seconds: float) -> None:
        pass


def said(cable: Cable) -> list[object]:
    return [frame["d"] for frame in cable.frames if frame["t"] == "SAID"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), min_size=1, max_size=12))
def test_a_client_that_resumes_hears_everything_once(lives: list[tuple[int, int]]) -> None:
    session, heard, count, last = Session("user"), [], 0, 0
    for length, dispatches in [*lives, (1000, 3)]:
        cable = Cable(length)
        assert session.has_since(last)
        session.replay(last, cable)
        for _ in range(dispatches):
            session.dispatch("SAID", str(count).encode())
            count += 1
        heard += said(cable)
        numbers = [int(str(frame["s"])) for frame in cable.frames]
        assert numbers == list(range(last + 1, last + 1 + len(numbers)))
        last = numbers[-1] if numbers else last
    assert heard == list(range(count))


def test_the_older_socket_is_closed() -> None:
    session, first, second = Session("user"), Cable(9), Cable(9)
    session.replay(0, first)
    session.replay(1, second)
    session.dispatch("SAID", b"1")
    assert first.codes == [4000]
    assert (said(first), said(second)) == ([], [1])


def test_who_missed_too_much_or_knows_the_future_can_not_resume() -> None:
    session = Session("user")
    assert session.has_since(0)
    assert not session.has_since(1)
    for number in range(MOST_KEPT + 1):
        session.dispatch("SAID", str(number).encode())
    assert not session.has_since(0)
    assert session.has_since(1)
    assert not session.has_since(MOST_KEPT + 2)


def test_a_session_waits_for_its_client_for_a_while() -> None:
    now = 100.0
    sessions = Sessions(lambda: now, 30.0)
    session, cable = sessions.begin("user", bot=False), Cable(9)
    session.outlet = cable
    now += 1000
    assert sessions.found(session.id, "user", 0) is session
    assert sessions.found(session.id, "another", 0) is None
    sessions.leave(session, Cable(9))
    assert list(sessions.outlets("")) == [cable]
    sessions.leave(session, cable)
    now += 30
    assert sessions.found(session.id, "user", 0) is session
    now += 1
    assert sessions.found(session.id, "user", 0) is None
    assert sessions.of("") == []
