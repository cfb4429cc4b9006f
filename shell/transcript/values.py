"""TOML values: when two are the same, and how one is written."""

from __future__ import annotations

from datetime import date, datetime, time

from shell.transcript.program import ABSENT


def same_value(one: object, other: object) -> bool:
    """Tell whether two values are the same in TOML: 1 is neither 1.0 nor true, tables have no order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_value, one, other))
    for kind in (bool, int, float, str):
        if isinstance(one, kind) or isinstance(other, kind):
            return isinstance(one, kind) and isinstance(other, kind) and one == other
    return one == other


def toml_text(value: object) -> str:
    """Write a value as it would stand behind `#= KEY =`; `ABSENT` as `(absent)`."""
    if value is ABSENT:
        return "(absent)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{escaped(value)}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(toml_text, value))}]"
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {toml_text(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


def escaped(text: str) -> str:
    """Write a text as it stands between the quotes of a TOML string."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _key(text: str) -> str:
    return text if text.isascii() and text.replace("-", "_").isidentifier() else f'"{escaped(text)}"'
