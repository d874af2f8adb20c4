"""What the calls found, by operation."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CANNOT: Mapping[str, str] = {}
"""Operations that cannot answer 2xx in this set-up, each with the reason."""


@dataclass(slots=True)
class Report:
    """Statuses, breaches, and what could not be made."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    breaches: dict[str, dict[str, str]] = field(default_factory=dict)
    """By operation and breach: the first call that showed it."""
    unmade: dict[str, str] = field(default_factory=dict)
    """By operation: why what it needs could not be made."""
    refused: dict[str, str] = field(default_factory=dict)
    """By operation: how its example was refused."""

    @property
    def never(self) -> list[str]:
        """Operations that never answered 2xx."""
        return [name for name, found in self.statuses.items() if not any(200 <= one < 300 for one in found)]

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        return bool(self.breaches or set(map(short, self.never)) - set(CANNOT))

    def text(self, lines: Iterable[str] = ()) -> str:
        """For people; `lines`: what else is to be said."""
        calls = sum(sum(found.values()) for found in self.statuses.values())
        said = [f"{len(self.statuses)} operations, {calls} calls, {len(self.never)} never answered 2xx"]
        for name, found in self.breaches.items():
            said += [f"BREACH {name}: {what}\n    {call}" for what, call in found.items()]
        for name in self.never:
            why = CANNOT.get(short(name)) or self.unmade.get(name) or self.refused.get(name, "")
            said.append(f"never 2xx: {name} {dict(self.statuses[name])} {why}")
        said += [f"unmade: {name}: {why}" for name, why in self.unmade.items() if name not in self.never]
        said += [f"example refused: {name}: {why}" for name, why in self.refused.items() if name not in self.never]
        return "\n".join([*said, *lines])


def short(label: str) -> str:
    """Method and path below /api/v1."""
    return label.replace(" /api/v1", " ", 1)
