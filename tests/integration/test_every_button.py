"""Every button of the API's page, pressed over HTTP and painted by the composer, small: sizes,
neighbours, and what is offered next."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from PIL import Image, ImageChops

from heliograph.studio.sizes import cell_size, clip_size
from tests.integration.conftest import running
from tests.integration.labels import (
    ANIMATED,
    CHANGES,
    ENLARGED,
    EXTENDED,
    GRID,
    OLD,
    REEL,
    REFRAMED,
    REGION,
    UPSCALES,
    VARIATIONS,
    VARIED,
    WIDE,
    of_the_page,
)
from tests.integration.pressing import (
    Job,
    Presser,
    apart,
    file_of,
    film,
    mask_of,
    opened,
    part,
    small,
)

loop = pytest.mark.asyncio(loop_scope="module")

WORDS, OTHER = "a lighthouse by the sea", "a castle in the desert"
PROMPT = f"{WORDS} --ar 3:2"
CLIP_FRAMES, MORE_FRAMES = 120, 96


def test_every_label_of_the_page_is_pressed_here(shared: Path) -> None:
    upscales = [kind for kinds in ENLARGED.values() for kind in kinds]
    redone = [f"Redo {kind}" for kind in upscales]
    assert {*GRID, *CHANGES, *upscales, *redone, *OLD, *EXTENDED} == of_the_page(shared)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def user(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Presser]:
    flags = {"studio.painter": "composer", "studio.update_seconds": 0.2}
    with small():
        async with (
            running(tmp_path_factory.mktemp("buttons"), **flags) as server,
            httpx2.AsyncClient(timeout=30) as anybody,
        ):
            yield Presser(server, anybody)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grid(user: Presser) -> Job:
    return await user.imagine(PROMPT)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def single(user: Presser, grid: Job) -> Job:
    return await user.press(grid, "U1")


def offered(job: Job) -> list[str]:
    labels: list[str] = job["response"]["buttons"]
    return labels


def single_of(version: str, *, redo: bool = False) -> list[str]:
    """What is offered under one picture of that model."""
    upscales = [f"Redo {kind}" if redo else kind for kind in ENLARGED[version]]
    return [*upscales, *CHANGES]


@loop
async def test_u_gives_the_cell_that_it_names_once(user: Presser, grid: Job, single: Job) -> None:
    assert offered(grid) == GRID
    cells = await user.cells(grid, cell_size(WIDE))
    for label, cell in zip(UPSCALES, cells, strict=True):
        made = single if label == "U1" else await user.press(grid, label)
        assert apart(await user.single(made, cell.size), cell) == 0
        assert offered(made) == single_of("7")
        assert await user.words(made) == [WORDS]
        asked = {"jobId": grid["jobid"], "button": label, "stream": False}
        assert (await user.post("button", asked, status=200))["jobid"] == made["jobid"]


@loop
@pytest.mark.parametrize("label", [*VARIATIONS, "🔄"])
async def test_a_grid_is_varied_and_made_again(user: Presser, grid: Job, label: str) -> None:
    made = await user.press(grid, label, prompt=OTHER)
    assert offered(made) == GRID
    before = await user.cells(grid, cell_size(WIDE))
    after = await user.cells(made, cell_size(WIDE))
    assert all(apart(cell, old) > 4 for cell in after for old in before)
    # Without remix, a prompt is ignored.
    assert await user.words(made) == [WORDS] * 4


@loop
async def test_a_single_is_varied_more_or_less(user: Presser, single: Job) -> None:
    before = await user.picture(single)
    changed = []
    for label in VARIED:
        made = await user.press(single, label, prompt=OTHER)
        assert offered(made) == GRID
        assert await user.words(made) == [WORDS] * 4
        cells = await user.cells(made, before.size)
        changed.append(sum(apart(before, cell) for cell in cells) / 4)
    assert 4 < changed[0] < changed[1]


@loop
async def test_a_region_is_painted_anew_and_nothing_else(user: Presser, single: Job) -> None:
    before, box = await user.picture(single), (100, 40, 150, 90)
    mask = base64.b64encode(file_of(mask_of(before.size, box))).decode()
    made = await user.press(single, REGION, mask=mask, prompt=OTHER)
    assert offered(made) == GRID
    near = mask_of(before.size, (96, 36, 154, 94))
    for cell in await user.cells(made, before.size):
        change = ImageChops.difference(cell, before)
        change.paste((0, 0, 0), mask=near)
        assert change.getbbox() is None
        assert apart(cell.crop(box), before.crop(box)) > 4


@loop
@pytest.mark.parametrize("label", REFRAMED)
async def test_what_was_there_stays_in_a_wider_view(user: Presser, single: Job, label: str) -> None:
    (aspect, box), custom = REFRAMED[label], label == "Custom Zoom"
    prompt = f"{WORDS} and a castle --ar 2:1 --zoom 1.25" if custom else OTHER
    made = await user.press(single, label, prompt=prompt)
    assert offered(made) == GRID
    assert await user.words(made) == [f"{WORDS} and a castle" if custom else WORDS] * 4
    before = await user.picture(single)
    for cell in await user.cells(made, cell_size(aspect)):
        assert 2 * apart(part(cell, box), before) < min(16, apart(cell, before))


@loop
@pytest.mark.parametrize("version", ENLARGED)
async def test_an_upscale_is_the_same_picture_larger(user: Presser, version: str) -> None:
    single = await user.press(await user.imagine(f"{PROMPT} --v {version}"), "U2")
    assert offered(single) == single_of(version)
    before = await user.picture(single)
    for label, factor in ENLARGED[version].items():
        large = await user.press(single, label)
        for made in (large, await user.press(large, f"Redo {label}")):
            size = before.width * factor, before.height * factor
            assert apart(before, await user.single(made, size)) < 6
            assert offered(made) == single_of(version, redo=True)


@loop
async def test_an_old_model_varies_and_remasters(user: Presser) -> None:
    single = await user.press(await user.imagine(f"{PROMPT} --v 3"), "U3")
    assert offered(single) == OLD
    before = await user.picture(single)
    varied, remastered = [await user.press(single, label) for label in OLD]
    assert offered(varied) == offered(remastered) == GRID
    assert all(apart(before, cell) > 4 for cell in await user.cells(varied, before.size))
    kept = [apart(before, cell) for cell in await user.cells(remastered, before.size)]
    assert all(0 < change < 15 for change in kept)


@loop
async def test_remix_paints_other_words(user: Presser, grid: Job, single: Job) -> None:
    mask = file_of(mask_of(cell_size(WIDE), (60, 40, 130, 110)))
    assert (await user.post("remix", {"stream": False}))["response"]["settings"] == {"remix": True}
    try:
        for label in ["V2", "🔄", *VARIED, REGION, "➡️"]:
            more = {"mask": base64.b64encode(mask).decode()} if label == REGION else {}
            parent = grid if label in GRID else single
            made = await user.press(parent, label, prompt=OTHER, **more)
            assert offered(made) == GRID
            assert made["response"]["content"].startswith(f"**{OTHER} --ar ")
            # What is round a region keeps its own words.
            assert await user.words(made) == [WORDS if label == REGION else OTHER] * 4
            await user.cells(made, cell_size((9, 4) if label == "➡️" else WIDE))
    finally:
        await user.post("remix", {"stream": False})


@loop
async def test_clips_begin_with_their_picture_and_go_on(user: Presser, single: Job) -> None:
    before, moved = await user.picture(single), []
    for label in ANIMATED:
        reel = await user.press(single, label)
        assert offered(reel) == REEL
        films = [film(data) for data in await user.singles(reel)]
        assert [(one.size, len(one.frames)) for one in films] == [(clip_size(WIDE), 120)] * 4
        assert all(apart(one.frames[0], before) < 15 for one in films)
        moved.append(sum(apart(one.frames[0], one.frames[-1]) for one in films) / 4)
    high, low = moved
    assert high > low > 1
    for label, one in zip(UPSCALES, films, strict=True):
        clip = await user.press(reel, label)
        assert offered(clip) == EXTENDED
        assert apart(film(await user.file(clip)).frames[-1], one.frames[-1]) == 0
    longer = await user.press(clip, "Extend (Low motion)")
    assert offered(longer) == REEL
    assert all(film(data).goes_on(films[-1]) for data in await user.singles(longer))


@loop
async def test_a_prompt_makes_one_clip_of_a_picture(user: Presser, single: Job) -> None:
    url = single["response"]["attachments"][0]["url"]
    reel = await user.imagine(f"{url} {WORDS} --video --bs 1 --motion high")
    again = await user.press(reel, "🔄")
    for made in (reel, again):
        assert offered(made) == ["U1", "🔄"]
        [first] = [film(data) for data in await user.singles(made)]
        assert apart(first.frames[0], await user.picture(single)) < 15
    longer = await user.press(await user.press(again, "U1"), "Extend (High motion)")
    assert offered(longer) == ["U1", "🔄"]
    whole = film(await user.file(await user.press(longer, "U1")))
    assert len(whole.frames) == 120 + 96
    assert whole.goes_on(first)


def foreign() -> bytes:
    """A picture that no painter of ours has made, as a JPEG."""
    ramp = Image.linear_gradient("L").resize((300, 200))
    return file_of(Image.merge("RGB", (ramp, ramp.rotate(180), ramp.rotate(90))), "JPEG")


@loop
async def test_own_and_foreign_pictures_are_blended(user: Presser, single: Job) -> None:
    fields = {"stream": "false", "blendDimensions": "Portrait"}
    files = {
        "imageBlob_1": ("lighthouse.png", await user.file(single), "image/png"),
        "imageBlob_2": ("colours.jpg", foreign(), "image/jpeg"),
    }
    made = await user.checked(await user.post("blend", fields, files=files))
    urls = ["blob_0", "blob_1"]
    assert made["request"] == {"stream": False, "blendUrls": urls, "blendDimensions": "Portrait"}
    assert offered(made) == GRID
    cells = await user.cells(made, cell_size((2, 3)))
    one = await user.press(made, "U4")
    assert apart(await user.single(one, cells[3].size), cells[3]) == 0
    assert offered(one) == single_of("7")


@loop
async def test_own_and_foreign_pictures_are_described(user: Presser, single: Job) -> None:
    own = await user.file(single)
    for data in (own, foreign()):
        files = {"imageBlob": ("picture", data, "image/png")}
        told = await user.post("describe", {"stream": "false"}, files=files)
        assert "jobType" not in told
        prompts = told["response"]["content"].split("\n\n")
        assert [prompt[0] for prompt in prompts] == ["1", "2", "3", "4"]
        assert all(prompt.endswith(" --ar 3:2") for prompt in prompts)
        assert ("lighthouse" in prompts[0]) == (data == own)


@loop
async def test_a_seed_is_told_once_with_the_four_pictures(user: Presser, grid: Job) -> None:
    asked = {"jobId": grid["jobid"], "stream": False}
    told, again = [await user.post("seed", asked, status=status) for status in (201, 200)]
    assert told["jobid"] == again["jobid"]
    assert re.search(rf"\*\*seed\*\* {told['response']['seed']}$", told["response"]["content"])
    cells = await user.cells(grid, cell_size(WIDE))
    files = [await user.data(file["url"]) for file in told["response"]["attachments"]]
    assert [apart(opened(data), cell) for data, cell in zip(files, cells, strict=True)] == [0] * 4
    after = (await user.server.job(grid["jobid"]))["response"]
    assert after["executeOnce"]["seed"] == told["jobid"]
    assert after["children"][told["jobid"]]["verb"] == "seed"
