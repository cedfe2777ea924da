"""Marks: the scenes of a picture written into its file, and read again from an upload.

The mark is text of our own beside the pixels, which stay as they are: an iTXt chunk of a PNG, APP15
segments of a JPEG, the XMP chunk of a WebP. It holds the scenes as JSON, deflated, in base64. What
is read comes from strangers: it is bounded in size and believed only if it is a whole scene.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Iterator, Sequence

from .credible import credible
from .scene import PictureError, Scene

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
NAME = b"diorama"
LARGEST_MARK = 3 * 1024 * 1024  # bytes of base64
LARGEST_TEXT = 6 * 1024 * 1024  # bytes of JSON
MOST_SCENES = 16
KEYWORD = NAME + b"\0\0\0\0\0"  # keyword, not compressed, no language, no translation
SEGMENT = 65_533 - len(NAME) - 1
APP15 = 0xEF
XMP_BEFORE = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:diorama="urn:diorama" diorama:scenes="'
)
XMP_AFTER = b'"/></rdf:RDF></x:xmpmeta>'
XMP_FLAG, ALPHA_FLAG = 0x04, 0x10


def mark(file: bytes, scenes: Sequence[Scene]) -> bytes:
    """Return the PNG, JPEG or WebP file with these scenes in it instead of any it had.

    A grid of four carries four scenes, in reading order. Scenes that need more than LARGEST_MARK
    are left out. Raises PictureError for a file of another kind.
    """
    text = _text(scenes)
    if len(text) > LARGEST_MARK:
        return file
    if file.startswith(PNG):
        return _mark_png(file, text)
    if file.startswith(JPEG):
        return _mark_jpeg(file, text)
    if file[:4] == b"RIFF" and file[8:12] == b"WEBP":
        return _mark_webp(file, text)
    raise PictureError("Only PNG, JPEG and WebP pictures can be marked.")


def recognise(file: bytes) -> tuple[Scene, ...]:
    """Return the scenes that `mark` wrote into a file; () where there are none to be trusted."""
    try:
        text = _found(file)
        if not text or len(text) > LARGEST_MARK:
            return ()
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST_TEXT)
        if unpacker.unconsumed_tail:
            return ()
        listed = json.loads(raw)
        if not isinstance(listed, list) or len(listed) > MOST_SCENES:
            return ()
        scenes = tuple(Scene.from_json(json.dumps(item)) for item in listed)
    except (ValueError, struct.error, binascii.Error, zlib.error, RecursionError):
        return ()
    return scenes if all(credible(scene) for scene in scenes) else ()


def _text(scenes: Sequence[Scene]) -> bytes:
    listed = "[" + ",".join(scene.to_json() for scene in scenes) + "]"
    return base64.b64encode(zlib.compress(listed.encode(), 6))


def _found(file: bytes) -> bytes:
    if file.startswith(PNG):
        bodies = (body for name, body in _png_chunks(file) if _is_ours(name, body))
        return next(bodies, b"").removeprefix(KEYWORD)
    if file.startswith(JPEG):
        parts = (body for kind, body in _jpeg_segments(file) if _is_part(kind, body))
        return b"".join(part[len(NAME) + 1 :] for part in parts)
    if file[:4] == b"RIFF" and file[8:12] == b"WEBP":
        xmp = next((body for name, body in _webp_chunks(file) if name == b"XMP "), b"")
        found = re.search(rb'diorama:scenes="([A-Za-z0-9+/=]+)"', xmp)
        return found[1] if found else b""
    return b""


def _is_ours(name: bytes, body: bytes) -> bool:
    return name == b"iTXt" and body.startswith(KEYWORD)


def _is_part(kind: int, body: bytes) -> bool:
    return kind == APP15 and body.startswith(NAME + b"\0")


def _png_chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at + 12 <= len(file):
        size, name = struct.unpack_from(">I4s", file, at)
        yield name, file[at + 8 : at + 8 + size]
        at += 12 + size


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def _mark_png(file: bytes, text: bytes) -> bytes:
    out, first = [PNG], True
    for name, body in _png_chunks(file):
        if not _is_ours(name, body):
            out.append(_png_chunk(name, body))
        if first:
            out.append(_png_chunk(b"iTXt", KEYWORD + text))
            first = False
    return b"".join(out)


def _jpeg_segments(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, body) of the segments before the scan."""
    at = 2
    while at + 4 <= len(file) and file[at] == 0xFF and file[at + 1] != 0xDA:
        size = int.from_bytes(file[at + 2 : at + 4], "big")
        if size < 2:
            return
        yield file[at + 1], file[at + 4 : at + 2 + size]
        at += 2 + size


def _jpeg_segment(kind: int, body: bytes) -> bytes:
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body


def _mark_jpeg(file: bytes, text: bytes) -> bytes:
    ours = [text[at : at + SEGMENT] for at in range(0, len(text), SEGMENT)]
    parts = b"".join(_jpeg_segment(APP15, NAME + b"\0" + part) for part in ours)
    out, at, placed = [file[:2]], 2, False
    for kind, body in _jpeg_segments(file):
        at += 4 + len(body)
        if not placed and not 0xE0 <= kind <= 0xEE:  # after the format's own headers
            out.append(parts)
            placed = True
        if not _is_part(kind, body):
            out.append(_jpeg_segment(kind, body))
    return b"".join([*out, file[at:]])


def _webp_chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(file):
        name, size = struct.unpack_from("<4sI", file, at)
        yield name, file[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) & 1)


def _mark_webp(file: bytes, text: bytes) -> bytes:
    chunks = [chunk for chunk in _webp_chunks(file) if chunk[0] != b"XMP "]
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _extended(*chunks[0])))
    head = chunks[0][1]
    chunks[0] = (b"VP8X", bytes([head[0] | XMP_FLAG]) + head[1:])
    chunks.append((b"XMP ", XMP_BEFORE + text + XMP_AFTER))
    body = b"WEBP" + b"".join(_webp_chunk(name, part) for name, part in chunks)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _extended(name: bytes, stream: bytes) -> bytes:
    """Return the extended header of a simple WebP, from the sizes in its stream (RFC 9649)."""
    flags = 0
    if name == b"VP8L":
        bits = int.from_bytes(stream[1:5], "little")
        width, height = (bits & 0x3FFF), (bits >> 14 & 0x3FFF)
        flags = ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        width, height = (part & 0x3FFF for part in struct.unpack_from("<HH", stream, 6))
        width, height = width - 1, height - 1
    return struct.pack("<I", flags) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
