"""Choosing a channel: every case and text of decision 9."""

import os
import random

import msgspec
import pytest

from heliograph import errors
from heliograph.channel import Channel, Load, bind, choose
from heliograph.job import JobType

ONE = Channel(id="1", user=1, token="studio")
TWO = Channel(id="2", user=1, token="studio2")
FULL = Load(images=3)
IMAGE = JobType.IMAGE


def pick(
    *channels: Channel,
    loads: dict[str, Load] | None = None,
    type: JobType | None = IMAGE,
    named: str | None = None,
) -> Channel:
    return choose(channels, loads or {}, type, random.Random(0), named=named)


def broken(channel: Channel) -> Channel:
    return msgspec.structs.replace(channel, error="Pending mod message")


def test_none_configured() -> None:
    with pytest.raises(errors.NoChannels, match=r"^No Midjourney channels configured$"):
        pick()


def test_named_and_unknown() -> None:
    with pytest.raises(
        errors.ChannelNotFound, match=r"^Channel 9 not found or not configured$"
    ) as caught:
        pick(ONE, named="9")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("load", "type", "text"),
    [
        (Load(images=1, videos=2), JobType.IMAGE, "Channel 1 is busy executing 3 jobs"),
        (Load(images=2), JobType.IMAGE, "Channel 1 is busy executing 2 image jobs"),
        (Load(videos=1), JobType.VIDEO, "Channel 1 is busy executing 1 video jobs"),
        (Load(images=2, videos=1), JobType.VIDEO, "Channel 1 is busy executing 1 video jobs"),
    ],
)
def test_named_and_full(load: Load, type: JobType, text: str) -> None:
    channel = msgspec.structs.replace(ONE, max_image_jobs=2, max_video_jobs=1)
    with pytest.raises(errors.ChannelBusy, match=f"^{text}$") as caught:
        pick(channel, loads={"1": load}, type=type, named="1")
    assert caught.value.status == 429


def test_default_quotas_speak_of_image_jobs() -> None:
    # The page's own example: three image jobs on a channel with the defaults.
    with pytest.raises(errors.ChannelBusy, match=r"^Channel 1 is busy executing 3 image jobs$"):
        pick(ONE, loads={"1": FULL}, named="1")


def test_named_and_in_error() -> None:
    with pytest.raises(
        errors.ChannelError, match=r"^Channel 1 has an error: Pending mod message$"
    ) as caught:
        pick(broken(ONE), named="1")
    assert caught.value.status == 596


def test_all_full() -> None:
    with pytest.raises(errors.AllChannelsBusy, match=r"^All 2 channels are busy$"):
        pick(ONE, TWO, loads={"1": FULL, "2": FULL})


def test_all_in_error() -> None:
    with pytest.raises(errors.AllChannelsInError, match=r"^All configured .* channels \(2\) have"):
        pick(broken(ONE), broken(TWO))


def test_some_in_error_and_the_rest_full_is_busy() -> None:
    with pytest.raises(errors.AllChannelsBusy):
        pick(broken(ONE), TWO, loads={"2": FULL})


def test_chooses_among_those_with_room() -> None:
    assert pick(broken(ONE), TWO) == TWO
    assert pick(ONE, TWO, loads={"2": FULL}) == ONE


def test_chooses_at_random() -> None:
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print("SEED", seed)
    rng = random.Random(seed)
    assert {choose([ONE, TWO], {}, IMAGE, rng).id for _ in range(100)} == {"1", "2"}


def test_untyped_jobs_always_have_room() -> None:
    assert pick(ONE, loads={"1": FULL}, type=None) == ONE


def test_who_waits_is_bound_to_the_least_loaded_of_the_sound() -> None:
    wide = msgspec.structs.replace(TWO, max_jobs=6)
    loads = {"1": Load(images=3), "2": Load(images=3, videos=3)}
    assert bind([ONE, wide], loads, {}) == ONE
    # 5/3 on the one, 9/6 on the other: what waits counts as what runs.
    assert bind([ONE, wide], loads, {"1": 2, "2": 3}) == wide
    assert bind([broken(ONE), wide], loads, {"2": 99}) == wide
    assert bind([ONE, wide], loads, {"1": 99}, named="1") == ONE


def test_nobody_waits_for_what_never_comes() -> None:
    with pytest.raises(errors.NoChannels):
        bind([], {}, {})
    with pytest.raises(errors.ChannelNotFound):
        bind([ONE], {}, {}, named="9")
    with pytest.raises(errors.AllChannelsInError):
        bind([broken(ONE)], {}, {})
    with pytest.raises(errors.ChannelError):
        bind([broken(ONE), TWO], {}, {}, named="1")
