"""Crossing: from one film to another within a clip, as one picture that becomes the other.

Both are bent toward each other along their optical flow while the second comes through the first in
patches, as ink spreads, so that nowhere two subjects stand half seen over one another for long.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from diorama.noise import Field, fbm, smoothstep

WORK = 192


@dataclass(frozen=True)
class Crossing:
    """The flow (h, w, 2) from the first picture to the second, in pixels; `order` 0..1: 1 first."""

    flow: Field
    order: Field

    @classmethod
    def of(cls, first: Field, second: Field, seed: int) -> Crossing:
        """Return the crossing between two frames of bytes of the same size."""
        height, width = first.shape[:2]
        ratio = WORK / max(height, width)
        size = (max(16, round(width * ratio)), max(16, round(height * ratio)))
        greys = [_grey(picture, size) for picture in (first, second)]
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        still = np.zeros((size[1], size[0], 2), np.float32)
        flow = search.calc(greys[0], greys[1], still)
        flow = cv2.GaussianBlur(flow, (0, 0), 0.06 * size[1])
        most = 0.05 * max(size)
        reach = np.maximum(np.hypot(flow[..., 0], flow[..., 1]) / most, 1)[..., None]
        full = cv2.resize(flow / reach, (width, height)) / ratio
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
        spread = fbm(x * 0.3, y * 0.3, seed & 0xFFFF, gain=0.5)
        away = np.hypot(x - width / height / 2, y - 0.55)
        rank = np.argsort(np.argsort((spread * 0.5 - 0.7 * away).ravel()))
        order = (rank / rank.size).reshape(height, width)
        return cls(np.asarray(full, np.float32), np.asarray(order, np.float32))

    def mix(self, first: Field, second: Field, part: float) -> Field:
        """Return the frame a part (0..1) of the way from the first to the second."""
        if part <= 0:
            return first
        if part >= 1:
            return second
        height, width = first.shape[:2]
        x = np.arange(width, dtype=np.float32)[None, :]
        y = np.arange(height, dtype=np.float32)[:, None]
        dx, dy = self.flow[..., 0], self.flow[..., 1]
        ends = []
        for picture, share in ((first, part), (second, part - 1)):
            moved = cv2.remap(picture, np.asarray(x - dx * share, np.float32),
                              np.asarray(y - dy * share, np.float32), cv2.INTER_LINEAR,
                              borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
            ends.append(moved.astype(np.float32))
        soft = 0.45
        weight = smoothstep(0, 1, (part * (1 + soft) - (1 - self.order)) / soft)[..., None]
        return np.asarray(ends[0] + (ends[1] - ends[0]) * weight + 0.5, np.uint8)


def _grey(picture: Field, size: tuple[int, int]) -> Field:
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 2.0))
