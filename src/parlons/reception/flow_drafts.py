"""Drafts of flows: what somebody drew or wrote and did not publish, one for each flow and author, on whichever machine he sits.

Every keeping says which one it saw (by its moment): two machines of one author never overwrite each other without a word. A draft
may be anything, also a text that cannot be read yet.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.kit.clock import Millis, from_datetime, to_datetime
from parlons.kit.errors import NotFound, Refusal
from parlons.reception.store import flow_drafts
from parlons.runtime.db import Tx


class UnknownDraft(NotFound):
    """There is no such draft of this flow."""

    code = "unknown-draft"


class DraftChanged(Refusal):
    """This draft was changed elsewhere meanwhile; nothing was overwritten. Compare both, then keep one of them."""

    code = "draft-changed"
    status = 412


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """A draft of one author."""

    user_id: str
    author: str
    version: int
    """Of the flow, from which it began."""
    at: Millis
    """When it was kept; another moment for every keeping."""
    text: str

    @property
    def etag(self) -> str:
        """Of this keeping."""
        return str(self.at)


async def drafts_of(tx: Tx, flow_id: str) -> list[FlowDraft]:
    """Everybody's without their texts, the latest first."""
    told = (column for column in flow_drafts.c if column.name != "text")
    here = (flow_drafts.c.tenant_id == tx.tenant_id, flow_drafts.c.flow_id == flow_id)
    query = sa.select(*told, sa.literal("").label("text")).where(*here)
    return [_draft(row) for row in await tx.fetch_all(query.order_by(flow_drafts.c.at.desc()))]


async def draft_by(tx: Tx, flow_id: str, user_id: str) -> FlowDraft:
    """One author's; raises UnknownDraft."""
    row = await tx.fetch_one(sa.select(flow_drafts).where(*_own(tx, flow_id, user_id)))
    if row is None:
        raise UnknownDraft(flow_id=flow_id)
    return _draft(row)


async def keep_draft(
    tx: Tx, flow_id: str, user_id: str, *, author: str, version: int, text: str, seen: str | None
) -> None:
    """Keep it; `seen`: the etag of that of which this was made, None: there was none. Raises DraftChanged. The flow's row is
    locked."""
    there = await _seen(tx, flow_id, user_id, seen)
    at = Millis(tx.now if there is None else max(tx.now, there.at + 1))
    values = {"author": author, "version": version, "text": text, "at": to_datetime(at)}
    keys = {"flow_id": flow_id, "user_id": user_id, "tenant_id": tx.tenant_id}
    statement = insert(flow_drafts).values(**keys, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["flow_id", "user_id"], set_=values))


async def drop_draft(tx: Tx, flow_id: str, user_id: str, *, seen: str | None) -> None:
    """It is gone, or was not there; raises DraftChanged. The flow's row is locked."""
    if await _seen(tx, flow_id, user_id, seen) is not None:
        await tx.execute(sa.delete(flow_drafts).where(*_own(tx, flow_id, user_id)))


async def _seen(tx: Tx, flow_id: str, user_id: str, seen: str | None) -> FlowDraft | None:
    """The draft that is there; raises DraftChanged when it is not the one that was seen."""
    row = await tx.fetch_one(sa.select(flow_drafts).where(*_own(tx, flow_id, user_id)))
    there = None if row is None else _draft(row)
    if there is not None and there.etag != seen:
        raise DraftChanged(etag=there.etag)
    return there


def _own(tx: Tx, flow_id: str, user_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    c = flow_drafts.c
    return c.tenant_id == tx.tenant_id, c.flow_id == flow_id, c.user_id == user_id


def _draft(row: sa.RowMapping) -> FlowDraft:
    return FlowDraft(row["user_id"], row["author"], row["version"], from_datetime(row["at"]), row["text"])
