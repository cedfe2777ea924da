"""Files on their way to the disk: whole or not at all, and in nobody's place."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath


class Part:
    """A file that gets its name only once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        self._name = Path(name)
        self._file = open(descriptor, "wb")  # noqa: SIM115 - closed by finish and by discard
        self.write: Callable[[bytes], int] = self._file.write

    def finish(self) -> None:
        self._file.close()
        # mkstemp's files are for their owner alone; a picture is an ordinary file.
        self._name.chmod(0o666 & ~_umask())
        self._name.replace(self._path)

    def discard(self) -> None:
        self._file.close()
        self._name.unlink(missing_ok=True)


def free(folder: Path, names: list[str]) -> list[Path]:
    """The names in `folder`, all with the same number if any of them is taken there."""
    return next(
        paths
        for paths in ([folder / name for name in numbered] for numbered in _numbered(names))
        if not any(path.exists() for path in paths)
    )


def _numbered(names: list[str]) -> Iterator[list[str]]:
    yield names
    for number in itertools.count(2):
        paths = [PurePosixPath(name) for name in names]
        yield [f"{path.stem}-{number}{path.suffix}" for path in paths]


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
