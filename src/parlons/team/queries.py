"""Reads of the colleagues' discussions: mine, one of mine, its lines, and whom I may write to."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from parlons.accounts import queries as accounts
from parlons.accounts.model import Principal
from parlons.kit.clock import from_datetime
from parlons.kit.pages import Page, decode_cursor, encode_cursor, moment_of, page_of
from parlons.runtime.db import Tx
from parlons.team.errors import UnknownDiscussion
from parlons.team.rules import outsider, reachable
from parlons.team.store import discussions, lines, members
from parlons.team.telling import discussion_json, line_json, reading_json

Json = dict[str, Any]
SHOWN = 200
"""Discussions a screen begins with, the liveliest first."""


async def team_parts(tx: Tx, principal: Principal) -> Json:
    """The parts of a snapshot, as `team.*` events tell them."""
    if principal.user_id is None or outsider(principal.role_name):
        return {"discussions": {}, "readings": {}}
    found = await _mine(tx, principal.user_id, None, SHOWN)
    shown = await discussions_json(tx, found)
    return {
        "discussions": {one["id"]: one for one in shown},
        "readings": {one["id"]: reading_json(one) for one in found},
    }


async def my_discussions(tx: Tx, user_id: str, cursor: str | None, limit: int) -> Page[Json]:
    """A user's discussions, the liveliest first."""
    after = decode_cursor(cursor, int, str)
    found = page_of(await _mine(tx, user_id, after, limit + 1), limit, _place)
    return Page(await discussions_json(tx, found.items), found.next)


def _place(row: RowMapping) -> tuple[int, str]:
    return from_datetime(row["last_at"]), row["id"]


async def _mine(tx: Tx, user_id: str, after: Sequence[Any] | None, limit: int) -> list[RowMapping]:
    joined = discussions.join(members, members.c.discussion_id == discussions.c.id)
    query = (
        sa.select(discussions, members.c.discussion_id, members.c.read_number, members.c.named_number, members.c.draft)
        .select_from(joined)
        .where(discussions.c.tenant_id == tx.tenant_id, members.c.user_id == user_id)
        .order_by(discussions.c.last_at.desc(), discussions.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        at, discussion_id = after
        query = query.where(
            sa.tuple_(discussions.c.last_at, discussions.c.id) < sa.tuple_(moment_of(at), discussion_id)
        )
    return await tx.fetch_all(query)


async def discussions_json(tx: Tx, rows: Sequence[RowMapping]) -> list[Json]:
    """These discussions, each with its people and its last line."""
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    inside = await members_of(tx, ids)
    people = await accounts.users_by_id(tx, sorted({user_id for some in inside.values() for user_id in some}))
    joined = lines.join(
        discussions, sa.and_(discussions.c.id == lines.c.discussion_id, discussions.c.last_number == lines.c.number)
    )
    of_these = (lines.c.tenant_id == tx.tenant_id, lines.c.discussion_id.in_(ids))
    newest = await tx.fetch_all(sa.select(lines).select_from(joined).where(*of_these))
    last = {row["discussion_id"]: row for row in newest}
    return [
        discussion_json(row, [_member(user_id, people) for user_id in inside[row["id"]]], last.get(row["id"]))
        for row in rows
    ]


def _member(user_id: str, people: dict[str, Json]) -> Json:
    known = people.get(user_id)
    return {
        "user_id": user_id,
        "name": known["name"] if known else "",
        "worker_id": known["worker_id"] if known else None,
        "active": bool(known and known["active"]),
    }


async def members_of(tx: Tx, discussion_ids: Collection[str]) -> dict[str, list[str]]:
    """Who is in each of these discussions, by user id."""
    query = sa.select(members.c.discussion_id, members.c.user_id).where(
        members.c.tenant_id == tx.tenant_id, members.c.discussion_id.in_(sorted(discussion_ids))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in await tx.fetch_all(query.order_by(members.c.discussion_id, members.c.user_id)):
        found[row["discussion_id"]].append(row["user_id"])
    return found


async def discussion_of(tx: Tx, user_id: str, discussion_id: str, *, lock: bool = False) -> RowMapping:
    """The row of a discussion this user is in; raises UnknownDiscussion."""
    query = sa.select(discussions).where(discussions.c.tenant_id == tx.tenant_id, discussions.c.id == discussion_id)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    if row is None or await reading_row(tx, discussion_id, user_id) is None:
        raise UnknownDiscussion
    return row


async def reading_row(tx: Tx, discussion_id: str, user_id: str) -> RowMapping | None:
    """How far this user has read; None: he is not in the discussion."""
    own = (members.c.tenant_id == tx.tenant_id, members.c.discussion_id == discussion_id, members.c.user_id == user_id)
    return await tx.fetch_one(sa.select(members).where(*own))


async def lines_of(tx: Tx, discussion_id: str, cursor: str | None, limit: int) -> Page[Json]:
    """A page of a discussion's lines, the newest first."""
    after = decode_cursor(cursor, int)
    query = sa.select(lines).where(lines.c.tenant_id == tx.tenant_id, lines.c.discussion_id == discussion_id)
    if after is not None:
        query = query.where(lines.c.number < after[0])
    rows = await tx.fetch_all(query.order_by(lines.c.number.desc()).limit(limit + 1))
    found = page_of(rows, limit, lambda row: (row["number"],))
    return Page([line_json(row) for row in found.items], found.next)


async def colleagues(tx: Tx, principal: Principal, *, text: str, cursor: str | None, limit: int) -> Page[Json]:
    """Whom the principal may write to, by id; `text` looks in names and addresses."""
    after = decode_cursor(cursor, str)
    found = await accounts.users(
        tx, principal, after=str(after[0]) if after else None, limit=limit + 1, text=text, active=True
    )
    more = encode_cursor(found[limit - 1]["id"]) if len(found) > limit else None
    kept = [each for each in found[:limit] if reachable(principal, each)]
    return Page([{"user_id": each["id"], "name": each["name"], "worker_id": each["worker_id"]} for each in kept], more)
