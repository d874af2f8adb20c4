"""Values that exist: ids by the parameter that takes them, and words a check of the product would else refuse."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_ID = re.compile(r"^[A-Z]{2}[0-9a-f]{32}$")
_SINGULAR = {
    "api_keys": "key",
    "entry_points": "entry",
    "leavers": "leaver",
    "floor_layouts": "layout",
    "floor_memos": "memo",
    "outbound_sends": "send",
    "single_messages": "single",
    "sends": "send",
    "team_discussions": "discussion",
}
LIKELY: Mapping[str, tuple[Any, ...]] = {
    "language": ("fr", "en"),
    "languages": (["fr"], ["en"]),
    "email": ("someone@fuzz.example", "other@fuzz.example"),
    "phone": ("+33562000101", "+442079460000"),
    "zone": ("Europe/Paris",),
    "since": ("2026-11-01T00:00:00Z",),
    "until": ("2026-12-24T00:00:00Z",),
    "role": ("agent", "supervisor"),
    "name": ("Alpha", "Beta", "Gamma"),
    "text": ("Bonjour", "Hello there"),
    "client_id": ("client-one", "client-two", "client-three"),
    "color": ("blue",),
    "kind": ("email", "phone"),
}
"""By the name of a field or parameter: values of which most are taken."""


class Pool:
    """What is known to exist; it grows by what answers show."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._ids: dict[str, dict[str, None]] = defaultdict(dict)
        self.named: dict[str, list[str]] = defaultdict(list)
        """Values of path parameters that are no ids: `kind` and `name` of settings, widgets."""
        self.spared: set[str] = set()
        """Ids of what others need: writing calls leave them alone."""

    def table(self, name: str, ids: list[str]) -> None:
        """The ids of a table's rows."""
        word = _SINGULAR.get(name) or name.rpartition("_")[2].removesuffix("s")
        for each in ids:
            self._ids[word][each] = None

    def learn(self, path: str, answer: Any) -> None:
        """What a list or an object of `path` holds under `id`; objects inside are known by their field's name."""
        resource = path.partition("?")[0].rstrip("/").rpartition("/")[2]
        self._learn(resource.replace("-", "_").removesuffix("s"), answer)

    def _learn(self, word: str, found: Any) -> None:
        if isinstance(found, list):
            for each in found[:50]:
                self._learn(word, each)
        elif isinstance(found, dict):
            if isinstance(found.get("id"), str | int):
                self._ids[word][str(found["id"])] = None
            for name, part in found.items():
                if name.endswith("_id") and isinstance(part, str) and _ID.match(part):
                    self._ids[name.removesuffix("_id").rpartition("_")[2]][part] = None
                elif isinstance(part, dict | list):
                    self._learn(word if name == "items" else name.removesuffix("s"), part)

    def id(self, name: str, *, spare: bool = False) -> str | None:
        """Something that exists for a parameter of this name; `spare`: that nobody needs."""
        word = name.removesuffix("s").removesuffix("_id")
        known = self.named.get(name) or list(self._ids.get(word) or self._ids.get(word.rpartition("_")[2]) or ())
        fitting = [one for one in known if one not in self.spared] if spare else known
        return self.random.choice(fitting) if fitting else None

    def shaped(self, value: Any, name: str = "") -> Any:
        """A generated value with what exists in the places of ids, and likely words where a check would refuse others."""
        if isinstance(value, dict):
            return {key: self.shaped(part, key) for key, part in value.items()}
        if isinstance(value, list) and name not in LIKELY:
            return [self.shaped(part, name) for part in value][:3]
        if name.endswith(("_id", "_ids", "_at")) or name in LIKELY or name == "id":
            return self._likely(name, value)
        return value

    def _likely(self, name: str, value: Any) -> Any:
        if name in LIKELY:
            return self.random.choice(LIKELY[name])
        if name.endswith("_at"):
            return "2026-12-01T10:00:00Z" if isinstance(value, str) else value
        return self.id(name) or value
