"""What stands in a picture: EfficientNet-Lite0 over the whole and over its most telling part.

Two readings of the same network: its 1000 classes, which know photographs and are at sea with
drawn art, and how near its features come, in any part of the picture, to those of the painter's own
things (scripts/gallery.py: linear discriminants over things on many grounds and in all media).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from .assets import ROOT
from .noise import Field
from .words import lexicon, load

FOLDER = ROOT / "classifier"
SIDE, CLASSES, FEATURES = 224, 1000, 1280
LAST_MAP = "b76"  # the blob of the last convolution, 7 x 7
SURE = 0.5  # chance of a class from which it is believed
# Likeness from which a thing is named (then about seven of ten are right), from which it is one
# guess of several (four of ten), and from which its kind is told.
ALIKE, GUESSED, AKIN = 0.72, 0.5, 0.42
FINE = 448  # pixels of the side, for a square, at which likenesses are looked for
WINDOWS = (5, 7, 9, 12)  # sides of the parts that are compared, of 14 for a square


@dataclass(frozen=True)
class Seen:
    """What is seen, each with a belief, best first.

    Nouns and places come from the classes, `drawn` from likeness to the painter's things; media,
    settings (places again) and hours from likeness to painted pictures. `heat` (7, 7) is where the
    nouns are, 0..1.
    """

    nouns: tuple[tuple[str, float], ...]
    places: tuple[tuple[str, float], ...]
    drawn: tuple[tuple[str, float], ...]
    media: tuple[tuple[str, float], ...]
    settings: tuple[tuple[str, float], ...]
    hours: tuple[tuple[str, float], ...]
    heat: Field


@lru_cache(maxsize=1)
def _net() -> Any:
    import ncnn  # type: ignore[import-untyped]

    net = ncnn.Net()
    net.opt.num_threads = 1
    # Half precision would make the answer depend on the processor.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param(str(FOLDER / "lite0.param"))
    net.load_model(str(FOLDER / "lite0.bin"))
    return net


@lru_cache(maxsize=1)
def _rows() -> Field:
    """Return the last layer's weights (CLASSES, FEATURES), which end the file before the biases."""
    data = (FOLDER / "lite0.bin").read_bytes()[-(CLASSES * FEATURES * 2 + CLASSES * 4) :]
    half = np.frombuffer(data[: CLASSES * FEATURES * 2], "<f2")
    return half.astype(np.float32).reshape(CLASSES, FEATURES)


def respond(pixels: Field) -> tuple[Field, Field]:
    """Return (features (FEATURES, 7, 7), probabilities (CLASSES,)) for an RGB field of 0..1."""
    return _responses(pixels, (SIDE, SIDE))


def _responses(pixels: Field, size: tuple[int, int]) -> tuple[Field, Field]:
    """As `respond`, for the picture at a size (width, height) of multiples of 32."""
    import ncnn

    small = cv2.resize(np.asarray(pixels, np.float32), size, interpolation=cv2.INTER_AREA)
    # The network reads this array where it lies: it must live until all is extracted.
    data = np.ascontiguousarray(((small * 255 - 127) / 128).transpose(2, 0, 1), np.float32)
    extractor = _net().create_extractor()
    extractor.input("data", ncnn.Mat(data))
    features = np.array(extractor.extract(LAST_MAP)[1], np.float32)
    chances = np.array(extractor.extract("prob")[1], np.float32)
    return features, chances


def _numbers(text: str) -> list[int]:
    out: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        out.extend(range(int(first), int(last or first) + 1))
    return out


@lru_cache(maxsize=1)
def _classes() -> dict[str, dict[str, list[int]]]:
    table = load("classes")
    return {kind: {name: _numbers(text) for name, text in table[kind].items()} for kind in table}


def _pooled(chances: Field, kind: str) -> tuple[tuple[str, float], ...]:
    sums = {name: float(chances[numbers].sum()) for name, numbers in _classes()[kind].items()}
    best = sorted(sums.items(), key=lambda item: -item[1])[:4]
    return tuple((name, round(value, 3)) for name, value in best)


@dataclass(frozen=True)
class Gallery:
    """What features look like: of things (`vectors`, on `axes`, less `usual`) and of labels.

    The vectors are those of `names`, of length 1. A label is a kind and a name, such as
    "place:sea"; `weights` (FEATURES + 1, labels) are linear.
    """

    names: tuple[str, ...]
    vectors: Field
    axes: Field
    usual: Field
    labels: tuple[str, ...]
    weights: Field


@lru_cache(maxsize=1)
def _gallery() -> Gallery:
    """Return the gallery that scripts/gallery.py has made."""
    with np.load(FOLDER / "gallery.npz") as data:
        vectors, axes, usual = (
            data[name].astype(np.float32) for name in ("vectors", "axes", "usual")
        )
        names, labels = (tuple(map(str, data[name])) for name in ("names", "labels"))
        return Gallery(names, vectors, axes, usual, labels, data["weights"])


def fine_features(pixels: Field) -> Field:
    """Return the features (FEATURES, h, w) of a picture in its own shape, 196 places or so."""
    height, width = pixels.shape[:2]
    ratio = FINE / (height * width) ** 0.5 / 32
    size = [32 * max(2, round(side * ratio)) for side in (width, height)]
    return _responses(pixels, (size[0], size[1]))[0]


def parts(features: Field) -> Field:
    """Return the mean features of the parts of a picture, large and small (n, FEATURES)."""
    count, height, width = features.shape
    sums = np.zeros((count, height + 1, width + 1))
    sums[:, 1:, 1:] = features.cumsum(1, dtype=np.float64).cumsum(2)
    found = []
    for side in WINDOWS:
        high, wide = min(side, height), min(side, width)
        far = sums[:, high::2, wide::2][:, : (height - high) // 2 + 1, : (width - wide) // 2 + 1]
        rows, columns = far.shape[1:]
        corner = sums[:, ::2, ::2][:, :rows, :columns]
        above = sums[:, ::2, wide::2][:, :rows, :columns]
        left = sums[:, high::2, ::2][:, :rows, :columns]
        mean = (far - above - left + corner) / (high * wide)
        found.append(mean.reshape(count, -1).T)
    return np.concatenate(found).astype(np.float32)


def _drawn(pixels: Field) -> tuple[tuple[str, float], ...]:
    """Return the things that a part of the picture is most like.

    A likeness is a cosine and how far it is ahead of the next: what is like much is like nothing.
    """
    gallery = _gallery()
    seen = (parts(fine_features(pixels)) - gallery.usual) @ gallery.axes
    seen /= np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-6)
    likeness = (seen @ gallery.vectors.T).max(axis=0)
    best = np.argsort(-likeness)[:5]
    found = pairwise(best)
    known = lexicon()
    return tuple(
        (gallery.names[k], round(float(2 * likeness[k] - likeness[after]), 3))
        for k, after in found
        if gallery.names[k] in known
    )


def _labelled(features: Field) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return for each kind of label its names with a belief each, best first."""
    gallery = _gallery()
    scores = np.append(features.mean(axis=(1, 2)), 1.0) @ gallery.weights
    out: dict[str, list[tuple[str, float]]] = {}
    for k in np.argsort(-scores):
        kind, _, name = gallery.labels[int(k)].partition(":")
        out.setdefault(kind, []).append((name, round(float(scores[k]), 3)))
    return {kind: tuple(found) for kind, found in out.items()}


def _heat(features: Field, chances: Field) -> Field:
    """Return where the likeliest classes are (7, 7), 0..1: their class activation maps."""
    best = np.argsort(-chances)[:5]
    weights = (_rows()[best] * chances[best, None]).sum(axis=0)
    heat = np.maximum(np.tensordot(weights, features, 1), 0)
    return np.asarray(heat / max(float(heat.max()), 1e-6), np.float32)


def _telling(pixels: Field, heat: Field) -> Field:
    """Return the square part of the picture around its heat, at least half of it wide."""
    height, width = pixels.shape[:2]
    ys, xs = np.nonzero(heat > 0.45)
    if not len(ys):
        return pixels
    x0, x1 = xs.min() / 7 * width, (xs.max() + 1) / 7 * width
    y0, y1 = ys.min() / 7 * height, (ys.max() + 1) / 7 * height
    side = min(max(x1 - x0, y1 - y0, 0.5 * min(height, width)) * 1.1, min(height, width))
    left = int(min(max((x0 + x1 - side) / 2, 0), width - side))
    top = int(min(max((y0 + y1 - side) / 2, 0), height - side))
    return pixels[top : top + int(side), left : left + int(side)]


def see(pixels: Field) -> Seen:
    """Return what an RGB field of 0..1 shows."""
    features, chances = respond(pixels)
    heat = _heat(features, chances)
    _, near = respond(_telling(pixels, heat))
    both = 0.5 * chances + 0.5 * near
    labels = _labelled(features)
    return Seen(
        _pooled(both, "things"), _pooled(both, "places"), _drawn(pixels), labels["medium"],
        labels["place"], labels["hour"], heat,
    )  # fmt: skip
