"""Recipients are laid down: those of a segment by one INSERT ... SELECT, those of a list as they are uploaded.

However many they are, the number of statements is the same. Who asked for silence is laid down as skipped, with the reason.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.channels.model import Account
from parlons.channels.plugin import Channel
from parlons.customers import segments
from parlons.customers.model import EMAIL, EXTERNAL, PHONE, InvalidAddress, normal
from parlons.kit.clock import to_datetime
from parlons.outbound.model import MAX_AT_ONCE, SKIPPED, WAITING, InvalidSend, Send
from parlons.outbound.store import recipients
from parlons.runtime.db import Tx

OPTED_OUT = "opted-out"
OWN = ("address", "name", "language", "country")
_SAMPLES = {EMAIL: "somebody@example.org", PHONE: "+33612345678"}
_LAY = """
INSERT INTO send_recipients (tenant_id, send_id, kind, value, name, language, country, attributes)
SELECT :tenant, :send, kind, value, name, language, country, attributes
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS one (kind text, value text, name text, language text, country text, attributes jsonb)
ON CONFLICT DO NOTHING
"""


def kinds_of(channel: Channel, account: Account) -> list[str]:
    """Which addresses this account can write to at all."""
    able = channel.capabilities(account)
    first = [kind for kind, sample in _SAMPLES.items() if channel.reach(account, kind, sample) is not None]
    return [*(first if able.starts else []), EXTERNAL]


async def lay_segment(tx: Tx, send: Send, kinds: Sequence[str], at: int) -> None:
    """The members of its segment, due at `at`."""
    assert send.segment is not None
    assert tx.tenant_id is not None
    members = segments.members(
        tx.tenant_id, send.firm_id, send.segment, kinds=kinds, lead=f"{send.channel}:"
    ).subquery()
    silent = segments.wants_none(tx.tenant_id, send.firm_id, members.c.kind, members.c.value)
    rows = sa.select(
        sa.literal(tx.tenant_id), sa.literal(send.id), sa.literal(to_datetime(at)), sa.case((silent, SKIPPED), else_=WAITING),
        sa.case((silent, OPTED_OUT), else_=""), *members.c,
    )  # fmt: skip
    names = [
        "tenant_id",
        "send_id",
        "due_at",
        "state",
        "code",
        "customer_id",
        "kind",
        "value",
        "name",
        "language",
        "country",
    ]
    await tx.execute(insert(recipients).from_select(names, rows).on_conflict_do_nothing())


async def lay_list(
    tx: Tx, send: Send, kinds: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> tuple[int, list[int]]:
    """Uploaded rows; how many are new, and which (from 1) hold no usable address. One address counts once."""
    good, bad = [], []
    for place, row in enumerate(rows, 1):
        if place > MAX_AT_ONCE:
            raise InvalidSend(f"At most {MAX_AT_ONCE:,} addresses at once.", field="items", limit=MAX_AT_ONCE)
        found = _address(str(row.get("address") or ""), kinds)
        if found is None:
            bad.append(place)
            continue
        more = {str(name)[:100]: str(value)[:1000] for name, value in row.items() if name not in OWN and value}
        good.append({
            "kind": found[0], "value": found[1], "name": " ".join(str(row.get("name") or "").split())[:200],
            "language": str(row.get("language") or "")[:20] or None, "country": str(row.get("country") or "")[:2],
            "attributes": more,
        })  # fmt: skip
    values = {"tenant": tx.tenant_id, "send": send.id, "rows": orjson.dumps(good).decode().replace("\\u0000", "")}
    done = await tx.execute(_LAY, values)
    return done.rowcount, bad


def read_csv(text: str) -> list[dict[str, str]]:
    """The rows of a table whose first line names its columns, one of them `address`; raises InvalidSend."""
    clean = text.lstrip("\ufeff").replace("\x00", "")
    head = clean.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(clean), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    if "address" not in names:
        raise InvalidSend("The first line names the columns; one of them is “address”.", field="csv")
    reader.fieldnames = names
    try:
        return [{name: value for name, value in row.items() if isinstance(value, str) and name} for row in reader]
    except csv.Error:
        raise InvalidSend("This is no table of comma-separated values.", field="csv") from None


async def make_due(tx: Tx, send: Send, at: int) -> None:
    """Everybody of a list is due at `at`; owners of addresses are found; who asked for silence is skipped."""
    assert tx.tenant_id is not None
    c = recipients.c
    mine = sa.and_(c.tenant_id == tx.tenant_id, c.send_id == send.id, ~c.trial, c.state == WAITING)
    owner = segments.owner(tx.tenant_id, send.firm_id, c.kind, c.value)
    silent = segments.wants_none(tx.tenant_id, send.firm_id, c.kind, c.value)
    await tx.execute(
        recipients.update()
        .where(mine)
        .values(
            due_at=to_datetime(at),
            customer_id=owner,
            state=sa.case((silent, SKIPPED), else_=WAITING),
            code=sa.case((silent, OPTED_OUT), else_=""),
        )
    )


def _address(text: str, kinds: Sequence[str]) -> tuple[str, str] | None:
    for kind in kinds:
        if kind == EXTERNAL and ":" not in text:
            continue
        try:
            return kind, normal(kind, text)
        except InvalidAddress:
            continue
    return None
