"""Make the gallery: what the classifier's features say of cut-outs, media, places and hours.

Each cut-out is seen by the classifier on three plain grounds; the features' mean over them is
reduced to AXES principal axes. What every painted picture has in common (`usual`: the mean over one
picture of each place) is taken off before comparing. SHEETS pictures of each medium
in all places and hours are painted, compressed as JPEG, and medium, place and hour are fitted to
their features with ridge regression. All is stored as 16-bit floats. Run
after `scripts/classifier.py`; it takes some three minutes.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from diorama import compose, render  # noqa: E402
from diorama.analysis_subject import FOLDER, respond  # noqa: E402
from diorama.assets import ROOT as ASSETS  # noqa: E402
from diorama.assets import cutout  # noqa: E402
from diorama.media import MEDIA  # noqa: E402
from diorama.words import lexicon, load  # noqa: E402

AXES, SHEETS, RIDGE = 96, 18, 1000.0
GROUNDS = ((0.82, 0.86, 0.92), (0.36, 0.47, 0.30), (0.16, 0.17, 0.24))


def mean_features(pixels: np.ndarray) -> np.ndarray:
    """Return the features of a picture, averaged over it."""
    return np.asarray(respond(pixels)[0].mean((1, 2)))


def features(code: str) -> np.ndarray:
    """Return the mean features of a cut-out on the grounds, which darken towards the foot."""
    field = cutout(code)
    shade = np.linspace(1.08, 0.8, field.shape[0], dtype=np.float32)[:, None, None]
    seen = []
    for ground in GROUNDS:
        under = np.asarray(ground, np.float32) * shade
        seen.append(mean_features(under + (field[..., :3] - under) * field[..., 3:]))
    return np.asarray(np.mean(seen, axis=0))


def usual() -> np.ndarray:
    """Return the mean features of one picture of each place."""
    seen = []
    for number, place in enumerate(load("places").values()):
        scene = compose(place["words"].partition(",")[0], seed=number)
        seen.append(mean_features(np.asarray(render(scene, 224, 224), np.float32) / 255))
    return np.asarray(np.mean(seen, axis=0))


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
            yield mean_features(compressed(render(scene, 256, 256), rng)), shown


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
    codes = sorted(path.stem for path in (ASSETS / "objects").glob("*.webp"))
    table = np.stack([features(code) for code in codes])
    _, _, rows = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    axes = rows[:AXES].T
    labels, weights = fitted()
    parts = {"axes": axes, "vectors": (table - table.mean(axis=0)) @ axes, "usual": usual()}
    stored: dict[str, Any] = {name: value.astype(np.float16) for name, value in parts.items()}
    stored |= {"codes": np.asarray(codes), "labels": np.asarray(labels)}
    np.savez(FOLDER / "gallery.npz", weights=weights.astype(np.float32), **stored)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
