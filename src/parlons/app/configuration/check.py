"""From a file's text to flat things by kind and name, and everything that can be wrong with them, with line and column.

A thing holds the values the file gave it, in normal form; `merged` lays them over what is there, so what the file does not
name stays. Whether the result holds together (names that exist, expressions, workflows) is checked on the whole picture
after merging, because a file may name what only the database knows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from parlons.accounts.rights import PRESETS
from parlons.app.configuration import model, model_systems
from parlons.app.configuration.channels import missing_secrets
from parlons.app.configuration.flows import problems_of, references_of_flow
from parlons.app.configuration.lookups import lacking
from parlons.app.configuration.text import Fault, InvalidConfigurationFile, Path, Text, read
from parlons.app.configuration.workflow import to_router, to_words
from parlons.expr.checking import check as check_expression
from parlons.expr.scopes import Scope
from parlons.flows.text import faults as flow_faults
from parlons.routing.workflow import check_configuration

Thing = dict[str, Any]
Things = dict[str, dict[str, Thing]]
"""By kind and name."""

KINDS: dict[str, type[BaseModel]] = {
    "workspace": model.WorkspacePart,
    "firm": model.FirmPart,
    "hours": model.HoursPart,
    "activity": model.ActivityPart,
    "task_channel": model.ChannelPart,
    "queue": model.QueuePart,
    "workflow": model.WorkflowPart,
    "flow": model.FlowPart,
    "role": model.RolePart,
    "user": model.UserPart,
    "widget": model.WidgetPart,
    "channel": model.ChannelAccountPart,
    "entry_point": model.EntryPointPart,
    "trunk": model.TrunkPart,
    "reply": model.ReplyPart,
    "survey": model.SurveyPart,
    "intent": model.IntentPart,
    "recontact": model.RecontactPart,
    "lookup": model_systems.LookupPart,
    "panel": model_systems.PanelPart,
    "webhook": model_systems.WebhookPart,
}
"""In the order in which one may refer to the other."""
SECTIONS = {
    "firm": "firms",
    "activity": "activities",
    "task_channel": "task_channels",
    "queue": "queues",
    "workflow": "workflows",
    "flow": "flows",
    "role": "roles",
    "user": "users",
    "widget": "widgets",
    "channel": "channels",
    "entry_point": "entry_points",
    "trunk": "trunks",
    "reply": "replies",
    "survey": "surveys",
    "intent": "intents",
    "recontact": "recontact",
    "lookup": "lookups",
    "panel": "panels",
    "webhook": "webhooks",
}
WITH_SECRETS = ("channel", "lookup", "panel", "webhook")
"""Kinds whose `secrets` hold several, by name."""
_KEYS = {"user": "email", "widget": "key"}
_NO_HOURS = "There are no such opening hours of this firm."


@dataclass(slots=True)
class Parsed:
    """A file: its things, and where each stands."""

    text: Text
    things: Things = field(default_factory=lambda: {kind: {} for kind in KINDS})
    paths: dict[tuple[str, str], Path] = field(default_factory=dict)
    sections: frozenset[str] = frozenset()
    """The kinds whose section stands in the file."""


def key_of(kind: str, thing: Mapping[str, Any]) -> str:
    """The name under which a thing stands among those of its kind."""
    if kind == "hours":
        return f"{thing['firm']} / {thing['name']}"
    if kind == "entry_point":
        return f"{thing['channel']} {thing['address']}"
    if kind == "channel":
        return f"{thing['channel']} {thing['key']}"
    if kind == "reply":
        place = [thing.get("firm") or "*"] if thing.get("firm") or thing.get("queue") else []
        return " / ".join([thing["shortcut"], *place, *([thing["queue"]] if thing.get("queue") else [])])
    return str(thing[_KEYS.get(kind, "name")])


def parse(source: str) -> Parsed:
    """The things of a file; raises InvalidConfigurationFile with all faults found in its words and values."""
    text = read(source)
    if not isinstance(text.data, dict):
        raise InvalidConfigurationFile(
            [text.fault((), "a configuration is a list of sections", "Begin with `queues:`.")]
        )
    try:
        file = model.File.model_validate(text.data)
    except ValidationError as error:
        faults = {(fault.line, fault.column, fault.message): fault for fault in faults_of(text, error)}
        raise InvalidConfigurationFile(faults.values()) from None
    return flat(text, file)


def flat(text: Text, file: model.File) -> Parsed:
    """The things of a checked file; raises InvalidConfigurationFile when one stands there twice."""
    parsed = Parsed(
        text, sections=frozenset(kind for kind, section in SECTIONS.items() if section in file.model_fields_set)
    )
    twice: list[Fault] = []

    def add(kind: str, thing: Thing, path: Path) -> None:
        key = key_of(kind, thing)
        if key in parsed.things[kind]:
            twice.append(text.fault(path, f"{key} stands here twice", "Keep one of them."))
        parsed.things[kind][key] = thing
        parsed.paths[kind, key] = path

    if file.workspace is not None:
        parsed.things["workspace"]["workspace"] = given(file.workspace)
        parsed.paths["workspace", "workspace"] = ("workspace",)
    for kind, section in SECTIONS.items():
        for index, part in enumerate(getattr(file, section)):
            thing = given(part)
            hours = thing.pop("hours", {}) if kind == "firm" else {}
            add(kind, thing, (section, index))
            for name in hours:
                place = (section, index, "hours", name)
                add("hours", {"firm": thing["name"], "name": name, **given(part.hours[name])}, place)
    if twice:
        raise InvalidConfigurationFile(twice)
    return parsed


def given(part: BaseModel) -> Thing:
    """What the file says of a thing, whole below the first level."""
    whole = part.model_dump(mode="json")
    return {name: whole[name] for name in part.model_fields_set}


@cache
def defaults(kind: str) -> Thing:
    """What a new thing has where the file says nothing; not to be changed."""
    found: Thing = {}
    for name, info in KINDS[kind].model_fields.items():
        if not info.is_required() and not (kind == "firm" and name == "hours"):
            value = info.get_default(call_default_factory=True)
            found[name] = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return found


def merged(current: Things, wanted: Things) -> Things:
    """The picture after the file was laid over what is there."""
    after: Things = {kind: dict(things) for kind, things in current.items()}
    for kind, things in wanted.items():
        fresh = defaults(kind)
        for key, thing in things.items():
            before = after[kind].get(key, fresh)
            if before is fresh and kind == "entry_point" and thing["channel"] == "voice":
                before = {**fresh, "task_channel": "voice"}
            after[kind][key] = _keep_passwords(kind, before, {**before, **thing})
            if kind == "user" and "channels" in thing:
                # A capacity the file does not name stays.
                after[kind][key]["channels"] = {**before["channels"], **thing["channels"]}
    for key, widget in after["widget"].items():
        after["widget"][key] = {**widget, "address": widget["address"] or key}
    usual: dict[str, str] = {}
    for hours in after["hours"].values():
        usual.setdefault(hours["firm"], hours["name"])
    for name, firm in after["firm"].items():
        if firm["usual_hours"] is None and name in usual:
            after["firm"][name] = {**firm, "usual_hours": usual[name]}
    return after


def _keep_passwords(kind: str, before: Thing, after: Thing) -> Thing:
    """A password the file does not name stays: of a trunk, and of a desk phone that keeps its name."""
    if kind == "user" and after.get("phone") is not None:
        known, phone = before.get("phone"), after["phone"]
        if phone.get("password") is None and known is not None and known["username"] == phone["username"]:
            return {**after, "phone": {**phone, "password": known["password"]}}
    if kind in WITH_SECRETS:
        return {**after, "secrets": {**before.get("secrets", {}), **after["secrets"]}}
    if kind == "trunk" and after.get("password") is None:
        return {**after, "password": before.get("password")}
    return after


def faults_of(text: Text, error: ValidationError) -> Iterator[Fault]:
    """What the model says of a file, with places and remedies."""
    for detail in error.errors(include_url=False):
        path: Path = tuple(part for part in detail["loc"] if part != "[key]")
        message, remedy = detail["msg"].removeprefix("Value error, "), ""
        match detail["type"]:
            case "extra_forbidden":
                message, remedy = f"{path[-1]} is not known here", _known_words(path, str(path[-1]))
                yield text.fault(path, message, remedy, of_key=True)
                continue
            case "literal_error" if path == ("parlons",):
                message, remedy = "this file is of a newer version than this Parlons", "Update Parlons first."
            case "missing":
                message, remedy = f"{path[-1]} is missing", f"Add `{path[-1]}: ...` here."
        yield text.fault(path, message, remedy, code=detail["type"])


def _known_words(path: Path, word: str) -> str:
    part: Any = model.File
    for step in path[:-1]:
        part = _part_below(part, step)
    words = sorted(part.model_fields) if isinstance(part, type) and issubclass(part, BaseModel) else []
    near = get_close_matches(word, words, 1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(words)}."


def _part_below(part: Any, step: str | int) -> Any:
    """The model behind a field's name, a list position or a mapping's key."""
    if isinstance(step, str) and isinstance(part, type) and issubclass(part, BaseModel):
        info = part.model_fields.get(step)
        return None if info is None else info.annotation
    for inner in reversed(getattr(part, "__args__", ())):
        if inner is not type(None):
            origin = getattr(inner, "__origin__", inner)
            return inner.__args__[0] if getattr(inner, "__metadata__", None) and origin is not inner else inner
    return part


def check_whole(parsed: Parsed, after: Things) -> None:
    """Raise InvalidConfigurationFile when the picture after applying would not hold together."""
    faults = list(_check_names(parsed, after))
    faults += _check_phones(parsed, after)
    faults += _check_channels(parsed, after)
    faults += _check_lookups(parsed, after)
    faults += _check_expressions(parsed, after)
    faults += _check_workflows_named(parsed, after)
    for name in parsed.things["workflow"]:
        faults += _check_workflow(parsed, name, after)
    for name in parsed.things["flow"]:
        faults += flow_faults(parsed.text, problems_of(after["flow"][name]), parsed.paths["flow", name])
    if faults:
        raise InvalidConfigurationFile(faults)


def _check_names(parsed: Parsed, after: Things) -> Iterator[Fault]:
    """Every name that refers to another thing, wherever it stands."""
    for kind, key, path, target, name in references(parsed, after):
        if name is not None and name not in after[target]:
            yield _unknown(parsed, kind, key, path, target, name, list(after[target]))
    for key in parsed.things["firm"]:
        usual = after["firm"][key]["usual_hours"]
        if usual is not None and f"{key} / {usual}" not in after["hours"]:
            yield parsed.text.fault((*parsed.paths["firm", key], "usual_hours"), _NO_HOURS, "Add them under hours.")
        own = (after["firm"][key]["appointments"] or {}).get("hours")
        if own is not None and f"{key} / {own}" not in after["hours"]:
            path = (*parsed.paths["firm", key], "appointments", "hours")
            yield parsed.text.fault(path, _NO_HOURS, "Add them under hours.")
    for key in parsed.things["entry_point"]:
        entry = after["entry_point"][key]
        if entry["hours"] is not None and f"{entry['firm']} / {entry['hours']}" not in after["hours"]:
            yield parsed.text.fault((*parsed.paths["entry_point", key], "hours"), _NO_HOURS, "Add them to the firm.")


Reference = tuple[str, str, Path, str, str | None]
"""Kind and name of who refers, the path below it, kind and name of what is meant."""


def references(parsed: Parsed, after: Things) -> Iterator[Reference]:
    """All references of things which the file names."""
    yield from references_of({kind: {key: after[kind][key] for key in parsed.things[kind]} for kind in KINDS})


def references_of(things: Things) -> Iterator[Reference]:
    """All references of these things to others."""
    for key, workspace in things["workspace"].items():
        for name in ("default_activity", "timeout_activity"):
            yield "workspace", key, (name,), "activity", workspace[name]
    for kind in (
        "hours",
        "queue",
        "workflow",
        "widget",
        "channel",
        "entry_point",
        "reply",
        "survey",
        "recontact",
        "lookup",
        "panel",
        "webhook",
    ):
        for key, thing in things[kind].items():
            yield kind, key, ("firm",), "firm", thing["firm"]
    for key, user in things["user"].items():
        for index, firm in enumerate(user["firms"] or ()):
            yield "user", key, ("firms", index), "firm", firm
        for index, queue in enumerate(user["queues"] or ()):
            yield "user", key, ("queues", index), "queue", queue
        if user["role"] not in PRESETS:
            yield "user", key, ("role",), "role", user["role"]
        for channel in user["channels"]:
            yield "user", key, ("channels", channel), "task_channel", channel
    for key, reply in things["reply"].items():
        yield "reply", key, ("queue",), "queue", reply["queue"]
    for kind in ("survey", "recontact"):
        for key, thing in things[kind].items():
            for index, queue in enumerate(thing["queues"]):
                yield kind, key, ("queues", index), "queue", queue
    for key, workflow in things["workflow"].items():
        yield "workflow", key, ("default_queue",), "queue", workflow["default_queue"]
        for number, each in enumerate(workflow["filters"]):
            for index, target in enumerate(each["targets"]):
                yield "workflow", key, ("filters", number, "targets", index, "queue"), "queue", target["queue"]
    for key, flow in things["flow"].items():
        for path, target, meant in references_of_flow(flow):
            yield "flow", key, path, target, meant
    for key, entry in things["entry_point"].items():
        yield "entry_point", key, ("flow",), "flow", entry["flow"]
        for word in ("workflow", "offline_workflow"):
            yield "entry_point", key, (word,), "workflow", entry[word]
        for word in ("task_channel", "offline_task_channel"):
            yield "entry_point", key, (word,), "task_channel", entry[word]


def _unknown(parsed: Parsed, kind: str, key: str, path: Path, target: str, name: str, known: list[str]) -> Fault:
    near = get_close_matches(name, known, 1)
    remedy = f"Did you mean {near[0]}?" if near else f"Name one that exists, or add it under {SECTIONS[target]}."
    word = target.replace("_", " ")
    return parsed.text.fault((*parsed.paths[kind, key], *path), f"there is no {word} {name!r}", remedy)


def _check_phones(parsed: Parsed, after: Things) -> Iterator[Fault]:
    """A desk phone's name is one agent's; an outside number that is to ring stands there."""
    owners: dict[str, str] = {}
    for email, user in after["user"].items():
        if user["phone"] is not None and owners.setdefault(user["phone"]["username"], email) != email:
            place = parsed.paths.get(("user", email), parsed.paths.get(("user", owners[user["phone"]["username"]]), ()))
            word = f"two agents have the phone {user['phone']['username']}"
            yield parsed.text.fault((*place, "phone", "username"), word, "Give each phone a name of its own.")
    for email in parsed.things["user"]:
        for index, ring in enumerate(after["user"][email]["rings"]):
            if ring["kind"] == "number" and ring["number"] is None:
                path = (*parsed.paths["user", email], "rings", index)
                yield parsed.text.fault(path, "number is missing", "Add `number: +33...` here.")


def _check_channels(parsed: Parsed, after: Things) -> Iterator[Fault]:
    """No address stands for two accounts of a channel, and none is without a secret it needs."""
    owners: dict[tuple[str, str], str] = {}
    for key, account in after["channel"].items():
        other = owners.setdefault((account["channel"], account["address"]), key)
        place = parsed.paths.get(("channel", key), parsed.paths.get(("channel", other), ()))
        if other != key:
            word = f"{account['address']} is the address of {other} too"
            yield parsed.text.fault((*place, "address"), word, "Give each account an address of its own.")
        if key in parsed.things["channel"]:
            for name in missing_secrets(account):
                yield parsed.text.fault(
                    (*place, "secrets"), f"{name} is missing", f"Add `{name}: {{secret: ...}}` here."
                )


def _check_lookups(parsed: Parsed, after: Things) -> Iterator[Fault]:
    """Every customer system has what its kind needs."""
    for key in parsed.things["lookup"]:
        for where, message, code in lacking(after["lookup"][key]):
            yield parsed.text.fault((*parsed.paths["lookup", key], *where), message, code=code)


def _check_expressions(parsed: Parsed, after: Things) -> Iterator[Fault]:
    for key, queue in parsed.things["queue"].items():
        for problem in check_expression(queue["workers"], Scope.QUEUE) if queue.get("workers") else ():
            path = (*parsed.paths["queue", key], "workers")
            yield parsed.text.fault(path, problem.message, problem.remedy, at=(problem.line, problem.column))


def _check_workflows_named(parsed: Parsed, after: Things) -> Iterator[Fault]:
    """Without a flow that says where to, an entry point's contacts go to its workflow: where there are several, one is named."""
    names = sorted(after["workflow"])
    for key in parsed.things["entry_point"]:
        entry = after["entry_point"][key]
        if entry["workflow"] is None and entry["flow"] is None and len(names) > 1:
            hint = "One of " + ", ".join(names) + "."
            yield parsed.text.fault(parsed.paths["entry_point", key], "names no workflow, and there are several", hint)


def _check_workflow(parsed: Parsed, name: str, after: Things) -> Iterator[Fault]:
    """What the router would say of this workflow; queues were checked by name before."""
    path = parsed.paths["workflow", name]
    for problem in check_configuration(to_router(after["workflow"][name], _same)):
        below = to_words(problem.where)
        yield parsed.text.fault((*path, *below), problem.message, problem.remedy, at=(problem.line, problem.column))


_same: Callable[[str], str] = str
