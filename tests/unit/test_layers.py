"""Who may import whom, checked on the source: the direction of docs/how-it-works.md.

Imports inside functions and under TYPE_CHECKING count as well. A module that belongs to no room
is a fault: a new room has to be given its direction here first.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
FORBIDDEN_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"}

# Module prefix -> room. The longest prefix that fits holds.
ROOMS = {
    "heliograph.errors": "pure",
    "heliograph.command": "pure",
    "heliograph.job": "pure",
    "heliograph.channel": "pure",
    "heliograph.fields": "pure",
    "heliograph.pictures": "pure",
    "heliograph.retry": "pure",
    "heliograph.vault": "vault",
    "heliograph.listening": "listening",
    "heliograph.clock": "clock",
    # Shared by the service and the worker; imports nothing of ours.
    "heliograph.calm": "pure",
    "heliograph.sqlite": "sqlite",
    "heliograph.home": "home",
    "heliograph.settings": "settings",
    "heliograph.logs": "logs",
    "heliograph.client": "client",
    "heliograph.midjourney": "midjourney",
    "heliograph.midjourney.wire": "port",
    "heliograph.midjourney.files": "port",
    "heliograph.store": "store",
    "heliograph.store.base": "port",
    "heliograph.bus": "bus",
    "heliograph.bus.base": "port",
    "heliograph.media": "media",
    "heliograph.media.base": "port",
    "heliograph.outgoing": "outgoing",
    "heliograph.inbox": "inbox",
    "heliograph.discord": "discord",
    "heliograph.studio": "studio",
    "heliograph.studio.memory": "studio memory",
    "heliograph.studio.records": "studio memory",
    "heliograph.studio.painters": "painters",
    # The painter port, and the sizes that it speaks of.
    "heliograph.studio.painters.base": "painter port",
    "heliograph.studio.sizes": "painter port",
    "heliograph.sandbox": "sandbox",
    "heliograph.service": "service",
    "heliograph.upstreams": "upstreams",
    "heliograph.hub": "hub",
    "heliograph.worker": "worker",
    "heliograph.lane": "worker",
    "heliograph.books": "worker",
    "heliograph.webhooks": "webhooks",
    "heliograph.webhooks.base": "port",
    # A computation: it knows no rows and makes no calls.
    "heliograph.webhooks.signing": "pure",
    "heliograph.mail": "mail",
    "heliograph.mail.base": "port",
    # Words and addresses, computed.
    "heliograph.mail.addresses": "pure",
    "heliograph.upkeep": "upkeep",
    "heliograph.scheduler": "scheduler",
    "heliograph.task": "pure",
    "heliograph.turns": "pure",
    "heliograph.http": "http",
    "heliograph.console": "console",
    "heliograph.cli": "cli",
    "heliograph.__main__": "program",
    "heliograph.wiring": "wiring",
    "heliograph": "version",
    "diorama": "diorama",
}

STUDIO = {"pure", "port", "midjourney", "painter port", "studio", "studio memory"}
CORE = {"pure", "port", "midjourney"}

# Room -> the rooms that it may import. `version` (the package itself) is open to all.
MAY = {
    "version": set[str](),
    "pure": {"pure"},
    "sqlite": set[str](),
    "vault": set[str](),
    "listening": set[str](),
    "clock": set[str](),
    "home": set[str](),
    "settings": {"pure", "settings"},
    "logs": set[str](),
    "client": {"client"},
    "port": {"pure"},
    "painter port": {"pure", "painter port"},
    "midjourney": {"pure", "port", "midjourney"},
    "store": {"pure", "port", "store", "sqlite", "vault"},
    "bus": {"pure", "port", "bus"},
    "media": {"pure", "port", "media"},
    "outgoing": {"outgoing"},
    "inbox": {"pure", "port", "media", "outgoing", "inbox"},
    "discord": {"pure", "port", "midjourney", "discord"},
    "studio": STUDIO,
    "studio memory": {*STUDIO, "sqlite"},
    "painters": {"pure", "painter port", "painters", "diorama"},
    # Its files lie in a media store, as the server's do.
    "sandbox": {*STUDIO, "media", "listening", "sandbox"},
    "service": {*CORE, "clock", "service"},
    "upstreams": {"pure", "port"},
    "hub": CORE,
    "worker": {*CORE, "worker"},
    "webhooks": {*CORE, "outgoing", "webhooks"},
    "mail": {*CORE, "mail"},
    "upkeep": CORE,
    "scheduler": CORE,
    # The pictures' bytes are read from the media store itself, without a detour over the service.
    "http": {"pure", "port", "service", "hub", "media", "outgoing", "http"},
    "console": {"pure", "service", "hub", "media", "console"},
    "cli": {
        "pure",
        "service",
        "hub",
        "cli",
        "client",
        "settings",
        "home",
        "logs",
        "wiring",
        "vault",
    },
    "program": {"cli"},
    "wiring": {
        *{"pure", "port", "painter port", "midjourney", "sqlite", "home", "settings", "logs"},
        *{"store", "bus", "media", "discord", "studio", "studio memory", "painters", "sandbox"},
        *{"service", "hub", "worker", "webhooks", "mail", "upkeep", "http", "console"},
        *{"outgoing", "inbox", "vault", "listening", "clock", "scheduler", "upstreams", "wiring"},
    },
    "diorama": {"diorama"},
}

# Implementations of one port: each stands alone.
ADAPTERS = [
    {"heliograph.store.sqlite", "heliograph.store.postgres"},
    {"heliograph.bus.local", "heliograph.bus.postgres", "heliograph.bus.nats"},
    {"heliograph.studio", "heliograph.discord"},
    {
        "heliograph.studio.painters.blank",
        "heliograph.studio.painters.composer",
        "heliograph.studio.painters.diffusion",
    },
]

Imports = Mapping[str, frozenset[str]]


def modules(src: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(src.rglob("*.py")):
        parts = path.relative_to(src).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(src: Path) -> dict[str, frozenset[str]]:
    """For each module, the modules of this project that it imports, wherever in its text."""
    paths = modules(src)
    return {
        name: frozenset(
            known
            for target in _targets(name, path)
            if (known := _known(target, paths)) is not None and known != name
        )
        for name, path in paths.items()
    }


def _targets(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = [*above, node.module] if node.level else [node.module or ""]
            origin = ".".join(part for part in base if part)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _known(target: str, paths: Mapping[str, Path]) -> str | None:
    """The module that `target` names, or that holds it: `heliograph.job.Job` is heliograph.job."""
    while target not in paths:
        target, dot, _ = target.rpartition(".")
        if not dot:
            return None
    return target


def room(module: str) -> str | None:
    # A package's own name stands for its __version__ only where no closer prefix is known.
    if module == "heliograph":
        return "version"
    prefixes = [known for known in ROOMS if f"{module}.".startswith(f"{known}.")]
    longest = max(prefixes, key=len, default="heliograph")
    return None if longest == "heliograph" else ROOMS[longest]


def wrong_directions(graph: Imports) -> list[str]:
    faults = [f"{module} belongs to no room" for module in graph if room(module) is None]
    for module, targets in graph.items():
        for target in sorted(targets):
            here, there = room(module), room(target)
            if here is None or there is None or there == "version":
                continue
            if there not in MAY[here] or _siblings(module, target):
                faults.append(f"{module} ({here}) must not import {target} ({there})")
    return faults


def _siblings(module: str, target: str) -> bool:
    def of(group: set[str], name: str) -> str | None:
        return next((one for one in group if f"{name}.".startswith(f"{one}.")), None)

    pairs = [(of(group, module), of(group, target)) for group in ADAPTERS]
    return any(here and there and here != there for here, there in pairs)


def cycle(graph: Imports) -> list[str]:
    """Some cycle of imports, as the way from a module to itself; empty if there is none."""
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for target in sorted(graph.get(module, ())):
            if found := visit(target, [*way, module]):
                return found
        done.add(module)
        return []

    return next(filter(None, (visit(module, []) for module in graph)), [])


def test_no_import_goes_against_the_direction() -> None:
    assert wrong_directions(imports(SRC)) == []


def test_no_imports_go_in_a_circle() -> None:
    assert cycle(imports(SRC)) == []


def test_every_module_is_named_after_what_it_is() -> None:
    named = {name: FORBIDDEN_NAMES.intersection(name.split(".")) for name in modules(SRC)}
    assert {name: words for name, words in named.items() if words} == {}


def test_every_room_has_a_direction() -> None:
    assert set(ROOMS.values()) == set(MAY)


WRONG = [
    ("heliograph/job.py", "from heliograph.service.jobs import Jobs"),
    ("heliograph/job.py", "def late():\n    import heliograph.store.sqlite"),
    (
        "heliograph/service/jobs.py",
        "import typing\nif typing.TYPE_CHECKING:\n    from heliograph.store import sqlite",
    ),
    ("heliograph/service/jobs.py", "from ..store.sqlite import SqliteStore"),
    ("heliograph/http/app.py", "from heliograph import wiring"),
    ("heliograph/wiring/serving.py", "import heliograph.cli.app"),
    ("heliograph/store/base.py", "from heliograph.midjourney.content import parse"),
    ("heliograph/studio/bot.py", "import heliograph.sqlite"),
    ("heliograph/studio/bot.py", "import diorama.canvas"),
    ("heliograph/studio/painters/blank.py", "from heliograph.studio.painters import composer"),
    ("heliograph/cli/app.py", "from heliograph.store.sqlite import SqliteStore"),
    ("diorama/canvas.py", "from heliograph import errors"),
    ("heliograph/novelty.py", ""),
]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A small tree with a module in each room that the planted imports speak of."""
    for name in [
        *("heliograph/__init__.py", "heliograph/job.py", "heliograph/errors.py"),
        *("heliograph/service/jobs.py", "heliograph/sqlite.py"),
        *("heliograph/wiring/__init__.py", "heliograph/wiring/serving.py"),
        *("heliograph/store/__init__.py", "heliograph/store/base.py", "heliograph/store/sqlite.py"),
        *("heliograph/midjourney/content.py", "heliograph/http/app.py", "heliograph/cli/app.py"),
        *("heliograph/studio/bot.py", "heliograph/studio/painters/blank.py"),
        *("heliograph/studio/painters/composer.py", "diorama/canvas.py"),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_the_planted_tree_is_right_at_first(planted: Path) -> None:
    (planted / "heliograph/service/jobs.py").write_text("from heliograph import job\nimport json\n")
    assert wrong_directions(imports(planted)) == []
    assert cycle(imports(planted)) == []


@pytest.mark.parametrize(("file", "text"), WRONG)
def test_a_planted_wrong_import_is_found(planted: Path, file: str, text: str) -> None:
    (planted / file).write_text(text)
    assert len(wrong_directions(imports(planted))) == 1


def test_a_planted_cycle_is_found(planted: Path) -> None:
    (planted / "heliograph/job.py").write_text("from heliograph import errors\n")
    (planted / "heliograph/errors.py").write_text("def f():\n    from heliograph.job import Job\n")
    way = cycle(imports(planted))
    assert set(way) == {"heliograph.errors", "heliograph.job"}
