"""Rows of sends as values, found under the rights of who asks. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts.model import Principal
from parlons.customers.segments import Segment
from parlons.kit.clock import from_datetime
from parlons.outbound.model import Send, Text, UnknownSend
from parlons.outbound.store import sends
from parlons.runtime.db import Tx


async def find(tx: Tx, principal: Principal, send_id: str, *, lock: bool = False) -> Send:
    """One send of the caller's firms; raises UnknownSend."""
    query = sa.select(sends).where(sends.c.tenant_id == tx.tenant_id, sends.c.id == send_id)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    if row is None or not principal.sees(row["firm_id"]):
        raise UnknownSend
    return send_of(row)


def send_of(row: RowMapping) -> Send:
    """The send of a row."""
    plain = {name: row[name] for name in Send.__dataclass_fields__ if not name.endswith("_at")}
    times = {name: row[name] for name in Send.__dataclass_fields__ if name.endswith("_at")}
    segment = row["segment"]
    return Send(
        **{
            **plain,
            **{name: from_datetime(at) if at is not None else None for name, at in times.items()},
            "texts": {
                language: Text(**{**one, "values": tuple(one["values"])}) for language, one in row["texts"].items()
            },
            "segment": Segment(tuple(segment["languages"]), segment["attributes"], segment["proven"])
            if segment is not None
            else None,
        }
    )
