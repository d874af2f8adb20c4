"""From snapshot and journal to the router at any sequence; what was recorded is compared with what comes out again.

The same code warms the standby, starts an owner and answers `why`. A difference is a fault of the router (or a change of
its code that alters decisions): it is logged and counted, never hidden, and what was recorded stays what happened.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from prometheus_client import Counter

from parlons.dispatch.batch import Batch
from parlons.dispatch.stepper import Stepper, fresh, open_tasks, restored
from parlons.kit.errors import Refusal
from parlons.routing.commands import from_wire
from parlons.routing.transitions import Transition
from parlons.routing.transitions import from_wire as transition_from_wire
from parlons.runtime import journal
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.snapshots import load_snapshot

MISMATCHES = Counter("parlons_replay_mismatches", "Commands whose replay gave other transitions than were recorded")
ROWS = 32
"""Journal rows of one read; a row, that is a commit, holds ten entries when it is quiet, and may hold thousands."""
_EVERYTHING = 1_000_000
_ROWS = "SELECT last_seq FROM journal WHERE workspace_id = $1 AND last_seq > $2 ORDER BY last_seq LIMIT 1 OFFSET $3"
_ATTRIBUTES = """
SELECT DISTINCT ON (key) key, data -> 'attributes' AS attributes FROM journal_private
WHERE workspace_id = $1 AND key = ANY($2) AND seq <= $3 AND data ? 'attributes' ORDER BY key, seq DESC
"""
_WITH_VALUES = frozenset({"create_task", "create_companion"})


class Replay:
    """A router that follows a journal."""

    def __init__(self, workspace_id: str, stepper: Stepper, seq: int, *, blind: bool) -> None:
        self.workspace_id = workspace_id
        self.stepper = stepper
        self.seq = seq
        """Last sequence taken in."""
        self.mismatches = 0
        self._blind = blind
        """Some open task may have lost its attributes: outcomes that depended on them come from the record."""

    def feed(self, entries: Sequence[Entry], *, shown: bool = True) -> Batch:
        """Takes in whole journal rows; the batch tells what changed, for screens. `shown` false: nobody will look."""
        batch, index, count = Batch(), 0, len(entries)
        while index < count:
            entry = entries[index]
            end = index + 1
            if entry.kind == "command":
                while end < count and entries[end].kind == "transition":
                    end += 1
                self._step(entry, entries[index + 1 : end], index + 1, batch if shown else None)
            index = end
        if entries:
            self.seq = entries[-1].seq
        return batch

    def _step(self, entry: Entry, told: Sequence[Entry], first: int, batch: Batch | None) -> None:
        data = entry.data
        self._blind = self._blind or (entry.type in _WITH_VALUES and data.get("attributes") is None)
        self._blind = self._blind or (
            entry.type == "update_task" and entry.private_key is not None and not data.get("attributes")
        )
        command = from_wire(data)
        recorded = [transition_from_wire(one.data) for one in told]
        try:
            transitions: list[Transition] = self.stepper.again(
                command, entry.at, recorded if self._blind else None, first, batch
            )
        except Refusal as refusal:
            transitions = []
            log.error("replay.refused", workspace_id=self.workspace_id, seq=entry.seq, code=refusal.code)
        if transitions != recorded:
            self.mismatches += 1
            MISMATCHES.inc()
            log.error(
                "replay.differs",
                workspace_id=self.workspace_id,
                seq=entry.seq,
                command=entry.type,
                recorded=[one.type for one in recorded],
                replayed=[one.type for one in transitions],
            )


async def opened(connection: asyncpg.Connection, workspace_id: str, *, at_most: int | None = None) -> Replay:
    """The newest snapshot (not after `at_most`), ready to be fed what came later."""
    found = await load_snapshot(connection, workspace_id, at_most=at_most)
    if found is None:
        return Replay(workspace_id, fresh(workspace_id), 0, blind=False)
    seq, body = found
    wanted = open_tasks(body)
    rows = await connection.fetch(_ATTRIBUTES, workspace_id, wanted, seq) if wanted else []
    attributes: dict[str, dict[str, Any] | None] = {row["key"]: row["attributes"] for row in rows}
    return Replay(workspace_id, restored(body, attributes), seq, blind=len(attributes) < len(wanted))


Show = Callable[[Sequence[Entry], Batch], None]


async def read_rows(connection: asyncpg.Connection, replay: Replay) -> list[Entry]:
    """The next whole rows, a few at a time; [] at the journal's end."""
    last = await connection.fetchval(_ROWS, replay.workspace_id, replay.seq, ROWS - 1)
    limit = last - replay.seq if last is not None else _EVERYTHING
    return await journal.read(connection, replay.workspace_id, replay.seq, limit)


async def catch_up(connection: asyncpg.Connection, replay: Replay, show: Show | None = None) -> bool:
    """Feeds whole rows until the journal's present end; `show` gets each batch. Returns whether there was anything."""
    some = False
    while entries := await read_rows(connection, replay):
        some = True
        batch = replay.feed(entries)
        if show is not None:
            show(entries, batch)
        await asyncio.sleep(0)
    return some
