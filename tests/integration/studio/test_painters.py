"""The contract of `Painter`, for every implementation."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat

from heliograph.studio import sizes
from heliograph.studio.painters.base import (
    Order,
    Origin,
    Painter,
    Painting,
    Picture,
)
from heliograph.studio.painters.blank import BlankPainter
from heliograph.studio.painters.composer import ComposerPainter
from heliograph.studio.sizes import cell_size, grid_size, preview_size

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = Order("imagine", "a red fox in a snowy forest", (3, 2), (11, 12, 13, 14))


@pytest.fixture(scope="module", autouse=True)
def small_pictures() -> Iterator[None]:
    """The same shapes at a sixteenth of the area: what is tested does not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sizes, "SQUARE", sizes.SQUARE // 4)
        patch.setattr(sizes, "AREA", sizes.AREA // 16)
        yield


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["blank", "slow blank", "composer"]
)
async def painter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Painter]:
    folder: Path = tmp_path_factory.mktemp("painter") / "pixels"
    makers: dict[str, Any] = {
        "blank": BlankPainter,
        "slow blank": lambda: BlankPainter(0.05),
        "composer": lambda: ComposerPainter(folder, workers=2),
    }
    painter: Painter = makers[request.param]()
    yield painter
    await painter.close()


class Reports:
    """What a painter reported; `begun` is set by the first."""

    def __init__(self) -> None:
        self.percents: list[int] = []
        self.previews: list[Picture] = []
        self.begun = asyncio.Event()

    def __call__(self, percent: int, preview: Picture | None) -> None:
        self.percents.append(percent)
        self.previews += [preview] if preview else []
        self.begun.set()


async def nothing(url: str) -> bytes:
    raise FileNotFoundError(url)


async def paint(painter: Painter, order: Order = ORDER) -> Painting:
    return await painter.paint(order, Reports(), nothing)


def opened(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.data))
    assert image.size == (picture.width, picture.height)
    assert picture.content_type == f"image/{(image.format or '').lower()}"
    assert len(picture.placeholder) > 20
    return image.convert("RGB")


@pytest.mark.parametrize("aspect", [(1, 1), (3, 2), (9, 16), (4, 1), (1, 4)])
async def test_grid(painter: Painter, aspect: tuple[int, int]) -> None:
    reports = Reports()
    order = msgspec.structs.replace(ORDER, aspect=aspect)
    painting = await painter.paint(order, reports, nothing)
    cell = cell_size(aspect)
    assert opened(painting.picture).size == grid_size(cell)
    assert painting.picture.content_type == "image/png"
    assert [opened(c).size for c in painting.cells] == [cell] * 4
    assert {c.content_type for c in painting.cells} == {"image/jpeg"}
    assert len(painting.scenes) == 4
    assert reports.percents == sorted(reports.percents)
    assert all(0 <= percent < 100 for percent in reports.percents)
    assert reports.percents[:1] in ([], [0])
    if reports.percents:
        assert reports.previews
    for preview in reports.previews:
        assert preview.content_type == "image/webp"
        assert opened(preview).size == preview_size(cell)


async def test_cells_are_the_quarters_of_the_grid(painter: Painter) -> None:
    painting = await paint(painter)
    grid = opened(painting.picture)
    width, height = cell_size(ORDER.aspect)
    for n, cell in enumerate(painting.cells):
        left, top = n % 2 * width, n // 2 * height
        quarter = grid.crop((left, top, left + width, top + height))
        difference = ImageChops.difference(quarter, opened(cell)).convert("L")
        # JPEG is not exact, but near.
        assert ImageStat.Stat(difference).mean[0] < 8


async def test_same_order_same_bytes(painter: Painter) -> None:
    assert await paint(painter) == await paint(painter)


@pytest.mark.parametrize("strength", ["strong", "subtle"])
async def test_vary(painter: Painter, strength: Any) -> None:
    parent = await paint(painter)
    for scene in (parent.scenes[1], "", '{"version": -1}'):
        order = msgspec.structs.replace(
            ORDER,
            operation="vary",
            seeds=(21, 22, 23, 24),
            strength=strength,
            origin=Origin(seed=ORDER.seeds[1], scene=scene),
        )
        painting = await paint(painter, order)
        assert opened(painting.picture).size == grid_size(cell_size(ORDER.aspect))
        assert len(painting.cells) == len(painting.scenes) == 4


@pytest.mark.parametrize("cell", [1, 2, 3, 4])
async def test_single_is_a_cell_of_the_grid(painter: Painter, cell: int) -> None:
    parent = await paint(painter)

    async def fetch(url: str) -> bytes:
        assert url == "/media/the/grid.png"
        return parent.picture.data

    order = msgspec.structs.replace(
        ORDER,
        operation="single",
        seeds=ORDER.seeds[cell - 1 : cell],
        origin=Origin(seed=ORDER.seeds[cell - 1], scene=parent.scenes[cell - 1]),
        cell=cell,
        sources=("/media/the/grid.png",),
    )
    painting = await painter.paint(order, Reports(), fetch)
    width, height = cell_size(ORDER.aspect)
    left, top = (cell - 1) % 2 * width, (cell - 1) // 2 * height
    quarter = opened(parent.picture).crop((left, top, left + width, top + height))
    assert ImageChops.difference(quarter, opened(painting.picture)).getbbox() is None
    assert painting.picture.content_type == "image/png"
    assert [opened(c).size for c in painting.cells] == [(width, height)]
    assert painting.scenes == parent.scenes[cell - 1 : cell]


async def test_cancelled_it_stops_and_paints_the_next(painter: Painter) -> None:
    reports = Reports()
    task = asyncio.ensure_future(painter.paint(ORDER, reports, nothing))
    waiter = asyncio.ensure_future(reports.begun.wait())
    await asyncio.wait([task, waiter], return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    waiter.cancel()
    async with asyncio.timeout(1):
        await asyncio.wait([task, waiter])
    await paint(painter)


async def test_names_and_slots(painter: Painter) -> None:
    assert painter.name in ("blank", "composer")
    assert painter.slots >= 1
