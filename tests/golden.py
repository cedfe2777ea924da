"""Comparing what the server says with the recorded examples: same keys, same types, same order."""

from collections.abc import Sequence
from typing import Any

# Facts about a recording that no other server can repeat, such as the caller's own reply target.
KINDS = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}


def differences(example: Any, actual: Any, path: str = "$") -> list[str]:
    """Where `actual` lacks a key of `example` or has it with another type, at every depth.

    Keys that only `actual` has are right. An empty example list says nothing of its items.
    """
    if example is None:
        return []
    if _kind(example) != _kind(actual):
        return [f"{path}: {_kind(example)} expected, {_kind(actual)} found"]
    if isinstance(example, dict):
        found: list[str] = []
        for key, value in example.items():
            if key not in actual:
                found.append(f"{path}.{key}: missing")
            else:
                found += differences(value, actual[key], f"{path}.{key}")
        return found
    if isinstance(example, list):
        if example and not actual:
            return [f"{path}: empty"]
        return [
            line
            for index, value in enumerate(example[: len(actual)])
            for line in differences(value, actual[index], f"{path}[{index}]")
        ]
    return []


def _kind(value: Any) -> str:
    return KINDS.get(type(value), "null")


def unmatched(recorded: Sequence[dict[str, Any]], actual: Sequence[dict[str, Any]]) -> list[str]:
    """Which recorded events have no counterpart in `actual`, in order; with the reasons.

    Events between the counterparts are right: recordings were trimmed.
    """
    found: list[str] = []
    position = 0
    for event in recorded:
        reasons: list[str] = []
        for index in range(position, len(actual)):
            if actual[index]["event"] != event["event"]:
                continue
            reasons = differences(event, actual[index])
            if not reasons:
                position = index + 1
                break
        else:
            found.append(f"{event['event']} (seq {event['seq']}): {reasons or 'absent'}")
    return found
