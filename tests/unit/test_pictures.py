"""Uploads and masks, checked before a job is made of them."""

from io import BytesIO

import pytest
from PIL import Image

from heliograph import pictures
from heliograph.errors import Invalid


def encoded(form: str, size: tuple[int, int] = (8, 6), colour: int = 255) -> bytes:
    out = BytesIO()
    Image.new("L", size, colour).convert("RGB").save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_file_says_what_it_is(form: str) -> None:
    found = pictures.inspect("imageBlob", encoded(form))
    assert found == pictures.Inspected(f"image/{form.lower()}", 8, 6)


@pytest.mark.parametrize("data", [b"", b"GIF", b"<svg/>", encoded("BMP"), encoded("PNG")[:12]])
def test_what_is_no_such_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="imageBlob must be a PNG, JPEG, WebP or GIF picture"):
        pictures.inspect("imageBlob", data)


def bomb(side: int) -> bytes:
    """A PNG that claims to be huge."""
    data = bytearray(encoded("PNG"))
    data[16:24] = side.to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(Invalid, match="more than 100 million pixels"):
        pictures.inspect("imageBlob", bomb(side))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_mask_of_the_right_size_is_taken(form: str) -> None:
    assert pictures.check_mask(encoded(form), (8, 6)) == f"image/{form.lower()}"


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (encoded("PNG", (9, 6)), "the size of the picture, 8 x 6 pixels; it has 9 x 6"),
        (encoded("PNG", colour=0), "black all over"),
        (encoded("JPEG"), "must be a PNG or WebP picture"),
        (encoded("PNG")[:50], "must be a PNG or WebP picture"),
        (b"no picture", "must be a PNG or WebP picture"),
    ],
)
def test_a_mask_that_can_not_be_used_is_refused(mask: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        pictures.check_mask(mask, (8, 6))


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("cat.png", "cat.jpeg"),
        ("C:\\fakepath\\my cat.PNG", "my_cat.jpeg"),
        ("../../etc/passwd", "image.jpeg"),
        ("", "image.jpeg"),
        ("ü.png", "image.jpeg"),
        ("x" * 500 + ".jpg", "x" * 60 + ".jpeg"),
    ],
)
def test_file_names_become_plain(sent: str, plain: str) -> None:
    assert pictures.filename(sent, "image/jpeg") == plain
