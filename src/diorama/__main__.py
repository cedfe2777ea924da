"""Command line: `python -m diorama paint PROMPT OUT.png` and `sheet PROMPTS.txt OUT.png`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import PictureError, compose, render


def _aspect(text: str) -> tuple[int, int]:
    width, _, height = text.partition(":")
    return int(width), int(height or 1)


def _size(aspect: tuple[int, int], longest: int) -> tuple[int, int]:
    ratio = longest / max(aspect)
    return max(64, round(aspect[0] * ratio)), max(64, round(aspect[1] * ratio))


def _paint(options: argparse.Namespace) -> None:
    scene = compose(options.prompt, seed=options.seed, aspect=options.ar)
    width, height = _size(options.ar, options.size)
    render(scene, width, height).save(options.out)


def _sheet(options: argparse.Namespace) -> None:
    from PIL import Image, ImageDraw, ImageFont

    lines = Path(options.prompts).read_text(encoding="utf-8").splitlines()
    prompts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    cells = [(prompt, options.seed + k) for prompt in prompts for k in range(options.seeds)]
    columns = options.columns or min(6, len(cells))
    side, label = options.size, 18
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + label)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for index, (prompt, seed) in enumerate(cells):
        x, y = index % columns * side, index // columns * (side + label)
        sheet.paste(render(compose(prompt, seed=seed), side, side), (x, y))
        draw.text((x + 3, y + side + 1), prompt[: side // 6], fill="black", font=font)
    sheet.save(options.out)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m diorama", description=__doc__)
    commands = parser.add_subparsers(required=True)
    paint = commands.add_parser("paint", help="paint one prompt")
    paint.add_argument("prompt")
    paint.add_argument("out")
    paint.add_argument("--ar", type=_aspect, default=(1, 1), help="width:height, such as 16:9")
    paint.add_argument("--size", type=int, default=1024, help="pixels of the longer side")
    paint.set_defaults(run=_paint)
    sheet = commands.add_parser("sheet", help="paint a labelled contact sheet")
    sheet.add_argument("prompts")
    sheet.add_argument("out")
    sheet.add_argument("--size", type=int, default=256)
    sheet.add_argument("--seeds", type=int, default=1, help="pictures for each prompt")
    sheet.add_argument("--columns", type=int, default=0)
    sheet.set_defaults(run=_sheet)
    for command in (paint, sheet):
        command.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (PictureError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
