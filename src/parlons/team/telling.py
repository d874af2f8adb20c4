"""Discussions and lines as screens have them, and the events that carry them to the members: nobody else hears of a discussion.

Names and texts travel as the event's private part, under the conversation a line points at, else under the discussion: erasing
that conversation's customer takes them along.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from parlons.kit.clock import from_datetime, to_iso
from parlons.runtime.db import Tx
from parlons.runtime.events import Audience, Event
from parlons.team.rules import EXCERPT

Json = dict[str, Any]
Row = RowMapping | Mapping[str, Any]


def line_json(row: Row) -> Json:
    """A line; one that was taken back has no text."""
    return {
        "id": row["id"],
        "discussion_id": row["discussion_id"],
        "number": row["number"],
        "author_user_id": row["author_user_id"],
        "author_name": row["author_name"],
        "text": row["text"],
        "mentions": list(row["mentions"]),
        "conversation_id": row["conversation_id"],
        "at": _iso(row["at"]),
        "gone": row["gone_at"] is not None,
    }


def discussion_json(row: Row, members: Sequence[Json], last: Row | None) -> Json:
    """A discussion as all its members have it; what each has read is in his `reading`."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "name": row["name"],
        "members": list(members),
        "last_number": row["last_number"],
        "last": None if last is None else _excerpt(line_json(last)),
        "last_at": _iso(row["last_at"]),
        "version": row["version"],
    }


def _excerpt(line: Json) -> Json:
    kept = ("id", "number", "author_user_id", "author_name", "conversation_id", "at", "gone")
    return {**{name: line[name] for name in kept}, "text": line["text"][:EXCERPT]}


def reading_json(row: Row) -> Json:
    """How far one member has read, where he was last named, and what he has begun to write."""
    return {
        "id": row["discussion_id"],
        "read_number": row["read_number"],
        "named_number": row["named_number"],
        "draft": row["draft"],
    }


def tell_members(tx: Tx, workspace_id: str, kind: str, discussion: Json, line: Json | None = None) -> None:
    """All who are in the discussion have it so from now on, with the line that was said or taken back."""
    data: Json = {"discussion": {**discussion, "members": [_unnamed(each) for each in discussion["members"]]}}
    private: Json = {"discussion": {"name": discussion["name"], "members": discussion["members"]}}
    data["discussion"]["name"] = ""
    if discussion["last"] is not None:
        data["discussion"]["last"], private["discussion"]["last"] = _split(discussion["last"])
    if line is not None:
        data["line"], private["line"] = _split(line)
    about = line if line is not None else discussion["last"]
    key = about["conversation_id"] if about is not None else None
    told = Audience(user_ids=tuple(each["user_id"] for each in discussion["members"]), supervisors=False)
    tx.publish(
        Event(
            workspace_id=workspace_id,
            type=kind,
            data=data,
            private=private,
            private_key=key or discussion["id"],
            audience=told,
        )
    )


def tell_reading(tx: Tx, workspace_id: str, user_id: str, reading: Json) -> None:
    """One member's own place in a discussion, told to him alone."""
    draft = reading["draft"]
    data = {"reading": {**reading, "draft": ""}}
    own = Audience(user_ids=(user_id,), supervisors=False)
    private = {"reading": {"draft": draft}} if draft else None
    key = reading["id"] if draft else None
    tx.publish(Event(workspace_id, "team.read", data, private=private, private_key=key, audience=own))


def tell_out(tx: Tx, workspace_id: str, user_ids: Collection[str], discussion_id: str) -> None:
    """These are in the discussion no more: it goes from their screens."""
    told = Audience(user_ids=tuple(sorted(user_ids)), supervisors=False)
    gone = {"removed": {"discussion": discussion_id, "reading": discussion_id}}
    tx.publish(Event(workspace_id, "team.left", gone, audience=told))


def _split(line: Json) -> tuple[Json, Json]:
    """What of a line is nobody's secret, and the rest."""
    private = {name: line[name] for name in ("author_name", "text")}
    return {**line, **dict.fromkeys(private, "")}, private


def _unnamed(member: Json) -> Json:
    return {**member, "name": ""}


def _iso(at: Any) -> str:
    return to_iso(from_datetime(at))
