"""What a file would change: the picture after it against the picture now, thing by thing. Pure.

What the file does not name stays. With `prune` it goes, save what cannot be meant: administrators, the default firm, the
standard task channels, and whole sections of activities, task channels, roles, users, replies, surveys, intents, rules of
recontact, customer systems, panels and webhooks that are not in the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from parlons.accounts.audit import difference
from parlons.app.configuration.check import KINDS, SECTIONS, Parsed, Thing, Things, merged, references_of
from parlons.app.configuration.current import Current
from parlons.app.configuration.roles import keeps_order, serves, unbound_outsider
from parlons.app.configuration.text import Fault, InvalidConfigurationFile
from parlons.routing.configuration import DEFAULT_CHANNELS

Act = Literal["add", "change", "remove"]
_ONLY_WITH_SECTION = (
    "activity",
    "task_channel",
    "role",
    "user",
    "reply",
    "survey",
    "intent",
    "recontact",
    "lookup",
    "panel",
    "webhook",
)
_SECRET = {"identity", "password", "phone", "secrets"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is added, changed or removed."""

    kind: str
    name: str
    act: Act
    before: Thing = field(default_factory=dict)
    after: Thing = field(default_factory=dict)

    def diff(self) -> dict[str, list[Any]]:
        """`{field: [before, after]}`; secrets only as changed."""
        found = difference(self.before, self.after)
        return {name: ["…", "… (changed)"] if name in _SECRET else pair for name, pair in found.items()}


@dataclass(slots=True)
class Plan:
    """All changes, in the order in which things may refer to each other; and the picture after them."""

    after: Things
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    """Things that the file names and that are so already."""
    kept: list[tuple[str, str]] = field(default_factory=list)
    """Kind and name of what the file does not name and what stays."""

    def of(self, kind: str, *acts: Act) -> Iterator[Change]:
        """The changes of one kind."""
        return (change for change in self.changes if change.kind == kind and change.act in acts)


def make_plan(parsed: Parsed, current: Current, *, prune: bool = False, remove: Sequence[tuple[str, str]] = ()) -> Plan:
    """The plan; raises InvalidConfigurationFile when what stays would name what goes. `remove`: kind and name of what goes
    besides."""
    after = merged(current.things, parsed.things)
    removed = [*remove, *(_removed(parsed, current) if prune else ())]
    _forget_hours(after, removed)
    for kind, name in removed:
        del after[kind][name]
    _check_kept(parsed, after, removed)
    plan = Plan(after)
    for kind in KINDS:
        before = current.things[kind]
        for name, thing in after[kind].items():
            if name not in before:
                plan.changes.append(Change(kind, name, "add", after=thing))
            elif before[name] != thing:
                plan.changes.append(Change(kind, name, "change", before[name], thing))
            elif name in parsed.things[kind]:
                plan.unchanged += 1
            elif kind != "workspace":
                plan.kept.append((kind, name))
    plan.changes += [Change(kind, name, "remove", current.things[kind][name]) for kind, name in removed]
    return plan


def _removed(parsed: Parsed, current: Current) -> list[tuple[str, str]]:
    standard = {channel.unique_name for channel in DEFAULT_CHANNELS}
    found = []
    for kind in reversed(KINDS):
        if kind == "workspace" or (kind in _ONLY_WITH_SECTION and kind not in parsed.sections):
            continue
        for name, thing in current.things[kind].items():
            stays = (
                name in parsed.things[kind]
                or (kind == "firm" and name == current.default_firm)
                or (kind == "task_channel" and name in standard)
                or (kind == "user" and keeps_order(thing, current.things))
            )
            if not stays:
                found.append((kind, name))
    return found


def _forget_hours(after: Things, removed: Sequence[tuple[str, str]]) -> None:
    gone = {name for kind, name in removed if kind == "hours"}
    for name, firm in after["firm"].items():
        if f"{name} / {firm['usual_hours']}" in gone:
            firm = after["firm"][name] = {**firm, "usual_hours": None}
        taking = firm["appointments"]
        if taking is not None and f"{name} / {taking['hours']}" in gone:
            after["firm"][name] = {**firm, "appointments": {**taking, "hours": None}}


def _check_kept(parsed: Parsed, after: Things, removed: list[tuple[str, str]]) -> None:
    gone = set(removed)
    faults = []
    for kind, name, path, target, meant in references_of(after):
        if meant is not None and (target, meant) in gone:
            place = parsed.paths.get((kind, name))
            word = f"{kind.replace('_', ' ')} {name} still names the {target.replace('_', ' ')} {meant}"
            remedy = f"Name it under {SECTIONS[target]}, or change what names it."
            faults.append(
                Fault(0, 0, "", word, remedy) if place is None else parsed.text.fault((*place, *path), word, remedy)
            )
    if faults:
        raise InvalidConfigurationFile(faults)


def check_people(parsed: Parsed, current: Current, after: Things) -> None:
    """Raise InvalidConfigurationFile when nobody could administrate any more, or an activity would turn."""
    faults = []
    for name in parsed.things["activity"]:
        before = current.things["activity"].get(name)
        if before is not None and before["available"] != after["activity"][name]["available"]:
            path = (*parsed.paths["activity", name], "available")
            remedy = "Whether an activity takes offers is fixed when it is made; make another one."
            faults.append(parsed.text.fault(path, f"{name} is there already and is otherwise", remedy))
    names: dict[str, str] = {}
    for email, user in after["user"].items():
        if unbound_outsider(user):
            path = (*parsed.paths.get(("user", email), ()), "firms")
            faults.append(parsed.text.fault(path, f"{email} is from outside and bound to no firm", "Name the firms."))
        if serves(user, after) and names.setdefault(user["name"], email) != email:
            path = (*parsed.paths.get(("user", email), parsed.paths.get(("user", names[user["name"]]), ())), "name")
            faults.append(parsed.text.fault(path, f"two agents are called {user['name']}", "Add an initial to one."))
    if not any(keeps_order(user, after) for user in after["user"].values()) and current.things["user"]:
        faults.append(parsed.text.fault(("users",), "no administrator would be left", "Keep one user in that role."))
    if faults:
        raise InvalidConfigurationFile(faults)
