"""Where contacts stand in their flows: one row for each, changed under its lock, so that every result takes effect once."""

from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from msgspec.structs import replace

from parlons.flows.state import State, state_of
from parlons.kit.clock import to_datetime
from parlons.reception.flow_trials_outcomes import forget_unsettled, settle, settle_gone
from parlons.reception.store import flow_instances
from parlons.runtime.db import Tx
from parlons.runtime.prepared import Prepared, insertion

INSTANCE = "FN"
"""Prefix of an instance's id."""
TASK_OVER = "flows.task-over"
"""Kind of the job that tells a flow that nobody took its contact in time: `task_id`, `reason`."""
Status = Literal["running", "ended"]


_FRESH = (
    "changed_at", "ended_at", "entry_point_id", "flow_id", "flow_version", "source", "contact", "task_id", "status", "state",
    "waiting_key",
)  # fmt: skip
_NEW = insertion(flow_instances)
_KEPT = Prepared(
    sa.update(flow_instances).where(
        flow_instances.c.tenant_id == sa.bindparam("of_tenant"), flow_instances.c.id == sa.bindparam("of_id")
    ),
    columns=_FRESH,
)
_END_OF_CALL = Prepared(
    sa.update(flow_instances)
    .where(
        flow_instances.c.tenant_id == sa.bindparam("tenant"),
        flow_instances.c.call_id == sa.bindparam("of_call"),
        flow_instances.c.status == "running",
    )
    .values(status="ended", task_id=None, waiting_key=None, changed_at=sa.bindparam("at"), ended_at=sa.bindparam("at"))
    .returning(flow_instances.c.id, flow_instances.c.contact)
)
_END_OF_CHAT = Prepared(
    sa.update(flow_instances)
    .where(
        flow_instances.c.tenant_id == sa.bindparam("tenant"),
        flow_instances.c.conversation_id == sa.bindparam("of_conversation"),
        flow_instances.c.call_id.is_(None),
        flow_instances.c.status == "running",
    )
    .values(status="ended", task_id=None, waiting_key=None, changed_at=sa.bindparam("at"), ended_at=sa.bindparam("at"))
    .returning(flow_instances.c.id, flow_instances.c.contact)
)


@dataclass(slots=True)
class Instance:
    """One contact in its flow."""

    id: str
    workspace_id: str
    conversation_id: str
    state: State
    call_id: str | None = None
    """None: a chat."""
    entry_point_id: str | None = None
    flow_id: str | None = None
    """None: `source` is the flow, made for this contact."""
    flow_version: int | None = None
    source: dict[str, Any] | None = None
    contact: dict[str, Any] = field(default_factory=dict)
    """`from_number`, `language`; of a chat `heard`, the number of the last message taken in."""
    task_id: str | None = None
    """The contact waits for an agent by this task."""
    status: Status = "running"

    @property
    def waiting_kind(self) -> str | None:
        """The kind of the effect that is outstanding."""
        return self.state.effect.kind if self.state.effect is not None and self.status == "running" else None

    @property
    def serves_itself(self) -> bool:
        """A call hears what becomes of it; a chat reads it as others do."""
        return self.call_id is not None

    @property
    def waiting_key(self) -> str | None:
        """Its key."""
        return self.state.effect.key if self.state.effect is not None and self.status == "running" else None


async def add_instance(tx: Tx, instance: Instance) -> None:
    """A new one."""
    started = to_datetime(tx.now)
    row = {
        "id": instance.id,
        "tenant_id": tx.tenant_id,
        "workspace_id": instance.workspace_id,
        "conversation_id": instance.conversation_id,
        "call_id": instance.call_id,
        "started_at": started,
        "changed_at": started,
        "ended_at": None,
        **_values(instance),
    }
    tx.later(_NEW, row, key=instance.id)


async def keep_instance(tx: Tx, instance: Instance) -> None:
    """As it is now."""
    ended = to_datetime(tx.now) if instance.status == "ended" else None
    fresh = {"changed_at": to_datetime(tx.now), "ended_at": ended, **_values(instance)}
    row = tx.unwritten(_NEW, instance.id)
    if row is None:
        tx.later(_KEPT, {"of_tenant": tx.tenant_id, "of_id": instance.id, **fresh}, key=instance.id)
    else:
        row.update(fresh)


async def instance_by_id(tx: Tx, instance_id: str) -> Instance | None:
    """One, kept from others until this transaction ends."""
    return await _one(tx, flow_instances.c.id == instance_id)


async def instance_of_call(tx: Tx, call_id: str) -> Instance | None:
    """The one of a call, locked."""
    return await _one(tx, flow_instances.c.call_id == call_id)


async def instance_of_task(tx: Tx, task_id: str) -> Instance | None:
    """The running one that waits for an agent by this task, locked."""
    return await _one(tx, flow_instances.c.task_id == task_id, flow_instances.c.status == "running")


async def instance_of_chat(tx: Tx, conversation_id: str) -> Instance | None:
    """The running one of a chat, locked."""
    here = flow_instances.c.conversation_id == conversation_id
    return await _one(tx, here, flow_instances.c.call_id.is_(None), flow_instances.c.status == "running")


async def task_taken(tx: Tx, task_id: str) -> None:
    """An agent has the contact that waited by this task: its flow is over."""
    instance = await instance_of_task(tx, task_id)
    if instance is not None:
        instance.status, instance.task_id = "ended", None
        instance.state = replace(instance.state, ended="answered", effect=None)
        settle(tx, instance, "transferred")
        await keep_instance(tx, instance)


async def end_of_call(tx: Tx, call_id: str) -> str | None:
    """A call needs its flow no more; the id of the one that ran."""
    rows = await tx.run(_END_OF_CALL, tenant=tx.tenant_id, of_call=call_id, at=to_datetime(tx.now))
    for row in rows:
        settle_gone(tx, row["id"], row["contact"])
    return rows[0]["id"] if rows else None


async def end_of_chat(tx: Tx, conversation_id: str) -> None:
    """The conversation was closed while its flow waited: the flow is over."""
    at = to_datetime(tx.now)
    for row in await tx.run(_END_OF_CHAT, tenant=tx.tenant_id, of_conversation=conversation_id, at=at):
        settle_gone(tx, row["id"], row["contact"])


async def last_heard(tx: Tx, conversation_id: str) -> int:
    """The number of the last message that any flow of this chat has taken in; 0: none."""
    query = sa.select(sa.func.max(flow_instances.c.contact["heard"].as_integer())).where(
        flow_instances.c.tenant_id == tx.tenant_id,
        flow_instances.c.conversation_id == conversation_id,
        flow_instances.c.call_id.is_(None),
    )
    return int(await tx.scalar(query) or 0)


async def erase_instances(tx: Tx, conversation_ids: list[str]) -> int:
    """Forget what was said and keyed in these conversations. Repeatable."""
    if not conversation_ids:
        return 0
    here = (flow_instances.c.tenant_id == tx.tenant_id, flow_instances.c.conversation_id.in_(conversation_ids))
    rows = await tx.fetch_all(flow_instances.delete().where(*here).returning(flow_instances.c.id))
    await forget_unsettled(tx, [row["id"] for row in rows])
    return len(rows)


async def _one(tx: Tx, *where: sa.ColumnElement[bool]) -> Instance | None:
    query = sa.select(flow_instances).where(flow_instances.c.tenant_id == tx.tenant_id, *where)
    row = await tx.fetch_one(query.order_by(flow_instances.c.id.desc()).limit(1).with_for_update())
    if row is None:
        return None
    same = ("id", "workspace_id", "conversation_id", "call_id", "entry_point_id", "flow_id", "flow_version", "source",
            "contact", "task_id", "status")  # fmt: skip
    return Instance(state=state_of(row["state"]), **{name: row[name] for name in same})


def _values(instance: Instance) -> dict[str, Any]:
    same = ("entry_point_id", "flow_id", "flow_version", "source", "contact", "task_id", "status")
    return {
        "state": instance.state.to_json(),
        "waiting_key": instance.waiting_key,
        **{name: getattr(instance, name) for name in same},
    }
