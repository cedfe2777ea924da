"""Times of the embedded painter's clips: `python bench/clips.py` prints a small table.

Processor seconds of one process, beside what was aimed at: a clip of five seconds at 624 x 624, all
four clips of one job, and the peak of memory.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

PROMPTS = (
    "a sailing boat on a stormy sea at night",
    "cozy cabin in a snowy forest, golden hour",
    "a dragon over a castle in the mountains at sunset, oil painting",
    "neon city street in the rain at night",
    "a coral reef with tropical fish underwater",
)
SIDE = 624


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def peak() -> float:
    """Return the peak resident memory of this process in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    from diorama import Clip, animate, animation, compose, extend

    animate(compose("a cat", seed=1), "low", width=128, height=128, seed=1, seconds=0.2)
    clips: list[Clip] = []
    times: list[float] = []
    for prompt in PROMPTS:
        scene = compose(prompt, seed=1)

        def film(seed: int, scene: object = scene) -> None:
            clips.append(animate(scene, "high", width=SIDE, height=SIDE, seed=seed))  # type: ignore[arg-type]

        times.append(seconds(lambda film=film: film(1)))  # type: ignore[misc]
    rest = sum(seconds(lambda k=k: film(k)) for k in (2, 3, 4))  # type: ignore[misc]
    rows = [
        ("a clip, mean of the five", sum(times) / len(times), 8.0),
        ("a clip, worst of the five", max(times), 8.0),
        ("four clips of one scene", times[-1] + rest, 32.0),
        (
            "four more seconds",
            seconds(lambda: extend(clips[-1].state, clips[-1].video, "low", seed=1)),
            7.0,
        ),
        ("a grid of four as WebP", seconds(lambda: animation(clips[-4:])), 8.0),
    ]
    for name, value, aim in rows:
        print(f"{name:34} {value:8.2f} s    aim {aim:.1f} s")
    largest = max(len(clip.video) for clip in clips) / 2**20
    print(f"{'a clip, largest file':34} {largest:8.2f} MiB  aim 5.0 MiB")
    print(f"{'peak memory':34} {peak():8.0f} MiB  aim 800 MiB")


if __name__ == "__main__":
    main()
