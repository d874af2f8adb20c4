"""What is configured now, in the words of the file: read from every room by its own list function, and written as a file.

Both directions meet in `Things` (check.py), so a file exported here and applied again changes nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.accounts import loading
from parlons.accounts.loading import FirmRow
from parlons.accounts.opening import HoursRow, all_hours
from parlons.app.configuration.appointments import AppointmentsPart, read_appointments
from parlons.app.configuration.channels import read_channels
from parlons.app.configuration.check import KINDS, SECTIONS, Thing, Things, defaults, key_of
from parlons.app.configuration.flows import thing_of
from parlons.app.configuration.forms import week_text
from parlons.app.configuration.intents import THRESHOLD, read_intents
from parlons.app.configuration.lookups import read_systems
from parlons.app.configuration.office import alert_thing, reply_thing
from parlons.app.configuration.panels import read_panels
from parlons.app.configuration.recontact import read_recontact
from parlons.app.configuration.roles import serves
from parlons.app.configuration.surveys import read_surveys
from parlons.app.configuration.text import write
from parlons.app.configuration.voice import limits_thing, phone_thing, rings_thing, trunk_thing, voice_thing
from parlons.app.configuration.webhooks import read_webhooks
from parlons.app.configuration.workflow import from_router
from parlons.channels.webchat.model import Widget
from parlons.channels.webchat.widgets import list_widgets
from parlons.conversations.model import DispositionSet
from parlons.conversations.sidework import all_dispositions
from parlons.dispatch.configured import Configuration, configuration
from parlons.floor.alerts import all_alerts
from parlons.reception.flow_rows import all_flows
from parlons.reception.model import EntryPoint
from parlons.reception.points import all_entry_points
from parlons.routing.configuration import Queue
from parlons.runtime.db import Tx
from parlons.templates.loading import all_templates
from parlons.templates.model import REPLY
from parlons.voice.calls import settings as voice
from parlons.voice.calls.settings import QueueVoice


@dataclass(slots=True)
class Current:
    """The configuration of one workspace: its things, the id behind each name, and the rows they came from."""

    workspace_id: str
    things: Things = field(default_factory=lambda: {kind: {} for kind in KINDS})
    ids: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    """By kind and name."""
    workers: dict[str, str] = field(default_factory=dict)
    """Worker by e-mail address of its user."""
    default_firm: str = ""
    router: Configuration = field(default_factory=Configuration)
    dispositions: dict[str, DispositionSet] = field(default_factory=dict)
    """By queue id."""
    voices: dict[str, QueueVoice] = field(default_factory=dict)
    """By queue id."""
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By queue id."""

    def add(self, kind: str, thing: Thing, thing_id: str) -> None:
        """Note a thing and its id."""
        key = key_of(kind, thing)
        self.things[kind][key] = thing
        self.ids[kind][key] = thing_id


async def read_current(tx: Tx, workspace_id: str) -> Current:
    """Everything configured in this workspace as of this transaction: some ten statements, however many firms."""
    current = Current(workspace_id)
    firms = await loading.all_firms(tx)
    names = {firm.id: firm.name for firm in firms}
    hours = await all_hours(tx)
    hours_names = {each.id: each.name for each in hours}
    _add_firms(current, firms, hours, names, await read_appointments(tx, hours_names))
    current.router = await configuration(tx, workspace_id)
    current.dispositions = {each.queue_id: each for each in await all_dispositions(tx)}
    current.voices = await voice.all_queue_voices(tx)
    current.alerts = await all_alerts(tx)
    _add_router(current, names, await loading.workspace_settings(tx, workspace_id))
    limits = limits_thing(await voice.limits_of(tx, workspace_id))
    current.things["workspace"]["workspace"]["calls"] = limits
    for trunk in await voice.all_trunks(tx):
        current.add("trunk", trunk_thing(trunk, fingerprint), trunk.id)
    for role in await loading.all_roles(tx):
        current.add("role", {"name": role.name, "rights": role.rights}, role.id)
    await _add_users(tx, current, names)
    for widget in await list_widgets(tx):
        if widget.workspace_id == workspace_id:
            current.add("widget", _widget(widget, names), widget.id)
    for account, account_id in await read_channels(tx, workspace_id, names, fingerprint):
        current.add("channel", account, account_id)
    workflow_names = {workflow.id: workflow.name for workflow in current.router.workflows.values()}
    flows = await all_flows(tx, workspace_id)
    for row in flows:
        current.add("flow", thing_of(row, names, defaults("flow")), row.id)
    queue_names = {queue.id: queue.name for queue in current.router.queues.values()}
    for reply in await all_templates(tx, REPLY):
        if (found := reply_thing(reply, names, queue_names)) is not None:
            current.add("reply", found, reply.id)
    for survey, survey_id in await read_surveys(tx, workspace_id, names, queue_names):
        current.add("survey", survey, survey_id)
    meant, threshold = await read_intents(tx, workspace_id)
    current.things["workspace"]["workspace"][THRESHOLD] = threshold
    for intent, intent_id in meant:
        current.add("intent", intent, intent_id)
    for rule, rule_id in await read_recontact(tx, workspace_id, names, queue_names):
        current.add("recontact", rule, rule_id)
    for system, system_id in await read_systems(tx, workspace_id, names, fingerprint):
        current.add("lookup", system, system_id)
    for panel, panel_id in await read_panels(tx, workspace_id, names, fingerprint):
        current.add("panel", panel, panel_id)
    for webhook, webhook_id in await read_webhooks(tx, workspace_id, names, fingerprint):
        current.add("webhook", webhook, webhook_id)
    flow_names = {row.id: row.name for row in flows}
    for point in await all_entry_points(tx):
        if point.workspace_id == workspace_id:
            thing = _entry_point(point, names, hours_names, workflow_names)
            current.add("entry_point", {**thing, "flow": flow_names.get(point.flow_id or "")}, point.id)
    return current


def _add_firms(
    current: Current, firms: list[FirmRow], hours: list[HoursRow], names: Mapping[str, str], taking: Mapping[str, Thing]
) -> None:
    hours_names = {each.id: each.name for each in hours}
    for firm in firms:
        usual = hours_names.get(firm.hours_id or "")
        thing: Thing = {"name": firm.name, "colour": firm.colour, "languages": firm.languages, "usual_hours": usual}
        current.add("firm", {**thing, "appointments": taking.get(firm.id)}, firm.id)
        if firm.is_default:
            current.default_firm = firm.name
    for each in hours:
        holidays = None if each.country is None else "-".join(filter(None, (each.country, each.region)))
        thing = {
            "firm": names[each.firm_id],
            "name": each.name,
            "zone": each.zone,
            "week": each.week,
            "holidays": holidays,
            "days": {day: {"label": label, "open": intervals} for day, (label, intervals) in each.days.items()},
        }
        current.add("hours", thing, each.id)


def _add_router(current: Current, firms: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    router = current.router
    for activity in router.activities.values():
        current.add("activity", {"name": activity.name, "available": activity.available}, activity.id)
    for channel in router.task_channels.values():
        current.add("task_channel", {"name": channel.unique_name, "optimized": channel.optimized}, channel.id)
    for queue in router.queues.values():
        thing = _queue(queue, firms, current.dispositions.get(queue.id), current.voices.get(queue.id))
        current.add("queue", {**thing, "alert": alert_thing(current.alerts.get(queue.id))}, queue.id)
    queue_names = {queue.id: queue.name for queue in router.queues.values()}
    for workflow in router.workflows.values():
        thing = {
            "name": workflow.name,
            "firm": firms.get(workflow.firm_id or ""),
            "reservation_timeout_seconds": workflow.reservation_timeout_seconds,
            **from_router(workflow.configuration, lambda queue_id: queue_names.get(queue_id, queue_id)),
        }
        current.add("workflow", thing, workflow.id)
    activities = {activity.id: activity.name for activity in router.activities.values()}
    workspace = {**defaults("workspace"), **settings}
    for word in ("default_activity", "timeout_activity"):
        workspace[word] = activities.get(settings.get(f"{word}_id", ""))
        workspace.pop(f"{word}_id", None)
    current.things["workspace"]["workspace"] = workspace


def _queue(queue: Queue, firms: Mapping[str, str], outcomes: DispositionSet | None, calls: QueueVoice | None) -> Thing:
    return {
        "name": queue.name,
        "firm": firms.get(queue.firm_id or ""),
        "workers": queue.expression,
        "order": queue.order,
        "max_reserved": queue.max_reserved,
        "service_level": {
            "within_seconds": queue.within_seconds,
            "target_percent": queue.target_percent,
            "abandoned_before_seconds": queue.abandoned_before_seconds,
        },
        "return_after_seconds": queue.return_after_seconds,
        "wrap_up_seconds": queue.wrap_up_seconds,
        "dispositions": {
            "required": outcomes.required if outcomes else False,
            "choices": [dict(item.name) for item in outcomes.items] if outcomes else [],
        },
        "voice": voice_thing(calls or QueueVoice()),
    }


async def _add_users(tx: Tx, current: Current, firms: Mapping[str, str]) -> None:
    phones, rings = await voice.all_phones(tx), await voice.all_contact_addresses(tx)
    queues = {queue.id: queue.name for queue in current.router.queues.values()}
    for user in await loading.all_users(tx):
        serving = serves({"role": user.role}, current.things)
        worker = current.router.workers.get(user.worker_id or "") if serving else None
        thing = {
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "firms": None if user.firm_ids is None else sorted(firms[each] for each in user.firm_ids if each in firms),
            "queues": None
            if user.queue_ids is None
            else sorted(queues[each] for each in user.queue_ids if each in queues),
            "locale": user.locale,
            "attributes": worker.attributes if worker else {},
            "channels": worker.channels if worker else {},
            "phone": phone_thing(phones.get(user.id), fingerprint),
            "rings": rings_thing(rings.get(user.id, ())),
        }
        current.add("user", thing, user.id)
        if user.worker_id is not None:
            current.workers[user.email] = user.worker_id


def _widget(widget: Widget, firms: Mapping[str, str]) -> Thing:
    return {
        "key": widget.key,
        "firm": firms.get(widget.firm_id, ""),
        "name": widget.name,
        "address": widget.address,
        "origins": list(widget.origins),
        "languages": list(widget.languages),
        "accent": widget.accent,
        "texts": {language: dict(texts) for language, texts in widget.texts.items()},
        "privacy_url": widget.privacy_url,
        "reply_seconds": widget.reply_seconds,
        "away_minutes": widget.away_minutes,
        "identity": fingerprint(widget.identity_secret),
    }


def fingerprint(secret: str) -> str:
    """What stands for a secret where two are compared."""
    return hashlib.sha256(b"parlons configuration\0" + secret.encode()).hexdigest()


def _entry_point(
    point: EntryPoint, firms: Mapping[str, str], hours: Mapping[str, str], workflows: Mapping[str, str]
) -> Thing:
    return {
        "channel": point.channel,
        "address": point.address,
        "firm": firms.get(point.firm_id, ""),
        "name": point.name,
        "workflow": workflows.get(point.workflow_id or ""),
        "task_channel": point.task_channel,
        "priority": point.priority,
        "ttl_seconds": point.ttl_seconds,
        "hours": hours.get(point.hours_id or ""),
        "offline_workflow": workflows.get(point.offline_workflow_id or ""),
        "offline_task_channel": point.offline_task_channel,
        "offline_ttl_seconds": point.offline_ttl_seconds,
        "language": point.language,
        "attributes": dict(point.attributes),
        "texts": {language: dict(texts) for language, texts in point.texts.items()},
    }


def as_file(things: Things) -> dict[str, Any]:
    """The things as a file has them: what has its default value is left out, secrets are never there."""
    file: dict[str, Any] = {"parlons": 1}
    workspace = _short("workspace", things["workspace"].get("workspace", {}))
    if workspace:
        file["workspace"] = workspace
    hours: dict[str, dict[str, Thing]] = {}
    for _, each in sorted(things["hours"].items()):
        hours.setdefault(each["firm"], {})[each["name"]] = _hours(each)
    for kind, section in SECTIONS.items():
        written = [_written(kind, thing) for _, thing in sorted(things[kind].items())]
        if kind == "firm":
            for firm in written:
                if firm["name"] in hours:
                    firm["hours"] = hours[firm["name"]]
        if written:
            file[section] = written
    return file


def thing_text(kind: str, thing: Thing) -> str:
    """One thing as a file would have it; an empty text for nothing."""
    if not thing:
        return ""
    if kind == "hours":
        return write({"firm": thing["firm"], "name": thing["name"], **_hours(thing)})
    return write(_short(kind, thing) if kind == "workspace" else _written(kind, thing))


def _short(kind: str, thing: Thing) -> Thing:
    fresh = defaults(kind)
    return {name: value for name, value in thing.items() if name not in fresh or value != fresh[name]}


def _written(kind: str, thing: Thing) -> Thing:
    short, fresh = _short(kind, thing), defaults(kind)
    match kind:
        case "firm":
            if "appointments" in short:
                usual = AppointmentsPart().model_dump()
                own = thing["appointments"].items()  # `active` stays: a part without words is not written
                short["appointments"] = {word: value for word, value in own if word == "active" or value != usual[word]}
        case "user":
            short["channels"] = {name: capacity for name, capacity in thing["channels"].items() if capacity != 1}
            short["role"] = thing["role"]
            if "phone" in short:
                short["phone"] = {"username": thing["phone"]["username"]}
        case "trunk":
            short.pop("password", None)
        case "channel" | "lookup" | "panel" | "webhook":
            short.pop("secrets", None)
        case "widget":
            short.pop("identity", None)
            if short.get("address") == short["key"]:
                del short["address"]
        case "queue":
            if "dispositions" in short:
                choices = [each["en"] if list(each) == ["en"] else each for each in thing["dispositions"]["choices"]]
                short["dispositions"] = {"required": thing["dispositions"]["required"], "choices": choices}
            for part in ("voice", "alert"):
                if part in short:
                    short[part] = {word: value for word, value in short[part].items() if value != fresh[part][word]}
        case "entry_point" if thing["channel"] == "voice":
            short["task_channel"] = thing["task_channel"]
        case "workflow":
            filters = [
                {
                    **each,
                    "targets": [
                        {word: value for word, value in target.items() if value is not None}
                        for target in each["targets"]
                    ],
                }
                for each in thing["filters"]
            ]
            if filters:
                short["filters"] = filters
    return {name: value for name, value in short.items() if value not in ({}, [])}


def _hours(thing: Thing) -> Thing:
    short = {name: value for name, value in _short("hours", thing).items() if name not in ("firm", "name")}
    if "week" in short:
        short["week"] = week_text(thing["week"])
    if "days" in short:
        short["days"] = {day: each if each["label"] else each["open"] for day, each in sorted(thing["days"].items())}
    return short
