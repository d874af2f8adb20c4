"""After a failure: what practice people were promised, against database, journal, router and desk.

Database and journal are read in one transaction, so nobody needs to stand still for it. Each finding is a line of text; no
finding, no fault.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from parlons.dispatch.replay import Replay, opened
from parlons.dispatch.stepper import fresh
from parlons.routing.snapshot import state_digest
from parlons.runtime import journal
from parlons.runtime.journal import Entry
from tests.chaos.reading import connected

Rows = list[Any]
LIVE = ("pending", "accepted", "wrapping")
OPEN = ("pending", "reserved", "assigned", "wrapping")


@dataclass(slots=True)
class Stored:
    """Everything as of one instant."""

    workspace_id: str
    last_seq: int
    rows: Rows
    """Journal rows: first_seq, last_seq, epoch."""
    entries: list[Entry]
    replayed: Replay
    from_snapshot: Replay
    messages: Rows
    conversations: Rows
    tasks: Rows
    reservations: Rows
    untold: Counter[str]
    """Messages whose event still waits in the outbox."""
    commands: int
    """Commands still on the road."""


async def stored(dsn: str) -> Stored:
    """Reads it all in one transaction, and replays the journal from its beginning and from the newest snapshot."""
    async with connected(dsn) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        workspace_id, last_seq = await connection.fetchrow("SELECT workspace_id, last_seq FROM leases")
        everything = Replay(workspace_id, fresh(workspace_id), 0, blind=False)
        entries: list[Entry] = []
        while batch := await journal.read(connection, workspace_id, everything.seq, 1_000_000):
            everything.feed(batch)
            entries += batch
        newest = await opened(connection, workspace_id)
        while batch := await journal.read(connection, workspace_id, newest.seq, 1_000_000):
            newest.feed(batch)
        return Stored(
            workspace_id,
            last_seq,
            await connection.fetch("SELECT first_seq, last_seq, epoch FROM journal ORDER BY last_seq"),
            entries,
            everything,
            newest,
            await connection.fetch("SELECT id, conversation_id, client_id, author_kind, number FROM messages"),
            await connection.fetch("SELECT * FROM conversations"),
            await connection.fetch("SELECT * FROM tasks"),
            await connection.fetch("SELECT * FROM reservations"),
            await _untold(connection),
            await connection.fetchval("SELECT count(*) FROM commands WHERE state = 'new'"),
        )


async def _untold(connection: asyncpg.Connection) -> Counter[str]:
    found = await connection.fetch("SELECT data->'message'->>'id' AS id FROM outbox WHERE type = 'message.added'")
    return Counter(row["id"] for row in found)


def faults(ledger: Sequence[dict[str, Any]], now: Stored) -> list[str]:
    """Every promise that was not kept. `ledger`: what was acknowledged before `now` was read."""
    checks = (_gaps, _replay, _messages, _owners, _projections, _conversations)
    return [fault for check in checks for fault in check(now)] + list(_promises(ledger, now))


def _gaps(now: Stored) -> Iterator[str]:
    """The journal has no gap, no overlap, no epoch that goes back."""
    last, epoch = 0, 0
    for row in now.rows:
        if row["first_seq"] != last + 1:
            yield f"journal: {row['first_seq']} follows {last}"
        if row["epoch"] < epoch:
            yield f"journal: epoch {row['epoch']} after {epoch}"
        last, epoch = row["last_seq"], row["epoch"]
    if [entry.seq for entry in now.entries] != list(range(1, last + 1)):
        yield "journal: entries are not numbered one by one"
    if last != now.last_seq:
        yield f"journal ends at {last}, the lease says {now.last_seq}"


def _replay(now: Stored) -> Iterator[str]:
    """What was decided comes out again, from the beginning and from the newest snapshot."""
    for name, replay in (("from the beginning", now.replayed), ("from the snapshot", now.from_snapshot)):
        if replay.mismatches:
            yield f"replay {name}: {replay.mismatches} commands gave other transitions than recorded"
    if state_digest(now.replayed.stepper.state) != state_digest(now.from_snapshot.stepper.state):
        yield "replay from the beginning and from the snapshot end in different states"


def _messages(now: Stored) -> Iterator[str]:
    """Each message once, told once, numbered without gap."""
    sent = Counter(row["client_id"] for row in now.messages if row["client_id"] and row["author_kind"] != "system")
    yield from (f"message {client_id} is stored {count} times" for client_id, count in sent.items() if count > 1)
    told = Counter(entry.data["message"]["id"] for entry in now.entries if entry.type == "message.added") + now.untold
    for row in now.messages:
        if told[row["id"]] != 1:
            yield f"message {row['id']} was told {told[row['id']]} times"
    if len(told) != len(now.messages):
        yield f"{len(told)} messages told, {len(now.messages)} stored"
    numbers: dict[str, list[int]] = {}
    for row in now.messages:
        numbers.setdefault(row["conversation_id"], []).append(row["number"])
    for conversation_id, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"conversation {conversation_id} has messages numbered {sorted(found)}"


def _owners(now: Stored) -> Iterator[str]:
    """Every open task waits or has exactly one owner."""
    holding: dict[str, list[Any]] = {}
    for row in now.reservations:
        if row["status"] in LIVE:
            holding.setdefault(row["task_id"], []).append(row)
    for row in now.tasks:
        held = holding.pop(row["id"], [])
        owners = [one for one in held if one["status"] != "pending"]
        if row["status"] in ("assigned", "wrapping"):
            if len(owners) != 1 or len(held) != 1 or owners[0]["worker_id"] != row["worker_id"]:
                yield f"task {row['id']} is {row['status']} with {row['worker_id']}; reservations {_brief(held)}"
        elif owners or (row["status"] == "reserved") != bool(held):
            yield f"task {row['id']} is {row['status']} with reservations {_brief(held)}"
    yield from (f"reservations {_brief(held)} of no task" for held in holding.values())


def _projections(now: Stored) -> Iterator[str]:
    """The tables say what the replayed router says."""
    views = now.replayed.stepper.views
    tables = {row["id"]: row for row in now.tasks if row["status"] in OPEN}
    for task_id in sorted({*tables, *views.tasks}):
        row, view = tables.get(task_id), views.tasks.get(task_id)
        names = ("status", "worker_id", "queue_id", "reservation_id", "priority", "version")
        stood = tuple(row[name] for name in names) if row else None
        known = tuple(getattr(view, name) for name in names) if view else None
        if stood != known:
            yield f"task {task_id}: table {stood}, router {known}"
    live = {row["id"]: (row["status"], row["worker_id"]) for row in now.reservations if row["status"] in LIVE}
    known_live = {one.id: (one.status, one.worker_id) for one in views.reservations.values()}
    if live != known_live:
        yield f"reservations: only table {live.items() - known_live.items()}, only router {known_live.items() - live.items()}"


def _conversations(now: Stored) -> Iterator[str]:
    """An open conversation that waits for an answer has an open task, or stands among the not served.

    While commands are on the road, or the journal is not carried over yet, a task may still be missing."""
    open_tasks = {row["id"] for row in now.tasks if row["status"] in OPEN}
    leads = Counter(row["lead_task_id"] for row in now.conversations if row["lead_task_id"])
    yield from (f"task {task_id} leads {count} conversations" for task_id, count in leads.items() if count > 1)
    if now.commands or now.untold:
        return
    for row in now.conversations:
        waits = row["status"] == "open" and row["first_unanswered_at"] is not None and not row["not_served_reason"]
        if waits and row["lead_task_id"] not in open_tasks:
            yield f"conversation {row['id']} waits for an answer without an open task ({row['lead_task_id']})"


def _promises(ledger: Sequence[dict[str, Any]], now: Stored) -> Iterator[str]:
    """What the ledger says was acknowledged is there."""
    messages = {row["client_id"]: row["id"] for row in now.messages if row["client_id"]}
    reservations = {row["id"]: row for row in now.reservations}
    accepted = Counter(entry.data["reservation_id"] for entry in now.entries if entry.type == "reservation.accepted")
    closed = {entry.data["conversation"]["id"] for entry in now.entries if entry.type == "conversation.closed"}
    conversations = {row["id"]: row for row in now.conversations}
    for line in ledger:
        match line["act"]:
            case "message.in" | "message.out":
                if messages.get(line["client_id"]) != line["message_id"]:
                    yield f"{line['act']} {line['client_id']} was acknowledged, stored is {messages.get(line['client_id'])}"
            case "accepted":
                row = reservations.get(line["reservation_id"])
                if row is None or row["worker_id"] != line["worker_id"] or row["accepted_at"] is None:
                    yield f"acceptance of {line['reservation_id']} was acknowledged, stored is {row and row['status']}"
                elif accepted[line["reservation_id"]] != 1:
                    yield f"reservation {line['reservation_id']} was accepted {accepted[line['reservation_id']]} times"
            case "closed":
                known = conversations.get(line["conversation_id"])
                if known is None or (known["status"] != "closed" and known["id"] not in closed):
                    yield f"closing {line['conversation_id']} was acknowledged, stored is {known and known['status']}"


def _brief(rows: Rows) -> str:
    return str([(row["id"], row["status"], row["worker_id"]) for row in rows])
