"""The ledger: each change of a call is written as its row and told to screens, in one transaction, many calls at once.

Talk does not wait for it: what changed is noted here and written as soon as the database takes it; while PostgreSQL is away
the newest picture of each call is kept and written when it is back. An agent who is on a call no more is told that it goes
from his screen before the others are told what became of it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from parlons.conversations import commands as conversations
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database, Tx
from parlons.runtime.events import Audience, Event
from parlons.runtime.log import log
from parlons.runtime.prepared import Prepared, Row
from parlons.voice.calls.model import Call, Party, call_json, from_row, split, to_row
from parlons.voice.calls.store import call_legs, calls

AGAIN = 0.5
"""Seconds between two tries while the database is away."""
AT_ONCE = 100
GATHER = 0.02
"""Seconds in which changes are gathered to one transaction: a call changes several times in a row."""

PATIENCE = 1.0
"""The longest somebody waits to be answered until what he did can be read, in seconds."""

_Leg = tuple[str, int, str, int | None]


def workers_of(call: Call) -> set[str]:
    """The workers on whose screens the call is."""
    found = {one.worker_id for one in call.parties if one.worker_id is not None}
    return found | {one for one in (call.worker_id, call.placed_by) if one is not None}


class Ledger:
    """One for each workspace; `run` it for ever."""

    def __init__(self, db: Database, users: Mapping[str, str]) -> None:
        self._db = db
        self._users = users
        self._dirty: dict[str, Call] = {}
        self._woken = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._turn = asyncio.Event()
        """Set, and replaced, after each transaction."""
        self._shown: dict[str, set[str]] = {}
        """Users on whose screens each call is."""
        self._queues: dict[str, str | None] = {}
        """The queue in which each call is shown."""
        self._legs: dict[str, set[_Leg]] = {}
        """What the rows of each call's legs say, where this process wrote them."""

    def note(self, call: Call) -> None:
        """The call has changed."""
        call.version += 1
        self._dirty[call.id] = call
        self._settled.clear()
        self._woken.set()

    def knows(self, call: Call) -> None:
        """The call was read from its row: it is on the screens that the row says."""
        self._shown[call.id] = self._seen_by(call)
        self._queues[call.id] = call.queue_id

    async def settled(self) -> None:
        """Returns when everything noted is written."""
        await self._settled.wait()

    async def stands(self, call: Call, so: Callable[[], bool] = lambda: True) -> None:
        """Returns when the call is `so` and can be read as it is then, or after `PATIENCE`: what was done is done, written or
        not."""
        try:
            async with asyncio.timeout(PATIENCE):
                while call.id in self._dirty or not so():
                    await self._turn.wait()
        except TimeoutError:
            log.info("calls.not_yet_written", call_id=call.id)

    async def run(self) -> None:
        """Writes for ever."""
        while True:
            await self._woken.wait()
            await asyncio.sleep(GATHER)
            self._woken.clear()
            while self._dirty:
                await self._some()
            self._settled.set()

    async def _some(self) -> None:
        """One transaction of a tenant's calls as they are now."""
        first = next(iter(self._dirty.values()))
        taken = [one for one in self._dirty.values() if one.tenant_id == first.tenant_id][:AT_ONCE]
        pictures = [from_row(to_row(one)) for one in taken]
        try:
            async with self._db.transaction(first.tenant_id) as tx:
                await self.write(tx, *pictures)
        except Unavailable as refusal:
            log.warning("calls.unwritten", code=refusal.code, calls=len(self._dirty))
            await asyncio.sleep(AGAIN)
            return
        except Exception:
            log.exception("calls.unwritable", calls=[one.id for one in pictures])
            await asyncio.sleep(AGAIN)
        for call, picture in zip(taken, pictures, strict=True):
            if call.version == picture.version:
                self._dirty.pop(call.id, None)
        self._turn.set()
        self._turn = asyncio.Event()

    async def write(self, tx: Tx, *written: Call) -> None:
        """Rows of calls, their legs and what screens are told, in the caller's transaction: one call's together with what
        else it writes, many calls' by three statements, however many they are."""
        rows: list[Row] = [columns(call) for call in written]
        begun: list[Row] = []
        ended: list[Row] = []
        for call in written:
            legs, known = _legs_of(call), self._legs.get(call.id)
            begun += [_leg_columns(tx, call, party) for leg, party in legs.items() if known is None or leg not in known]
            if known - legs.keys() if known is not None else call.version > 1:
                ended.append(_gone_columns(tx, call))
            if call.ended_at is not None and call.companion_of is not None and call.conversation_id is not None:
                await conversations.end_leg(tx, call.conversation_id, "voice", by="system")
            for event in self._events(call):
                tx.publish(event)
        for statement, wanted in ((CALL, rows), (_LEG, begun), (_GONE, ended)):
            if len(written) == 1:
                for row in wanted:
                    tx.later(statement, row, key=row.get("id"))
            elif wanted:
                await tx.run_each(statement, wanted)
        tx.after_commit(lambda: self._wrote(written))

    async def names_task(self, tx: Tx, call_id: str, task_id: str) -> None:
        """The row of a call says its task, whatever else of it is written later."""
        row = tx.unwritten(CALL, call_id)
        if row is None:
            await tx.run(_NAMES_TASK, of_call=call_id, task=task_id)
        else:
            row["task_id"], row["body"] = task_id, {**row["body"], "task_id": task_id}

    def _wrote(self, written: Sequence[Call]) -> None:
        for call in written:
            if call.state == "ended":
                self._legs.pop(call.id, None)
            else:
                self._legs[call.id] = set(_legs_of(call))

    def _seen_by(self, call: Call) -> set[str]:
        return {self._users[one] for one in workers_of(call) if one in self._users}

    def _events(self, call: Call) -> list[Event]:
        users = self._seen_by(call)
        events = [_gone(call, user_id) for user_id in sorted(self._shown.get(call.id, set()) - users)]
        before = self._queues.get(call.id)
        if call.state == "ended":
            self._shown.pop(call.id, None)
            self._queues.pop(call.id, None)
        else:
            self._shown[call.id] = users
            self._queues[call.id] = call.queue_id
        public, private = split(call_json(call))
        kind = "call.ended" if call.state == "ended" else "call.updated"
        left = before if before != call.queue_id else None
        audience = Audience(call.firm_id, tuple(sorted(users)), queue_id=call.queue_id or "", left_queue_id=left)
        key = call.customer_id or call.conversation_id or call.id
        events.append(
            Event(call.workspace_id, kind, {"call": public}, call.firm_id, {"call": private}, key, audience=audience)
        )
        return events


def _gone(call: Call, user_id: str) -> Event:
    audience = Audience(user_ids=(user_id,), supervisors=False)
    return Event(call.workspace_id, "call.updated", {"removed": {"call": call.id}}, audience=audience)


def _time(at: int | None) -> Any:
    return None if at is None else to_datetime(at)


def columns(call: Call) -> dict[str, Any]:
    """The row of a call."""
    return {
        "id": call.id,
        "tenant_id": call.tenant_id,
        "workspace_id": call.workspace_id,
        "firm_id": call.firm_id,
        "conversation_id": call.conversation_id,
        "customer_id": call.customer_id,
        "task_id": call.task_id,
        "queue_id": call.queue_id,
        "worker_id": call.worker_id,
        "direction": call.direction,
        "state": call.state,
        "started_at": _time(call.started_at),
        "answered_at": _time(call.agent_at or call.answered_at),
        "ended_at": _time(call.ended_at),
        "end_cause": call.end_cause,
        "waited_ms": call.waited_ms,
        "position": call.position,
        "forecast_hit": call.forecast_hit,
        "cost": call.cost,
        "placed_by": call.placed_by,
        "body": to_row(call),
        "version": call.version,
    }


def _legs_of(call: Call) -> dict[_Leg, Party]:
    """What the rows of its legs say, and who they are."""
    return {(one.leg_id, one.since, one.kind, one.answered_at): one for one in call.parties}


def _leg_columns(tx: Tx, call: Call, party: Party) -> dict[str, Any]:
    return {
        "call_id": call.id,
        "leg_id": party.leg_id,
        "tenant_id": tx.tenant_id,
        "kind": party.kind,
        "worker_id": party.worker_id,
        "started_at": _time(party.since),
        "answered_at": _time(party.answered_at),
    }


def _gone_columns(tx: Tx, call: Call) -> dict[str, Any]:
    return {
        "of_call": call.id,
        "kept": [party.leg_id for party in call.parties],
        "at": to_datetime(tx.now),
        "why": call.end_cause if call.state == "ended" else None,
    }


def _upsert(table: sa.Table, keys: Sequence[str], fixed: Sequence[str], without: Sequence[str] = ()) -> Prepared:
    """Inserts rows, or makes those which are there so; `fixed` columns stay as they were, `without` are not given."""
    statement = insert(table).inline()
    given = [one.name for one in table.c if one.name not in without]
    fresh = {name: statement.excluded[name] for name in given if name not in (*keys, *fixed)}
    return Prepared(statement.on_conflict_do_update(index_elements=list(keys), set_=fresh), columns=given)


CALL = _upsert(calls, ("id",), ("tenant_id", "workspace_id"), ("charged_ms",))
"""A call's row, `columns`; by its id while it waits to be written."""
_LEG = _upsert(call_legs, ("call_id", "leg_id", "started_at"), ("tenant_id", "worker_id"), ("ended_at", "cause"))
_GONE = Prepared(
    sa.update(call_legs)
    .where(
        call_legs.c.call_id == sa.bindparam("of_call"),
        call_legs.c.ended_at.is_(None),
        call_legs.c.leg_id != sa.all_(sa.bindparam("kept", type_=ARRAY(sa.Text))),
    )
    .values(ended_at=sa.bindparam("at"), cause=sa.bindparam("why"))
)
_NAMES_TASK = Prepared(
    sa.update(calls)
    .where(calls.c.id == sa.bindparam("of_call"))
    .values(
        task_id=sa.bindparam("task", type_=sa.Text),
        body=calls.c.body.op("||")(sa.func.jsonb_build_object("task_id", sa.bindparam("task", type_=sa.Text))),
    )
)
