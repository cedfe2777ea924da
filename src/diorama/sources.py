"""Sources: pictures that people hand in, as the painter uses them, ours or foreign alike."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property

from .accounts import Account, of_scene, of_sight, say
from .analysis import Sight, field_of, look
from .analysis_colour import palette
from .cutting import cut_out
from .grading import grade_of
from .inlays import inlay
from .marks import recognise
from .noise import Field
from .scene import Grade, Scene
from .uploads import read_picture

PLAIN = frozenset({"", "studio", "abstract"})


@dataclass(frozen=True)
class Source:
    """One picture: its account, and the scene (ours) or the sight (foreign) behind it."""

    account: Account
    pixels: Field
    scene: Scene | None
    sight: Sight | None

    @classmethod
    def of(cls, picture: bytes, rng: random.Random) -> Source:
        """Read a picture file; of a grid one of the scenes is taken. Raises PictureError."""
        image = read_picture(picture)
        scenes = recognise(picture)
        if scenes:
            scene, pixels = rng.choice(scenes), field_of(image)
            return cls(of_scene(scene, pixels, image.size), pixels, scene, None)
        return cls.seen(look(image))

    @classmethod
    def seen(cls, sight: Sight) -> Source:
        """Return the source that a foreign picture is."""
        # "An animal" says nothing to the painter, and what is cut out need not be guessed.
        named = cls(of_sight(replace(sight, kind="")), sight.pixels, None, sight)
        if named.cut or not sight.guesses:
            return named
        return replace(named, account=of_sight(sight, sight.guesses[0]))

    @cached_property
    def cut(self) -> str:
        """The subject as an inlay, or "": only from foreign pictures, and only if it is clean.

        In a place without a known subject what stands out may be a part of it.
        """
        if self.sight is None:
            return ""
        known = bool(self.sight.subject or self.sight.guesses) or not self.has_place
        found = cut_out(self.pixels, self.sight.heat, known=known)
        return inlay(found) if found is not None else ""

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The dominant colours as "#rrggbb", the most telling first."""
        swatches = self.sight.palette if self.sight else palette(self.pixels)
        return tuple(swatch.code for swatch in swatches)

    @property
    def has_subject(self) -> bool:
        return bool(self.account.subject or self.cut)

    @property
    def has_place(self) -> bool:
        return self.account.place not in PLAIN

    def place(self, rng: random.Random) -> str:
        """Return a phrase for its place, or ""."""
        return say("places", self.account.place, rng) if self.account.place else ""

    def hour(self, rng: random.Random) -> str:
        """Return a phrase for its time of day, or ""."""
        return say("hours", self.account.hour, rng) if self.account.hour else ""

    def grade(self, weight: float) -> Grade:
        """Return the tones of its picture, to act with a weight of 0..1."""
        return grade_of(self.pixels, weight)
