"""What stands in a picture: EfficientNet-Lite0 over the whole and over its most telling part.

Two readings of the same network: its 1000 classes, which know photographs, and how near its
features come to those of the painter's own cut-outs, which know drawn art.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from .assets import ROOT
from .noise import Field
from .words import load, noun_of_asset

FOLDER = ROOT / "classifier"
SIDE, CLASSES, FEATURES = 224, 1000, 1280
LAST_MAP = "b76"  # the blob of the last convolution, 7 x 7
SURE, FAIR, LIKELY = 0.30, 0.20, 0.12
ALIKE = 0.55  # cosine from which a picture is taken to show a cut-out


@dataclass(frozen=True)
class Seen:
    """What is seen, each with a belief, best first.

    Nouns and places come from the classes, `drawn` from likeness to the cut-outs; media, settings
    (places again) and hours from likeness to painted pictures. `heat` (7, 7) is where the nouns
    are, 0..1.
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
    import ncnn

    small = cv2.resize(np.asarray(pixels, np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
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
    """What features look like: of cut-outs (`vectors`, on `axes`, less `usual`) and of labels.

    A label is a kind and a name, such as "place:sea"; `weights` (FEATURES + 1, labels) are linear.
    """

    codes: tuple[str, ...]
    vectors: Field
    axes: Field
    usual: Field
    labels: tuple[str, ...]
    weights: Field


@lru_cache(maxsize=1)
def _gallery() -> Gallery:
    """Return the gallery that scripts/gallery.py has made."""
    with np.load(FOLDER / "gallery.npz") as data:
        vectors = data["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        axes, usual = (data[name].astype(np.float32) for name in ("axes", "usual"))
        codes, labels = (tuple(map(str, data[name])) for name in ("codes", "labels"))
        return Gallery(codes, vectors, axes, usual, labels, data["weights"])


def _likeness(features: Field) -> Field:
    """Return the cosine of each cut-out with features (FEATURES, h, w)."""
    gallery = _gallery()
    vector = (features.mean(axis=(1, 2)) - gallery.usual) @ gallery.axes
    return np.asarray(
        gallery.vectors @ (vector / max(float(np.linalg.norm(vector)), 1e-6)), np.float32
    )


def _drawn(likeness: Field) -> tuple[tuple[str, float], ...]:
    codes, found = _gallery().codes, dict[str, float]()
    for index in np.argsort(-likeness)[:12]:
        noun = noun_of_asset(codes[int(index)])
        if noun is not None:
            found.setdefault(noun.name, round(float(likeness[index]), 3))
    return tuple(found.items())[:4]


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
    near_features, near = respond(_telling(pixels, heat))
    parts = (features, features[:, 2:6, 1:6], near_features)
    likeness = np.max([_likeness(part) for part in parts], axis=0)
    both = 0.5 * chances + 0.5 * near
    labels = _labelled(features)
    return Seen(
        _pooled(both, "things"), _pooled(both, "places"), _drawn(likeness), labels["medium"],
        labels["place"], labels["hour"], heat,
    )  # fmt: skip
