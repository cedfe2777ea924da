"""Times of the embedded painter: `python bench/painter.py` prints a small table."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diorama.scene import Scene

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
MANY = 10_000

PROMPTS = (ROOT / "tests" / "prompts.txt").read_text(encoding="utf-8").splitlines()


def seconds(work: Callable[..., object], *arguments: object, **options: object) -> float:
    started = time.perf_counter()
    work(*arguments, **options)
    return time.perf_counter() - started


def paint(prompt: str, seed: int, size: int) -> float:
    from diorama import compose, render

    return seconds(render, compose(prompt, seed=seed), size, size)


def peak() -> float:
    """Return the peak resident memory of this process in MiB.

    From /proc, since getrusage also counts what the parent held when it started the child.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def peak_of_one(prompt: str) -> float:
    """Return the peak memory (MiB) of a process of its own that paints one picture of 1024."""
    paint(prompt, 1, 1024)
    return peak()


def peaks() -> float:
    """Return the largest of the six prompts' peaks; spawned, so that nothing is inherited."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, max_tasks_per_child=1) as pool:
        return max(pool.map(peak_of_one, PROMPTS[:6]))


def grid(size: int) -> tuple[float, float]:
    """Return (worst, mean) seconds of a grid of four for the first six prompts, two processes."""
    times = []
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(paint, PROMPTS[:6] * 2, range(12), [256] * 12))
        for prompt in PROMPTS[:6]:
            started = time.perf_counter()
            list(pool.map(paint, [prompt] * 4, range(4), [size] * 4))
            times.append(time.perf_counter() - started)
    return max(times), sum(times) / len(times)


def composed(count: int) -> list[float]:
    """Return the seconds that each of many made-up prompts takes to compose, sorted."""
    from bench.prompts import prompts
    from diorama import compose

    compose(PROMPTS[0], seed=0)
    return sorted(seconds(compose, prompt, seed=1) for prompt in prompts(20261121, count))


def painted(size: int) -> list[tuple[float, str]]:
    """Return (seconds, prompt) of every prompt of the list, painted warm, slowest last."""
    paint(PROMPTS[0], 1, size)
    times = []
    for prompt in PROMPTS:
        paint(prompt, 1, 64)  # its tables and cut-outs, as a worker that has run a while has them
        times.append((paint(prompt, 1, size), prompt))
    return sorted(times)


def busy(scene: Scene, before: Scene, size: int) -> float:
    """Return the processor seconds of one picture, painted after another of its sort."""
    from diorama import render

    render(before, size, size)
    started = time.process_time()
    render(scene, size, size)
    return time.process_time() - started


def slowest(size: int) -> list[tuple[float, str]]:
    """Return (processor seconds, what) of every place, every drawn form and every medium,
    slowest first; each medium on the slowest place. The second seed is timed: warm, yet new."""
    from diorama import compose
    from diorama.forms import FORMS
    from diorama.media import MEDIA
    from diorama.words import load

    words = [str(table["words"]).split(",")[0] for table in load("places").values()]
    prompts = [f"a cottage beside the {word}" for word in words]
    prompts += [f"a {name.replace('-', ' ')} in a village" for name in FORMS]
    rows = [(busy(compose(p, seed=2), compose(p, seed=1), size), p) for p in prompts]
    worst = max(rows)[1]
    first, second = compose(worst, seed=1), compose(worst, seed=2)
    for style in MEDIA:
        one, other = replace(first, style=style), replace(second, style=style)
        rows.append((busy(other, one, size), f"{worst}, {style}"))
    return sorted(rows, reverse=True)


def imported() -> float:
    """Return the seconds that importing the package takes in a fresh interpreter."""
    code = "import time; t = time.perf_counter(); import diorama; print(time.perf_counter() - t)"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT / "src"
    )
    return float(run.stdout)


def main() -> None:
    rows = [("import diorama", imported(), 0.5)]
    each = composed(MANY)
    rows += [
        (f"compose, mean of {MANY}", sum(each) / len(each), 0.020),
        ("compose, 99th of 100", each[len(each) * 99 // 100], 0.020),
        ("compose, worst", each[-1], 0.020),
    ]
    times = painted(512)
    rows.append((f"512 x 512, mean of {len(times)}", sum(t for t, _ in times) / len(times), 0.6))
    rows.append((f"512 x 512, worst: {times[-1][1]}"[:44], times[-1][0], 0.6))
    worst, mean = grid(1024)
    rows.append(("grid of four, 1024, mean", mean, 6.0))
    rows.append(("grid of four, 1024, worst", worst, 6.0))
    for name, value, aim in rows:
        print(f"{name:44} {value:8.4f} s   aim {aim:.2f} s")
    for size in (512, 1024):
        print(f"\nslowest at {size} x {size}, processor seconds, warm, another seed")
        for value, what in slowest(size)[:12]:
            print(f"{what[:60]:60} {value:6.2f}")
    print(f"\n{'peak memory, one picture of 1024':44} {peaks():8.0f} MiB aim 800 MiB")
    print(f"{'peak memory after all of the above':44} {peak():8.0f} MiB aim 800 MiB")


if __name__ == "__main__":
    main()
