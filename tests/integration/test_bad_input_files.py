"""Bad files to every verb that takes some: masks, uploads, and links that lead to no picture. The
right status, a sentence that names what is wrong, and nothing kept."""

import base64
import json
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.contract_table import V3
from tests.integration.conftest import TOKEN, running
from tests.integration.elsewhere import Elsewhere, Page, elsewhere
from tests.integration.scene import Scene
from tests.integration.states import Calls, picture, square_mask

loop = pytest.mark.asyncio(loop_scope="module")
LARGE = 10 * 1024 * 1024 + 1
MEGABYTES_65 = 65 * 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("files")) as server:
        found = Scene(Calls(server, TOKEN))
        await found.prepare()
        yield found


def masks(size: tuple[int, int]) -> dict[str, tuple[Any, str]]:
    """Masks that are none, and what is said of them."""
    text = base64.b64encode(b"no picture at all").decode()
    small = base64.b64encode(square_mask((64, 64))).decode()
    black = base64.b64encode(picture(size, tint=(0, 0, 0))).decode()
    jpeg = base64.b64encode(picture(size, "JPEG")).decode()
    cut = base64.b64encode(square_mask(size)[:60]).decode()
    no_picture = "Parameter mask must be a PNG or WEBP picture"
    return {
        "none": (None, "Parameter mask is required for Vary (Region)"),
        "a number": (5, "Parameter mask must be a string"),
        "no base64": ("§§§", "Parameter mask must be a base64-encoded PNG or WebP picture"),
        "an empty data URL": ("data:image/png;base64,", ""),
        "no picture": (text, no_picture),
        "another format": (jpeg, no_picture),
        "another size": (small, ""),
        "cut off": (cut, no_picture),
        "dark": (black, "Parameter mask is black all over: white is what is painted anew"),
    }


@loop
@pytest.mark.parametrize("kind", masks((64, 64)))
async def test_masks(scene: Scene, kind: str) -> None:
    mask, sentence = masks(scene.size)[kind]
    body = {"jobId": scene.names["single"], "button": "Vary (Region)", "mask": mask}
    answer = await scene.refused("jobs/button", 400, None, json=body)
    said = answer.json()["error"]
    assert "mask" in said
    if sentence:
        assert said.lower() == sentence.lower()


def bomb() -> bytes:
    """A small PNG that says it has 40,000 x 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


UPLOADS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Parameter {field} is an empty file"),
    "text": (b"hello", "Parameter {field} must be a PNG, JPEG, WebP or GIF picture"),
    "svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "Parameter {field} must be a PNG, JPEG, WebP or GIF picture",
    ),
    "bitmap": (picture(format="BMP"), "Parameter {field} must be a PNG, JPEG, WebP or GIF picture"),
    "bomb": (bomb(), "Parameter {field} has more than 100 million pixels"),
    "large": (b"\x89PNG" + b"x" * LARGE, "Parameter {field} must be at most 10 MB"),
}


@loop
@pytest.mark.parametrize("kind", UPLOADS)
async def test_uploads(scene: Scene, kind: str) -> None:
    data, sentence = UPLOADS[kind]
    file = ("x.png", data, "image/png")
    said = sentence.format(field="imageBlob")
    await scene.refused("jobs/describe", 400, said, files={"imageBlob": file})
    # The good one before it is not kept either.
    files = {"imageBlob_1": ("a.png", picture(), "image/png"), "imageBlob_2": file}
    said = sentence.format(field="imageBlob_2")
    await scene.refused("jobs/blend", 400, said, files=files)


@loop
async def test_which_pictures_are_named(scene: Scene) -> None:
    file, url = ("x.png", picture(), "image/png"), (None, "http://127.0.0.1:9/x.png")
    both = {"imageBlob": file, "imageUrl": url}
    sentence = "Only one of imageUrl and imageBlob may be given"
    await scene.refused("jobs/describe", 400, sentence, files=both)
    sentence = "Parameter imageBlob must be a file sent as multipart/form-data"
    await scene.refused("jobs/describe", 400, sentence, json={"imageBlob": "abc"})
    sentence = "Either imageUrl or imageBlob is required"
    await scene.refused("jobs/describe", 400, sentence, json={"imageUrl": ""})
    for address in ("x.png", "file:///etc/passwd", "http://", "http://a b/", "javascript:1"):
        sentence = "Parameter imageUrl must be an http or https URL"
        await scene.refused("jobs/describe", 400, sentence, json={"imageUrl": address})
    sentence = "Only one of imageUrl_2 and imageBlob_2 may be given"
    pair = {"imageBlob_1": file, "imageBlob_2": file, "imageUrl_2": url}
    await scene.refused("jobs/blend", 400, sentence, files=pair)
    sentence = "At least 2 images are required for blend"
    for lone in ({}, {"imageBlob_1": file}, {"imageBlob_2": file, "imageBlob_3": file}):
        await scene.refused("jobs/blend", 400, sentence, files=lone or {"stream": (None, "true")})
    sentence = "Parameter blendDimensions must be one of Portrait, Square, Landscape"
    for shape in ("square", "Wide"):
        pair = {"imageBlob_1": file, "imageBlob_2": file, "blendDimensions": (None, shape)}
        await scene.refused("jobs/blend", 400, sentence, files=pair)


@loop
async def test_a_form_of_more_than_64_megabytes(scene: Scene) -> None:
    large = {"imageBlob": ("x.png", b"x" * MEGABYTES_65, "image/png")}
    answer = await scene.refused("jobs/describe", 413, None, files=large)
    assert "67108864" in answer.json()["error"]


@loop
async def test_text_of_a_form_that_is_not_utf_8(scene: Scene) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="replyRef"\r\n\r\n\xe4\r\n'
        b'--x\r\nContent-Disposition: form-data; name="imageUrl"\r\n\r\nhttp://a/b\r\n--x--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    await scene.refused("jobs/describe", 400, None, content=body, headers=headers)


@pytest.fixture(scope="module")
def site() -> Iterator[Elsewhere]:
    away = {"Location": "http://10.0.0.1/secret.png"}
    pages = {
        "/text.png": Page(body=b"<html>no picture</html>", headers={"Content-Type": "image/png"}),
        "/private.png": Page(302, headers=away),
        "/round.png": Page(302, headers={"Location": "/round.png"}),
        "/script.png": Page(302, headers={"Location": "file:///etc/passwd"}),
        "/large.png": Page(body=b"\x89PNG\r\n\x1a\n" + b"x" * LARGE),
        "/boasts.png": Page(body=b"\x89PNG\r\n\x1a\n", length=LARGE),
        "/breaks.png": Page(body=picture()[:40], length=4_000),
        "/forbidden.png": Page(403),
    }
    with elsewhere(pages) as found:
        yield found


LINKS = {
    "gone.png": "404",
    "forbidden.png": "403",
    "text.png": "PNG, JPEG, WebP or GIF",
    "private.png": "10.0.0.1",
    "round.png": "status code 302",
    "script.png": "Invalid URL format",
    "large.png": "10 MB",
    "boasts.png": "10 MB",
    "breaks.png": "",
}


@loop
@pytest.mark.parametrize("name", LINKS)
async def test_links_that_lead_to_no_picture(scene: Scene, site: Elsewhere, name: str) -> None:
    """Only fetching tells, so there is a job; it ends with the reason, and nothing is kept."""
    url, (_, files) = f"{site.url}/{name}", scene.kept()
    bodies = {
        "describe": {"imageUrl": url},
        "blend": {"imageUrl_1": url, "imageUrl_2": url},
    }
    for verb, body in bodies.items():
        job = await scene.calls.made(verb, body)
        assert (job["status"], job["code"]) == ("failed", 400), job
        told = f"{job['error']} {job.get('errorDetails', '')}"
        assert LINKS[name] in told
        assert "Traceback" not in json.dumps(job)
    assert scene.kept()[1] == files
    assert (await scene.client.get(f"{V3}/jobs")).json()["total"] == 0


@loop
async def test_a_private_address_is_never_called(scene: Scene) -> None:
    job = await scene.calls.made("describe", {"imageUrl": "http://10.0.0.1/x.png"})
    assert (job["status"], job["code"]) == ("failed", 400)
    assert "10.0.0.1" in f"{job['error']} {job['errorDetails']}"
