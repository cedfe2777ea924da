from random import Random

import pytest

from heliograph.studio.ids import EPOCH, Ids, account_ids, cell_seed, iso
from heliograph.studio.painters.thumbhash import placeholder

NOW = 1_780_000_000.5


def test_snowflakes_hold_the_time_and_grow() -> None:
    ids = Ids(lambda: NOW, Random(1))
    made = [int(ids.snowflake()) for _ in range(100)]
    assert made == sorted(set(made))
    assert (made[0] >> 22) + EPOCH == int(NOW * 1000)
    assert all(len(str(id)) == 19 for id in made)
    assert int(Ids(lambda: 0, Random(1), last=made[-1]).snowflake()) > made[-1]


def test_uuids_differ_though_the_random_numbers_are_the_same() -> None:
    one, other = (Ids(lambda: NOW, Random(1)) for _ in range(2))
    assert one.uuid("1") != other.uuid("2")
    assert one.uuid("3")[14] == "4"


def test_seeds_of_cells() -> None:
    seeds = [cell_seed(seed, n) for seed in range(100) for n in range(4)]
    assert len(set(seeds)) == 400
    assert cell_seed(7, 2) == cell_seed(7, 2)


def test_accounts() -> None:
    assert account_ids("studio") == account_ids("studio")
    found = [id for n in range(50) for id in account_ids(f"studio-{n}")]
    assert len(set(found)) == 100
    assert all(len(id) == 19 for id in found)


def test_times_have_an_offset() -> None:
    assert iso(NOW) == "2026-05-28T20:26:40.500000+00:00"


def test_placeholder_is_a_thumbhash() -> None:
    image = pytest.importorskip("PIL.Image").linear_gradient("L").resize((336, 224))
    assert placeholder(image) == placeholder(image.copy())
    assert len(placeholder(image)) == 28
