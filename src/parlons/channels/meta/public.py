"""What a webhook of pages and accounts says of public posts, comments, mentions and recommendations. Pure.

Source: the Pages API's webhook reference (`feed`, `mention`), the Instagram webhook reference (`comments`, `live_comments`,
`mentions`); the shape of `ratings` is that of the Graph reference of recommendations, as public programs read it.

Who wrote is known by the same value as in private messages, so that one person stays one customer. A thread is one person under
one comment or post: what others say there is theirs. What the page says itself, and who likes what, is counted only.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from parlons.channels.meta.people import customer_value
from parlons.channels.model import Event, Incoming, IncomingFile, Json, Sender, Unknown
from parlons.kit.clock import Millis

PRIVATE_OF = {"facebook": "messenger", "instagram_comments": "instagram"}
"""Of a public channel: the one in which the same people write in private."""
POSTS = frozenset({"post", "status", "photo", "video", "share", "link", "album", "note"})
SILENT = frozenset({"reaction", "like"})
ADDED, EDITED, REMOVED = frozenset({"add"}), frozenset({"edit", "edited"}), frozenset({"remove", "delete"})
_TEXT = 20_000


def read_changes(channel: str, entry: Json) -> Iterator[Event]:
    """The public events of an entry, in order; `channel`: the public one."""
    account, changes = str(entry.get("id") or ""), entry.get("changes")
    for number, change in enumerate(changes if isinstance(changes, list) else ()):
        if not isinstance(change, dict):
            continue
        field = str(change.get("field") or "changes")[:60]
        unknown = Unknown(f"{account}:{entry.get('time')}:{field}:{number}"[:200], field, to=account)
        try:
            yield _change(channel, account, field, change["value"], entry) or unknown
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            yield unknown


def comment_of(address: str) -> str | None:
    """What is answered at a public address: a comment's id or a post's."""
    return address.removeprefix("comment:") if address.startswith("comment:") else None


def mention_of(address: str) -> tuple[str, str] | None:
    """The picture and the comment (may be empty) of a mention's address."""
    media, _, comment = address.removeprefix("mention:").partition(":")
    return (media, comment) if address.startswith("mention:") else None


def private_address(comment: str, person: str) -> str:
    """Of the one private answer to a comment or post."""
    return f"private:{comment}:{person}"


def private_of(address: str) -> str | None:
    """The comment or post a private address answers."""
    return address.removeprefix("private:").rpartition(":")[0] if address.startswith("private:") else None


def _change(channel: str, account: str, field: str, value: Json, entry: Json) -> Event | None:
    if channel == "facebook" and field in ("feed", "mention"):
        return _feed(channel, account, field, value)
    if channel == "facebook" and field == "ratings":
        return _rating(channel, account, value)
    if channel == "instagram_comments" and field in ("comments", "live_comments"):
        return _comment(channel, account, field, value, entry)
    if channel == "instagram_comments" and field == "mentions":
        return _mention(channel, account, value, entry)
    return None


def _feed(channel: str, page: str, field: str, value: Json) -> Event:
    item, verb = str(value["item"]), str(value.get("verb") or "add")
    person = _person(value.get("from"), value.get("sender_id"), value.get("sender_name"))
    post = str(value.get("post_id") or "")
    thing = str(value.get("comment_id") or "") if item == "comment" else post
    known = item == "comment" or item in POSTS
    changed = _changed(thing, verb, value)
    if not person["id"] or person["id"] == page or not thing or item in SILENT or changed is None:
        kind = "echo" if person["id"] == page else f"{item}-{verb}"[:60]
        return Unknown(f"{thing}:{item}:{verb}:{value.get('created_time')}"[:200], kind, to=page)
    parent = str(value.get("parent_id") or "")
    under = parent if item == "comment" and parent not in ("", post) else ""
    event_id, kind = changed
    return _said(
        channel, page, person, thing, under,
        id=event_id,
        text="" if kind == "deleted" else _words(value),
        files=() if kind != "text" else _pictures(value),
        kind=kind if known else item[:40],
        automatic=kind == "deleted",
        at=_seconds(value.get("created_time")),
        attributes={"public": True, "item": item[:40], "mention": field == "mention"},
        more={"post": post, "link": _link(value)},
    )  # fmt: skip


def _changed(thing: str, verb: str, value: Json) -> tuple[str, str] | None:
    """The id and kind of what happened to a comment or post; None: nothing anybody has to read."""
    if verb in ADDED:
        return thing, "text"
    if verb in EDITED:
        written = sha256(str(value.get("message") or "").encode()).hexdigest()[:12]
        return f"{thing}:edited:{value.get('created_time')}:{written}", "edit"
    return (f"{thing}:removed", "deleted") if verb in REMOVED else None


def _rating(channel: str, page: str, value: Json) -> Event | None:
    person = _person(None, value.get("reviewer_id"), value.get("reviewer_name"))
    story, verb = str(value["open_graph_story_id"]), str(value.get("verb") or "add")
    if value.get("item") == "comment":
        # What people write under a recommendation comes as a comment of it.
        comment = {**value, "post_id": story, "from": value.get("from") or value.get("sender") or person}
        return _feed(channel, page, "ratings", comment)
    changed = _changed(story, verb, {**value, "message": value.get("review_text")})
    if not person["id"] or person["id"] == page or changed is None:
        return None
    review: Json = {}
    if str(value.get("recommendation_type") or ""):
        review["recommends"] = str(value["recommendation_type"]).lower() == "positive"
    if isinstance(value.get("rating"), int):
        review |= {"rating": value["rating"], "of": 5}
    event_id, kind = changed
    return _said(
        channel, page, person, story, "",
        id=event_id,
        text="" if kind == "deleted" else str(value.get("review_text") or "")[:_TEXT],
        kind="review" if kind == "text" else kind,
        automatic=kind == "deleted",
        at=_seconds(value.get("created_time")),
        attributes={"public": True, "item": "review", **{f"review_{name}": each for name, each in review.items()}},
        more={"review": review},
    )  # fmt: skip


def _comment(channel: str, account: str, field: str, value: Json, entry: Json) -> Event:
    person = _person(value["from"], None, None)
    thing = str(value["id"])
    if person["id"] == account or value["from"].get("self_ig_scoped_id"):
        return Unknown(thing[:200], "echo", to=account)
    media = value.get("media") or {}
    return _said(
        channel, account, person, thing, str(value.get("parent_id") or ""),
        id=thing,
        text=str(value.get("text") or "")[:_TEXT],
        at=_seconds(entry.get("time")),
        attributes={"public": True, "item": "comment", "live": field == "live_comments"},
        more={"post": str(media.get("id") or "")},
    )  # fmt: skip


def _mention(channel: str, account: str, value: Json, entry: Json) -> Event:
    """The webhook names neither who wrote nor what: both are fetched with the text."""
    media, comment = str(value["media_id"]), str(value.get("comment_id") or "")
    name = f"{media}:{comment}"
    sender = Sender(
        f"mention:{name}", "external", customer_value(channel, account, f"mention-{comment or media}"), False
    )
    return Incoming(
        id=f"mention:{name}",
        sender=sender,
        files=(IncomingFile("mention.txt", "text/plain", ref=f"mention:{name}"),),
        thread=f"mention:{name}",
        to=account,
        at=_seconds(entry.get("time")),
        public=True,
        kind="mention",
        attributes={"public": True, "item": "mention", "mention": True},
        data={"post": media},
    )


def _said(
    channel: str, account: str, person: Json, thing: str, under: str, *, more: Json, **fields: Any
) -> Incoming:  # fmt: skip
    """What a person said, or did to what he had said."""
    root = under or thing
    value = customer_value(PRIVATE_OF[channel], account, person["id"])
    return Incoming(
        sender=Sender(f"comment:{root}", "external", value, verified=True, name=person["name"]),
        thread=f"{root}:{person['id']}",
        reply_to=(under,) if under else (),
        to=account,
        public=True,
        data={"comment": thing, "person": person["id"]} | {name: each for name, each in more.items() if each},
        **fields,
    )


def _person(given: Any, number: Any, name: Any) -> Json:
    known = given if isinstance(given, dict) else {}
    called = known.get("name") or known.get("username") or name or ""
    return {"id": str(known.get("id") or number or ""), "name": str(called)[:200]}


def _words(value: Json) -> str:
    shared = str(value.get("link") or "") if value.get("item") in ("share", "link", "video") else ""
    return "\n".join(filter(None, (str(value.get("message") or "")[:_TEXT], shared)))


def _pictures(value: Json) -> tuple[IncomingFile, ...]:
    named = [value.get("photo"), value.get("link") if value.get("item") == "photo" else None]
    more = value.get("photos")
    urls = [str(one) for one in [*named, *(more if isinstance(more, list) else ())] if one]
    good = dict.fromkeys(one for one in urls if one.startswith(("https://", "http://")))
    return tuple(IncomingFile("photo.jpg", "image/jpeg", ref=one) for one in list(good)[:10])


def _link(value: Json) -> str:
    post = value.get("post")
    link = str(post.get("permalink_url") or "") if isinstance(post, dict) else ""
    return link if link.startswith("https://") else ""


def _seconds(value: Any) -> Millis | None:
    """Instagram writes milliseconds at times."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return Millis(value if value > 10**11 else value * 1000)
