"""Skills or capacity for a time: given at once, taken back by a job at `until` or earlier by hand, both told to the person.

A move holds what it gave and what was there before, name by name. Going back restores a name only while it still is what
the move made it: who set it otherwise meanwhile meant it. A later move of the same name takes the earlier one's place and
goes back to what was before both. The router's command stands on the road in the transaction of the move's own row.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts import audit
from parlons.accounts.model import Principal, system_principal
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.dispatch.skills import with_skills
from parlons.floor.errors import MoveTooLong, NothingToMove, UnknownMove
from parlons.floor.memos import tell
from parlons.floor.store import moves
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso
from parlons.kit.ids import JOB, MOVE
from parlons.routing.commands import SetChannel, SetWorkerAttributes
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.jobs import Handler, Job, enqueue

Json = dict[str, Any]
BACK = "floor.move-back"
LONGEST = 24 * 3600 * 1000
"""Milliseconds a move may last."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is given, and until when. `skills`: a level, true or false by name; `channels`: capacity by name."""

    skills: dict[str, int | bool]
    channels: dict[str, int]
    until: Millis
    reason: str = ""


async def move(tx: Tx, principal: Principal, worker: Json, asked: Asked) -> Json:
    """Give it now; raises when it changes nothing or lasts longer than a day."""
    if not 0 < asked.until - tx.now <= LONGEST:
        raise MoveTooLong
    now = _standing(worker)
    given = {
        "skills": {name: to for name, to in asked.skills.items() if not _same(now["skills"].get(name, False), to)},
        "channels": {name: to for name, to in asked.channels.items() if now["channels"].get(name, to) != to},
    }
    if not given["skills"] and not given["channels"]:
        raise NothingToMove
    before = _pick(now, given)
    await _supersede(tx, principal, worker, given, before)
    row: Json = {
        "id": tx.new_id(MOVE),
        "tenant_id": tx.tenant_id,
        "workspace_id": principal.workspace_id,
        "worker_id": worker["id"],
        "firm_ids": worker["firm_ids"],
        "given": given,
        "before": before,
        "reason": asked.reason,
        "by_user_id": principal.user_id,
        "by_name": principal.name,
        "made_at": to_datetime(tx.now),
        "until": to_datetime(asked.until),
        "ended_at": None,
    }
    await tx.execute(moves.insert().values(row))
    await enqueue(tx, BACK, {"move_id": row["id"]}, run_at=asked.until)
    await _carry(tx, principal, worker, given)
    await audit.record(tx, principal, "worker.moved", worker["id"], now=tx.now, before=before, after=given)
    shown = _tell(tx, principal.workspace_id, "move.made", row, worker)
    await _memo(tx, principal, worker, "moved", shown, asked.reason)
    return shown


async def end(tx: Tx, dispatch: Dispatch, principal: Principal, move_id: str) -> Json:
    """Take it back before its time; raises UnknownMove when it has ended or is of a firm not seen."""
    row = await _open_row(tx, move_id)
    if row is None or not principal.sees_any(row["firm_ids"]):
        raise UnknownMove
    worker = await dispatch.seen_worker(principal, row["worker_id"])
    return await _end(tx, principal, row, worker)


def handlers(dispatch: Dispatch) -> dict[str, Handler]:
    """What the job worker needs for this room."""

    async def back(tx: Tx, job: Job) -> None:
        row = await _open_row(tx, job.payload["move_id"])
        if row is not None:
            system = system_principal(row["tenant_id"], row["workspace_id"])
            await _end(tx, system, dict(row), await dispatch.seen_worker(system, row["worker_id"]))

    return {BACK: back}


async def open_moves(tx: Tx, principal: Principal, *, mine: bool = False) -> dict[str, Json]:
    """The moves that stand now: those of the principal's firms, or `mine` only."""
    query = sa.select(moves).where(moves.c.tenant_id == tx.tenant_id, moves.c.ended_at.is_(None))
    if mine:
        query = query.where(moves.c.worker_id == (principal.worker_id or ""))
    rows = await tx.fetch_all(query.order_by(moves.c.until))
    return {row["id"]: move_json(row) for row in rows if principal.sees_any(row["firm_ids"])}


async def _end(tx: Tx, principal: Principal, row: RowMapping | Json, worker: Json) -> Json:
    now = _standing(worker)
    back = {kind: _restored(now[kind], row["given"][kind], row["before"][kind]) for kind in ("skills", "channels")}
    await _carry(tx, principal, worker, back)
    ended = {**row, "ended_at": to_datetime(tx.now)}
    await tx.execute(moves.update().where(moves.c.id == row["id"]).values(ended_at=ended["ended_at"]))
    await audit.record(tx, principal, "worker.moved_back", worker["id"], now=tx.now, before=row["given"], after=back)
    shown = _tell(tx, row["workspace_id"], "move.ended", ended, worker)
    await _memo(tx, principal, worker, "moved-back", shown, "")
    return shown


def _restored(now: Json, given: Json, before: Json) -> Json:
    """What goes back, by name: what still is as the move made it."""
    return {name: before[name] for name, value in given.items() if _same(now.get(name, False), value)}


def _same(one: Any, other: Any) -> bool:
    """Level 1 is not the same as having it without a level."""
    return type(one) is type(other) and one == other


async def _supersede(tx: Tx, principal: Principal, worker: Json, given: Json, before: Json) -> None:
    """Earlier moves give up the names this one takes; what was before them is what this one goes back to."""
    query = sa.select(moves).where(
        moves.c.tenant_id == tx.tenant_id, moves.c.worker_id == worker["id"], moves.c.ended_at.is_(None)
    )
    for row in await tx.fetch_all(query.order_by(moves.c.made_at.desc()).with_for_update()):
        kept = {kind: {n: v for n, v in row["given"][kind].items() if n not in given[kind]} for kind in row["given"]}
        if kept == row["given"]:
            continue
        for kind, names in row["before"].items():
            before[kind].update({name: was for name, was in names.items() if name in given[kind]})
        values: Json = {"given": kept, "before": _pick(row["before"], kept)}
        over = not kept["skills"] and not kept["channels"]
        if over:
            values = {"ended_at": to_datetime(tx.now)}
        await tx.execute(moves.update().where(moves.c.id == row["id"]).values(values))
        _tell(tx, principal.workspace_id, "move.ended" if over else "move.made", {**row, **values}, worker)


async def _open_row(tx: Tx, move_id: str) -> RowMapping | None:
    query = sa.select(moves).where(moves.c.tenant_id == tx.tenant_id, moves.c.id == move_id, moves.c.ended_at.is_(None))
    return await tx.fetch_one(query.with_for_update())


async def _carry(tx: Tx, principal: Principal, worker: Json, change: Json) -> None:
    """The router's commands for a change by name."""
    actor = principal.actor
    if change["skills"]:
        attributes = with_skills(worker["attributes"], change["skills"], {})
        command = SetWorkerAttributes(worker["id"], attributes)
        await submit(tx, principal.workspace_id, command, key=tx.new_id(JOB), actor=actor)
    for name, capacity in change["channels"].items():
        channel = SetChannel(worker["id"], name, capacity)
        await submit(tx, principal.workspace_id, channel, key=tx.new_id(JOB), actor=actor)


def _standing(worker: Json) -> Json:
    """Skills (with level, or true) and capacities as they are."""
    levels = worker["attributes"].get("levels")
    held = worker["attributes"].get("skills")
    known = levels if isinstance(levels, dict) else {}
    return {
        "skills": {name: known.get(name, True) for name in held} if isinstance(held, list) else {},
        "channels": {name: one["capacity"] for name, one in worker["channels"].items()},
    }


def _pick(values: Json, names: Json) -> Json:
    return {
        "skills": {name: values["skills"].get(name, False) for name in names["skills"]},
        "channels": {name: values["channels"][name] for name in names["channels"]},
    }


def move_json(row: RowMapping | Json) -> Json:
    """A move as screens have it."""
    names = ("id", "worker_id", "given", "before", "reason", "by_user_id", "by_name")
    return {
        **{name: row[name] for name in names},
        "firm_ids": list(row["firm_ids"]),
        "made_at": to_iso(from_datetime(row["made_at"])),
        "until_at": to_iso(from_datetime(row["until"])),
        "status": "ended" if row["ended_at"] is not None else "open",
    }


def _tell(tx: Tx, workspace_id: str, kind: str, row: RowMapping | Json, worker: Json) -> Json:
    shown = move_json(row)
    public = {name: value for name, value in shown.items() if name not in ("reason", "by_name")}
    private = {"move": {"reason": shown["reason"], "by_name": shown["by_name"]}}
    users = (worker["user_id"],) if worker["user_id"] else ()
    first, *others = row["firm_ids"] or (None,)
    tx.publish(
        Event(
            workspace_id=workspace_id,
            type=kind,
            data={"move": public},
            firm_id=first,
            private=private,
            private_key=row["id"],
            audience=Audience(first, users, firms=tuple(others), figures=True),
        )
    )
    return shown


async def _memo(tx: Tx, principal: Principal, worker: Json, kind: Any, shown: Json, text: str) -> None:
    user_id = worker["user_id"]
    if user_id and user_id != principal.user_id:
        data = {"move_id": shown["id"], "given": shown["given"], "until_at": shown["until_at"]}
        await tell(tx, principal, user_id, kind, text=text, data=data)
