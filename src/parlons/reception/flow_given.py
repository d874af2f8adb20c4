"""What programs outside gave, as a flow keeps it. Pure."""

from typing import Any

_DEEPEST = 50
"""Lists and mappings in each other."""


def tamed(value: Any, depth: int = 0) -> Any:
    """Without what no database keeps (NUL), and no deeper than anybody reads."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        return None
    if isinstance(value, dict):
        return {name.replace("\x00", ""): tamed(each, depth + 1) for name, each in value.items()}
    return [tamed(each, depth + 1) for each in value] if isinstance(value, list) else value
