"""What one answer of `/sync` says, and which rooms ask for something. Pure. Source: the client-server API, sections on syncing,
instant messaging, receipts, typing, reactions, replacements and redactions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.channels.model import Event, Incoming, IncomingFile, Json, Read, Sender, Typing, Unknown
from parlons.kit.clock import Millis

NAME = "matrix"
ROOM = "room"
"""In `Incoming.data`: where he wrote, and so where he is answered."""
FILES = frozenset({"m.image", "m.file", "m.audio", "m.video"})
QUIET = frozenset(
    {
        *("m.room.member", "m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility"),
        *(
            "m.room.guest_access",
            "m.room.name",
            "m.room.topic",
            "m.room.encryption",
            "m.room.avatar",
            "m.room.server_acl",
        ),
        *("m.room.canonical_alias", "m.room.pinned_events", "m.space.parent", "m.space.child", "m.room.tombstone"),
    }
)
"""States of a room: nobody says anything by them."""


@dataclass(frozen=True, slots=True)
class Room:
    """A joined room's news."""

    id: str
    timeline: list[Json] = field(default_factory=list)
    before: str | None = None
    """Where earlier events can be asked for; None: nothing is missing."""
    members: int | None = None
    """People in it, when that is told."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Display names that are told, by user."""
    passing: list[Json] = field(default_factory=list)
    """Typing and receipts."""


@dataclass(frozen=True, slots=True)
class Sync:
    """One answer."""

    since: str
    """Where the next one goes on."""
    rooms: list[Room]
    invited: list[str]


def read_sync(told: Json) -> Sync:
    """The answer in its parts; a room that cannot be read is left out."""
    rooms = _dict(told.get("rooms"))
    joined = [_room(name, _dict(value)) for name, value in _dict(rooms.get("join")).items()]
    return Sync(str(told.get("next_batch") or ""), joined, list(_dict(rooms.get("invite"))))


def _room(name: str, told: Json) -> Room:
    timeline, summary = _dict(told.get("timeline")), _dict(told.get("summary"))
    events = _dicts(timeline.get("events"))
    states = [*_dicts(_dict(told.get("state")).get("events")), *events]
    names = {
        str(each.get("state_key")): str(_dict(each.get("content")).get("displayname") or "")
        for each in states
        if each.get("type") == "m.room.member"
    }
    joined, invited = summary.get("m.joined_member_count"), summary.get("m.invited_member_count")
    members = joined + (invited if isinstance(invited, int) else 0) if isinstance(joined, int) else None
    before = str(timeline["prev_batch"]) if timeline.get("limited") and timeline.get("prev_batch") else None
    return Room(name, events, before, members, names, _dicts(_dict(told.get("ephemeral")).get("events")))


def read_room(room: Room, me: str, names: Mapping[str, str], *, private: bool) -> list[Event]:
    """The events of a room in their order; what `me` wrote is left out, of rooms of several what is said is only counted."""
    found: list[Event] = []
    for event in room.timeline:
        if event.get("sender") == me or event.get("type") in QUIET or "state_key" in event:
            continue
        name = str(event.get("event_id") or "malformed")[:255]
        if not private:
            found.append(Unknown(name, "group-message"))
            continue
        try:
            found.append(_said(room.id, event, names))
        except (KeyError, TypeError, ValueError, AttributeError):
            found.append(Unknown(name, str(event.get("type") or "malformed")[:60]))
    return [*found, *_passing(room, me)] if private else found


def customer_value(user: str) -> str:
    """How a customer is known: his id names his homeserver, so it holds everywhere."""
    return f"{NAME}:{user}"


def _said(room_id: str, event: Json, names: Mapping[str, str]) -> Event:
    kind, content = str(event["type"]), _dict(event.get("content"))
    relation = _dict(content.get("m.relates_to"))
    replaced = relation.get("rel_type") == "m.replace"
    shown, text, files = _content(kind, _dict(content.get("m.new_content")) if replaced else content, relation)
    return Incoming(
        id=str(event["event_id"]),
        sender=_sender(str(event["sender"]), names),
        text=text,
        files=files,
        reply_to=_answered(event, relation, replaced=replaced),
        at=Millis(int(event.get("origin_server_ts") or 0)),
        automatic=shown in ("reaction", "deleted"),
        kind="edit" if replaced else shown,
        data={ROOM: room_id},
    )


def _answered(event: Json, relation: Json, *, replaced: bool) -> tuple[str, ...]:
    named = (
        _dict(relation.get("m.in_reply_to")).get("event_id"),
        relation.get("event_id") if replaced or relation.get("rel_type") == "m.annotation" else None,
        event.get("redacts") or _dict(event.get("content")).get("redacts"),
    )
    return tuple(str(each) for each in named if each)


def _content(kind: str, content: Json, relation: Json) -> tuple[str, str, tuple[IncomingFile, ...]]:
    """Its kind, what a person reads, and its files."""
    match kind:
        case "m.room.message":
            return _message(content)
        case "m.sticker":
            return "sticker", str(content.get("body") or ""), ()
        case "m.reaction":
            return "reaction", str(relation.get("key") or ""), ()
        case "m.room.redaction":
            return "deleted", "", ()
        case "m.room.encrypted":
            return "encrypted", "", ()
    return kind[:60], "", ()


def _message(content: Json) -> tuple[str, str, tuple[IncomingFile, ...]]:
    if not content:
        return "deleted", "", ()
    kind, body = str(content.get("msgtype") or ""), str(content.get("body") or "")
    if kind in FILES and content.get("url"):
        name, info = str(content.get("filename") or body or "file"), _dict(content.get("info"))
        size = info.get("size") if isinstance(info.get("size"), int) else None
        file = IncomingFile(name, str(info.get("mimetype") or ""), ref=str(content["url"]), size=size)
        return "text", body if body != name else "", (file,)
    if kind in FILES:
        return "encrypted", "", ()  # the file is, though the event is not
    if kind == "m.location":
        return "location", f"{body}\n{content.get('geo_uri') or ''}".strip(), ()
    return "text", _without_quote(body), ()


def _without_quote(body: str) -> str:
    """The text without the quotation which older clients put before an answer."""
    if not body.startswith("> <"):
        return body
    head, _, rest = body.partition("\n\n")
    return rest if rest and all(line.startswith(">") for line in head.splitlines()) else body


def _sender(user: str, names: Mapping[str, str]) -> Sender:
    return Sender(user, "external", customer_value(user), verified=True, name=names.get(user, "")[:200])


def _passing(room: Room, me: str) -> Iterator[Event]:
    for event in room.passing:
        content = _dict(event.get("content"))
        if event.get("type") == "m.typing":
            yield from (Typing(str(user)) for user in content.get("user_ids") or () if user != me)
        elif event.get("type") == "m.receipt":
            for event_id, kinds in content.items():
                readers = {**_dict(_dict(kinds).get("m.read")), **_dict(_dict(kinds).get("m.read.private"))}
                for user, told in readers.items():
                    at = _dict(told).get("ts")
                    if user != me:
                        yield Read(user, str(event_id), Millis(at) if isinstance(at, int) else None)


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(values: Any) -> list[Json]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
