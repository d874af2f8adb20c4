"""Rules of recontact in the file's words, and laid down in their room."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from parlons.app.configuration.check import Thing
from parlons.recontact.loading import all_rules, put_rules, remove_rules
from parlons.recontact.model import Rule
from parlons.runtime.db import Tx

if TYPE_CHECKING:  # both read current, which reads these rules
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

_SAME = (
    "name", "how", "waited_seconds", "after_minutes", "once_hours", "within_hours", "channel", "template", "texts",
    "subjects", "zone", "active",
)  # fmt: skip


async def read_recontact(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], queues: Mapping[str, str]
) -> list[tuple[Thing, str]]:
    """Every rule in the file's words, with its id."""
    return [(_thing(one, firms, queues), one.id) for one in await all_rules(tx, workspace_id)]


async def write_recontact(tx: Tx, workspace_id: str, plan: "Plan", names: "Names") -> None:
    """Lays the rules of a plan down."""
    await remove_rules(tx, [names.ids["recontact"][change.name] for change in plan.of("recontact", "remove")])
    changed = [change.after for change in plan.of("recontact", "add", "change")]
    await put_rules(tx, [_rule(workspace_id, thing, names) for thing in changed])


def _thing(one: Rule, firms: Mapping[str, str], queues: Mapping[str, str]) -> Thing:
    kept = asdict(one)
    named: Sequence[str] = one.queue_ids
    return {
        **{name: kept[name] for name in _SAME},
        "firm": firms.get(one.firm_id or ""),
        "reasons": list(one.reasons),
        "values": list(one.values),
        "queues": [queues[each] for each in named if each in queues],
    }


def _rule(workspace_id: str, thing: Thing, names: "Names") -> Rule:
    return Rule(
        id=names.ids["recontact"][thing["name"]],
        workspace_id=workspace_id,
        firm_id=names.id("firm", thing["firm"]),
        queue_ids=tuple(names.ids["queue"][queue] for queue in thing["queues"]),
        reasons=tuple(thing["reasons"]),
        values=tuple(thing["values"]),
        **{name: thing[name] for name in _SAME},
    )
