"""Configuration as text: `apply` makes a workspace be as a file says, `export` writes the file that says how it is.

A file is validated as a whole, compared with what is there, and laid down in one transaction together with the router's
commands; `apply` returns when the router has carried them out. Applied again it changes nothing. One apply at a time. Whoever
calls needs a seat at the workspace's router (`Dispatch.open`), as owner or standby: the server, or a command line of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.links import issue_links
from parlons.accounts.model import Principal, Role
from parlons.app.configuration_check import Parsed, Thing, check_whole, parse
from parlons.app.configuration_current import Current, as_file, fingerprint, read_current
from parlons.app.configuration_plan import Plan, check_people, make_plan
from parlons.app.configuration_router import Names, Routed, commands_of, rehearse, settings_of
from parlons.app.configuration_rows import names_after, routed_of, write_rows
from parlons.app.configuration_text import Fault, InvalidConfigurationFile, Path, write
from parlons.conversations.queries import firms_with_conversations
from parlons.dispatch.configured import configuration_waits, used_by_open_tasks
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.errors import NoOwner
from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, Forbidden, Refusal
from parlons.kit.ids import JOB
from parlons.routing.commands import Command
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event

APPLIED = "configuration.applied"
"""Told to everybody: how many things of each kind changed, and the user of each worker that is new or other."""
_LOCK = 0x636F6E66
_LOOK = 0.05
"""Seconds between looks whether the router has taken in an earlier change."""
_TOLD_ONE_BY_ONE = 100
"""Firms whose change is told to screens one by one; beyond that, that the configuration changed is told."""


class StillInUse(Conflict):
    """What would be removed is still used; nothing was changed."""

    code = "still-in-use"


class ConfigurationWaits(Conflict):
    """An earlier change waits for the router; start `parlons serve`, or try again in a moment."""

    code = "configuration-waits"


class RouterRefused(Conflict):
    """The rows were written, but the router refused its part because of something that happened meanwhile; apply again."""

    code = "router-refused"


@dataclass(slots=True)
class Applied:
    """What an apply changed, or would change."""

    plan: Plan
    dry_run: bool
    links: dict[str, str] = field(default_factory=dict)
    """Token of a one-time link by e-mail address, for people who are new. Shown once."""

    def as_json(self) -> dict[str, Any]:
        """As the API answers it, without links."""
        changes = [
            {"kind": change.kind, "name": change.name, "act": change.act, "diff": change.diff()}
            for change in self.plan.changes
        ]
        kept = [{"kind": kind, "name": name} for kind, name in self.plan.kept]
        return {"dry_run": self.dry_run, "changes": changes, "unchanged": self.plan.unchanged, "kept": kept}

    def as_text(self, *, most: int = 200) -> str:
        """The differences for people, then a line that counts; of very many differences the first `most` are shown."""
        lines: list[str] = []
        for change in self.plan.changes[:most]:
            lines.append(f"{_SIGNS[change.act]} {change.kind.replace('_', ' ')} {change.name}")
            if change.act == "change":
                lines += [f"    {word}: {_short(old)} -> {_short(new)}" for word, (old, new) in change.diff().items()]
        if len(self.plan.changes) > most:
            lines.append(f"... and {len(self.plan.changes) - most} more")
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


async def apply(
    db: Database,
    dispatch: Dispatch,
    principal: Principal,
    source: str,
    *,
    now: Millis,
    environ: Mapping[str, str],
    prune: bool = False,
    dry_run: bool = False,
    patience: float = 5.0,
) -> Applied:
    """Make the principal's workspace be as `source` says; returns when the router has carried it out.

    Raises InvalidConfigurationFile with all faults, StillInUse (prune), ConfigurationWaits, or what a room or the router
    refuses: then nothing was changed. `environ`: where secrets are found by
    name. `patience`: seconds to wait for an earlier change to be taken in."""
    _check_rights(principal)
    # What only computes runs beside the event loop: a file of thousands of firms must not hold up the calls of agents.
    parsed = await asyncio.to_thread(parse, source)
    secrets = _resolve_secrets(parsed, environ)
    for _ in range(max(1, round(patience / _LOOK))):
        async with db.transaction(principal.tenant_id) as tx:
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, sa.func.hashtext(principal.workspace_id))))
            if not await configuration_waits(tx, principal.workspace_id):
                written = await _lay_down(tx, principal, parsed, secrets, now=now, prune=prune, dry_run=dry_run)
                break
        await asyncio.sleep(_LOOK)
    else:
        raise ConfigurationWaits
    dispatch.users.update(written.users)
    await _wait(dispatch, principal.workspace_id, written)
    return written.applied


async def _lay_down(
    tx: Tx,
    principal: Principal,
    parsed: Parsed,
    secrets: Mapping[str, str],
    *,
    now: Millis,
    prune: bool,
    dry_run: bool,
) -> "_Written":
    """Everything inside the transaction: compare, check, write, and put the router's commands on the road."""
    current = await read_current(tx, principal.workspace_id)
    plan = await asyncio.to_thread(_planned, parsed, current, prune)
    applied = Applied(plan, dry_run)
    names = await names_after(tx, plan, current, now=now)
    routed = routed_of(plan, current)
    await _check_unused(tx, plan, current, names, routed)
    commands = commands_of(routed, plan.after, names)
    settings = settings_of(current.things["workspace"]["workspace"], names)
    await asyncio.to_thread(rehearse, current, settings, commands)
    if dry_run or not plan.changes:
        return _Written(applied)
    await write_rows(tx, principal, plan, current, names, secrets, now=now)
    await _keep_audit(tx, principal, plan, names, now)
    applied.links = await _issue_links(tx, principal, plan, names, now)
    users = {names.workers[email]: names.ids["user"][email] for email in routed.workers}
    _publish(tx, principal, plan, names, users)
    keys = [tx.new_id(JOB) for _ in commands]
    for key, command in zip(keys, commands, strict=True):
        await submit(tx, principal.workspace_id, command, key=key, actor=principal.actor)
    return _Written(applied, list(zip(keys, commands, strict=True)), users)


@dataclass(slots=True)
class _Written:
    """What a transaction wrote."""

    applied: Applied
    commands: list[tuple[str, Command]] = field(default_factory=list)
    """With their keys."""
    users: dict[str, str] = field(default_factory=dict)
    """By worker."""


def _planned(parsed: Parsed, current: Current, prune: bool) -> Plan:
    plan = make_plan(parsed, current, prune=prune)
    check_whole(parsed, plan.after)
    check_people(parsed, current, plan.after)
    return plan


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


async def export(db: Database, principal: Principal) -> str:
    """The file that says how the principal's workspace is configured; no secrets, no passwords."""
    _check_rights(principal)
    async with db.transaction(principal.tenant_id) as tx:
        current = await read_current(tx, principal.workspace_id)
    return write(as_file(current.things))


def _check_rights(principal: Principal) -> None:
    principal.check(Role.ADMINISTRATOR)
    if principal.firm_ids is not None:
        raise Forbidden("The configuration belongs to who sees all firms.")


def _resolve_secrets(parsed: Parsed, environ: Mapping[str, str]) -> dict[str, str]:
    """The value of each secret the file names, by its name (`_secrets`); in the picture stands its fingerprint instead."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for name, part, word, path in _secrets(parsed):
        named = part.pop(word, None)
        if named is None:
            if path[-1] == "phone":  # written whole, so that it compares with what is there
                part[word] = None
            continue
        value = environ.get(named["secret"])
        if not value:
            faults.append(
                parsed.text.fault(
                    (*path, word, "secret"),
                    f"{named['secret']} is not set",
                    "Set it in the environment of `parlons serve`.",
                )
            )
            continue
        found[name], part[word] = value, fingerprint(value)
    if faults:
        raise InvalidConfigurationFile(faults)
    return found


def _secrets(parsed: Parsed) -> Iterator[tuple[str, Thing, str, Path]]:
    """Where secrets may stand: the name of each, the part and the word it stands under, the place."""
    for key, widget in parsed.things["widget"].items():
        yield key, widget, "identity", parsed.paths["widget", key]
    for key, trunk in parsed.things["trunk"].items():
        yield f"trunk {key}", trunk, "password", parsed.paths["trunk", key]
    for key, user in parsed.things["user"].items():
        if user.get("phone") is not None:
            yield f"phone {key}", user["phone"], "password", (*parsed.paths["user", key], "phone")


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
        action = f"{change.kind}.{acts[change.act]}"
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
