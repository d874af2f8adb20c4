"""What a call of the Account Activity API says. Pure. Source: its reference of data objects.

Our own messages and posts, reposts, likes, follows and what the account itself deletes are counted only.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson

from parlons.channels.model import (
    Elsewhere,
    Event,
    HookRequest,
    Incoming,
    IncomingFile,
    Json,
    Read,
    Sender,
    Typing,
    Unknown,
)
from parlons.channels.plugin import BadHook
from parlons.kit.clock import Millis

MESSAGES, POSTS = "x", "x_posts"
TYPES = {"photo": "image/jpeg", "animated_gif": "video/mp4", "video": "video/mp4"}
Reader = Callable[[str, Json, Json], Event]


def read_call(channel: str, request: HookRequest) -> list[Event]:
    """The events of a call, in order; `channel`: whose hook was called. Raises BadHook."""
    try:
        body: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise BadHook from None
    if not isinstance(body, dict) or not isinstance(body.get("for_user_id"), str):
        raise BadHook
    return [_marked(event, of, channel) for of, event in _events(str(body["for_user_id"]), body)]


def _marked(event: Event, of: str, called: str) -> Event:
    return event if of == called or isinstance(event, Unknown | Elsewhere) else Elsewhere(of, event)


def _events(account: str, body: Json) -> Iterator[tuple[str, Event]]:
    known = body.get("users")
    users: Json = known if isinstance(known, dict) else {}
    readers: dict[str, tuple[str, Reader]] = {
        "direct_message_events": (MESSAGES, _message),
        "direct_message_mark_read_events": (MESSAGES, _read),
        "direct_message_indicate_typing_events": (MESSAGES, _typing),
        "tweet_create_events": (POSTS, _post),
    }
    for name, values in body.items():
        if not isinstance(values, list):
            continue
        channel, read = readers.get(name, (MESSAGES, None))
        for value in values:
            kind = name.removesuffix("_events")[:60]
            number = str(value.get("id") or value.get("id_str") or "") if isinstance(value, dict) else ""
            unknown = Unknown(f"{account}:{kind}:{number}"[:200], kind, to=account)
            try:
                yield channel, read(account, value, users) if read else unknown
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                yield channel, unknown


def _message(account: str, event: Json, users: Json) -> Event:
    said, number = event.get("message_create"), str(event["id"])
    if event.get("type") != "message_create" or not isinstance(said, dict):
        return Unknown(number[:200], str(event.get("type") or "malformed")[:60], to=account)
    person = str(said["sender_id"])
    if person == account:
        return Unknown(number[:200], "echo", to=account)
    data = said["message_data"]
    attachment = data.get("attachment") or {}
    media = [attachment["media"]] if attachment.get("type") == "media" else []
    quick = data.get("quick_reply_response") or {}
    text, shared = _words(str(data.get("text") or ""), data.get("entities") or {}, media), attachment.get("type")
    return Incoming(
        id=number,
        sender=_sender(person, person, users.get(person) or {}),
        text=text,
        files=tuple(_file(each) for each in media),
        to=account,
        at=Millis(int(event["created_timestamp"])) if event.get("created_timestamp") else None,
        button=str(quick["metadata"]) if quick.get("metadata") else None,
        kind="text" if text or media or not shared else str(shared)[:40],
    )


def _read(account: str, event: Json, users: Json) -> Event:
    at = Millis(int(event["created_timestamp"])) if event.get("created_timestamp") else None
    last = event.get("last_read_event_id")
    return Read(str(event["sender_id"]), str(last) if last else None, at, account)


def _typing(account: str, event: Json, users: Json) -> Event:
    return Typing(str(event["sender_id"]), account)


def _post(account: str, post: Json, users: Json) -> Event:
    number, who = str(post["id_str"]), post["user"]
    person = str(who["id_str"])
    if person == account or "retweeted_status" in post:
        return Unknown(number[:200], "echo" if person == account else "repost", to=account)
    long = post.get("extended_tweet") or {}
    entities = long.get("entities") or post.get("entities") or {}
    more = long.get("extended_entities") or post.get("extended_entities") or {}
    media = [each for each in more.get("media") or () if isinstance(each, dict)]
    before = str(post.get("in_reply_to_status_id_str") or "")
    own = before and str(post.get("in_reply_to_user_id_str") or "") == person
    root = before if own else number
    name = str(who.get("screen_name") or "")
    return Incoming(
        id=number,
        sender=_sender(f"post:{root}", person, who),
        text=_words(str(long.get("full_text") or post.get("text") or ""), entities, media),
        files=tuple(_file(each) for each in media),
        reply_to=(before,) if before and not own else (),
        thread=f"{root}:{person}",
        to=account,
        at=Millis(int(post["timestamp_ms"])) if str(post.get("timestamp_ms") or "").isdigit() else None,
        language=str(post["lang"]) if post.get("lang") not in (None, "", "und", "qme", "zxx") else None,
        public=True,
        attributes={"public": True, "item": "post", "mention": not before},
        data={"post": number} | ({"link": f"https://x.com/{name}/status/{number}"} if name.isascii() and name else {}),
    )


def _sender(address: str, person: str, who: Json) -> Sender:
    name, handle = str(who.get("name") or ""), str(who.get("screen_name") or "")
    shown = f"{name} @{handle}".strip() if handle else name
    return Sender(address, "external", f"{MESSAGES}:{person}", verified=True, name=shown[:200])


def _words(text: str, entities: Json, media: list[Json]) -> str:
    """Short links written out, and those of the files left away."""
    for each in media:
        text = text.replace(str(each.get("url") or "\0"), "")
    for each in entities.get("urls") or ():
        if isinstance(each, dict) and each.get("url") and each.get("expanded_url"):
            text = text.replace(str(each["url"]), str(each["expanded_url"]))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _file(media: Json) -> IncomingFile:
    kind, url = str(media.get("type") or "photo"), str(media.get("media_url_https") or "")
    variants = [each for each in (media.get("video_info") or {}).get("variants") or () if isinstance(each, dict)]
    films = [each for each in variants if each.get("content_type") == "video/mp4" and each.get("url")]
    if films:
        url = str(max(films, key=lambda each: int(each.get("bitrate") or 0))["url"])
    if not url.startswith(("https://", "http://")):
        raise ValueError(kind)
    name = urlsplit(url).path.rpartition("/")[2]
    return IncomingFile(name if "." in name else f"{kind}.jpg", TYPES.get(kind, ""), ref=url)
