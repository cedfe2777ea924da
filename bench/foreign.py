"""Pictures that nobody painted here: what people hand in besides photographs, drawn from seeds."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

SIDE = 480
INK = (34, 38, 46)
WORDS = (
    "the", "quick", "brown", "report", "of", "annual", "figures", "shows", "that", "every", "page",
    "was", "read", "again",
)  # fmt: skip

Draw = Callable[[random.Random], Image.Image]


def _colour(rng: random.Random, low: int = 20, high: int = 235) -> tuple[int, int, int]:
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def plain(rng: random.Random) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), _colour(rng))


def gradient(rng: random.Random) -> Image.Image:
    corners = np.asarray([[_colour(rng), _colour(rng)], [_colour(rng), _colour(rng)]], np.uint8)
    return Image.fromarray(cv2.resize(corners, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))


def noise(rng: random.Random) -> Image.Image:
    grain = np.random.default_rng(rng.randrange(1 << 30)).integers(0, 256, (SIDE, SIDE, 3))
    sigma = rng.choice((0.0, 2.0, 12.0))
    field = grain.astype(np.float32)
    if sigma:
        field = np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
        field = (128 + (field - field.mean()) * 50 / field.std()).astype(np.float32)
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def stripes(rng: random.Random) -> Image.Image:
    picture = plain(rng)
    pen, wide = ImageDraw.Draw(picture), rng.randint(12, 60)
    colour = _colour(rng)
    for at in range(0, 2 * SIDE, 2 * wide):
        foot = at - SIDE // 2
        pen.polygon([(at, 0), (at + wide, 0), (foot + wide, SIDE), (foot, SIDE)], colour)
    return picture


def shapes(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), _colour(rng, 150, 250))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randint(4, 14)):
        x, y, r = rng.randint(0, SIDE), rng.randint(0, SIDE), rng.randint(15, 110)
        form = rng.choice((pen.ellipse, pen.rectangle))
        form((x - r, y - r, x + r, y + r), fill=_colour(rng))
    return picture


def bars(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE + 160, SIDE), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((200, 12), "Sales by quarter", INK, font_size=24)
    pen.line((60, 50, 60, SIDE - 50), INK, 2)
    pen.line((60, SIDE - 50, SIDE + 120, SIDE - 50), INK, 2)
    colour, count = _colour(rng), rng.randint(4, 10)
    for k in range(count):
        left, wide = 80 + k * 460 // count, 300 // count
        pen.rectangle((left, rng.randint(70, SIDE - 90), left + wide, SIDE - 51), colour)
        pen.text((left, SIDE - 40), f"Q{k}", INK, font_size=16)
    return picture


def curves(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE + 160, SIDE), "white")
    pen = ImageDraw.Draw(picture)
    for y in range(60, SIDE - 40, 60):
        pen.line((60, y, SIDE + 120, y), (220, 220, 220), 1)
        pen.text((14, y - 8), str(SIDE - y), INK, font_size=16)
    for _ in range(rng.randint(1, 4)):
        y, line = rng.randint(100, 360), []
        for x in range(60, SIDE + 120, 12):
            y = min(max(y + rng.randint(-24, 24), 50), SIDE - 60)
            line.append((x, y))
        pen.line(line, _colour(rng, 20, 190), 3)
    return picture


def page(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE + 160), (250, 249, 245))
    pen = ImageDraw.Draw(picture)
    for y in range(40, SIDE + 110, 24):
        pen.text((36, y), " ".join(rng.choice(WORDS) for _ in range(8)), INK, font_size=16)
    return picture


def screen(rng: random.Random) -> Image.Image:
    dark = rng.random() < 0.5
    back, front = ((30, 32, 38), (210, 214, 220)) if dark else ((246, 247, 249), INK)
    picture = Image.new("RGB", (SIDE + 240, SIDE), back)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIDE + 240, 34), _colour(rng, 60, 160))
    pen.rectangle((0, 35, 150, SIDE), tuple(max(0, c - 14) for c in back))
    for y in range(60, SIDE - 20, 30):
        pen.text((14, y), rng.choice(WORDS), front, font_size=15)
        pen.text((180, y), " ".join(rng.choice(WORDS) for _ in range(7)), front, font_size=15)
    for k in range(3):
        left = 180 + k * 170
        pen.rounded_rectangle((left, SIDE - 70, left + 140, SIDE - 30), 8, _colour(rng))
    return picture


def poster(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), _colour(rng))
    pen = ImageDraw.Draw(picture)
    for k, word in enumerate(rng.sample(WORDS, 3)):
        pen.text((50, 70 + 110 * k), word.upper(), _colour(rng, 200, 255), font_size=72)
    return picture


def face(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), _colour(rng, 120, 240))
    pen = ImageDraw.Draw(picture)
    skin = rng.choice(((240, 205, 178), (198, 146, 110), (120, 82, 58)))
    hair = rng.choice(((40, 28, 20), (190, 150, 80), (90, 50, 30)))
    pen.ellipse((110, 60, 370, 340), hair)
    pen.rectangle((60, 400, 420, SIDE), _colour(rng))
    pen.rectangle((200, 330, 280, 420), skin)
    pen.ellipse((130, 90, 350, 390), skin)
    for x in (190, 290):
        pen.ellipse((x - 22, 200, x + 22, 226), "white")
        pen.ellipse((x - 9, 204, x + 9, 222), INK)
        pen.line((x - 26, 184, x + 26, 180), hair, 6)
    pen.line((240, 230, 232, 280, 250, 284), tuple(int(c * 0.8) for c in skin), 4)
    pen.arc((195, 290, 285, 340), 20, 160, (160, 50, 60), 6)
    return picture


def hills(rng: random.Random) -> Image.Image:
    """A landscape of flat layers under a plain sky: a place, and nothing in it."""
    picture = Image.new("RGB", (SIDE + 240, SIDE), (150 + rng.randint(0, 60), 190, 235))
    pen = ImageDraw.Draw(picture)
    for k in range(4):
        y, points = 200 + 60 * k, [(0, SIDE)]
        for x in range(0, SIDE + 241, 40):
            points.append((x, y + rng.randint(-30, 30)))
        pen.polygon([*points, (SIDE + 240, SIDE)], (60 + 12 * k, 150 - 18 * k, 70))
    return picture


# What each kind may be said to show: nouns of the vocabulary; all else is a wrong noun.
KINDS: dict[str, tuple[Draw, frozenset[str]]] = {
    "plain": (plain, frozenset()),
    "gradient": (gradient, frozenset()),
    "noise": (noise, frozenset()),
    "stripes": (stripes, frozenset()),
    "shapes": (shapes, frozenset()),
    "bars": (bars, frozenset({"bar chart"})),
    "curves": (curves, frozenset({"chart increasing", "chart decreasing"})),
    "page": (page, frozenset({"book", "newspaper", "letter", "scroll", "page with curl"})),
    "screen": (screen, frozenset({"desktop computer", "laptop"})),
    "poster": (poster, frozenset()),
    "face": (face, frozenset({"person", "man", "woman", "boy", "girl", "baby"})),
    "hills": (hills, frozenset()),
}


def picture(kind: str, seed: int) -> Image.Image:
    """Return a picture of one of KINDS."""
    return KINDS[kind][0](random.Random(f"{kind} {seed}"))
