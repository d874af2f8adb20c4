"""A thing is called otherwise: the present picture as if everything that names it had always said the new name.

Rooms refer by id, so most of it is only said anew; what stores a name itself (flows, a person's role, the widget's
address) is changed with it.
"""

from collections.abc import Iterator
from typing import Any

from parlons.app.configuration.check import Parsed, Thing, key_of, references_of
from parlons.app.configuration.current import Current
from parlons.app.configuration.flows import intents_of_flow, with_intent_called
from parlons.app.configuration.refusals import UnknownSetting
from parlons.channels.webchat.model import CHANNEL
from parlons.kit.errors import Conflict


class NameTaken(Conflict):
    """Another one has this name already."""

    code = "name-taken"


def rename(current: Current, parsed: Parsed, kind: str, old: str, new: str) -> None:
    """Call `old` `new` in `current`, keeping its own words as they were; adds to `parsed` what must be written with it."""
    things = current.things
    if old not in things[kind]:
        raise UnknownSetting(kind=kind, name=old)
    if new in things[kind]:
        raise NameTaken(kind=kind, name=new)
    _rekey(current, kind, old, new)
    for thing_kind, key, path, target, name in list(references_of(things)):
        if target == kind and name == old:
            holder = things[thing_kind][key]
            if not _keeps_names(thing_kind, path):
                things[thing_kind][key] = _with(holder, path, new)
            elif (kind, new) != (thing_kind, key):
                word = str(path[0])
                wanted = parsed.things[thing_kind].setdefault(key, {})
                wanted[word] = _with(wanted.get(word, holder[word]), path[1:], new)
                parsed.paths.setdefault((thing_kind, key), ())
    match kind:
        case "firm":
            _firm(current, old, new)
        case "queue":
            _replies(current)
        case "hours":
            _hours(current, old, new)
        case "user":
            if old in current.workers:
                current.workers[new] = current.workers.pop(old)
        case "intent":
            _intent(current, parsed, old, new)
        case "entry_point":
            _address(current, parsed, old, new)


def _keeps_names(kind: str, path: tuple[str | int, ...]) -> bool:
    """Whether a thing's row holds the name itself instead of an id."""
    return path == ("role",) if kind == "user" else kind == "flow" and path != ("firm",)


def _rekey(current: Current, kind: str, old: str, new: str) -> None:
    things, ids = current.things[kind], current.ids[kind]
    current.things[kind] = {new if key == old else key: thing for key, thing in things.items()}
    current.ids[kind] = {new if key == old else key: thing_id for key, thing_id in ids.items()}


def _firm(current: Current, old: str, new: str) -> None:
    if current.default_firm == old:
        current.default_firm = new
    for key, hours in list(current.things["hours"].items()):
        if hours["firm"] == new and key.startswith(f"{old} / "):
            _rekey(current, "hours", key, f"{new} / {hours['name']}")
    _replies(current)
    for user in current.things["user"].values():
        if user["firms"] is not None:
            user["firms"] = sorted(user["firms"])


def _replies(current: Current) -> None:
    """Firm and queue stand in a reply's own name."""
    for key, reply in list(current.things["reply"].items()):
        if key_of("reply", reply) != key:
            _rekey(current, "reply", key, key_of("reply", reply))


def _hours(current: Current, old: str, new: str) -> None:
    firm, before, after = old.rpartition(" / ")[0], old.rpartition(" / ")[2], new.rpartition(" / ")[2]
    known = current.things["firm"].get(firm)
    if known is not None and known["usual_hours"] == before:
        current.things["firm"][firm] = {**known, "usual_hours": after}
    taking = current.things["firm"].get(firm, {}).get("appointments")
    if taking is not None and taking["hours"] == before:
        current.things["firm"][firm]["appointments"] = {**taking, "hours": after}
    for key, entry in current.things["entry_point"].items():
        if entry["firm"] == firm and entry["hours"] == before:
            current.things["entry_point"][key] = {**entry, "hours": after}


def _intent(current: Current, parsed: Parsed, old: str, new: str) -> None:
    """Every flow that leads somewhere by it does so by its new name."""
    for key, flow in current.things["flow"].items():
        if any(intent == old for _, intent in intents_of_flow(flow)):
            wanted = parsed.things["flow"].setdefault(key, {})
            wanted["steps"] = with_intent_called({"steps": wanted.get("steps", flow["steps"])}, old, new)
            parsed.paths.setdefault(("flow", key), ())


def _address(current: Current, parsed: Parsed, old: str, new: str) -> None:
    channel, _, before = old.partition(" ")
    if channel != CHANNEL or not new.startswith(f"{CHANNEL} "):
        return
    for key, widget in current.things["widget"].items():
        if widget["address"] == before:
            parsed.things["widget"][key] = {"address": new.partition(" ")[2]}
            parsed.paths["widget", key] = ()


def _with(value: Any, path: tuple[str | int, ...], new: str) -> Any:
    """A copy with `new` at the path; a mapping's key that is named is called so."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_with(each, rest, new) if index == first else each for index, each in enumerate(value)]
    return dict(_items(value, str(first), rest, new))


def _items(value: Thing, first: str, rest: tuple[str | int, ...], new: str) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        yield key, (_with(each, rest, new) if key == first else each)
