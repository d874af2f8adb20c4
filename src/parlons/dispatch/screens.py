"""The journal as screens get it: the same sequences, but each transition tells whole objects, and whose screens may have it.

The journal itself keeps ids and outcomes; the objects come from the memory of the router in this process, owner or standby,
as they stood when the command was done. They are put together only when somebody is there to see them. Times on screens
are RFC 3339. Terminal tasks and reservations leave the maps of a screen by their status (app/fold.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from parlons.dispatch.views import ReservationView, Step, TaskView, WorkerView
from parlons.kit.clock import to_iso
from parlons.routing import transitions as t
from parlons.routing.transitions import Transition, to_wire
from parlons.runtime.db import Database
from parlons.runtime.events import Audience
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Tail

KEEP = 65_536
"""Entries held for sockets that come back: more than one commit can bring."""
TITLE = 200

Users = Mapping[str, str]
"""The user of each worker, by worker id."""


class Shown(msgspec.Struct, gc=False):
    """A journal entry with whole objects; has what the hub reads of an `Entry`, and puts it together when asked."""

    type: str
    at: int
    seq: int
    transition: Transition
    step: Step
    users: Users
    kind: str = "transition"

    @property
    def private_key(self) -> str | None:
        """The task whose title it may show."""
        return getattr(self.transition, "task_id", None)

    @property
    def audience(self) -> Audience:
        """Whose screens may have it."""
        return audience_of(self.transition, self.step, self.users)

    @property
    def data(self) -> dict[str, Any]:
        """The objects under singular keys."""
        return data_of(self.transition, self.step, self.users)


class Plain(msgspec.Struct, gc=False):
    """A committed transition as a reader of the journal gets it; its dict is made when it is read."""

    type: str
    at: int
    seq: int
    transition: Transition
    kind: str = "transition"
    audience: Audience | None = None
    private_key: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """Ids, times and outcomes, as the journal has them."""
        return to_wire(self.transition)


class ScreenTail(Tail):
    """The newest entries of a workspace as screens get them. Only the process's own router fills it: entries read from the
    database lack the objects, so a notice alone does not wake those who follow."""

    def __init__(self, db: Database, workspace_id: str, users: Users) -> None:
        super().__init__(db, workspace_id, keep=KEEP)
        self._users = users

    def show(self, entries: Sequence[Entry], steps: Sequence[Step], base: int) -> None:
        """Takes what was committed; `steps` count from index `base` of `entries`."""
        self.push(shown_in(entries, steps, base, self._users))

    def since(self, after_seq: int, limit: int = KEEP) -> list[Entry] | None:
        """As `Tail.since`; nothing is behind what this process has taken in, so nobody reads raw entries instead."""
        if after_seq >= self.last_seq:
            return []
        return super().since(after_seq, limit)

    def forget(self, keys: Sequence[str]) -> None:
        """As `Tail.forget`, but what the hub has not taken yet stays: nobody could put it together again."""
        if any(entry.private_key in keys for entry in self._entries):
            while self._entries and self._entries[0].seq <= self.taken:
                self._entries.popleft()

    def begin(self, seq: int) -> None:
        """Memory starts at `seq`: what is older needs a fresh snapshot."""
        if not self._entries:
            self.last_seq = seq

    def _heard(self, payload: str) -> None:
        """Notices say what the database has, not what this process has taken in."""


def shown_in(entries: Sequence[Entry], steps: Sequence[Step], base: int, users: Users) -> list[Entry]:
    """`entries` with each transition in the form that screens know."""
    shown = list(entries)
    for step in steps:
        place = base + step.first
        for transition in step.transitions:
            if type(transition) not in _SILENT:
                shown[place] = cast(Entry, _shown(entries[place], transition, step, users))
            place += 1
    return shown


def plain_in(entries: Sequence[Entry], steps: Sequence[Step], base: int) -> list[Entry]:
    """`entries` as if read from the journal."""
    plain = list(entries)
    for step in steps:
        place = base + step.first
        for transition in step.transitions:
            entry = entries[place]
            plain[place] = cast(Entry, Plain(entry.type, entry.at, entry.seq, transition))
            place += 1
    return plain


def _shown(entry: Entry, transition: Transition, step: Step, users: Users) -> Shown:
    return Shown(entry.type, entry.at, entry.seq, transition, step, users)


_SILENT = frozenset({t.WorkerClassCreated, t.WorkerClassChanged, t.WorkspaceUpdated})
_EVERYBODY = Audience(everyone=True)


def audience_of(transition: Transition, step: Step, users: Users) -> Audience:
    """Supervisors of the firm and the worker concerned; a change of a worker or of the floor's words goes to everybody."""
    reservation = step.reservations.get(getattr(transition, "reservation_id", None) or "")
    if reservation is not None and transition.type.startswith("reservation."):
        return Audience(reservation.firm_id, _user(users, reservation.worker_id), queue_id=reservation.queue_id or "")
    task = step.tasks.get(getattr(transition, "task_id", ""))
    if task is not None:
        holder = _user(users, task.worker_id)
        left = step.left.get(task.id)
        return Audience(task.firm_id, holder, task.conversation_id, queue_id=task.queue_id or "", left_queue_id=left)
    worker = step.workers.get(getattr(transition, "worker_id", ""))
    if worker is not None:
        first, *others = worker.firm_ids or (None,)
        return Audience(first, everyone=True, firms=tuple(firm for firm in others if firm is not None))
    thing = step.things.get(getattr(transition, "id", ""))
    return Audience(thing.get("firm_id"), everyone=True) if thing is not None else _EVERYBODY


def _user(users: Users, worker_id: str | None) -> tuple[str, ...]:
    user_id = users.get(worker_id) if worker_id is not None else None
    return () if user_id is None else (user_id,)


def data_of(transition: Transition, step: Step, users: Users) -> dict[str, Any]:
    """What an event carries: the transition's own facts, then whole objects."""
    wire = msgspec.to_builtins(transition)
    data = {key: value for key, value in wire.items() if key not in _HIDDEN}
    kind, _, what = transition.type.partition(".")
    task = step.tasks.get(data.get("task_id", ""))
    if task is not None:
        data["task"] = task_json(task, step.attributes.get(task.id))
    if kind == "reservation":
        reservation = step.reservations[data["reservation_id"]]
        data["reservation"] = reservation_json(reservation)
    if kind in ("reservation", "worker"):
        worker = step.workers.get(data["worker_id"])
        if worker is not None:
            data["worker"] = worker_json(worker, users)
        elif what == "deleted":
            data["removed"] = {"worker": data["worker_id"]}
    if kind in _NAMED and task is None:
        thing = step.things.get(data["id"])
        if thing is not None:
            data[_NAMED[kind]] = thing
        elif what == "deleted":
            data["removed"] = {_NAMED[kind]: data["id"]}
    return data


_NAMED = {"activity": "activity", "task-queue": "queue"}
_HIDDEN = frozenset({"type", "at", "decision", "class_id", "members"})


def _iso(at: int | None) -> str | None:
    return None if at is None else to_iso(at)


def task_json(task: TaskView, attributes: bytes | None) -> dict[str, Any]:
    """A task as the API and screens have it."""
    return {
        "id": task.id,
        "status": task.status,
        "priority": task.priority,
        "queue_id": task.queue_id,
        "workflow_id": task.workflow_id,
        "channel": task.channel,
        "conversation_id": task.conversation_id,
        "firm_id": task.firm_id,
        "created_at": to_iso(task.created_at),
        "virtual_start_at": to_iso(task.virtual_start),
        "entered_queue_at": _iso(task.entered_queue_at),
        "ended_at": _iso(task.ended_at),
        "worker_id": task.worker_id,
        "reservation_id": task.reservation_id,
        "reason": task.reason,
        "title": title_of(attributes),
        "version": task.version,
    }


def title_of(attributes: bytes | None) -> str | None:
    """What a task without conversation is called on screens: its attribute `title`, else `name` or `type`."""
    if not attributes:
        return None
    values = msgspec.json.decode(attributes)
    for key in ("title", "name", "type"):
        if isinstance(values.get(key), str):
            return cast(str, values[key])[:TITLE]
    return None


def reservation_json(reservation: ReservationView) -> dict[str, Any]:
    """A reservation as the API and screens have it."""
    return {
        "id": reservation.id,
        "task_id": reservation.task_id,
        "worker_id": reservation.worker_id,
        "queue_id": reservation.queue_id,
        "firm_id": reservation.firm_id,
        "status": reservation.status,
        "created_at": to_iso(reservation.created_at),
        "expires_at": to_iso(reservation.expires_at),
        "accepted_at": _iso(reservation.accepted_at),
        "ended_at": _iso(reservation.ended_at),
        "reason_code": reservation.reason,
    }


def worker_json(worker: WorkerView, users: Users) -> dict[str, Any]:
    """A worker as the API and screens have him."""
    return {
        "id": worker.id,
        "name": worker.name,
        "firm_ids": list(worker.firm_ids),
        "activity_id": worker.activity_id,
        "activity_since": to_iso(worker.activity_since),
        "reachable": worker.reachable,
        "available": worker.available,
        "attributes": worker.attributes,
        "channels": {
            name: {"capacity": capacity, "available": available, "assigned": assigned, "reserved": load - assigned}
            for name, capacity, available, assigned, load in worker.channels
        },
        "user_id": users.get(worker.id),
    }
