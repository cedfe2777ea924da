"""What upscaling costs: `python -m bench.upscaling` prints seconds, processor seconds and memory.

Each upscale runs in a process of its own, so that its peak is its own.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from bench.painter import peak  # noqa: E402

PROMPT = "cozy cabin in a snowy forest, golden hour"
SIDE = 1024
MEBIBYTES = 800

Mode = Literal["subtle", "creative"]
# (factor, mode, threads or all cores, aim in seconds on two cores or None)
CASES: tuple[tuple[int, Mode, int | None, float | None], ...] = (
    (2, "subtle", None, 10.0),
    (2, "creative", None, 10.0),
    (2, "subtle", 1, None),
    (4, "subtle", None, None),
    (4, "creative", None, None),
)


def measure(factor: int, mode: Mode, threads: int | None) -> tuple[float, float, float]:
    """Seconds, processor seconds, and the process's peak memory in MiB, for one picture of 1024."""
    from diorama import compose, render, upscale

    picture = render(compose(PROMPT, seed=1), SIDE, SIDE)
    began, spent = time.perf_counter(), time.process_time()
    upscale(picture, factor, mode, seed=1, threads=threads)
    return time.perf_counter() - began, time.process_time() - spent, peak()


def rows() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, aim); the peak includes the painting of the picture."""
    made = []
    fresh = multiprocessing.get_context("spawn")
    for factor, mode, threads, aim in CASES:
        with ProcessPoolExecutor(1, mp_context=fresh) as pool:
            seconds, spent, memory = pool.submit(measure, factor, mode, threads).result()
        what = f"{SIDE} to {SIDE * factor}, {mode}, {threads or os.cpu_count()} threads"
        figure = f"{seconds:5.1f} s, {spent:5.1f} s of processor, {memory:4.0f} MiB"
        limit = f"{aim:.0f} s, " if aim else ""
        made.append((what, figure, f"{limit}{MEBIBYTES} MiB"))
    return made


if __name__ == "__main__":
    for what, figure, aim in rows():
        print(f"{what:36} {figure:44} aim {aim}", flush=True)
