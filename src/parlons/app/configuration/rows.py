"""The rows of a configuration: a plan laid down in the tables of the rooms, each by its own put function, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from parlons.accounts import loading
from parlons.accounts.loading import FirmRow, RoleRow, UserRow
from parlons.accounts.model import Principal
from parlons.accounts.opening import HoursRow
from parlons.accounts.sessions import tell_rights_changed
from parlons.app.configuration.appointments import write_appointments
from parlons.app.configuration.channels import write_channel
from parlons.app.configuration.check import Thing, defaults
from parlons.app.configuration.current import Current
from parlons.app.configuration.flows import row_of
from parlons.app.configuration.forms import split_holidays
from parlons.app.configuration.intents import write_intents
from parlons.app.configuration.lookups import write_systems
from parlons.app.configuration.office_rows import write_office
from parlons.app.configuration.panels import write_panels
from parlons.app.configuration.plan import Change, Plan
from parlons.app.configuration.recontact import write_recontact
from parlons.app.configuration.roles import serves
from parlons.app.configuration.router import ROUTED, Names, Routed, settings_of
from parlons.app.configuration.surveys import write_surveys
from parlons.app.configuration.voice_rows import write_voice
from parlons.app.configuration.webhooks import write_webhooks
from parlons.channels.accounts import remove_accounts
from parlons.channels.webchat.widgets import put_widget, remove_widget
from parlons.conversations.model import Disposition, DispositionSet
from parlons.conversations.sidework import put_dispositions, remove_dispositions
from parlons.kit.clock import Millis
from parlons.kit.ids import (
    ACCOUNT,
    ACTIVITY,
    DISPOSITION,
    FIRM,
    INTENT,
    LOOKUP,
    PANEL,
    QUEUE,
    RECONTACT,
    ROLE,
    SURVEY,
    TASK_CHANNEL,
    TEMPLATE,
    TRUNK,
    USER,
    WEBHOOK,
    WIDGET,
    WORKER,
    WORKFLOW,
    new_id,
)
from parlons.reception.flow_rows import FlowRow, put_flows, remove_flows
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points, remove_entry_points
from parlons.runtime.db import Tx

_RIGHTS = ("role", "firms", "queues")
_PREFIXES = {
    "firm": FIRM,
    "hours": "HO",
    "activity": ACTIVITY,
    "task_channel": TASK_CHANNEL,
    "queue": QUEUE,
    "workflow": WORKFLOW,
    "flow": "FW",
    "role": ROLE,
    "user": USER,
    "widget": WIDGET,
    "channel": ACCOUNT,
    "entry_point": "EP",
    "trunk": TRUNK,
    "reply": TEMPLATE,
    "survey": SURVEY,
    "intent": INTENT,
    "recontact": RECONTACT,
    "lookup": LOOKUP,
    "panel": PANEL,
    "webhook": WEBHOOK,
}


async def names_after(tx: Tx, plan: Plan, current: Current, *, now: Millis) -> Names:
    """The id of every name, new ones made; a person who was deactivated and is named again keeps his own."""
    ids = {kind: dict(known) for kind, known in current.ids.items()}
    workers = dict(current.workers)
    back = await loading.inactive_users(tx, [change.name for change in plan.of("user", "add")])
    for change in plan.changes:
        if change.act == "add":
            known, worker = back.get(change.name, (None, None)) if change.kind == "user" else (None, None)
            ids[change.kind][change.name] = known or new_id(_PREFIXES[change.kind], now)
            if worker is not None:
                workers[change.name] = worker
    for change in people_of(plan):
        if serves(change.after, plan.after):
            workers.setdefault(change.name, new_id(WORKER, now))
    return Names(ids, workers, current.default_firm)


def people_of(plan: Plan) -> list[Change]:
    """The people who are new or other, those whose role is other too."""
    roles = {change.name for change in plan.of("role", "change")}
    changes = list(plan.of("user", "add", "change"))
    named = {change.name for change in changes}
    return changes + [
        Change("user", email, "change", user, user)
        for email, user in plan.after["user"].items()
        if user["role"] in roles and email not in named
    ]


def routed_of(plan: Plan, current: Current) -> Routed:
    """What of the plan concerns the router."""
    routed = Routed(settings=any(plan.of("workspace", "add", "change")))
    for kind in ROUTED:
        routed.put[kind] = [change.name for change in plan.of(kind, "add", "change")]
        routed.remove[kind] = [change.name for change in plan.of(kind, "remove")]
    for change in [*people_of(plan), *plan.of("user", "remove")]:
        worker = current.workers.get(change.name)
        known = worker in current.router.workers
        if change.act != "remove" and serves(change.after, plan.after):
            if not known or any(
                change.before.get(word) != change.after[word] for word in ("name", "firms", "attributes", "channels")
            ):
                routed.workers.append(change.name)
        elif worker is not None and known:
            routed.workers_gone.append(worker)
    return routed


async def write_rows(
    tx: Tx, principal: Principal, plan: Plan, current: Current, names: Names, secrets: Mapping[str, str], *, now: Millis
) -> None:
    """Lay the plan down. `secrets`: the values of widgets' identities, by widget."""
    if any(plan.of("workspace", "add", "change")):
        settings = settings_of(plan.after["workspace"]["workspace"], names)
        await loading.put_workspace_settings(tx, current.workspace_id, settings)
    await _write_firms(tx, plan, names, now)
    await write_appointments(tx, current.workspace_id, plan, names)
    await _write_users(tx, plan, current, names, now)
    await _write_dispositions(tx, plan, current, names, now)
    for change in plan.of("widget", "add", "change"):
        await _put_widget(tx, current.workspace_id, change.after, names, secrets.get(change.name))
    await remove_accounts(tx, [names.ids["channel"][change.name] for change in plan.of("channel", "remove")])
    for change in plan.of("channel", "add", "change"):
        firm_id = names.ids["firm"][change.after["firm"]]
        account_id = names.ids["channel"][change.name]
        await write_channel(tx, current.workspace_id, account_id, firm_id, change.after, secrets)
    flows = [_flow(current.workspace_id, change.after, names) for change in plan.of("flow", "add", "change")]
    await put_flows(tx, flows, author=principal.name)
    points = [
        _entry_point(current.workspace_id, change.after, names) for change in plan.of("entry_point", "add", "change")
    ]
    if points:
        await put_entry_points(tx, points)
    await write_voice(
        tx, current.workspace_id, plan, names, secrets, defaults("workspace")["calls"], defaults("queue")["voice"]
    )
    await write_surveys(tx, current.workspace_id, plan, names)
    await write_intents(tx, current.workspace_id, plan, names)
    await write_recontact(tx, current.workspace_id, plan, names)
    await write_systems(tx, current.workspace_id, plan, names, secrets)
    await write_panels(tx, current.workspace_id, plan, names, secrets)
    await write_webhooks(tx, current.workspace_id, plan, names, secrets)
    await write_office(tx, current.workspace_id, plan, names, author=principal.name)
    await _remove(tx, plan, current, names, author=principal.name)


async def _write_firms(tx: Tx, plan: Plan, names: Names, now: Millis) -> None:
    firms = [
        FirmRow(
            id=names.ids["firm"][firm["name"]],
            name=firm["name"],
            colour=firm["colour"],
            languages=firm["languages"],
            hours_id=None
            if firm["usual_hours"] is None
            else names.ids["hours"][f"{firm['name']} / {firm['usual_hours']}"],
        )
        for firm in (change.after for change in plan.of("firm", "add", "change"))
    ]
    await loading.put_firms(tx, firms, now=now)
    hours = [_hours(change.name, change.after, names) for change in plan.of("hours", "add", "change")]
    if hours:
        await loading.put_hours(tx, hours)


def _hours(key: str, thing: Thing, names: Names) -> HoursRow:
    country, region = (None, None) if thing["holidays"] is None else split_holidays(thing["holidays"])
    return HoursRow(
        id=names.ids["hours"][key],
        firm_id=names.ids["firm"][thing["firm"]],
        name=thing["name"],
        zone=thing["zone"],
        week=thing["week"],
        country=country,
        region=region,
        days={day: (each["label"], each["open"]) for day, each in thing["days"].items()},
    )


async def _write_users(tx: Tx, plan: Plan, current: Current, names: Names, now: Millis) -> None:
    roles = [(names.ids["role"][change.name], change.after) for change in plan.of("role", "add", "change")]
    await loading.put_roles(tx, [RoleRow(role_id, role["name"], role["rights"]) for role_id, role in roles], now=now)
    changes = people_of(plan)
    rows = [
        UserRow(
            id=names.ids["user"][user["email"]],
            worker_id=names.workers.get(user["email"]),
            email=user["email"],
            name=user["name"],
            role=user["role"],
            firm_ids=None if user["firms"] is None else sorted(names.ids["firm"][firm] for firm in user["firms"]),
            queue_ids=None if user["queues"] is None else sorted(names.ids["queue"][queue] for queue in user["queues"]),
            locale=user["locale"],
        )
        for user in (change.after for change in changes)
    ]
    await loading.put_users(tx, current.workspace_id, rows, now=now)
    shrunk = [
        names.ids["user"][change.name]
        for change in changes
        if change.act == "change"
        and (change.before is change.after or any(change.before[word] != change.after[word] for word in _RIGHTS))
    ]
    await loading.end_sessions(tx, shrunk)
    for user_id in shrunk:
        tell_rights_changed(tx, current.workspace_id, user_id)


async def _write_dispositions(tx: Tx, plan: Plan, current: Current, names: Names, now: Millis) -> None:
    fresh = {"required": False, "choices": []}
    for change in plan.of("queue", "add", "change"):
        wanted = change.after["dispositions"]
        if wanted == change.before.get("dispositions", fresh):
            continue
        queue_id = names.ids["queue"][change.name]
        known = {_by_language(item.name): item.id for item in _items(current.dispositions.get(queue_id))}
        items = tuple(
            Disposition(known.get(_by_language(choice)) or new_id(DISPOSITION, now), dict(choice))
            for choice in wanted["choices"]
        )
        firm_id = names.id("firm", change.after["firm"])
        if items or wanted["required"]:
            await put_dispositions(tx, DispositionSet(queue_id, wanted["required"], items), firm_id=firm_id)
        else:
            await remove_dispositions(tx, queue_id)


def _items(known: DispositionSet | None) -> Sequence[Disposition]:
    return () if known is None else known.items


def _by_language(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(texts.items()))


async def _put_widget(tx: Tx, workspace_id: str, thing: Thing, names: Names, secret: str | None) -> None:
    values: dict[str, Any] = {name: value for name, value in thing.items() if name not in ("firm", "identity")}
    firm_id = names.ids["firm"][thing["firm"]]
    await put_widget(tx, workspace_id=workspace_id, firm_id=firm_id, identity_secret=secret, **values)


def _flow(workspace_id: str, thing: Thing, names: Names) -> FlowRow:
    return row_of(thing, names.ids["flow"][thing["name"]], workspace_id, names.id("firm", thing["firm"]))


def _entry_point(workspace_id: str, thing: Thing, names: Names) -> EntryPoint:
    key = f"{thing['channel']} {thing['address']}"
    hours = thing["hours"]
    same = ("channel", "address", "name", "task_channel", "priority", "ttl_seconds", "offline_task_channel",
            "offline_ttl_seconds", "language", "attributes", "texts")  # fmt: skip
    return EntryPoint(
        id=names.ids["entry_point"][key],
        workspace_id=workspace_id,
        firm_id=names.ids["firm"][thing["firm"]],
        workflow_id=names.id("workflow", thing["workflow"]),
        flow_id=names.id("flow", thing["flow"]),
        hours_id=None if hours is None else names.ids["hours"][f"{thing['firm']} / {hours}"],
        offline_workflow_id=names.id("workflow", thing["offline_workflow"]),
        **{word: thing[word] for word in same},
    )


async def _remove(tx: Tx, plan: Plan, current: Current, names: Names, *, author: str) -> None:
    gone = {kind: [names.ids[kind][change.name] for change in plan.of(kind, "remove")] for kind in names.ids}
    if gone["entry_point"]:
        await remove_entry_points(tx, gone["entry_point"])
    await remove_flows(tx, gone["flow"], author=author)
    for change in plan.of("widget", "remove"):
        await remove_widget(tx, change.name)
    await loading.deactivate_users(tx, gone["user"])
    await loading.remove_roles(tx, gone["role"])
    for user_id in gone["user"]:
        tell_rights_changed(tx, current.workspace_id, user_id)
    for change in plan.of("queue", "remove"):
        if change.before["dispositions"]["choices"]:
            await remove_dispositions(tx, names.ids["queue"][change.name])
    await loading.remove_hours(tx, gone["hours"])
    await loading.remove_firms(tx, gone["firm"])
