"""What a change of the configuration did, or would do: as the API answers it and as people read it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from parlons.app.configuration.effects import Effects
from parlons.app.configuration.plan import Plan


@dataclass(slots=True)
class Applied:
    """What an apply changed, or would change."""

    plan: Plan
    dry_run: bool
    links: dict[str, str] = field(default_factory=dict)
    """Token of a one-time link by e-mail address, for people who are new. Shown once."""
    effects: Effects | None = None
    """What becomes of queues and waiting tasks; None: nobody asked."""
    revision: str | None = None
    """Its place in the history; None: nothing was written."""

    def as_json(self) -> dict[str, Any]:
        """As the API answers it, without links."""
        changes = [
            {"kind": change.kind, "name": change.name, "act": change.act, "diff": change.diff()}
            for change in self.plan.changes
        ]
        kept = [{"kind": kind, "name": name} for kind, name in self.plan.kept]
        return {"dry_run": self.dry_run, "changes": changes, "unchanged": self.plan.unchanged, "kept": kept} | {
            "effects": self.effects.as_json() if self.effects is not None else {}
        }

    def as_text(self, *, most: int = 200) -> str:
        """The differences for people, then a line that counts; of very many differences the first `most` are shown."""
        lines: list[str] = []
        for change in self.plan.changes[:most]:
            lines.append(f"{_SIGNS[change.act]} {change.kind.replace('_', ' ')} {change.name}")
            if change.act == "change":
                lines += [f"    {word}: {_short(old)} -> {_short(new)}" for word, (old, new) in change.diff().items()]
        if len(self.plan.changes) > most:
            lines.append(f"... and {len(self.plan.changes) - most} more")
        if self.effects is not None:
            lines += self.effects.as_lines()
        acts = Counter(change.act for change in self.plan.changes)
        counts = f"{acts['add']} added, {acts['change']} changed, {acts['remove']} removed"
        lines.append(f"{counts}, {self.plan.unchanged} unchanged, {len(self.plan.kept)} not named and kept")
        if not self.plan.changes:
            lines.append("Nothing to do.")
        elif self.dry_run:
            lines.append("Nothing was changed: this was a dry run.")
        return "\n".join(lines)


_SIGNS = {"add": "+", "change": "~", "remove": "-"}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
