"""What a call that must succeed looks like: words of data with `$names` in them, filled with what was made for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

Json = dict[str, Any]
_NAME = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True)
class Example:
    """A call that is answered 2xx once what it needs is made."""

    needs: str = ""
    """The maker of what it acts on; what it makes has the names of path parameters."""
    body: Any = None
    query: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    path: Json = field(default_factory=dict)
    """Path parameters that nobody makes."""
    who: str = "operator"


def filled(words: Any, made: Json) -> Any:
    """With the made things in the places of their names; `$fresh` is a new word each time."""
    if isinstance(words, dict):
        return {str(filled(key, made)): filled(part, made) for key, part in words.items()}
    if isinstance(words, list):
        return [filled(part, made) for part in words]
    if isinstance(words, tuple):
        return tuple(filled(part, made) for part in words)
    if not isinstance(words, str):
        return words
    whole = _NAME.fullmatch(words)
    if whole and whole[1] != "fresh":
        return made[whole[1]]
    return _NAME.sub(lambda found: token_hex(6) if found[1] == "fresh" else str(made[found[1]]), words)
