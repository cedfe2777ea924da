"""What describe makes of pictures that have lost their mark: `python -m bench.describing [COUNT]`.

COUNT pictures of the painter's own, of all its nouns, places, hours and media, go through what
other sites do to a picture: 5 % cut off, made 0.6 times as large, JPEG at quality 80. Then the four
prompts are read back and compared with the scene. Foreign pictures show how often a noun is named
that is not there.
"""

from __future__ import annotations

import io
import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

COUNT, SIDE, EACH = 300, 512, 6
CUT, LESS, QUALITY = 0.05, 0.6, 80
ASPECTS = ((1, 1), (1, 1), (3, 2), (2, 3), (16, 9))


def retold(picture: Image.Image) -> bytes:
    """Return the picture cut, made smaller and compressed, as a JPEG file."""
    width, height = picture.size
    cut = round(width * CUT / 2), round(height * CUT / 2)
    inner = picture.crop((*cut, width - cut[0], height - cut[1]))
    size = round(inner.width * LESS), round(inner.height * LESS)
    return encoded(inner.resize(size, Image.Resampling.LANCZOS))


def encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def own(number: int) -> Counter[str]:
    """Return which parts of one own picture's description are right, by name."""
    from diorama import compose, describe, render
    from diorama.accounts import names_of, with_article
    from diorama.analysis import field_of
    from diorama.analysis_colour import palette
    from diorama.reading import read
    from diorama.words import lexicon, load

    rng = random.Random(f"describing {number}")
    nouns = sorted({m[1].name for found in lexicon().values() for m in found if m[0] == "thing"})
    places = [spec["words"].partition(",")[0] for spec in load("places").values()]
    hours = [spec["words"].partition(",")[0] for spec in load("lights").values()]
    media = ("", "", *(text.partition(",")[0] for text in load("moods")["styles"].values()))
    prompt = f"{with_article(rng.choice(nouns))} in {rng.choice(places)}, {rng.choice(hours)}"
    aspect = rng.choice(ASPECTS)
    scene = compose(f"{prompt}, {rng.choice(media)}", seed=number, aspect=aspect)
    unit = SIDE / (aspect[0] * aspect[1]) ** 0.5
    picture = render(scene, round(aspect[0] * unit), round(aspect[1] * unit))
    things = {thing.name for thing in scene.things if thing.name != "backdrop"}
    colours = set(names_of(palette(field_of(picture))))
    score = Counter[str]()
    texts = [text.partition(" --ar")[0] for text in describe(retold(picture))]
    told = [read(text) for text in texts]
    named = [{asked.noun.name for asked in found.asked if asked.noun} for found in told]
    if things:
        kinds = {m[1].kind for n in things for m in lexicon().get(n, ()) if m[0] == "thing"}
        heard = {m[1].kind for n in named[0] for m in lexicon().get(n, ()) if m[0] == "thing"}
        score["pictures with a subject"] = 1
        score["subject, first"] = bool(named[0] & things)
        score["subject, any of four"] = any(names & things for names in named)
        score["subject, its kind"] = bool(kinds & heard)
        score["subject, left open"] = not named[0]
    score["wrong noun, first"] = bool(named[0]) and not named[0] & things
    score["place"] = any(found.place == scene.place for found in told)
    score["hour"] = any(found.time == scene.light.time for found in told)
    score["medium"] = any((found.style or "photo") == scene.style for found in told)
    score["colours, 2 of 3"] = sum(name in " ".join(texts) for name in colours) >= min(
        2, len(colours)
    )
    return score


def foreign(number: int) -> Counter[str]:
    """Return the kind of one foreign picture, and whether a noun is named that is not there."""
    from bench.foreign import KINDS, picture
    from diorama import describe
    from diorama.reading import read

    kind = list(KINDS)[number % len(KINDS)]
    texts = [text.partition(" --ar")[0] for text in describe(encoded(picture(kind, number)))]
    named = [{asked.noun.name for asked in read(text).asked if asked.noun} for text in texts]
    wrong = [bool(names - KINDS[kind][1]) for names in named]
    return Counter(
        {"foreign": 1, "foreign, wrong, first": wrong[0], "foreign, wrong, any of four": any(wrong)}
    )


def rows(count: int = COUNT) -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim)."""
    from bench.foreign import KINDS

    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        total = sum(pool.map(own, range(count)), Counter[str]())
        others = sum(pool.map(foreign, range(EACH * len(KINDS))), Counter[str]())
    seen = total.pop("pictures with a subject")
    made = []
    for name, hits in total.items():
        of = seen if name.startswith("subject") else count
        made.append((name, f"{100 * hits / of:5.1f} % of {of}", ""))
    of = others.pop("foreign")
    made.extend((name, f"{100 * hits / of:5.1f} % of {of}", "") for name, hits in others.items())
    return made


if __name__ == "__main__":
    for what, figure, aim in rows(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT):
        print(f"{what:28} {figure:20} {aim}", flush=True)
