"""Comparing what the server says with the recorded examples: same keys, same types, same order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

KINDS = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
ID = re.compile(r"\d{15,}|j\d{10,}\S*")


def differences(example: Any, actual: Any, path: str = "$") -> list[str]:
    """Where `actual` lacks a key of `example` or has it with another type, at every depth.

    Keys that only `actual` has are right. An empty example list says nothing of its items. Where
    the keys are ids, every entry of the example must have its like under some id.
    """
    if example is None:
        return []
    if _kind(example) != _kind(actual):
        return [f"{path}: {_kind(example)} expected, {_kind(actual)} found"]
    if isinstance(example, dict):
        by_id = bool(example) and all(ID.fullmatch(key) for key in example)
        return list((_mapped if by_id else _keyed)(example, actual, path))
    if isinstance(example, list):
        if example and not actual:
            return [f"{path}: empty"]
        return [
            line
            for index, value in enumerate(example[: len(actual)])
            for line in differences(value, actual[index], f"{path}[{index}]")
        ]
    return []


def _keyed(example: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[str]:
    for key, value in example.items():
        if key not in actual:
            yield f"{path}.{key}: missing"
        else:
            yield from differences(value, actual[key], f"{path}.{key}")


def _mapped(example: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[str]:
    for id, value in example.items():
        found = [differences(value, other, f"{path}.<{id}>") for other in actual.values()]
        yield from min(found, key=len, default=[f"{path}.<{id}>: missing"])


def _kind(value: Any) -> str:
    return KINDS.get(type(value), "null")


def unmatched(recorded: Sequence[dict[str, Any]], actual: Sequence[dict[str, Any]]) -> list[str]:
    """What recorded events lack, in order: `<event>#<seq>` and below it the differences from the
    event that comes nearest.

    Events between the counterparts are right: recordings were trimmed.
    """
    found: list[str] = []
    position = 0
    for event in recorded:
        name = f"{event['event']}#{event['seq']}"
        nearest: list[str] = [f"{name}: absent"]
        for index in range(position, len(actual)):
            if actual[index]["event"] != event["event"]:
                continue
            lacking = differences(event, actual[index], name)
            if not lacking:
                position = index + 1
                break
            if nearest == [f"{name}: absent"] or len(lacking) < len(nearest):
                nearest = lacking
        else:
            found += nearest
    return found


def tree(lines: Iterable[str]) -> str:
    """Differences as an indented tree, each shared part of their paths written once."""
    shown: list[str] = []
    above: list[str] = []
    for line in lines:
        path, _, what = line.partition(": ")
        parts = path.replace("[", ".[").split(".")
        same = 0
        while same < min(len(parts), len(above)) and parts[same] == above[same]:
            same += 1
        shown += [f"{'  ' * depth}{parts[depth]}" for depth in range(same, len(parts))]
        shown[-1] += f": {what}"
        above = parts
    return "\n".join(shown)


def fields(example: Any, path: str = "") -> list[str]:
    """The paths of all leaves, list indexes and ids left out, each once."""
    if isinstance(example, dict) and example:
        below = [
            leaf
            for key, value in example.items()
            for leaf in fields(value, f"{path}.{'<id>' if ID.fullmatch(key) else key}")
        ]
    elif isinstance(example, list) and example:
        below = [leaf for value in example for leaf in fields(value, f"{path}[]")]
    else:
        below = [path.removeprefix(".")]
    return list(dict.fromkeys(below))
