"""The sandbox's pure parts: links, routes, faults, versions of commands."""

from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney.interactions import COMMANDS, imagine
from heliograph.midjourney.wire import WireRefused
from heliograph.sandbox import server
from heliograph.sandbox.answers import ROUTES, route
from heliograph.sandbox.commands import Commands
from heliograph.sandbox.faults import Faults, read
from heliograph.sandbox.kinds import (
    Drop,
    HangUp,
)
from heliograph.sandbox.links import Links, place

KEY = f"{'ab' * 16}/a_cat.png"


def parts(link: str) -> tuple[str, dict[str, str]]:
    found = urlsplit(link)
    return found.path, {key: values[0] for key, values in parse_qs(found.query).items()}


@given(st.integers(0, 100), st.integers(1, 50))
def test_a_link_is_good_for_its_time(later: int, seconds: int) -> None:
    now = 1_700_000_000.0
    links = Links("http://here", 1, lambda: now, seconds)
    path, query = parts(links.of(f"/media/{KEY}", "42"))
    assert path == f"/attachments/42/{place(KEY).partition('/')[2]}"
    now += later
    assert links.good(path, query) == (later < seconds)
    assert not links.good(path + "x", query)
    assert not links.good(path, query | {"ex": f"{2**40:x}"})
    assert not Links("http://here", 2, lambda: now, seconds).good(path, query)


def test_links_can_be_made_to_lapse_and_be_had_anew() -> None:
    links = Links("http://here", 1, lambda: 1_700_000_000.5, 60)
    before = parts(links.of(f"/media/{KEY}", "42"))
    links.expire()
    assert not links.good(*before)
    assert links.good(*parts(links.of(f"/media/{KEY}", "42")))


@pytest.mark.parametrize("query", [{}, {"ex": "x", "is": "1", "hm": ""}, {"ex": "ffffffffff"}])
def test_a_link_without_a_signature_is_not_good(query: dict[str, str]) -> None:
    assert not Links("", 1, lambda: 0.0, 60).good("/attachments/1/2/a", query)


def test_the_bots_urls_are_replaced_wherever_they_stand() -> None:
    links = Links("http://here", 1, lambda: 0.0, 60)
    cell = "/media/cdn/u/0_1.jpeg"
    message = {"a": [{"url": f"/media/{KEY}"}, cell, 5, None], "text": f"see /media/{KEY}"}
    found = links.rewritten(message, "42")
    assert found["a"][0]["url"].startswith("http://here/attachments/42/")
    assert found["a"][1:] == ["http://here/cdn/u/0_1.jpeg", 5, None]
    assert found["text"] == message["text"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v9/interactions", "interactions"),
        ("/api/v10/users/@me", "users"),
        ("/api/v9/users/1/profile", "profile"),
        ("/api/v9/channels/1", "channels"),
        ("/api/v9/channels/1/messages", "messages"),
        ("/api/v9/channels/1/messages/2", "messages"),
        ("/api/v9/channels/1/messages/2/ack", "ack"),
        ("/api/v9/channels/1/messages/2/reactions/x/@me", "reactions"),
        ("/api/v9/channels/1/attachments", "attachments"),
        ("/api/v9/guilds/1/application-command-index", "application-command-index"),
    ],
)
def test_a_route_is_called_by_its_last_word(path: str, name: str) -> None:
    assert route(path) == name


def test_every_route_can_be_named_in_a_fault() -> None:
    paths = {path.format(id="1", message="2", emoji="x") for _, path, _ in server.ROUTES}
    assert {route(f"/api/v9/{path}") for path in paths} == set(ROUTES)


def test_a_fault_happens_as_often_as_it_was_asked_for() -> None:
    faults = Faults(Random(1))
    for fault in read(
        [{"drop": 2}, {"drop": {"user": "7"}}, {"hang_up": {"route": "messages"}}], ["7"]
    ):
        faults.arm(fault)
    assert [bool(faults.take(Drop, user)) for user in ("8", "8", "8", "7", "7")] == [
        *(True, True, False),
        *(True, False),
    ]
    assert faults.take(HangUp, "7", lambda fault: fault.route == "interactions") is None
    assert faults.take(HangUp, "7") is not None
    assert faults.waiting() == []


def test_faults_that_are_alike_are_two() -> None:
    faults = Faults(Random(1))
    for fault in read([{"drop": 1}, {"drop": 1}], []):
        faults.arm(fault)
    assert [bool(faults.take(Drop, "")) for _ in range(3)] == [True, True, False]


@given(st.integers(0, 2**32), st.floats(0, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, rate: float) -> None:
    def happened() -> list[bool]:
        faults = Faults(Random(seed))
        [chance] = read({"random": {"rate": rate, "kinds": ["drop"]}}, [])
        faults.arm(chance)
        return [bool(faults.take(Drop, "")) for _ in range(20)]

    assert happened() == happened()


def test_any_version_is_taken_until_they_are_rotated() -> None:
    commands = Commands()
    payload = imagine("1", "a cat", "2")
    for version in (COMMANDS["imagine"].version, "1077969938624553050", "1"):
        payload["data"]["version"] = version
        commands.check(payload)
    commands.rotate()
    with pytest.raises(WireRefused):
        commands.check(payload)
    [current] = [c for c in commands.index()["application_commands"] if c["name"] == "imagine"]
    payload["data"]["version"] = current["version"]
    commands.check(payload)
    # Presses and forms have none.
    commands.check({"type": 3, "data": {"custom_id": "x"}})
