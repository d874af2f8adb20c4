"""Writes of the colleagues' discussions: start, change, leave, say, take back, read, keep a draft, erase.

Each locks the discussion it changes, so lines are numbered without gaps and in the order of their commits; repeating does no
harm. Whoever says something has read up to there, and his draft is gone.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from parlons.accounts import queries as accounts
from parlons.accounts.model import Principal
from parlons.kit.clock import from_datetime, to_datetime
from parlons.kit.ids import DISCUSSION, TEAM_LINE
from parlons.runtime.db import Tx
from parlons.team import rules, telling
from parlons.team.errors import ColleagueGone, DiscussionChanged, NotATeam, UnknownColleague, UnknownLine
from parlons.team.queries import discussion_of, discussions_json, members_of, reading_row
from parlons.team.store import discussions, lines, members

Json = dict[str, Any]


async def start_direct(tx: Tx, principal: Principal, other_user_id: str) -> Json:
    """The discussion of the two, as it is or a new one; raises UnknownColleague."""
    user_id = rules.check_person(principal)
    await _check_reachable(tx, principal, {other_user_id})
    pair = rules.pair_of(user_id, other_user_id)
    of_two = (discussions.c.tenant_id == tx.tenant_id, discussions.c.pair == pair)
    row = await tx.fetch_one(sa.select(discussions).where(*of_two))
    if row is None:
        await _insert(tx, principal, rules.DIRECT, "", pair)
        row = await tx.fetch_one(sa.select(discussions).where(*of_two))
        assert row is not None
        await _let_in(tx, row, (user_id, other_user_id))
        await _tell(tx, row)
    return await _shown(tx, row)


async def start_team(tx: Tx, principal: Principal, name: str, user_ids: Sequence[str]) -> Json:
    """A discussion of several with a name, the principal among them; raises InvalidTeam, UnknownColleague."""
    user_id = rules.check_person(principal)
    everybody = {user_id, *user_ids}
    rules.check_size(everybody)
    await _check_reachable(tx, principal, everybody - {user_id})
    discussion_id = await _insert(tx, principal, rules.TEAM, rules.clean_name(name), None)
    row = await _update(tx, discussion_id, version=1)
    await _let_in(tx, row, sorted(everybody))
    await _tell(tx, row)
    return await _shown(tx, row)


async def change_team(
    tx: Tx, principal: Principal, discussion_id: str, *, name: str | None, user_ids: Sequence[str] | None, version: int
) -> Json:
    """Another name or other people; any member may. Raises NotATeam, DiscussionChanged, InvalidTeam, UnknownColleague."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id, lock=True)
    if row["kind"] != rules.TEAM:
        raise NotATeam
    if row["version"] != version:
        raise DiscussionChanged(version=row["version"])
    inside = set((await members_of(tx, [discussion_id]))[discussion_id])
    wanted = inside if user_ids is None else {user_id, *user_ids}
    if user_ids is not None:
        rules.check_size(wanted)
    await _check_reachable(tx, principal, wanted - inside)
    await _let_out(tx, row, inside - wanted)
    await _let_in(tx, row, sorted(wanted - inside))
    kept = row["name"] if name is None else rules.clean_name(name)
    row = await _update(tx, discussion_id, name=kept, version=version + 1)
    await _tell(tx, row)
    return await _shown(tx, row)


async def leave(tx: Tx, principal: Principal, discussion_id: str) -> None:
    """He is in the team no more; a discussion of two cannot be left. Raises NotATeam."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id, lock=True)
    if row["kind"] != rules.TEAM:
        raise NotATeam
    await _let_out(tx, row, {user_id})
    row = await _update(tx, discussion_id, version=row["version"] + 1)
    await _tell(tx, row)


async def say(
    tx: Tx,
    principal: Principal,
    discussion_id: str,
    text: str,
    *,
    mentions: Sequence[str] = (),
    conversation_id: str | None = None,
) -> Json:
    """A line of his; `conversation_id`: what it is about, which the caller has checked he may read.

    Raises InvalidLine, NotInDiscussion, and ColleagueGone in a discussion of two whose other one works here no more."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id, lock=True)
    inside = (await members_of(tx, [discussion_id]))[discussion_id]
    rules.check_named(mentions, inside)
    if row["kind"] == rules.DIRECT:
        await _check_there(tx, set(inside) - {user_id})
    line: Json = {
        "id": tx.new_id(TEAM_LINE),
        "tenant_id": tx.tenant_id,
        "discussion_id": discussion_id,
        "number": row["last_number"] + 1,
        "author_user_id": user_id,
        "author_name": principal.name,
        "text": rules.clean_line(text),
        "mentions": sorted(set(mentions) - {user_id}),
        "conversation_id": conversation_id,
        "at": to_datetime(tx.now),
        "gone_at": None,
    }
    await tx.execute(lines.insert().values(line))
    row = await _update(tx, discussion_id, last_number=line["number"], last_at=line["at"])
    await _tell(tx, row, "team.said", telling.line_json(line))
    await _move(tx, row, user_id, read_number=line["number"], draft="")
    for named in line["mentions"]:
        await _move(tx, row, named, named_number=line["number"])
    return telling.line_json(line)


async def take_back(tx: Tx, principal: Principal, discussion_id: str, line_id: str) -> Json:
    """His own line of a moment ago loses its text, for all. Raises UnknownLine, TooLateToTakeBack."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id, lock=True)
    own = (lines.c.tenant_id == tx.tenant_id, lines.c.discussion_id == discussion_id, lines.c.id == line_id)
    line = await tx.fetch_one(sa.select(lines).where(*own))
    if line is None:
        raise UnknownLine
    rules.check_take_back(user_id, line["author_user_id"], from_datetime(line["at"]), tx.now)
    if line["gone_at"] is None:
        line = await _empty(tx, row, line)
    return telling.line_json(line)


async def mark_read(tx: Tx, principal: Principal, discussion_id: str, number: int) -> Json:
    """He has read up to this line; never less than before."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id)
    before = await reading_row(tx, discussion_id, user_id)
    assert before is not None
    upto = min(number, row["last_number"])
    if upto > before["read_number"]:
        return await _move(tx, row, user_id, read_number=sa.func.greatest(members.c.read_number, upto))
    return telling.reading_json(before)


async def keep_draft(tx: Tx, principal: Principal, discussion_id: str, text: str) -> Json:
    """What he has begun to write here; an empty text forgets it. Told to him alone, on all his screens."""
    user_id = rules.check_person(principal)
    row = await discussion_of(tx, user_id, discussion_id)
    return await _move(tx, row, user_id, draft=text.replace("\x00", "") if text.strip() else "")


async def erase_lines(tx: Tx, conversation_ids: Sequence[str]) -> None:
    """The customer of these conversations is forgotten: lines that point at them lose their text, on all screens."""
    if not conversation_ids:
        return
    about = (lines.c.tenant_id == tx.tenant_id, lines.c.conversation_id.in_(conversation_ids))
    for discussion_id in sorted(
        {row["discussion_id"] for row in await tx.fetch_all(sa.select(lines.c.discussion_id).where(*about))}
    ):
        row = await tx.fetch_one(sa.select(discussions).where(discussions.c.id == discussion_id).with_for_update())
        assert row is not None
        for line in await tx.fetch_all(sa.select(lines).where(*about, lines.c.discussion_id == discussion_id)):
            await _empty(tx, row, line)


async def _empty(tx: Tx, row: RowMapping, line: RowMapping) -> RowMapping:
    emptied = await tx.fetch_one(
        lines.update()
        .where(lines.c.tenant_id == tx.tenant_id, lines.c.id == line["id"])
        .values(text="", mentions=[], gone_at=to_datetime(tx.now))
        .returning(lines)
    )
    assert emptied is not None
    await _tell(tx, row, "team.taken-back", telling.line_json(emptied))
    return emptied


async def _check_reachable(tx: Tx, principal: Principal, user_ids: Collection[str]) -> None:
    known = await accounts.users_by_id(tx, sorted(user_ids))
    if not all(user_id in known and rules.reachable(principal, known[user_id]) for user_id in user_ids):
        raise UnknownColleague


async def _check_there(tx: Tx, user_ids: Collection[str]) -> None:
    known = await accounts.users_by_id(tx, sorted(user_ids))
    if not all(user_id in known and known[user_id]["active"] for user_id in user_ids):
        raise ColleagueGone


async def _insert(tx: Tx, principal: Principal, kind: str, name: str, pair: str | None) -> str:
    """A new discussion's id; two who start the same pair at once make one."""
    row = {
        "id": tx.new_id(DISCUSSION),
        "tenant_id": tx.tenant_id,
        "workspace_id": principal.workspace_id,
        "kind": kind,
        "name": name,
        "pair": pair,
        "made_at": to_datetime(tx.now),
        "last_at": to_datetime(tx.now),
    }
    await tx.execute(insert(discussions).values(row).on_conflict_do_nothing())
    return str(row["id"])


async def _let_in(tx: Tx, row: RowMapping, user_ids: Collection[str]) -> None:
    """From now on they are in it; what was said before they may read, and it is no news to them."""
    for user_id in user_ids:
        values = {"discussion_id": row["id"], "user_id": user_id, "read_number": row["last_number"]}
        statement = insert(members).values(tenant_id=tx.tenant_id, **values).on_conflict_do_nothing()
        added = await tx.fetch_one(statement.returning(members))
        if added is not None:
            telling.tell_reading(tx, row["workspace_id"], user_id, telling.reading_json(added))


async def _let_out(tx: Tx, row: RowMapping, user_ids: Collection[str]) -> None:
    if user_ids:
        those = (members.c.tenant_id == tx.tenant_id, members.c.discussion_id == row["id"])
        await tx.execute(members.delete().where(*those, members.c.user_id.in_(sorted(user_ids))))
        telling.tell_out(tx, row["workspace_id"], user_ids, row["id"])


async def _update(tx: Tx, discussion_id: str, **values: Any) -> RowMapping:
    own = (discussions.c.tenant_id == tx.tenant_id, discussions.c.id == discussion_id)
    row = await tx.fetch_one(discussions.update().where(*own).values(**values).returning(discussions))
    assert row is not None
    return row


async def _move(tx: Tx, row: RowMapping, user_id: str, **values: Any) -> Json:
    own = (members.c.tenant_id == tx.tenant_id, members.c.discussion_id == row["id"], members.c.user_id == user_id)
    moved = await tx.fetch_one(members.update().where(*own).values(**values).returning(members))
    assert moved is not None
    reading = telling.reading_json(moved)
    telling.tell_reading(tx, row["workspace_id"], user_id, reading)
    return reading


async def _shown(tx: Tx, row: RowMapping) -> Json:
    (shown,) = await discussions_json(tx, [row])
    return shown


async def _tell(tx: Tx, row: RowMapping, kind: str = "team.changed", line: Json | None = None) -> None:
    telling.tell_members(tx, row["workspace_id"], kind, await _shown(tx, row), line)
