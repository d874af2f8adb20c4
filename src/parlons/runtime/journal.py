"""The journal: one gapless sequence per workspace of what was commanded, decided and told.

One row per group commit holds the entries `first_seq..last_seq`, encoded once. Only the holder of the workspace's lease
appends, and `append` itself checks the lease: a late batch of an owner that lost it changes nothing and raises `Fenced`.
Bodies hold ids, times and outcomes; texts and personal values stand in `journal_private`, one row an entry, which
`erase_private` empties by key (also where they still wait in outbox and command rows). Sequences start at 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
import msgspec

from parlons.kit.errors import Unavailable
from parlons.runtime.events import Audience, merge
from parlons.runtime.signals import JOURNAL

Kind = Literal["command", "transition", "event"]


class Entry(msgspec.Struct, array_like=True, gc=False):
    """One entry. Before `append`, `seq` is 0; after reading, `data` has its private part merged in."""

    kind: Kind
    type: str
    at: int
    """Milliseconds UTC."""
    data: dict[str, Any]
    """JSON-able, without personal values as stored."""
    audience: Audience | None = None
    """None: never shown on a screen."""
    private_key: str | None = None
    private: dict[str, Any] | None = None
    """Only between `append` and its readers in this process; never part of a body."""
    seq: int = 0


class Fenced(Unavailable):
    """This process no longer owns the workspace; the batch was not stored. The new owner answers."""

    code = "not-the-owner"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to a workspace's journal, until `epoch` is outbid."""

    workspace_id: str
    tenant_id: str
    epoch: int
    last_seq: int
    """Last sequence in the journal when the lease was taken."""


_encoder = msgspec.msgpack.Encoder()
_json = msgspec.json.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Entry])

_APPEND = f"""
WITH fence AS (
    UPDATE leases SET last_seq = $4 WHERE workspace_id = $1 AND epoch = $2 AND last_seq = $3 RETURNING tenant_id
), told AS (
    SELECT pg_notify('{JOURNAL}', $1 || ' ' || $4::bigint) FROM fence
), secret AS (
    INSERT INTO journal_private (tenant_id, workspace_id, seq, key, data)
    SELECT tenant_id, $1, seq, key, data
    FROM fence, json_to_recordset($6::json) AS t(seq bigint, key text, data jsonb)
){{also}}
INSERT INTO journal (tenant_id, workspace_id, first_seq, last_seq, epoch, body)
SELECT tenant_id, $1, $3 + 1, $4, $2, $5 FROM fence, told
"""  # noqa: S608  (a constant of our own)


class Also(msgspec.Struct, frozen=True):
    """What an append writes besides, in its own statement: one round trip, and nothing without the lease."""

    parts: str
    """Further parts of its WITH, each after a comma; they read `tenant_id` from `fence`, the workspace is $1."""
    values: tuple[str, ...]
    """Their parameters, from $7."""


class _Secret(msgspec.Struct, gc=False):
    seq: int
    key: str
    data: dict[str, Any]


async def append(
    connection: asyncpg.Connection, lease: Lease, last_seq: int, entries: Sequence[Entry], also: Also | None = None
) -> int:
    """Appends `entries` after `last_seq` as one row, all in one statement; returns the new last sequence.

    Sets `seq` of each entry and its `data` (private part merged) for readers in this process: hand them on only after the
    commit. Raises `Fenced` when the lease was lost or `last_seq` is not the journal's last; nothing was written then."""
    if not entries:
        return last_seq
    seq = last_seq
    for entry in entries:
        seq += 1
        entry.seq = seq
    secret = [entry for entry in entries if entry.private is not None]
    stored = [_public(entry) if entry.private is not None else entry for entry in entries] if secret else entries
    hidden = [_Secret(entry.seq, entry.private_key or "", entry.private or {}) for entry in secret]
    status = await connection.execute(
        _APPEND.format(also=also.parts if also is not None else ""),
        lease.workspace_id,
        lease.epoch,
        last_seq,
        seq,
        _encoder.encode(stored),
        _json.encode(hidden).decode(),
        *(also.values if also is not None else ()),
    )
    if status != "INSERT 0 1":
        raise Fenced(workspace_id=lease.workspace_id, epoch=lease.epoch)
    for entry in secret:
        entry.data, entry.private = merge(entry.data, entry.private or {}), None
    return seq


def _public(entry: Entry) -> Entry:
    return Entry(
        kind=entry.kind,
        type=entry.type,
        at=entry.at,
        data=entry.data,
        audience=entry.audience,
        private_key=entry.private_key,
        seq=entry.seq,
    )


_READ = """
SELECT body FROM journal WHERE workspace_id = $1 AND last_seq > $2 ORDER BY last_seq LIMIT $3
"""
_READ_PRIVATE = """
SELECT seq, data FROM journal_private WHERE workspace_id = $1 AND seq BETWEEN $2 AND $3
"""
ROWS_A_READ = 64


async def read(
    connection: asyncpg.Connection, workspace_id: str, after_seq: int, limit: int = 1000, *, private: bool = True
) -> list[Entry]:
    """Up to `limit` entries after `after_seq`, in order; [] at the end. Erased private parts are simply absent.

    `connection`: a raw one of the system role (`Database.connect_system`, `Tx.raw`). `private=False` leaves them out."""
    rows = await connection.fetch(_READ, workspace_id, after_seq, min(limit, ROWS_A_READ))
    entries = [entry for row in rows for entry in _decoder.decode(row["body"]) if entry.seq > after_seq][:limit]
    keyed = [entry for entry in entries if entry.private_key is not None] if private else []
    if keyed:
        found = await connection.fetch(_READ_PRIVATE, workspace_id, keyed[0].seq, keyed[-1].seq)
        values = {row["seq"]: row["data"] for row in found}
        for entry in keyed:
            if entry.seq in values:
                entry.data = merge(entry.data, values[entry.seq])
    return entries


async def last_seq(connection: asyncpg.Connection, workspace_id: str) -> int:
    """The last sequence of a workspace's journal; 0 when it is empty."""
    return int(await connection.fetchval("SELECT last_seq FROM leases WHERE workspace_id = $1", workspace_id) or 0)


async def first_seq(connection: asyncpg.Connection, workspace_id: str) -> int:
    """The first sequence that retention has left; 0 when the journal is empty."""
    found = await connection.fetchval("SELECT min(first_seq) FROM journal WHERE workspace_id = $1", workspace_id)
    return int(found or 0)


async def erase_private(connection: asyncpg.Connection, tenant_id: str, keys: Iterable[str]) -> int:
    """Forgets the private parts kept under `keys`, wherever they stand; returns how many. Repeating does no harm.

    The journal comes last: waiting for rows which an owner is just taking away, one finds there what it made of them."""
    wanted, count = list(keys), 0
    for statement in (
        "UPDATE outbox SET private = NULL WHERE tenant_id = $1 AND private_key = ANY($2) AND private IS NOT NULL",
        "UPDATE commands SET private = NULL WHERE tenant_id = $1 AND private_key = ANY($2) AND private IS NOT NULL",
        "DELETE FROM journal_private WHERE tenant_id = $1 AND key = ANY($2)",
    ):
        status = await connection.execute(statement, tenant_id, wanted)
        count += int(status.rpartition(" ")[2])
    return count
