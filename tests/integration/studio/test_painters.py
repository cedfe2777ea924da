"""The contract of `Painter`, for every implementation."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageDraw, ImageStat

import diorama
from heliograph.studio import sizes
from heliograph.studio.painters.base import (
    Fetch,
    Order,
    OrderRefused,
    Origin,
    Painter,
    Painting,
    Picture,
)
from heliograph.studio.painters.blank import BlankPainter
from heliograph.studio.painters.composer import ComposerPainter
from heliograph.studio.sizes import cell_size, clip_size, grid_size, preview_size

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = Order("imagine", "a red fox in a snowy forest", (3, 2), (11, 12, 13, 14))


@pytest.fixture(scope="module", autouse=True)
def small_pictures() -> Iterator[None]:
    """The same shapes at a sixteenth of the area: what is tested does not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sizes, "SQUARE", sizes.SQUARE // 4)
        patch.setattr(sizes, "AREA", sizes.AREA // 16)
        patch.setattr(sizes, "CLIP", 128)
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def composer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Painter]:
    painter = ComposerPainter(tmp_path_factory.mktemp("composer") / "pixels", workers=2)
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


def serving(files: dict[str, bytes]) -> Fetch:
    """Hands out these files, and nothing else."""

    async def fetch(url: str) -> bytes:
        return files[url]

    return fetch


def drawn(size: tuple[int, int] = (96, 64), form: str = "PNG") -> bytes:
    """A picture that no painter has made: a disc on a slope of colours."""
    image = Image.merge("RGB", [Image.linear_gradient("L").resize(size) for _ in range(3)])
    ImageDraw.Draw(image).ellipse((20, 10, 60, 50), fill=(200, 60, 40))
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


def mask(size: tuple[int, int]) -> bytes:
    """White in the right half."""
    image = Image.new("L", size)
    image.paste(255, (size[0] // 2, 0, *size))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def frames(clip: Picture) -> int:
    """How many frames the mp4 has; its size must be what it says."""
    assert clip.content_type == "video/mp4"
    assert len(clip.placeholder) > 20
    with av.open(BytesIO(clip.data), "r") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (clip.width, clip.height)
        return len([packet for packet in container.demux(stream) if packet.dts is not None])


async def paint(painter: Painter, order: Order = ORDER, **files: bytes) -> Painting:
    """Paints, with these files as what `/name` in the order's sources leads to."""
    return await painter.paint(
        order, Reports(), serving({f"/{name}": data for name, data in files.items()})
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grid(painter: Painter) -> Painting:
    """What ORDER comes to."""
    return await paint(painter)


def cell_of(grid: Painting) -> tuple[Origin, Picture]:
    """A cell of that grid, as what comes after it is told of it."""
    return Origin(ORDER.seeds[1], grid.scenes[1], ORDER.aspect), grid.cells[1]


def check_grid(painting: Painting, aspect: tuple[int, int]) -> None:
    """Four cells of that shape, in one picture."""
    assert opened(painting.picture).size == grid_size(cell_size(aspect))
    assert [opened(cell).size for cell in painting.cells] == [cell_size(aspect)] * 4
    assert len(painting.scenes) == 4


def opened(picture: Picture | None) -> Image.Image:
    assert picture
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
    check_grid(painting, aspect)
    assert painting.picture
    assert painting.picture.content_type == "image/png"
    assert {c.content_type for c in painting.cells} == {"image/jpeg"}
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

    assert parent.picture
    order = msgspec.structs.replace(
        ORDER,
        operation="single",
        seeds=ORDER.seeds[cell - 1 : cell],
        origin=Origin(seed=ORDER.seeds[cell - 1], scene=parent.scenes[cell - 1]),
        cell=cell,
        sources=("/grid",),
    )
    painting = await paint(painter, order, grid=parent.picture.data)
    assert painting.picture
    width, height = cell_size(ORDER.aspect)
    left, top = (cell - 1) % 2 * width, (cell - 1) // 2 * height
    quarter = opened(parent.picture).crop((left, top, left + width, top + height))
    assert ImageChops.difference(quarter, opened(painting.picture)).getbbox() is None
    assert painting.picture.content_type == "image/png"
    assert [opened(c).size for c in painting.cells] == [(width, height)]
    assert painting.scenes == parent.scenes[cell - 1 : cell]


async def test_remix(painter: Painter, grid: Painting) -> None:
    origin, _ = cell_of(grid)
    order = Order("vary", "a lighthouse at night", (3, 2), (21, 22, 23, 24), origin=origin)
    check_grid(await paint(painter, order), (3, 2))


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"zoom": 1.5}, (3, 2)),
        ({"zoom": 2.0, "prompt": "a red fox under a moon"}, (3, 2)),
        ({"zoom": 1.3}, (16, 9)),
        ({"pan": "left"}, (9, 4)),
        ({"pan": "down"}, (1, 1)),
        ({"square": True}, (1, 1)),
    ],
    ids=str,
)
async def test_reframe(
    painter: Painter, grid: Painting, changes: dict[str, Any], aspect: Any
) -> None:
    origin, _ = cell_of(grid)
    order = msgspec.structs.replace(
        ORDER,
        operation="reframe",
        aspect=aspect,
        seeds=(31, 32, 33, 34),
        origin=origin,
        **changes,
    )
    check_grid(await paint(painter, order), aspect)


async def test_reframe_of_another_painters_picture(painter: Painter) -> None:
    order = msgspec.structs.replace(
        ORDER,
        operation="reframe",
        aspect=(9, 4),
        pan="left",
        origin=Origin(ORDER.seeds[1], "", ORDER.aspect),
    )
    check_grid(await paint(painter, order), (9, 4))


async def test_repaint(painter: Painter, grid: Painting) -> None:
    origin, picture = cell_of(grid)
    order = msgspec.structs.replace(
        ORDER,
        operation="repaint",
        prompt="a snowman",
        seeds=(41, 42, 43, 44),
        origin=origin,
        sources=("/picture", "/mask"),
    )
    size = picture.width, picture.height
    painting = await paint(painter, order, picture=picture.data, mask=mask(size))
    check_grid(painting, ORDER.aspect)
    left = (0, 0, size[0] // 2 - 24, size[1])
    for cell in painting.cells if painter.name != "blank" else ():
        apart = ImageChops.difference(opened(cell).crop(left), opened(picture).crop(left))
        # The same but for what JPEG makes of it.
        assert ImageStat.Stat(apart.convert("L")).mean[0] < 3


async def test_remaster(painter: Painter, grid: Painting) -> None:
    origin, _ = cell_of(grid)
    order = msgspec.structs.replace(ORDER, operation="remaster", origin=origin)
    check_grid(await paint(painter, order), ORDER.aspect)


@pytest.mark.parametrize(("factor", "strength"), [(2, "subtle"), (2, "strong"), (4, "subtle")])
async def test_upscale(painter: Painter, grid: Painting, factor: int, strength: Any) -> None:
    origin, picture = cell_of(grid)
    order = msgspec.structs.replace(
        ORDER,
        operation="upscale",
        seeds=(51,),
        strength=strength,
        factor=factor,
        origin=origin,
        sources=("/picture",),
    )
    painting = await paint(painter, order, picture=picture.data)
    size = picture.width * factor, picture.height * factor
    assert opened(painting.picture).size == size
    assert [opened(cell).size for cell in painting.cells] == [size]
    assert painting.scenes == (origin.scene,)
    small = opened(painting.picture).resize((picture.width, picture.height))
    apart = ImageChops.difference(small, opened(picture)).convert("L")
    assert ImageStat.Stat(apart).mean[0] < 12


async def test_imagine_with_pictures_and_styles(painter: Painter) -> None:
    order = msgspec.structs.replace(
        ORDER, sources=("/one",), references=("/two",), parameters={"iw": 2.0, "sw": 100}
    )
    painting = await paint(painter, order, one=drawn(), two=drawn((64, 64), "JPEG"))
    check_grid(painting, ORDER.aspect)


@pytest.mark.parametrize(("count", "aspect"), [(2, (2, 3)), (5, (1, 1)), (3, (3, 2))])
async def test_blend(painter: Painter, count: int, aspect: tuple[int, int]) -> None:
    names = [f"n{n}" for n in range(count)]
    order = Order("blend", "", aspect, (61, 62, 63, 64), sources=tuple(f"/{n}" for n in names))
    files = {name: drawn((64 + 8 * n, 64)) for n, name in enumerate(names)}
    check_grid(await paint(painter, order, **files), aspect)


async def test_describe(painter: Painter) -> None:
    order = Order("describe", "", (1, 1), (1,), sources=("/picture",))
    painting = await paint(painter, order, picture=drawn())
    assert painting.picture is None
    assert len(set(painting.prompts)) == 4
    assert all(" --ar " in prompt for prompt in painting.prompts)


async def clips_of(painter: Painter, grid: Painting, **changes: Any) -> tuple[Order, Painting]:
    origin, picture = cell_of(grid)
    order = msgspec.structs.replace(
        ORDER,
        operation="animate",
        seeds=(71, 72),
        parameters={"video": True, "aspect": [3, 2]},
        origin=origin,
        sources=("/picture",),
        **changes,
    )
    return order, await paint(painter, order, picture=picture.data)


def check_clips(painting: Painting, size: tuple[int, int], count: int) -> None:
    assert painting.picture
    assert painting.picture.content_type == "image/webp"
    assert opened(painting.picture)
    assert Image.open(BytesIO(painting.picture.data)).n_frames > 1  # type: ignore[attr-defined]
    assert [(clip.width, clip.height) for clip in painting.cells] == [size] * count
    assert len(painting.scenes) == count
    assert all(frames(clip) > 10 for clip in painting.cells)


async def test_clips(painter: Painter, grid: Painting) -> None:
    order, reel = await clips_of(painter, grid, motion="high")
    check_clips(reel, clip_size((3, 2)), 2)
    origin = Origin(order.seeds[1], reel.scenes[1])
    single = msgspec.structs.replace(
        order, operation="single", cell=2, origin=origin, sources=("/clip",)
    )
    clip = await paint(painter, single, clip=reel.cells[1].data)
    assert clip.picture == clip.cells[0]
    assert clip.picture
    assert clip.picture.data == reel.cells[1].data
    assert clip.scenes == reel.scenes[1:]
    longer = msgspec.structs.replace(
        order, operation="extend", seeds=(81,), origin=origin, sources=("/clip",)
    )
    extended = await paint(painter, longer, clip=reel.cells[1].data)
    check_clips(extended, clip_size((3, 2)), 1)
    if painter.name != "blank":
        assert frames(extended.cells[0]) > frames(reel.cells[1])


async def test_a_clip_of_somebodys_picture(painter: Painter) -> None:
    order = Order(
        "animate",
        "",
        (1, 1),
        (91,),
        parameters={"video": True},
        sources=("/begin", "/end"),
        motion="low",
    )
    painting = await paint(painter, order, begin=drawn((64, 64)), end=drawn((64, 64), "JPEG"))
    check_clips(painting, clip_size((1, 1)), 1)


async def test_pictures_that_are_none_are_refused(composer: Painter) -> None:
    for operation, sources in (("describe", 1), ("blend", 2), ("imagine", 1), ("animate", 1)):
        names = [f"n{n}" for n in range(sources)]
        order = Order(
            operation,  # type: ignore[arg-type]
            "a cat",
            (1, 1),
            (1, 2, 3, 4),
            sources=tuple(f"/{name}" for name in names),
        )
        with pytest.raises(OrderRefused, match=r"\.$"):
            await paint(composer, order, **dict.fromkeys(names, b"no picture"))


async def test_masks_that_do_not_fit_are_refused(composer: Painter) -> None:
    grid = await paint(composer)
    origin, picture = cell_of(grid)
    order = msgspec.structs.replace(
        ORDER, operation="repaint", origin=origin, sources=("/picture", "/mask")
    )
    size = picture.width, picture.height
    for wrong in (b"no mask", mask((size[0] + 8, size[1])), drawn(size, "JPEG")):
        with pytest.raises(OrderRefused, match="mask"):
            await paint(composer, order, picture=picture.data, mask=wrong)


async def test_the_composer_knows_its_own_pictures(composer: Painter) -> None:
    grid = await paint(composer)
    assert grid.picture
    origin = Origin(ORDER.seeds[0], grid.scenes[0])
    order = msgspec.structs.replace(
        ORDER, operation="single", cell=1, origin=origin, sources=("/grid",)
    )
    single = await paint(composer, order, grid=grid.picture.data)
    assert single.picture
    assert [s.to_json() for s in diorama.recognise(single.picture.data)] == [origin.scene]
    assert [s.to_json() for s in diorama.recognise(grid.picture.data)] == list(grid.scenes)
    assert [s.to_json() for s in diorama.recognise(grid.cells[2].data)] == [grid.scenes[2]]
    asked = Order("describe", "", (1, 1), (1,), sources=("/picture",))
    described = await paint(composer, asked, picture=single.picture.data)
    assert any("fox" in prompt for prompt in described.prompts)


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
