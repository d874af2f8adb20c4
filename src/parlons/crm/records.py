"""A customer's records as the desk shows them, and what an agent does with them: choose, unlink, create, change, settle.

Systems are asked outside any transaction, all at once. What a system does not say in time is shown from memory, and said to be
old. Whatever is changed is planned as a write; the panel sees it wait and end.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from parlons.crm import systems as s
from parlons.crm.fields import Difference, as_change, differences, prefill, same, written
from parlons.crm.linking import relink, unlink
from parlons.crm.model import (
    CONFLICT,
    DROPPED,
    REFUSED,
    WAITING,
    AlreadyLinked,
    Link,
    LookupRow,
    NotLinked,
    UnknownLookup,
    UnknownWrite,
    Write,
)
from parlons.crm.queue import note_write, settle
from parlons.crm.searching import find_all
from parlons.crm.store import links, read_link, read_links, read_writes, writes
from parlons.crm.systems import Opened, Systems
from parlons.customers.commands import update_customer
from parlons.customers.lookups.plugin import LookupAway, LookupRefused, Record, RecordGone
from parlons.customers.model import Customer, customer_json
from parlons.kit.errors import Refusal
from parlons.runtime.db import Tx
from parlons.templates.liquid import fill
from parlons.templates.model import Reader, values_for

FRESH_MS = 10_000
"""A record seen so short a time ago is not asked for again."""
Stands = Literal["linked", "absent", "several", "stale", "away"]
Keep = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One system, as it stands for one customer."""

    row: LookupRow
    opened: Opened | None
    state: Stands
    link: Link | None = None
    candidates: Sequence[Record] = ()
    reason: str = ""
    differences: Sequence[Difference] = ()
    writes: Sequence[Write] = ()
    prefill: dict[str, Any] = field(default_factory=dict)
    pop_url: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a system answered."""

    record: Record | None = None
    candidates: Sequence[Record] = ()
    gone: bool = False
    reason: str | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Records of customers."""

    systems: Systems

    async def of(self, tenant_id: str, customer: Customer, *, fresh: bool = False) -> list[Seen]:
        """His records, each system asked unless it was a moment ago; `fresh`: even then."""
        async with self.systems.db.transaction(tenant_id) as tx:
            rows = await self.systems.of_customer(tx, customer)
            known = {one.lookup_id: one for one in await read_links(tx, links.c.customer_id == customer.id)}
            now = tx.now
        asked = await asyncio.gather(*(self._ask(row, known.get(row.id), customer, now, fresh) for row in rows))
        async with self.systems.db.transaction(tenant_id) as tx:
            for row, answer in zip(rows, asked, strict=True):
                await self._learn(tx, row, answer, customer)
            return [await self._seen(tx, row.id, customer, answer) for row, answer in zip(rows, asked, strict=True)]

    async def choose(self, tx: Tx, opened: Opened, customer: Customer, record: Record | None) -> None:
        """This record is his; None: none of those that were linked."""
        if record is None:
            await unlink(tx, opened.row.id, customer.id)
        else:
            await relink(tx, opened, customer.id, record)

    async def create(self, tx: Tx, row: LookupRow, customer: Customer, values: dict[str, Any], by: str | None) -> None:
        """A record of him, with these values."""
        opened = self.systems.opened(row)
        if await read_link(tx, row.id, customer.id) is not None:
            raise AlreadyLinked
        key = f"create:{tx.new_id('')}"
        await note_write(tx, row, customer.id, key, "create", values=_known(opened, values), by_user_id=by)

    async def change(
        self, tx: Tx, row: LookupRow, customer: Customer, values: dict[str, Any], seen: dict[str, Any], by: str | None
    ) -> None:
        """Other values, with those the author saw."""
        opened = self.systems.opened(row)
        if await read_link(tx, row.id, customer.id) is None:
            raise NotLinked
        wanted = {name: value for name, value in _known(opened, values).items() if not same(value, seen.get(name))}
        if wanted:
            base = {name: seen.get(name) for name in wanted}
            await note_write(
                tx, row, customer.id, f"edit:{tx.new_id('')}", "update", values=wanted, base=base, by_user_id=by
            )

    async def settle(self, tx: Tx, row: LookupRow, customer: Customer, to: str, keep: Keep, by: str | None) -> None:
        """Which value holds where ours and theirs differ; the other is written over."""
        opened, link = self.systems.opened(row), await read_link(tx, row.id, customer.id)
        if link is None:
            raise NotLinked
        found = next((one for one in differences(opened.fields, customer, link.values) if one.to == to), None)
        if found is None:
            return
        if keep == "theirs":
            await update_customer(tx, customer.id, **as_change(customer, {to: found.theirs}))
            return
        values = written(opened.fields, customer, to)
        await self.change(tx, row, customer, values, link.values, by)

    async def settle_write(self, tx: Tx, write: Write, keep: Keep, by: str | None) -> None:
        """A write that met another's change, or was refused: tried once more over what stands there now, or given up."""
        if write.state not in (CONFLICT, REFUSED):
            raise UnknownWrite
        if keep == "ours":
            row = await s.one_lookup(tx, write.lookup_id)
            base = write.theirs if write.state == CONFLICT else write.base
            again = f"again:{write.id}:{write.attempts}"
            await note_write(
                tx, row, write.customer_id, again, write.kind, values=write.values, base=base,
                conversation_id=write.conversation_id, by_user_id=by,
            )  # fmt: skip
        await settle(tx, write, DROPPED)

    async def opened_for(self, tx: Tx, customer: Customer, lookup_id: str) -> Opened:
        """A system that this customer may stand in; raises UnknownLookup or LookupAway."""
        for row in await self.systems.of_customer(tx, customer):
            if row.id == lookup_id:
                return self.systems.opened(row)
        raise UnknownLookup

    async def _ask(self, row: LookupRow, link: Link | None, customer: Customer, now: int, fresh: bool) -> _Asked:
        if s.is_away(row, now) and not fresh:
            return _Asked(reason=row.reason, away=True)
        if link is not None and not fresh and now - link.read_at < FRESH_MS:
            return _Asked()
        try:
            opened = self.systems.opened(row)
            if link is not None:
                return _Asked(await opened.adapter.read(opened.system, link.record_id))
            found = await find_all(opened, customer)
            return _Asked(found[0]) if len(found) == 1 else _Asked(candidates=found)
        except RecordGone:
            return _Asked(gone=True)
        except (LookupAway, LookupRefused) as refusal:
            return _Asked(reason=s.reason_of(refusal), away=isinstance(refusal, LookupAway))
        except Refusal as refusal:
            return _Asked(reason=refusal.code)

    async def _learn(self, tx: Tx, row: LookupRow, answer: _Asked, customer: Customer) -> None:
        """Keeps what was answered, and whether it was."""
        if answer.away:
            if not s.is_away(row, tx.now):
                await s.mark_away(tx, row, answer.reason or "")
            return
        if answer.gone:
            await unlink(tx, row.id, customer.id)
        elif answer.record is not None:
            await relink(tx, self.systems.opened(row), customer.id, answer.record)
        if answer.reason is None and (answer.record or answer.candidates or answer.gone):
            await s.mark_well(tx, row)

    async def _seen(self, tx: Tx, lookup_id: str, customer: Customer, answer: _Asked) -> Seen:
        row = await s.one_lookup(tx, lookup_id)
        link = await read_link(tx, row.id, customer.id)
        c = writes.c
        open_ones = await read_writes(
            tx, c.customer_id == customer.id, c.lookup_id == row.id, c.state.in_([WAITING, CONFLICT, REFUSED])
        )
        try:
            opened: Opened | None = self.systems.opened(row)
        except LookupAway:
            opened = None
        fields = opened.fields if opened else row.fields
        return Seen(
            row=row,
            opened=opened,
            state=_state(link, answer),
            link=link,
            candidates=answer.candidates if link is None else (),
            reason=answer.reason or "",
            differences=differences(fields, customer, link.values) if link is not None else (),
            writes=open_ones,
            prefill=prefill(fields, customer) if link is None else {},
            pop_url=popped(row.pop_url, customer),
        )


def popped(source: str, customer: Customer) -> str:
    """The address of the template for this customer: what is put in is percent-encoded."""
    if not source:
        return ""
    filled = fill(source, values_for(Reader(customer=customer_json(customer))))
    return "".join(quote(piece.text, safe="") if piece.filled else piece.text for piece in filled.pieces).strip()


def _state(link: Link | None, answer: _Asked) -> Stands:
    if answer.reason is not None:
        return "stale" if link is not None else "away"
    if link is not None:
        return "linked"
    return "several" if answer.candidates else "absent"


def _known(opened: Opened, values: dict[str, Any]) -> dict[str, Any]:
    """Only what may be edited; raises LookupRefused for anything else."""
    may = {one.name for one in opened.fields if one.edit}
    for name in values:
        if name not in may:
            raise LookupRefused("This field cannot be changed here.", field=name)
    return {name: value if value != "" else None for name, value in values.items()}
