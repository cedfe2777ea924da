"""Command line: `python -m diorama paint PROMPT OUT.png`, `sheet PROMPTS.txt OUT.png`,
`upscale IN OUT.png` and `animate PROMPT OUT.mp4`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from . import PictureError, animate, animation, compose, render, upscale

PICTURES, FILMS = (".png", ".jpg", ".jpeg", ".webp"), (".mp4", ".webp")


def _aspect(text: str) -> tuple[int, int]:
    width, _, height = text.partition(":")
    try:
        return int(width), int(height or 1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not width:height, such as 16:9") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _out(endings: tuple[str, ...]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if not text.lower().endswith(endings):
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(endings)}")
        return text

    return checked


def _size(aspect: tuple[int, int], longest: int) -> tuple[int, int]:
    ratio = longest / max(aspect)
    return round(aspect[0] * ratio), round(aspect[1] * ratio)


def _paint(options: argparse.Namespace) -> None:
    scene = compose(options.prompt, seed=options.seed, aspect=options.ar)
    width, height = _size(options.ar, options.size)
    render(scene, width, height).save(options.out)


def _label(prompt: str) -> str:
    """Return a prompt as the sheet's font can show it: other scripts by their code points."""
    shown = (letter if letter <= "\u024f" else f"U+{ord(letter):04X} " for letter in prompt)
    return "".join(shown)


def _sheet(options: argparse.Namespace) -> None:
    from PIL import Image, ImageDraw, ImageFont

    try:
        lines = Path(options.prompts).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise PictureError("The file of prompts must be UTF-8 text.") from error
    prompts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    cells = [(prompt, options.seed + k) for prompt in prompts for k in range(options.seeds)]
    if not cells:
        raise PictureError("The file of prompts holds no prompt.")
    columns = min(options.columns, len(cells))
    side, label = options.size, 18
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + label)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    for index, (prompt, seed) in enumerate(cells):
        x, y = index % columns * side, index // columns * (side + label)
        sheet.paste(render(compose(prompt, seed=seed), side, side), (x, y))
        draw.text((x + 3, y + side + 1), _label(prompt)[: side // 6], fill="black", font=font)
    sheet.save(options.out)


def _upscale(options: argparse.Namespace) -> None:
    from .uploads import read_picture

    mode: Literal["subtle", "creative"] = "creative" if options.creative else "subtle"
    picture = read_picture(Path(options.picture).read_bytes())
    upscale(picture, options.factor, mode, seed=options.seed).save(options.out)


def _animate(options: argparse.Namespace) -> None:
    scene = compose(options.prompt, seed=options.seed, aspect=options.ar)
    width, height = (side // 2 * 2 for side in _size(options.ar, options.size))
    clip = animate(
        scene,
        options.motion,
        width=width,
        height=height,
        seed=options.seed,
        loop=options.loop,
        end=compose(options.end, seed=options.seed, aspect=options.ar) if options.end else None,
        seconds=options.seconds,
    )
    out = Path(options.out)
    out.write_bytes(animation([clip]) if out.suffix == ".webp" else clip.video)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m diorama", description=__doc__)
    commands = parser.add_subparsers(required=True)
    paint = commands.add_parser("paint", help="paint one prompt")
    paint.add_argument("prompt")
    paint.add_argument("out", type=_out(PICTURES))
    paint.add_argument("--ar", type=_aspect, default=(1, 1), help="width:height, such as 16:9")
    paint.add_argument("--size", type=_count, default=1024, help="pixels of the longer side")
    paint.set_defaults(run=_paint)
    sheet = commands.add_parser("sheet", help="paint a labelled contact sheet")
    sheet.add_argument("prompts")
    sheet.add_argument("out", type=_out(PICTURES))
    sheet.add_argument("--size", type=_count, default=256)
    sheet.add_argument("--seeds", type=_count, default=1, help="pictures for each prompt")
    sheet.add_argument("--columns", type=_count, default=6)
    sheet.set_defaults(run=_sheet)
    larger = commands.add_parser("upscale", help="make a picture two or four times as large")
    larger.add_argument("picture")
    larger.add_argument("out", type=_out(PICTURES))
    larger.add_argument("--factor", type=int, default=2, help="2 or 4")
    larger.add_argument("--creative", action="store_true", help="add fine detail")
    larger.set_defaults(run=_upscale)
    for command in (paint, sheet, larger):
        command.add_argument("--seed", type=int, default=1)
    film = commands.add_parser("animate", help="make a short film: OUT.mp4 or OUT.webp")
    film.add_argument("prompt")
    film.add_argument("out", type=_out(FILMS))
    film.add_argument("--ar", type=_aspect, default=(1, 1), help="width:height, such as 16:9")
    film.add_argument("--size", type=_count, default=624, help="pixels of the longer side")
    film.add_argument("--motion", choices=("low", "high"), default="low")
    film.add_argument("--seconds", type=float, default=5.0)
    film.add_argument("--loop", action="store_true", help="let the end lead to the beginning")
    film.add_argument("--end", default="", help="prompt of the scene it ends with")
    film.add_argument("--seed", type=int, default=1)
    film.set_defaults(run=_animate)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (PictureError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
