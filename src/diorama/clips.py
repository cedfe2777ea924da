"""Clips: frames to H.264 and back, and clips as one animated WebP."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext
from PIL import Image

from .noise import Field
from .scene import PictureError

QUALITY = 17
# One thread count for all: x264's output depends on it. No B-frames, so that packets of an earlier
# clip can be carried over as they are; no look-ahead rating and few key frames of nearly the same
# quality as the others, as a sudden sharpness shows where a clip loops or goes on.
ENCODER = {
    "preset": "veryfast", "crf": str(QUALITY), "threads": "2",
    "x264-params": "bframes=0:keyint=250:mbtree=0:ipratio=1.1",
}  # fmt: skip
MOST_FRAMES = 1200
GRID = 624
GRID_FPS = 12


@dataclass(frozen=True)
class Clip:
    """A short film: `video` is H.264 in mp4, `state` JSON text from which `extend` goes on.

    `poster` is the first frame.
    """

    video: bytes = field(repr=False)
    width: int
    height: int
    frames: int
    fps: int
    state: str = field(repr=False)
    poster: Image.Image = field(repr=False, compare=False)

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


def encode(
    frames: Iterable[Field], width: int, height: int, fps: int, earlier: bytes | None = None
) -> bytes:
    """Return an mp4 of frames of bytes (height, width, 3), after the packets of an earlier one.

    The earlier clip must be of the same size and rate; where it was made by another encoder its
    pictures are encoded anew. Frames are taken one by one, so that few are in memory at a time.
    """
    if earlier is not None and not _alike(earlier, width, height, fps):
        frames, earlier = _joined(earlier, frames), None
    target = io.BytesIO()

    def reread(*_: object) -> io.BytesIO:
        """Return what was written: `faststart` moves it back to put the index before it."""
        return io.BytesIO(target.getvalue())

    options = {"movflags": "faststart"}
    with av.open(target, "w", format="mp4", options=options, io_open=reread) as out:
        stream = _video_stream(out, width, height, fps)
        offset = _copy(earlier, out, stream, fps) if earlier is not None else 0
        for index, pixels in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709")
            picture.pts = index
            _mux(out, stream, stream.encode(picture), offset, fps)
        _mux(out, stream, stream.encode(None), offset, fps)
    return target.getvalue()


def _video_stream(out: Any, width: int, height: int, fps: int) -> Any:
    stream = out.add_stream("libx264", rate=fps, options=dict(ENCODER))
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, fps)
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
    context.color_range = 1
    return stream


def _mux(out: Any, stream: Any, packets: Iterable[Any], offset: int, fps: int) -> None:
    for packet in packets:
        packet.pts += offset
        packet.dts += offset
        packet.duration = 1
        packet.time_base = Fraction(1, fps)
        packet.stream = stream
        out.mux(packet)


def _copy(earlier: bytes, out: Any, stream: Any, fps: int) -> int:
    """Carry over the packets of an earlier clip; returns how many."""
    count = 0
    with av.open(io.BytesIO(earlier), "r") as source:
        track = source.streams.video[0]
        raw = BitStreamFilterContext("h264_mp4toannexb", track)
        for packet in source.demux(track):
            if packet.dts is None:
                continue
            for plain in raw.filter(packet):
                plain.pts = plain.dts = 0
                _mux(out, stream, [plain], count, fps)
                count += 1
    return count


def _alike(earlier: bytes, width: int, height: int, fps: int) -> bool:
    """Tell whether a clip has the headers that this encoder writes, so that packets may join."""
    with av.open(io.BytesIO(earlier), "r") as source:
        old = bytes(source.streams.video[0].codec_context.extradata or b"")
    blank = np.zeros((height, width, 3), np.uint8)
    with av.open(io.BytesIO(encode([blank], width, height, fps)), "r") as source:
        new = bytes(source.streams.video[0].codec_context.extradata or b"")
    return bool(old) and old == new


def _joined(earlier: bytes, frames: Iterable[Field]) -> Iterator[Field]:
    yield from decode(earlier)
    yield from frames


@dataclass(frozen=True)
class Facts:
    """What a video file says of itself; counted, not taken on trust."""

    width: int
    height: int
    fps: int
    frames: int


def facts(video: bytes) -> Facts:
    """Return the size, rate and number of frames; PictureError when it is no readable video."""
    try:
        with av.open(io.BytesIO(video), "r") as source:
            stream = source.streams.video[0]
            if stream.codec_context is None:
                raise PictureError("The video cannot be read.")
            rate = round(float(stream.average_rate or 24))
            count = sum(packet.dts is not None for packet in source.demux(stream))
            return Facts(stream.codec_context.width, stream.codec_context.height, rate, count)
    except (av.FFmpegError, IndexError, TypeError) as error:
        raise PictureError("The video cannot be read.") from error


def decode(video: bytes) -> Iterator[Field]:
    """Yield the frames as bytes (height, width, 3); PictureError for a video that is broken."""
    try:
        with av.open(io.BytesIO(video), "r") as source:
            for frame in source.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise PictureError("The video cannot be read.") from error


def last_frame(video: bytes) -> Field:
    """Return the last frame; PictureError for a video without one."""
    last: Field | None = None
    for frame in decode(video):
        last = frame
    if last is None:
        raise PictureError("The video has no pictures.")
    return last


def animation(
    clips: Sequence[Clip] | Sequence[bytes], *, side: int = GRID, fps: int = GRID_FPS,
    progress: Callable[[float], None] | None = None,
) -> bytes:  # fmt: skip
    """Return an animated WebP that repeats: one clip, or two to four in a 2 x 2 grid.

    `side` bounds width and height, `fps` the rate; a clip that ends early stands still. Raises
    PictureError for no clip, more than four, or one that cannot be read.
    """
    videos = [clip.video if isinstance(clip, Clip) else clip for clip in clips]
    if not 1 <= len(videos) <= 4:
        raise PictureError("An animation is made of one to four clips.")
    known = [facts(video) for video in videos]
    total = max(int(item.frames / item.fps * fps) for item in known)
    columns = 1 if len(videos) == 1 else 2
    ratio = min(1.0, side / (columns * max(known[0].width, known[0].height)))
    cell = (max(2, round(known[0].width * ratio)), max(2, round(known[0].height * ratio)))
    rows = [_thinned(video, item, fps, cell) for video, item in zip(videos, known, strict=True)]
    pictures = _grid(rows, total, columns, cell, progress or (lambda _: None))
    first = next(pictures)
    out = io.BytesIO()
    first.save(out, "WEBP", save_all=True, append_images=pictures, duration=round(1000 / fps),
               loop=0, quality=62, method=1, minimize_size=False, allow_mixed=False)  # fmt: skip
    return out.getvalue()


def _thinned(video: bytes, known: Facts, fps: int, cell: tuple[int, int]) -> Iterator[Field]:
    """Yield small frames at another rate, and go on with the last one."""
    step, due, small = known.fps / fps, 0.0, np.zeros((cell[1], cell[0], 3), np.uint8)
    for index, frame in enumerate(decode(video)):
        if index + 0.5 >= due:
            small = np.asarray(cv2.resize(frame, cell, interpolation=cv2.INTER_AREA))
            yield small
            due += step
    while True:
        yield small


def _grid(
    rows: list[Iterator[Field]], total: int, columns: int, cell: tuple[int, int],
    report: Callable[[float], None],
) -> Iterator[Image.Image]:  # fmt: skip
    lines = -(-len(rows) // columns)
    for index in range(max(1, total)):
        sheet = np.zeros((cell[1] * lines, cell[0] * columns, 3), np.uint8)
        for k, row in enumerate(rows):
            x, y = k % columns * cell[0], k // columns * cell[1]
            sheet[y : y + cell[1], x : x + cell[0]] = next(row)
        report(index / max(1, total))
        yield Image.fromarray(sheet, "RGB")
    report(1.0)
