"""The buttons of the API's page, and under which picture they stand."""

import re
from pathlib import Path

from tests.integration.pressing import Box, Size

WIDE = (3, 2)
UPSCALES, VARIATIONS = ["U1", "U2", "U3", "U4"], ["V1", "V2", "V3", "V4"]
GRID, REEL = [*UPSCALES, "🔄", *VARIATIONS], [*UPSCALES, "🔄"]
VARIED, REGION = ["Vary (Subtle)", "Vary (Strong)"], "Vary (Region)"
ANIMATED = ["Animate (High motion)", "Animate (Low motion)"]
EXTENDED = ["Extend (High motion)", "Extend (Low motion)"]
OLD = ["Make Variations", "Remaster"]
ENLARGED = {
    "7": {"Upscale (Subtle)": 2, "Upscale (Creative)": 2},
    "5.2": {"Upscale (2x)": 2, "Upscale (4x)": 4},
}
# The shape that a press gives, and where the picture before it lies in the new one.
REFRAMED: dict[str, tuple[Size, Box]] = {
    "Zoom Out 2x": (WIDE, (1 / 4, 1 / 4, 3 / 4, 3 / 4)),
    "Zoom Out 1.5x": (WIDE, (1 / 6, 1 / 6, 5 / 6, 5 / 6)),
    "Custom Zoom": ((2, 1), (1 / 5, 1 / 10, 4 / 5, 9 / 10)),
    "Make Square": ((1, 1), (0, 1 / 6, 1, 5 / 6)),
    "⬅️": ((9, 4), (1 / 3, 0, 1, 1)),
    "➡️": ((9, 4), (0, 0, 2 / 3, 1)),
    "⬆️": ((1, 1), (0, 1 / 3, 1, 1)),
    "⬇️": ((1, 1), (0, 0, 1, 2 / 3)),
}
CHANGES = [*VARIED, REGION, *REFRAMED, *ANIMATED]


def of_the_page(shared: Path) -> set[str]:
    """The labels that the page lists."""
    page = (shared / "spec" / "v3" / "post-midjourney-jobs-button.md").read_text("utf-8")
    listed = page.partition("### Supported Buttons")[2].partition("### Response")[0]
    return {*re.findall("`(.+?)`", listed)} - {"mask"}
