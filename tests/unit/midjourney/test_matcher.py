"""Whose message is it? On the recording, and on traffic where nothing but identity helps."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.midjourney import content
from heliograph.midjourney.matcher import Identities, Matcher
from heliograph.midjourney.wire import Dispatch

Json = dict[str, Any]

FIRST = {
    "imagine a": "1511317060477653013",
    "imagine b": "1511317092174004264",
    "U1 of b": "1511317208914067506",
    "U1 of a": "1511317457925570650",
    "animation": "1511317497620463676",
    "variation": "1511317524300697661",
}
FINAL = {
    "imagine a": "1511317165473660928",
    "imagine b": "1511317204245680259",
    "U1 of b": "1511317210822611026",
    "U1 of a": "1511317460668780624",
    "animation": "1511317802265346068",
    "variation": "1511317624292769933",
}
JOB_OF = {id: job for table in (FIRST, FINAL) for job, id in table.items()}


def dispatched(message: Json) -> Dispatch:
    return Dispatch("MESSAGE_UPDATE" if message["edited_timestamp"] else "MESSAGE_CREATE", message)


def bound() -> Matcher:
    matcher = Matcher()
    for job, id in FIRST.items():
        matcher.bind(job, id)
    return matcher


def test_the_recording_comes_out_whole_and_unmixed(live: list[Json]) -> None:
    matcher = bound()
    found = [matcher.match(dispatched(message)) for message in live]
    assert found == [JOB_OF[message["id"]] for message in live]
    assert [found.count(job) for job in FIRST] == [9, 9, 3, 3, 13, 8]


def test_the_recording_out_of_history(live: list[Json]) -> None:
    matcher = bound()
    assert [matcher.match_message(m) for m in live] == [JOB_OF[m["id"]] for m in live]


def test_the_recording_with_one_prompt_for_all(live: list[Json]) -> None:
    matcher = bound()
    for message in live:
        head, *_, tail = message["content"].split("**") if "**" in message["content"] else ("", "")
        alike = message | {"content": f"{head}**one**{tail}" if tail else message["content"]}
        assert matcher.match(dispatched(alike)) == JOB_OF[message["id"]]


def test_edits_of_a_finished_parent_are_nobodys(live: list[Json]) -> None:
    matcher = bound()
    edits = 0
    for message in live:
        found = matcher.match(dispatched(message))
        if message["id"] in FINAL.values() and message["edited_timestamp"]:
            assert found is None
            edits += 1
        else:
            assert found == JOB_OF[message["id"]]
        if content.read(message["content"]).kind == "done" and found:
            matcher.forget(found)
    assert edits == 4
    assert not matcher._index
    assert not matcher._jobs


U, V = (f"{n:08}-0000-0000-0000-000000000000" for n in (1, 2))
BOT = {"id": "936929561302675456", "bot": True}


def message(id: str, text: str = "", **fields: Any) -> Json:
    return {"id": id, "author": BOT, "content": text} | fields


def answer(id: str, to: str, text: str, **fields: Any) -> Json:
    return message(id, text, message_reference={"message_id": to}, **fields)


def test_the_whole_chain_is_learnt() -> None:
    matcher = Matcher()
    matcher.expect("j", "77")
    assert matcher.match(Dispatch("INTERACTION_CREATE", {"id": "100", "nonce": "77"})) == "j"
    assert matcher.match(Dispatch("INTERACTION_SUCCESS", {"id": "100", "nonce": "77"})) == "j"
    ack = message("101", "**x** - <@1> (Waiting to start)", interaction_metadata={"id": "100"})
    assert matcher.match(Dispatch("MESSAGE_CREATE", ack)) == "j"
    preview = message("101", attachments=[{"filename": f"{U}_grid_0.webp"}])
    assert matcher.match(Dispatch("MESSAGE_UPDATE", preview)) == "j"
    assert matcher.identities("j") == Identities("77", "100", "101", U)
    final = answer("102", "101", "**x** - <@1> (fast)", nonce="14759609867849107127")
    assert matcher.match(Dispatch("MESSAGE_CREATE", final)) == "j"
    assert matcher.match(Dispatch("MESSAGE_CREATE", final)) == "j"
    assert matcher.match(Dispatch("MESSAGE_DELETE", {"id": "102"})) is None
    assert matcher.match(Dispatch("MESSAGE_DELETE", {"id": "101"})) == "j"
    assert matcher.identities("j").message == "101"
    matcher.forget("j")
    matcher.forget("j")
    assert matcher.identities("j") == Identities()
    assert matcher.match(Dispatch("MESSAGE_CREATE", final)) is None
    assert not matcher._index


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("INTERACTION_FAILURE", {"nonce": "77", "reason_code": 1}),
        ("INTERACTION_IFRAME_MODAL_CREATE", {"id": "100", "nonce": "77"}),
        ("MESSAGE_CREATE", message("101", nonce="77", embeds=[{"title": "Invalid parameter"}])),
        ("MESSAGE_CREATE", message("101", nonce=77)),
    ],
)
def test_a_refusal_has_our_nonce(kind: str, data: Json) -> None:
    matcher = Matcher()
    matcher.expect("other", "76")
    matcher.expect("j", "77")
    assert matcher.match(Dispatch(kind, data)) == "j"


def test_a_failure_answers_the_progress_message() -> None:
    matcher = Matcher()
    matcher.restore("j", nonce="77", message="101", uuid=U)
    failed = answer("102", "101", "", embeds=[{"title": "Image denied"}])
    assert matcher.match(Dispatch("MESSAGE_CREATE", failed)) == "j"


@pytest.mark.parametrize(
    "known", [{"message": "101"}, {"uuid": U}, {"interaction": "100", "parent_message": "9"}]
)
def test_a_restored_job_is_found_in_history(known: Json) -> None:
    matcher = Matcher(user="1")
    matcher.restore("j", nonce="77", **known)
    to = "9" if "parent_message" in known else "101"
    final = answer("105", to, "**x** - <@1> (fast)", attachments=[{"filename": f"a_{U}.png"}])
    assert matcher.match_message(final) == "j"


def test_people_and_unknown_dispatches_are_not_the_bot() -> None:
    matcher = Matcher()
    matcher.restore("j", nonce="77", message="101")
    nice = answer("102", "101", "nice", author={"id": "5", "username": "someone"})
    assert matcher.match(Dispatch("MESSAGE_CREATE", nice)) is None
    assert matcher.match(Dispatch("MESSAGE_REACTION_ADD", {"message_id": "101"})) is None
    assert matcher.match(Dispatch("MESSAGE_DELETE", {})) is None
    assert matcher.match(Dispatch("MESSAGE_CREATE", {})) is None


def pressing(**acks: str) -> Matcher:
    """Presses on message 50, acknowledged by these texts, their uuids not yet shown."""
    matcher = Matcher(user="1")
    for n, (job, text) in enumerate(acks.items()):
        matcher.expect(job, f"7{n}", parent_message="50")
        ack = answer(f"10{n}", "50", text, nonce=f"7{n}")
        assert matcher.match(Dispatch("MESSAGE_CREATE", ack)) == job
    return matcher


UPSCALE = "Upscaling image #{} with **x** - <@1> (Waiting to start)"
VARY = "Making variations for image #1 with prompt **x** - <@1> (Waiting to start)"


@pytest.mark.parametrize(
    ("acks", "final", "job"),
    [
        ({"a": UPSCALE.format(1), "b": UPSCALE.format(2)}, "**x** - Image #2 <@1>", "b"),
        ({"a": UPSCALE.format(1), "b": VARY}, "**x** - Variations (Strong) by <@1> (fast)", "b"),
        ({"a": "Animating...", "b": VARY}, "**x** - <@1> (fast)", "a"),
        ({"a": UPSCALE.format(1)}, "**x** - Upscaled (Subtle) by <@1> (fast)", "a"),
        ({"a": UPSCALE.format(1)}, "**x** - Image #1 <@2>", None),
        ({"a": UPSCALE.format(1)}, "**x** - Image #3 <@1>", None),
        ({"a": VARY, "b": VARY}, "**x** - Variations (Strong) by <@1> (fast)", None),
        ({"a": VARY}, "**x** - Variations (Strong) by <@1> (17%) (fast)", None),
    ],
)
def test_a_press_without_a_uuid_is_told_by_what_it_is(
    acks: Json, final: str, job: str | None
) -> None:
    matcher = pressing(**acks)
    assert matcher.match(Dispatch("MESSAGE_CREATE", answer("200", "50", final))) == job


def test_the_same_press_of_long_ago_is_not_this_one() -> None:
    matcher = pressing(a=UPSCALE.format(1))
    old = answer("99", "50", "**x** - Image #1 <@1>", attachments=[{"filename": f"a_{V}.png"}])
    assert matcher.match_message(old) is None
    edit = Dispatch("MESSAGE_UPDATE", old | {"id": "300"})
    assert matcher.match(edit) is None


def test_a_press_that_was_never_acknowledged_leaves_its_sisters_alone() -> None:
    matcher = Matcher()
    matcher.expect("lost", "70", parent_message="50")
    matcher.expect("known", "71", parent_message="50")
    matcher.match(Dispatch("INTERACTION_SUCCESS", {"id": "100", "nonce": "71"}))
    final = answer("200", "50", "**x** - Image #1 <@1>")
    assert matcher.match(Dispatch("MESSAGE_CREATE", final)) is None


def test_two_clips_out_of_one_grid_share_its_uuid() -> None:
    matcher = Matcher()
    matcher.restore("grid", nonce="70", message="40", uuid=U)
    grid = answer("50", "40", "**x** - <@1> (fast)", attachments=[{"filename": f"a_{U}.webp"}])
    assert matcher.match_message(grid) == "grid"
    matcher.restore("clip", nonce="71", message="60", parent_message="50")
    clip = answer("61", "50", "**x** (fast)", attachments=[{"filename": f"{U}_1_720_N.mp4"}])
    assert matcher.match_message(clip) == "clip"


def test_a_form_has_a_nonce_and_an_interaction_of_its_own() -> None:
    matcher = Matcher()
    matcher.expect("j", "77", parent_message="50")
    matcher.match(Dispatch("INTERACTION_SUCCESS", {"id": "100", "nonce": "77"}))
    matcher.expect("j", "78")
    assert matcher.match(Dispatch("INTERACTION_SUCCESS", {"id": "110", "nonce": "78"})) == "j"
    assert matcher.identities("j") == Identities("77", "100", None, None)
    ack = message("111", "**x** - <@1> (Waiting to start)", interaction_metadata={"id": "110"})
    assert matcher.match(Dispatch("MESSAGE_CREATE", ack)) == "j"


def test_the_answer_to_a_form_names_the_press() -> None:
    matcher = Matcher()
    matcher.restore("j", nonce="77", interaction="100")
    metadata = {"id": "110", "triggering_interaction_metadata": {"id": "100"}}
    ack = message("111", "**x** - <@1> (Waiting to start)", interaction_metadata=metadata)
    assert matcher.match(Dispatch("MESSAGE_CREATE", ack)) == "j"
    later = message("112", "", interaction_metadata={"id": "110"})
    assert matcher.match(Dispatch("MESSAGE_CREATE", later)) == "j"


def test_clips_of_one_grid_are_told_apart_by_their_number() -> None:
    matcher = Matcher(user="1")
    for n in (1, 2):
        pressed = f"MJ::JOB::video_virtual_upscale::{n}::{U}"
        matcher.expect(f"clip {n}", f"7{n}", parent_message="50", pressed=pressed)
        ack = answer(f"10{n}", "50", UPSCALE.format(n), nonce=f"7{n}")
        ack["components"] = [{"custom_id": f"MJ::CancelJob::ByJobid::{U}"}]
        assert matcher.match(Dispatch("MESSAGE_CREATE", ack)) == f"clip {n}"
    files = [{"filename": f"{U}_1_720_N.mp4"}]
    offers = [{"custom_id": f"MJ::JOB::animate_low_extend::2::{U}"}]
    clip = answer("200", "50", "**x** (fast)", attachments=files, components=offers)
    assert matcher.match(Dispatch("MESSAGE_CREATE", clip)) == "clip 2"


@pytest.mark.parametrize(
    ("pressed", "final"),
    [
        ("MJ::JOB::upsample::2::", "**x** - Image #1 <@1>"),
        ("MJ::JOB::variation::2::", "**x** - Image #2 <@1>"),
        ("MJ::JOB::pan_left::1::", "**x** - Pan Right by <@1> (fast)"),
        ("MJ::CustomZoom::", "**x** - Variations (Strong) by <@1> (fast)"),
    ],
)
def test_what_was_pressed_tells_what_cannot_be_its_result(pressed: str, final: str) -> None:
    matcher = Matcher(user="1")
    matcher.restore("j", nonce="7", interaction="100", parent_message="50", pressed=pressed + U)
    assert matcher.match_message(answer("200", "50", final)) is None


def test_a_seed_is_told_by_the_uuid_that_was_asked_for() -> None:
    matcher = Matcher()
    for n, uuid in enumerate((U, V)):
        matcher.restore(f"seed {n}", nonce=f"7{n}", interaction=f"10{n}", seed_of=uuid)
    shown = message("150", "**x** - <@1> (fast)", attachments=[{"filename": f"a_{V}.png"}])
    assert matcher.match(Dispatch("MESSAGE_CREATE", shown)) == "seed 1"
    assert matcher.match(Dispatch("MESSAGE_UPDATE", shown | {"id": "40"})) is None
    assert matcher.match_message(shown | {"id": "40"}) is None
    assert matcher.identities("seed 1") == Identities("71", "101", "150", None)
    told = message("160", f"**x**\n**Job ID**: {U}\n**seed** 5")
    assert matcher.match(Dispatch("MESSAGE_CREATE", told)) == "seed 0"
    assert matcher.match(Dispatch("MESSAGE_CREATE", told | {"id": "161"})) == "seed 0"


class Traffic:
    """Jobs of one prompt, one user and one pressed message; ids grow as Discord's do."""

    def __init__(self) -> None:
        self.ids = itertools.count(1000)
        self.uuids = (f"{n:08x}-0000-0000-0000-000000000000" for n in itertools.count(1))

    def job(self, nonce: str | None, user: int, press: int) -> Iterator[Dispatch]:
        """One job's dispatches: somebody else's without a nonce, an imagine if `press` is 0."""
        uuid, interaction = next(self.uuids), str(next(self.ids))
        if nonce:
            yield Dispatch("INTERACTION_CREATE", {"id": interaction, "nonce": nonce})
            yield Dispatch("INTERACTION_SUCCESS", {"id": interaction, "nonce": nonce})
        ack = str(next(self.ids))
        origin: Json = {"interaction_metadata": {"id": interaction}}
        head = ""
        if press:
            head = f"Upscaling image #{press} with "
            origin["message_reference"] = {"message_id": "50"}
            origin["components"] = [{"custom_id": f"MJ::CancelJob::ByJobid::{uuid}"}]
        first = message(ack, f"{head}**x** - <@{user}> (Waiting to start)", **origin)
        yield Dispatch("MESSAGE_CREATE", first | ({"nonce": nonce} if nonce else {}))
        for percent in (20, 60):
            files = [{"filename": f"{uuid}_grid_0.webp"}] if percent > 35 else []
            text = f"**x** - <@{user}> ({percent}%) (fast)"
            yield Dispatch("MESSAGE_UPDATE", message(ack, text, attachments=files, **origin))
        done = f"**x** - Image #{press} <@{user}>" if press else f"**x** - <@{user}> (fast)"
        files = [{"filename": f"user_x_{uuid}.png"}]
        id, to = str(next(self.ids)), "50" if press else ack
        yield Dispatch("MESSAGE_CREATE", answer(id, to, done, attachments=files, nonce=f"1{id}"))
        yield Dispatch("MESSAGE_DELETE", {"id": ack})


JOBS = st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=8)


def interleaved(
    jobs: list[tuple[bool, int]], data: st.DataObject
) -> Iterator[tuple[str | None, Dispatch]]:
    """Every dispatch with the job that it belongs to, None for another user's."""
    traffic = Traffic()
    running: list[tuple[str | None, Iterator[Dispatch]]] = []
    for n, (ours, press) in enumerate(jobs):
        nonce = str(n) if ours else None
        running.append((nonce, traffic.job(nonce, 1 if ours else 2, press)))
    while running:
        owner, dispatches = data.draw(st.sampled_from(running))
        dispatch = next(dispatches, None)
        if dispatch is None:
            running.remove((owner, dispatches))
        else:
            yield owner, dispatch


def expecting(jobs: list[tuple[bool, int]]) -> Matcher:
    matcher = Matcher(user="1")
    for n, (ours, press) in enumerate(jobs):
        if ours:
            matcher.expect(str(n), str(n), parent_message="50" if press else None)
    return matcher


@given(JOBS, st.data())
def test_interleaved_jobs_never_mix(jobs: list[tuple[bool, int]], data: st.DataObject) -> None:
    matcher = expecting(jobs)
    for owner, dispatch in interleaved(jobs, data):
        assert matcher.match(dispatch) == owner
        if owner is not None and dispatch.type == "MESSAGE_DELETE":
            matcher.forget(owner)
    assert not matcher._index
    assert not matcher._jobs


@given(JOBS, st.data())
def test_with_losses_and_repeats_they_never_mix_either(
    jobs: list[tuple[bool, int]], data: st.DataObject
) -> None:
    matcher = expecting(jobs)
    for owner, dispatch in interleaved(jobs, data):
        for _ in range(data.draw(st.sampled_from((1, 0, 2)))):
            assert matcher.match(dispatch) in (owner, None)
