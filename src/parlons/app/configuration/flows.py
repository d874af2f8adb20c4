"""The section `flows` of a configuration: what it may hold, its references and problems with their places, rows and back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parlons.flows.model import Problem
from parlons.flows.picture import with_places, without_places
from parlons.flows.text import WORDS, flow_of
from parlons.flows.validate import check, grave
from parlons.kit.marked import Path
from parlons.reception.flow_rows import FlowRow

Thing = dict[str, Any]
_NAMES = {"queue": "queue", "workflow": "workflow", "flow": "flow"}
"""Words of a step that name something outside its flow, and the kind that is meant."""


def source_of(thing: Thing) -> Thing:
    """What is stored of a flow."""
    if thing["python"] is not None:
        return {word: thing[word] for word in ("name", "python", "fallback") if thing[word] is not None}
    kept = {word: thing[word] for word in WORDS if word in thing}
    return {word: value for word, value in kept.items() if value is not None and value not in ({}, [])}


def row_of(thing: Thing, flow_id: str, workspace_id: str, firm_id: str | None) -> FlowRow:
    """What is stored of a flow as the file has it: where its boxes stand, beside what it does."""
    source, layout = without_places(source_of(thing))
    return FlowRow(flow_id, workspace_id, thing["name"], source, firm_id, layout=layout)


def thing_of(row: FlowRow, firms: Mapping[str, str], fresh: Mapping[str, Any]) -> Thing:
    """A stored flow as the file has it; `fresh`: the defaults."""
    return {**fresh, **with_places(row.source, row.layout), "name": row.name, "firm": firms.get(row.firm_id or "")}


def references_of_flow(thing: Thing) -> Iterator[tuple[Path, str, str | None]]:
    """Where it names a thing outside: path, kind, name."""
    yield ("firm",), "firm", thing["firm"]
    yield ("fallback",), "queue", thing["fallback"]
    for name, step in thing["steps"].items():
        for word, kind in _NAMES.items():
            if isinstance(step, dict) and isinstance(step.get(word), str):
                yield ("steps", name, word), kind, step[word]


def intents_of_flow(thing: Thing) -> Iterator[tuple[Path, str]]:
    """Where it says what an intent leads to: path, name of the intent."""
    for name, step in thing["steps"].items():
        if isinstance(step, dict) and step.get("do") == "understand" and isinstance(step.get("intents"), dict):
            yield from ((("steps", name, "intents", intent), intent) for intent in step["intents"])


def with_intent_called(thing: Thing, old: str, new: str) -> Thing:
    """The steps of a flow after an intent is called otherwise: where it is named, and where what was understood is compared."""
    named = {path[1] for path, intent in intents_of_flow(thing) if intent == old}
    saved = {word for name in named if isinstance(word := thing["steps"][name].get("save"), str)}
    steps: Thing = {}
    for name, step in thing["steps"].items():
        if name in named:
            intents = {new if intent == old else intent: meaning for intent, meaning in step["intents"].items()}
            step = {**step, "intents": intents}
        elif isinstance(step, dict) and isinstance(step.get("cases"), list):
            step = {**step, "cases": [_compared(case, saved, old, new) for case in step["cases"]]}
        steps[name] = step
    return steps


def _compared(case: Any, saved: set[str], old: str, new: str) -> Any:
    when = case.get("when") if isinstance(case, dict) else None
    if not isinstance(when, str) or not any(re.search(rf"\b{re.escape(word)}\b", when) for word in saved):
        return case
    return {**case, "when": re.sub(rf"(['\"]){re.escape(old)}\1", rf"\g<1>{new}\g<1>", when)}


def problems_of(thing: Thing) -> list[Problem]:
    """What keeps it from being used."""
    if thing["python"] is not None:
        if thing["steps"] or thing["start"]:
            return [Problem(("python",), "a flow is written in Python or in steps", "Take one of them out.")]
        return []
    flow, problems = flow_of(source_of(thing))
    return problems if flow is None else grave(check(flow))
