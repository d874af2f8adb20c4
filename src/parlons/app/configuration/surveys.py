"""Surveys in the file's words, and laid down in their room."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from parlons.app.configuration.check import Thing
from parlons.runtime.db import Tx
from parlons.surveys.loading import all_surveys, put_surveys, remove_surveys
from parlons.surveys.model import Rule, Survey, Words

if TYPE_CHECKING:  # both read current, which reads surveys
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names


async def read_surveys(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], queues: Mapping[str, str]
) -> list[tuple[Thing, str]]:
    """Every survey in the file's words, with its id."""
    return [(_thing(one, firms, queues), one.id) for one in await all_surveys(tx, workspace_id)]


async def write_surveys(tx: Tx, workspace_id: str, plan: "Plan", names: "Names") -> None:
    """Lays the surveys of a plan down."""
    await remove_surveys(tx, [names.ids["survey"][change.name] for change in plan.of("survey", "remove")])
    changed = [change.after for change in plan.of("survey", "add", "change")]
    await put_surveys(tx, [_survey(workspace_id, thing, names) for thing in changed])


def _thing(one: Survey, firms: Mapping[str, str], queues: Mapping[str, str]) -> Thing:
    rule = asdict(one.rule)
    named: Sequence[str] = rule.pop("queue_ids")
    words = one.words.json()
    return {
        "name": one.name,
        "firm": firms.get(one.firm_id or ""),
        "kind": one.kind,
        **words,
        "comment": words["comment"] or {},
        "thanks": words["thanks"] or {},
        **rule,
        "queues": [queues[each] for each in named if each in queues],
        "channels": list(rule["channels"]),
    }


def _survey(workspace_id: str, thing: Thing, names: "Names") -> Survey:
    rule = ("share_percent", "every_days", "valid_days", "active")
    return Survey(
        id=names.ids["survey"][thing["name"]],
        workspace_id=workspace_id,
        firm_id=names.id("firm", thing["firm"]),
        name=thing["name"],
        kind=thing["kind"],
        words=Words(thing["question"], tuple(thing["choices"]), thing["comment"] or None, thing["thanks"] or None),
        rule=Rule(
            queue_ids=tuple(names.ids["queue"][queue] for queue in thing["queues"]),
            channels=tuple(thing["channels"]),
            **{word: thing[word] for word in rule},
        ),
    )
