import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.studio.sizes import (
    cell_size,
    clip_size,
    fits,
    grid_size,
    panned,
    preview_size,
    upscaled,
)

ASPECTS = st.tuples(st.integers(1, 5000), st.integers(1, 5000)).filter(fits)


@pytest.mark.parametrize(
    ("aspect", "cell"),
    [
        ((1, 1), (1024, 1024)),
        ((7, 7), (1024, 1024)),
        ((3, 2), (1344, 896)),
        ((2, 3), (896, 1344)),
        ((16, 9), (1456, 816)),
        ((9, 16), (816, 1456)),
        ((4, 1), (2176, 544)),
        ((1, 4), (544, 2176)),
    ],
)
def test_known_sizes(aspect: tuple[int, int], cell: tuple[int, int]) -> None:
    assert cell_size(aspect) == cell


@given(ASPECTS)
def test_every_aspect(aspect: tuple[int, int]) -> None:
    width, height = cell = cell_size(aspect)
    assert width % 16 == height % 16 == 0
    assert fits(cell)
    assert abs(width / height / (aspect[0] / aspect[1]) - 1) < 0.03
    assert abs(width * height / (1344 * 896) - 1) < 0.15
    assert grid_size(cell) == (2 * width, 2 * height)
    assert cell_size((aspect[1], aspect[0])) == (height, width)


@given(ASPECTS)
def test_previews(aspect: tuple[int, int]) -> None:
    cell = cell_size(aspect)
    preview = preview_size(cell)
    assert max(preview) == 512
    assert preview[0] % 2 == preview[1] % 2 == 0
    assert fits(preview)


def test_preview_of_three_to_two_is_as_recorded() -> None:
    assert preview_size((896, 1344)) == (340, 512)


@pytest.mark.parametrize("aspect", [(0, 1), (1, 0), (9, 2), (1, 5), (-1, -1)])
def test_other_aspects_are_not_made(aspect: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not between 1:4 and 4:1"):
        cell_size(aspect)


def test_pans_as_recorded() -> None:
    assert panned((1, 1), "left") == (3, 2)
    assert grid_size(cell_size(panned((1, 1), "right"))) == (2688, 1792)
    assert panned((3, 2), "down") == (1, 1)
    assert panned((1, 1), "up") == (2, 3)


@pytest.mark.parametrize(
    ("cell", "factor", "size"),
    [
        ((1024, 1024), 2, (2048, 2048)),
        ((1024, 1024), 4, (4096, 4096)),
        ((1456, 816), 2, (2912, 1632)),
        ((1456, 816), 4, (4096, 2296)),
        ((2176, 544), 2, (4096, 1024)),
    ],
)
def test_upscales(cell: tuple[int, int], factor: int, size: tuple[int, int]) -> None:
    assert upscaled(cell, factor) == size


@given(ASPECTS)
def test_clips(aspect: tuple[int, int]) -> None:
    width, height = clip_size(aspect)
    assert width % 2 == height % 2 == 0
    assert fits((width, height))
    assert abs(width * height / 624**2 - 1) < 0.12
    assert abs(width / height / (aspect[0] / aspect[1]) - 1) < 0.06


def test_a_square_clip_is_as_large_as_recorded() -> None:
    assert clip_size((1, 1)) == (624, 624)
