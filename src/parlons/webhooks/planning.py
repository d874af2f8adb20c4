"""From the journal to what is to be sent: a durable reader; a message and its deliveries commit with how far it has read.

So nothing is left out or planned twice, whoever dies when, and a message's id follows from its place in the journal. Bodies
hold what the journal holds for ever, ids, times and outcomes: never the part that an erasure takes.
"""

from typing import Any

from parlons.kit.ids import WEBHOOK_MESSAGE, derived_id
from parlons.runtime import journal
from parlons.runtime.db import Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail
from parlons.webhooks import queries
from parlons.webhooks.commands import CHANGED, begin, body_of, plan
from parlons.webhooks.kinds import KINDS
from parlons.webhooks.model import Webhook

Json = dict[str, Any]
NAME = "webhooks"
_INSIDE = frozenset({"type", "at", "decision", "class_id", "members"})
"""Of a transition: what the message says elsewhere, and what the router keeps for itself."""


class Planner:
    """Plans for one workspace; run it as long as this process has a seat there."""

    def __init__(self, tail: Tail, tenant_id: str, workspace_id: str) -> None:
        self._tail, self._workspace_id = tail, workspace_id
        self._asked: frozenset[str] | None = None
        """Events that anybody asks for; None: to be looked up. It spares the others a transaction."""
        self._reader = Reader(tail, tenant_id, NAME, frozenset(KINDS) | {CHANGED}, self._handle, wants=self._wants)
        self._tenant_id = tenant_id

    async def run(self) -> None:
        """Reads for ever."""
        async with self._tail.db.transaction(self._tenant_id) as tx:
            await self._look(tx)
        await self._reader.run()

    async def _look(self, tx: Tx) -> list[Webhook]:
        webhooks = tx.kept[NAME] = await queries.told(tx, self._workspace_id)
        everything = any(not each.wanted.events for each in webhooks)
        self._asked = frozenset(KINDS) if everything else frozenset().union(*(each.wanted.events for each in webhooks))
        return webhooks

    def _wants(self, entry: Entry) -> bool:
        """Called in the journal's order: after a change everything is of interest until it has been looked up."""
        if entry.type == CHANGED:
            self._asked = None
        return entry.kind != "command" and (self._asked is None or entry.type in self._asked)

    async def _handle(self, tx: Tx, entry: Entry) -> None:
        if entry.type == CHANGED:
            await begin(tx, entry.data["webhook_id"], entry.seq)
            await self._look(tx)
            return
        webhooks: list[Webhook] = tx.kept[NAME] if NAME in tx.kept else await self._look(tx)
        audience = entry.audience
        firms = {entry.data.get("firm_id"), *((audience.firm_id, *audience.firms) if audience is not None else ())}
        to = [each for each in webhooks if each.wants(entry.type, firms)]
        if to:
            message_id = derived_id(WEBHOOK_MESSAGE, entry.at, self._workspace_id, entry.seq)
            body = body_of(entry.type, entry.at, await self._data(entry), seq=entry.seq)
            await plan(tx, message_id, self._workspace_id, entry.type, body, to)

    async def _data(self, entry: Entry) -> Json:
        if entry.kind == "transition":
            return {key: value for key, value in entry.data.items() if key not in _INSIDE}
        if entry.private_key is None:
            return entry.data
        # Readers in the owner's process get private parts with the rest: the journal itself is asked for what stays.
        async with self._tail.db.system() as tx:
            raw = await tx.raw()
            (stored,) = await journal.read(raw, self._workspace_id, entry.seq - 1, 1, private=False)
        return stored.data
