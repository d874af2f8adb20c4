"""One change of the configuration from what is wanted to what the router has carried out, whichever road it came by.

What is wanted is compared with what is there, checked as a whole, and laid down in one transaction together with the router's
commands; `lay_down` returns when the router has carried them out. One change at a time. Whoever calls needs a seat at the
workspace's router (`Dispatch.open`), as owner or standby: the server, or a command line of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.links import issue_links
from parlons.accounts.model import Principal, Role
from parlons.accounts.people import check_keeper, hold_people
from parlons.app.configuration import history
from parlons.app.configuration.applied import Applied
from parlons.app.configuration.check import check_whole, references_of
from parlons.app.configuration.current import Current, read_current
from parlons.app.configuration.effects import effects_of
from parlons.app.configuration.flows import intents_of_flow
from parlons.app.configuration.giving import check_given
from parlons.app.configuration.plan import Plan, check_people, make_plan
from parlons.app.configuration.refusals import (
    ConfigurationWaits,
    NotRemovable,
    RouterRefused,
    StillInUse,
    UnknownSetting,
)
from parlons.app.configuration.renaming import rename
from parlons.app.configuration.router import Names, Routed, commands_of, rehearse, settings_of
from parlons.app.configuration.rows import names_after, routed_of, write_rows
from parlons.app.configuration.text import shown
from parlons.app.configuration.wanted import Wanted
from parlons.conversations.queries import firms_with_conversations
from parlons.dispatch.configured import configuration_waits, used_by_open_tasks, work_waits
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.errors import NoOwner
from parlons.kit.clock import Millis
from parlons.kit.errors import Forbidden, Refusal
from parlons.kit.ids import JOB
from parlons.routing.commands import Command
from parlons.routing.configuration import DEFAULT_CHANNELS
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

APPLIED = "configuration.applied"
"""Told to everybody: how many things of each kind changed, and the user of each worker that is new or other."""
_LOCK = 0x636F6E66
_LOOK = 0.05
"""Seconds between looks whether the router has taken in an earlier change."""
_TOLD_ONE_BY_ONE = 100
"""Firms whose change is told to screens one by one; beyond that, that the configuration changed is told."""


def check_rights(principal: Principal) -> None:
    """Raise Forbidden unless the whole configuration is the principal's to see and change."""
    principal.check(Role.ADMINISTRATOR)
    if principal.firm_ids is not None:
        raise Forbidden("The configuration belongs to who sees all firms.")


async def lay_down(
    db: Database,
    dispatch: Dispatch,
    principal: Principal,
    wanted: Wanted,
    *,
    now: Millis,
    dry_run: bool = False,
    patience: float = 5.0,
) -> Applied:
    """Make it so; returns when the router has carried it out. Raises InvalidConfigurationFile with all faults, StillInUse,
    WouldStrand, ConfigurationWaits, or what a room or the router refuses: then nothing was changed."""
    check_rights(principal)
    for _ in range(max(1, round(patience / _LOOK))):
        async with db.transaction(principal.tenant_id) as tx:
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(principal.workspace_id))))
            if not await configuration_waits(tx, principal.workspace_id):
                written = await _write(tx, db, principal, wanted, now=now, dry_run=dry_run)
                break
        await asyncio.sleep(_LOOK)
    else:
        raise ConfigurationWaits
    if written.tried is not None:  # outside the transaction: who only tries holds nobody else's change up
        written.applied.effects = await effects_of(db, principal.workspace_id, written.tried)
    dispatch.users.update(written.users)
    await _wait(dispatch, principal.workspace_id, written)
    return written.applied


@dataclass(slots=True)
class _Written:
    """What a transaction wrote."""

    applied: Applied
    commands: list[tuple[str, Command]] = field(default_factory=list)
    """With their keys."""
    users: dict[str, str] = field(default_factory=dict)
    """By worker."""
    tried: list[Command] | None = None
    """What a dry run would send; its effects are yet to be computed."""


async def _write(tx: Tx, db: Database, principal: Principal, wanted: Wanted, *, now: Millis, dry_run: bool) -> _Written:
    """Everything inside the transaction: compare, check, write, and put the router's commands on the road."""
    if wanted.guard is not None:
        await wanted.guard(tx)
    current = await read_current(tx, principal.workspace_id)
    if wanted.check is not None:
        wanted.check(current)
    plan = await asyncio.to_thread(_planned, wanted, current)
    applied = Applied(plan, dry_run)
    names = await names_after(tx, plan, current, now=now)
    routed = routed_of(plan, current)
    await _check_unused(tx, plan, current, names, routed)
    commands = commands_of(routed, plan.after, names)
    settings = settings_of(current.things["workspace"]["workspace"], names)
    await asyncio.to_thread(rehearse, current, settings, commands)
    watched = wanted.watch or (bool(commands) and await work_waits(tx, principal.workspace_id))
    if dry_run:
        return _Written(applied, tried=commands if watched else None)
    if watched:
        applied.effects = await effects_of(db, principal.workspace_id, commands)
    if not plan.changes:
        return _Written(applied)
    if applied.effects is not None:
        applied.effects.check(wanted.accept_stranded)
    check_given(principal, plan, current)
    await hold_people(tx)
    await write_rows(tx, principal, plan, current, names, wanted.secrets, now=now)
    await check_keeper(tx)
    await _keep_audit(tx, principal, plan, names, now)
    applied.revision = await history.keep(tx, principal, plan, wanted)
    applied.links = await _issue_links(tx, principal, plan, names, now)
    users = {names.workers[email]: names.ids["user"][email] for email in routed.workers}
    _publish(tx, principal, plan, names, users)
    keys = [tx.new_id(JOB) for _ in commands]
    for key, command in zip(keys, commands, strict=True):
        await submit(tx, principal.workspace_id, command, key=key, actor=principal.actor)
    return _Written(applied, list(zip(keys, commands, strict=True)), users)


def _planned(wanted: Wanted, current: Current) -> Plan:
    for kind, old, new in wanted.rename:
        rename(current, wanted.parsed, kind, old, new)
    remove = _with_parts(current, wanted.remove)
    _check_named(current, remove)
    plan = make_plan(wanted.parsed, current, prune=wanted.prune, remove=remove)
    check_whole(wanted.parsed, plan.after)
    check_people(wanted.parsed, current, plan.after)
    return plan


def _with_parts(current: Current, remove: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is removed by name, and the opening hours of firms with their firm; raises when it cannot be."""
    standard = {channel.unique_name for channel in DEFAULT_CHANNELS}
    found: list[tuple[str, str]] = []
    for kind, name in remove:
        if name not in current.things[kind]:
            raise UnknownSetting(kind=kind, name=name)
        if (
            kind == "workspace"
            or (kind == "firm" and name == current.default_firm)
            or (kind == "task_channel" and name in standard)
        ):
            raise NotRemovable(kind=kind, name=name)
        if kind == "firm":
            found += [("hours", key) for key, hours in current.things["hours"].items() if hours["firm"] == name]
        found.append((kind, name))
    return found


def _check_named(current: Current, remove: Sequence[tuple[str, str]]) -> None:
    """Refuse to remove what something that stays still names, and say where."""
    gone = set(remove)
    used = [
        {"kind": kind, "name": name, "path": shown(path)}
        for kind, name, path, target, meant in references_of(current.things)
        if (target, meant) in gone and (kind, name) not in gone
    ]
    used += [
        {"kind": "entry_point", "name": key, "path": "hours"}
        for key, entry in current.things["entry_point"].items()
        if ("hours", f"{entry['firm']} / {entry['hours']}") in gone and ("entry_point", key) not in gone
    ]
    used += [
        {"kind": "flow", "name": key, "path": shown(path)}
        for key, flow in current.things["flow"].items()
        for path, intent in intents_of_flow(flow)
        if ("intent", intent) in gone and ("flow", key) not in gone
    ]
    if used:
        listed = "; ".join(f"{each['kind'].replace('_', ' ')} {each['name']}" for each in used[:10])
        raise StillInUse(f"Still in use: {listed}. Nothing was changed.", used=used)


async def _wait(dispatch: Dispatch, workspace_id: str, written: _Written) -> None:
    """Until the router has carried out every command; the same key again is the same command."""
    for key, command in written.commands:
        try:
            await dispatch.send(workspace_id, command, key=key)
        except NoOwner:
            raise ConfigurationWaits(
                "Everything is written; the router takes it in as soon as `parlons serve` runs."
            ) from None
        except Refusal as refusal:
            raise RouterRefused(
                f"{RouterRefused.__doc__} The reason: {refusal.message}", reason=refusal.code
            ) from refusal


async def _check_unused(tx: Tx, plan: Plan, current: Current, names: Names, routed: Routed) -> None:
    """Refuse to remove what open tasks, or conversations of a firm, still use."""
    ids = {names.ids[kind][name]: (kind, name) for kind in ("queue", "workflow") for name in routed.remove[kind]}
    emails = {worker: email for email, worker in current.workers.items()}
    workers = {worker: ("user", emails[worker]) for worker in routed.workers_gone}
    firms = {names.ids["firm"][change.name]: change.name for change in plan.of("firm", "remove")}
    used = []
    if ids or workers:
        counted = await used_by_open_tasks(
            tx,
            current.workspace_id,
            queue_ids=[each for each, (kind, _) in ids.items() if kind == "queue"],
            workflow_ids=[each for each, (kind, _) in ids.items() if kind == "workflow"],
            worker_ids=list(workers),
        )
        things = {**ids, **workers}
        used += [(*things[each], f"{count} open task{'s' if count > 1 else ''}") for each, count in counted.items()]
    if firms:
        used += [("firm", firms[each], "its conversations") for each in await firms_with_conversations(tx, list(firms))]
    activities = {names.ids["activity"][name]: name for name in routed.remove["activity"]}
    busy = {worker.activity_id for worker in current.router.workers.values()} & activities.keys()
    used += [("activity", activities[each], "agents who are in it") for each in busy]
    if used:
        listed = "; ".join(f"{kind} {name} by {what}" for kind, name, what in sorted(used))
        details = [{"kind": kind, "name": name} for kind, name, _ in sorted(used)]
        raise StillInUse(f"Still in use: {listed}. Nothing was changed.", used=details)


async def _keep_audit(tx: Tx, principal: Principal, plan: Plan, names: Names, now: Millis) -> None:
    acts = {"add": "created", "change": "updated", "remove": "removed"}
    rows = []
    for change in plan.changes:
        object_id = names.ids[change.kind].get(change.name, principal.workspace_id)
        firm = change.name if change.kind == "firm" else (change.after or change.before).get("firm")
        kind = "template" if change.kind == "reply" else change.kind
        action = f"{kind}.{acts[change.act]}"
        diff = change.diff()
        rows.append(audit.row(principal, action, object_id, diff, now=now, firm_id=names.ids["firm"].get(firm or "")))
    await audit.record_many(tx, rows)


async def _issue_links(tx: Tx, principal: Principal, plan: Plan, names: Names, now: Millis) -> dict[str, str]:
    emails = {names.ids["user"][change.name]: change.name for change in plan.of("user", "add")}
    tokens = await issue_links(tx, principal, list(emails), now=now)
    return {emails[user_id]: token for user_id, token in tokens.items()}


def _publish(tx: Tx, principal: Principal, plan: Plan, names: Names, users: dict[str, str]) -> None:
    counts = Counter(change.kind for change in plan.changes)
    data: dict[str, Any] = {"changed": dict(counts), "users": users}
    tx.publish(Event(principal.workspace_id, APPLIED, data, audience=Audience(everyone=True)))
    firms = list(plan.of("firm", "add", "change"))
    for change in firms if len(firms) <= _TOLD_ONE_BY_ONE else ():
        firm_id = names.ids["firm"][change.name]
        words = {word: change.after[word] for word in ("name", "colour", "languages")}
        audience = Audience(firm_id=firm_id, everyone=True)
        firm = {"firm": {"id": firm_id, **words}}
        tx.publish(Event(principal.workspace_id, "firm.updated", firm, firm_id, audience=audience))
