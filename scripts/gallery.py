"""Make the gallery: what the classifier's features say of things, media, places and hours.

Things: every noun's cut-out is seen by the classifier on CLEAN soft grounds, and in COLLAGES, in
which several stand in a painted place, lit as there, in any medium, compressed as JPEG. The gallery
holds the means of the nouns on AXES linear discriminants: the directions in which nouns differ,
measured in what the pictures of one noun differ by. Media, places and hours: SHEETS pictures of
each medium in all places and hours are painted and compressed, and fitted to their features with
ridge regression. Run after `scripts/classifier.py`; it takes half an hour. `--things` makes only
the things anew, and `--labels` only the media, places and hours: run that whenever media change.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from diorama import compose, render  # noqa: E402
from diorama.accounts import with_article  # noqa: E402
from diorama.analysis_subject import FOLDER, fine_features, respond  # noqa: E402
from diorama.canvas import Canvas  # noqa: E402
from diorama.media import MEDIA  # noqa: E402
from diorama.objects import relit  # noqa: E402
from diorama.progress import Progress  # noqa: E402
from diorama.rendering import stage_of  # noqa: E402
from diorama.scene import Scene, Thing  # noqa: E402
from diorama.sprites import build  # noqa: E402
from diorama.styles import apply_style  # noqa: E402
from diorama.words import lexicon, load  # noqa: E402

AXES, SHRINK = 160, 1.0
CLEAN, COLLAGES, PLACES = 3, 800, 110
SIDE = 400  # pixels of a collage
SHEETS, RIDGE = 40, 1000.0

Cut = tuple[Thing, np.ndarray]


def mean_features(pixels: np.ndarray) -> np.ndarray:
    """Return the features of a picture, averaged over it."""
    return np.asarray(respond(pixels)[0].mean((1, 2)))


def cuts(rng: random.Random) -> dict[str, Cut]:
    """Return for each noun a thing and its picture: premultiplied RGBA without empty borders."""
    found = {}
    nouns = {m[1].name for meanings in lexicon().values() for m in meanings if m[0] == "thing"}
    for noun in sorted(nouns):
        things = compose(with_article(noun), seed=rng.randrange(10**6)).things
        alone = [t for t in things if t.host < 0 and t.name == noun]
        if not alone:
            continue
        thing = replace(alone[0], x=0, y=0, size=1, depth=0, tilt=0)
        image = build((thing,), 0).image
        ys, xs = np.nonzero(image[..., 3] > 0.05)
        if len(ys):
            cut = image[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
            found[noun] = thing, fitting(cut, 240)
    return found


def fitting(image: np.ndarray, side: float) -> np.ndarray:
    """Return an image with its longer side at a length."""
    ratio = side / max(image.shape[:2])
    size = [max(4, round(length * ratio)) for length in image.shape[1::-1]]
    flag = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(image, size, interpolation=flag), 0, 1)


def lay(pixels: np.ndarray, image: np.ndarray, left: int, top: int) -> None:
    part = pixels[top : top + image.shape[0], left : left + image.shape[1]]
    part *= 1 - image[..., 3:]
    part += image[..., :3]


def alone(cut: Cut, rng: random.Random, turn: int) -> np.ndarray:
    """Return the features of a thing on a soft ground: dark, middling or light, by turns."""
    low = np.asarray([[[rng.random() * 0.5 + 0.25 * turn] * 3 for _ in "abc"] for _ in "abc"])
    low += np.asarray([rng.uniform(-0.2, 0.2) for _ in "rgb"])
    pixels = np.clip(cv2.resize(low, (224, 224), interpolation=cv2.INTER_CUBIC), 0, 1)
    image = fitting(cut[1], 190)[:, :: rng.choice((1, -1))].copy()
    image[..., :3] *= [rng.uniform(0.6, 1.1) for _ in "rgb"]
    lay(pixels, image, (224 - image.shape[1]) // 2, (224 - image.shape[0]) // 2)
    return mean_features(np.clip(pixels, 0, 1).astype(np.float32))


def grounds(rng: random.Random) -> list[tuple[Scene, np.ndarray]]:
    """Return PLACES painted places without things."""
    places = [spec["words"].partition(",")[0] for spec in load("places").values()]
    hours = [spec["words"].partition(",")[0] for spec in load("lights").values()]
    found = []
    for number in range(PLACES):
        prompt = f"in {places[number % len(places)]}, {rng.choice(hours)}"
        scene = replace(compose(prompt, seed=number), things=(), style="photo", lens=())
        found.append((scene, np.asarray(render(scene, SIDE, SIDE), np.float32) / 255))
    return found


def collages(known: dict[str, Cut], rng: random.Random) -> Iterator[tuple[np.ndarray, str]]:
    """Yield (features, noun) of things that stand in painted places, one to sixteen in each."""
    pool, deck = grounds(rng), list[str]()
    for _ in range(COLLAGES):
        scene, ground = rng.choice(pool)
        style = rng.choice(sorted(MEDIA)) if rng.random() < 0.6 else "photo"
        stage = stage_of(
            replace(scene, style=style), Canvas.window(SIDE, SIDE), Progress(lambda _: None)
        )
        pixels, boxes = ground.copy(), []
        count = rng.choice((1, 2, 2, 3, 3, 3, 4))
        cell = SIDE / count
        for place in range(count * count):
            deck = deck or rng.sample(sorted(known), len(known))
            noun = deck.pop()
            thing, image = known[noun]
            image = fitting(image[:, :: rng.choice((1, -1))], cell * rng.uniform(0.68, 0.98))
            high, wide = image.shape[:2]
            left, top = (place % count + 0.5) * cell - wide / 2, (place // count + 0.5) * cell
            left, top = max(0, int(left)), max(0, int(top - high / 2))
            x, y = (left + wide / 2) / SIDE - 0.5, (top + high) / SIDE
            thing = replace(thing, x=x, y=y, size=high / SIDE)
            lay(pixels, relit(stage, thing, np.ascontiguousarray(image)), left, top)
            boxes.append((noun, left / SIDE, top / SIDE, (left + wide) / SIDE, y))
        pixels = apply_style(stage, np.clip(pixels, 0, 1))
        picture = Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))
        features = fine_features(compressed(picture, rng))
        for noun, *box in boxes:
            yield _within(features, box), noun


def _within(features: np.ndarray, box: list[float]) -> np.ndarray:
    height, width = features.shape[1:]
    left, right = int(box[0] * width), max(int(np.ceil(box[2] * width)), int(box[0] * width) + 1)
    top, bottom = int(box[1] * height), int(np.ceil(box[3] * height))
    return np.asarray(features[:, top : max(bottom, top + 1), left:right].mean((1, 2)))


def discriminants() -> dict[str, np.ndarray]:
    """Return the gallery's names, usual, axes and vectors."""
    rng = random.Random(1)
    known = cuts(rng)
    pairs = [(alone(cut, rng, turn), noun) for turn in range(CLEAN) for noun, cut in known.items()]
    pairs += collages(known, rng)
    table = np.stack([seen for seen, _ in pairs]).astype(np.float64)
    names, which = np.unique([noun for _, noun in pairs], return_inverse=True)
    means = np.stack([table[which == k].mean(axis=0) for k in range(len(names))])
    usual = means.mean(axis=0)
    rest = table - means[which]
    within = rest.T @ rest / len(rest)
    within += SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    white = np.linalg.cholesky(np.linalg.inv(within))
    _, _, rows = np.linalg.svd((means - usual) @ white, full_matrices=False)
    axes = white @ rows[:AXES].T
    vectors = (means - usual) @ axes
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    half = {"usual": usual, "axes": axes, "vectors": vectors}
    return {"names": names} | {name: value.astype(np.float16) for name, value in half.items()}


def compressed(picture: Image.Image, rng: random.Random) -> np.ndarray:
    """Return the picture as it looks after a trip through JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=rng.choice((80, 90, 95)))
    back: Image.Image = Image.open(out)
    if rng.random() < 0.5:
        back = back.resize((200, 200))
    return np.asarray(back, np.float32) / 255


def painted(rng: random.Random) -> Iterator[tuple[np.ndarray, set[str]]]:
    """Yield the features of SHEETS pictures of each medium, with what they show."""
    nouns = [word for word, meanings in lexicon().items() if meanings[0][0] == "thing"]
    places = [spec["words"].partition(",")[0] for spec in load("places").values()]
    hours = [spec["words"].partition(",")[0] for spec in load("lights").values()]
    for _ in range(SHEETS):
        for name in ("photo", *MEDIA):
            prompt = f"a {rng.choice(nouns)} in {rng.choice(places)}, {rng.choice(hours)}"
            scene = replace(compose(prompt, seed=rng.randrange(10**6)), style=name)
            shown = {f"medium:{name}", f"place:{scene.place}", f"hour:{scene.light.time}"}
            side = rng.choice((256, 448))
            yield mean_features(compressed(render(scene, side, side), rng)), shown


def fitted() -> tuple[list[str], np.ndarray]:
    """Return labels, such as "place:sea", and their weights (features + 1, labels)."""
    pairs = list(painted(random.Random(1)))
    labels = sorted(set().union(*(shown for _, shown in pairs)))
    table = np.stack([seen for seen, _ in pairs]).astype(np.float64)
    target = np.asarray([[label in shown for label in labels] for _, shown in pairs], np.float64)
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-3
    z = np.c_[(table - mean) / spread, np.ones(len(table))]
    fit = z.T @ np.linalg.solve(z @ z.T + RIDGE * np.eye(len(z)), target)
    slopes = fit[:-1] / spread[:, None]
    return labels, np.r_[slopes, [fit[-1] - mean @ slopes]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--things", action="store_true", help="make only the things anew")
    only.add_argument("--labels", action="store_true", help="make only media, places, hours anew")
    options = parser.parse_args()
    stored: dict[str, Any] = {}
    if options.things or options.labels:
        with np.load(FOLDER / "gallery.npz") as before:
            stored |= {name: before[name] for name in before.files}
    if not options.labels:
        stored |= discriminants()
    if not options.things:
        labels, weights = fitted()
        stored |= {"labels": np.asarray(labels), "weights": weights.astype(np.float32)}
    np.savez(FOLDER / "gallery.npz", **stored)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
