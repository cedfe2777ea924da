"""Times of the embedded painter: `python bench/painter.py` prints a small table."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

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


def main() -> None:
    code = "import time; t = time.perf_counter(); import diorama; print(time.perf_counter() - t)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT / "src",
    )
    rows = [("import diorama", float(run.stdout), 0.3)]
    from diorama import compose

    compose(PROMPTS[0], seed=0)
    each = [seconds(compose, prompt, seed=1) for prompt in PROMPTS * 3]
    rows.append(("compose, worst of 180", max(each), 0.020))
    for prompt in PROMPTS[:6]:
        paint(prompt, 1, 256)
    for size, aim in ((256, 0.25), (512, 0.6), (1024, 1.4)):
        times = [paint(prompt, seed, size) for prompt in PROMPTS[:6] for seed in (1, 2)]
        rows.append((f"{size} x {size}, mean of the six", sum(times) / len(times), aim))
        rows.append((f"{size} x {size}, worst of the six", max(times), aim))
    worst, mean = grid(1024)
    rows.append(("grid of four, 1024, mean", mean, 6.0))
    rows.append(("grid of four, 1024, worst", worst, 6.0))
    for name, value, aim in rows:
        print(f"{name:34} {value:8.3f} s   aim {aim:.2f} s")
    print(f"{'peak memory, one picture of 1024':34} {peaks():8.0f} MiB aim 400 MiB")
    print(f"{'peak memory after all of the above':34} {peak():8.0f} MiB")


if __name__ == "__main__":
    main()
