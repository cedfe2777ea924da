"""Reading uploads: what is taken, how it is turned to RGB, and each refusal."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diorama.uploads import (
    LARGEST_FILE,
    BrokenPicture,
    EmptyPicture,
    HeavyPicture,
    HugePicture,
    UnknownPicture,
    read_picture,
)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def gradient(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    field = np.dstack([x, y, 255 - x]).astype(np.uint8)
    return Image.fromarray(field).convert(mode)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        total = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", total)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def centre(picture: Image.Image) -> tuple[int, int, int]:
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return int(pixel[0]), int(pixel[1]), int(pixel[2])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_four_formats_are_taken(kind: str) -> None:
    picture = read_picture(encoded(gradient(), kind))
    assert (picture.mode, picture.size) == ("RGB", (48, 32))
    assert np.abs(np.asarray(picture, float) - np.asarray(gradient(), float)).mean() < 9


MODES = [("CMYK", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("L", "JPEG"), ("LA", "PNG")]


@pytest.mark.parametrize(("mode", "kind"), MODES)
def test_other_colour_modes_become_rgb(mode: str, kind: str) -> None:
    picture = read_picture(encoded(gradient(mode), kind))
    wanted = gradient(mode).convert("RGB")
    assert np.abs(np.asarray(picture, float) - np.asarray(wanted, float)).mean() < 6


def test_orientation_that_cannot_be_read_is_none() -> None:
    broken = b"Exif\0\0MM\0*\xff\xff\xff\xff"
    picture = read_picture(encoded(gradient(), "JPEG", exif=broken))
    assert picture.size == (48, 32)


def test_sixteen_bits_keep_their_range() -> None:
    ramp = np.linspace(0, 65535, 64 * 16).reshape(16, 64).astype(np.uint16)
    picture = np.asarray(read_picture(encoded(Image.fromarray(ramp), "PNG")))
    assert picture[0, 0, 0] == 0
    assert picture[-1, -1, 0] == 255
    assert 118 < picture[8, 0, 0] < 138


def test_exif_orientation_is_honoured() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    plain = gradient()
    turned = read_picture(encoded(plain, "JPEG", exif=exif, quality=95))
    assert turned.size == (32, 48)
    wanted = np.asarray(plain.transpose(Image.Transpose.ROTATE_270), float)
    assert np.abs(np.asarray(turned, float) - wanted).mean() < 6


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_is_laid_on_white(kind: str) -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert centre(read_picture(encoded(clear, kind, lossless=True))) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    red, green, blue = centre(read_picture(data))
    assert red > 200
    assert max(green, blue) < 60


def test_a_transparent_palette_is_laid_on_white() -> None:
    picture = Image.new("P", (32, 32), 0)
    picture.putpalette([0, 0, 255] + [0] * 765)
    data = encoded(picture, "PNG", transparency=0)
    assert centre(read_picture(data)) == (255, 255, 255)


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(EmptyPicture, match="empty"):
        read_picture(b"")
    with pytest.raises(HeavyPicture, match="10 MB"):
        read_picture(b"\xff" * (LARGEST_FILE + 1))


@pytest.mark.parametrize("size", [(60_000, 60_000), (20_000, 16), (9_000, 9_000), (4, 4), (2, 900)])
def test_a_size_is_refused_from_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(HugePicture):
        read_picture(png_header(*size))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO", "PDF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(UnknownPicture, match="PNG, JPEG, WebP and GIF"):
        read_picture(encoded(gradient(), kind))


def test_text_is_no_picture() -> None:
    with pytest.raises(UnknownPicture):
        read_picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_file_that_ends_early_is_broken(kind: str, part: float) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(BrokenPicture, match="broken"):
        read_picture(data[: int(len(data) * part)])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), st.integers(0, 10_000), st.binary(max_size=9)
)
def test_damage_is_refused_by_name_or_harmless(kind: str, at: int, bits: bytes) -> None:
    data = bytearray(encoded(gradient(), kind))
    at %= len(data)
    data[at : at + len(bits)] = bits
    with contextlib.suppress(BrokenPicture, UnknownPicture, HugePicture):
        assert read_picture(bytes(data)).mode == "RGB"
