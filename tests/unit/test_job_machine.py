"""Rules of the state machine that hold over every life of a job, however its writers race."""

from hypothesis import given

from heliograph import job
from heliograph.job import FINAL, Job, JobType
from tests.machine import NOW, Step, applied, asked, lives


def born() -> Job:
    return job.new(
        now=NOW,
        digits=1,
        user=1,
        channel="2",
        verb="imagine",
        type=JobType.IMAGE,
        request={"prompt": "a cat", "replyRef": "mine"},
    )


def lived(life: list[Step]) -> tuple[list[Job], list[str]]:
    """Every state of the job, and the events that were written."""
    history, events = [born()], ["midjourney_created"]
    for now, step in enumerate(life, NOW + 1):
        change = asked(step, history, now)
        after = applied(history[-1], change) if change else None
        if change is None or after is None:
            continue
        history.append(after)
        if change.event is not None:
            events.append(change.event)
    return history, events


@given(lives)
def test_nothing_ever_leaves_a_final_state(life: list[Step]) -> None:
    history, _ = lived(life)
    assert not [state for state in history[:-1] if state.status in FINAL]


@given(lives)
def test_percents_never_fall(life: list[Step]) -> None:
    percents = [state.percent for state in lived(life)[0]]
    assert percents == sorted(percents)


@given(lives)
def test_seq_counts_the_events(life: list[Step]) -> None:
    history, events = lived(life)
    assert [state.seq for state in history] == sorted(state.seq for state in history)
    assert history[-1].seq == len(events)


@given(lives)
def test_events_come_in_the_order_of_decision_7(life: list[Step]) -> None:
    history, events = lived(life)
    assert events[0] == "midjourney_created"
    assert "midjourney_created" not in events[1:]
    # Started is said at most once, and before any progress.
    assert "midjourney_started" not in events[2:]
    ends = [n for n, name in enumerate(events) if name.rpartition("_")[2] in set(FINAL)]
    assert ends in ([], [len(events) - 1])
    assert bool(ends) == (history[-1].status in FINAL)


@given(lives)
def test_a_command_is_sent_at_most_once(life: list[Step]) -> None:
    sent = [state.sent for state in lived(life)[0] if state.sent is not None]
    assert len(set(sent)) <= 1


@given(lives)
def test_an_end_says_what_it_was(life: list[Step]) -> None:
    last = lived(life)[0][-1]
    assert (last.code is not None) == (last.status in FINAL)
    assert (last.error is not None) == (last.status.value in ("failed", "moderated"))
    if last.response is not None:
        assert last.response["replyRef"] == "mine"
