"""What a webhook of pages and accounts says of direct messages; what is public is read by `public`. Pure. Source: the messaging
webhook reference.

Echoes of what the page itself wrote elsewhere, and what is meant for another app (standby), are counted only. A reaction is kept
in its conversation and asks nobody for work.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parlons.channels.meta.people import customer_value
from parlons.channels.meta.public import PRIVATE_OF, read_changes
from parlons.channels.model import Elsewhere, Event, Incoming, IncomingFile, Json, Read, Receipt, Sender, Unknown
from parlons.kit.clock import Millis

FILES = {"image": "photo.jpg", "audio": "audio.m4a", "video": "video.mp4", "file": "file"}
TYPES = {"image": "image/jpeg", "audio": "audio/mp4", "video": "video/mp4"}


def read_entries(channel: str, entries: list[Json]) -> list[Event]:
    """The events of a call, in order. `channel`: whose hook was called; what is of the other channel of the same page or account,
    its private messages or its public comments, goes `Elsewhere`."""
    private = PRIVATE_OF.get(channel, channel)
    public = next(name for name, of in PRIVATE_OF.items() if of == private)
    found = list[Event]()
    for entry in entries:
        found += [_marked(event, private, channel) for event in _of_entry(private, entry)]
        found += [_marked(event, public, channel) for event in read_changes(public, entry)]
    return found


def _marked(event: Event, of: str, called: str) -> Event:
    if of == called or isinstance(event, Unknown | Elsewhere):
        return event
    return Elsewhere(of, event)


def _of_entry(channel: str, entry: Json) -> Iterator[Event]:
    account = str(entry.get("id") or "")
    for number, _ in enumerate(_dicts(entry.get("standby"))):
        yield Unknown(f"{account}:{entry.get('time')}:standby:{number}", "standby", to=account)
    for event in _dicts(entry.get("messaging")):
        try:
            yield from _messaging(channel, account, event)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            yield Unknown(f"{account}:{event.get('timestamp')}:malformed"[:200], "malformed", to=account)


def _messaging(channel: str, account: str, event: Json) -> Iterator[Event]:
    person, at = str(event["sender"]["id"]), Millis(int(event.get("timestamp") or 0))
    if "message" in event:
        yield _message(event["message"], _sender(channel, account, event), account, at)
    elif "postback" in event:
        yield _postback(event["postback"], _sender(channel, account, event), account, at)
    elif "reaction" in event:
        yield _reaction(event["reaction"], _sender(channel, account, event), account, at)
    elif "read" in event:
        mid, watermark = event["read"].get("mid"), event["read"].get("watermark")
        yield Read(person, str(mid) if mid else None, Millis(int(watermark)) if watermark else at, account)
    elif "delivery" in event:
        for mid in event["delivery"].get("mids") or ():
            yield Receipt(str(mid), "delivered", to=account)
    else:
        kind = next((key for key in event if key not in ("sender", "recipient", "timestamp")), "empty")
        yield Unknown(f"{account}:{at}:{person}:{kind}"[:200], kind[:60], to=account)


def _message(message: Json, sender: Sender, account: str, at: Millis) -> Event:
    mid = str(message["mid"])
    if message.get("is_echo"):
        return Unknown(mid, "echo", to=account)
    attachments = _dicts(message.get("attachments"))
    kind, text = _content(message, attachments)
    answered = message.get("reply_to") or {}
    referral = message.get("referral")
    more = {"story": answered["story"]} if "story" in answered else {}
    return Incoming(
        id=f"{mid}:deleted" if kind == "deleted" else mid,
        sender=sender,
        text=text,
        files=tuple(_file(each) for each in attachments if each.get("type") in FILES and _url(each)),
        reply_to=(mid,) if kind == "deleted" else (str(answered["mid"]),) if answered.get("mid") else (),
        token=_ref(referral),
        to=account,
        at=at,
        automatic=kind == "deleted",
        button=str(message["quick_reply"]["payload"]) if "quick_reply" in message else None,
        kind=kind,
        data=more | ({"referral": referral} if isinstance(referral, dict) else {}),
    )


def _content(message: Json, attachments: list[Json]) -> tuple[str, str]:
    """Its kind and what a person reads of it: of what somebody shared, its title and address."""
    text = str(message.get("text") or "")
    if message.get("is_deleted"):
        return "deleted", ""
    if message.get("is_unsupported"):
        return "unsupported", ""
    others = [each for each in attachments if each.get("type") not in FILES]
    shared = [
        line for each in others for line in (str((each.get("payload") or {}).get("title") or ""), _url(each)) if line
    ]
    if others and not text:
        return str(others[0].get("type") or "attachment")[:60], "\n".join(shared)
    return "text", "\n".join([text, *shared]) if shared else text


def _postback(postback: Json, sender: Sender, account: str, at: Millis) -> Event:
    return Incoming(
        id=str(postback.get("mid") or f"postback:{sender.address}:{at}"),
        sender=sender,
        text=str(postback.get("title") or postback.get("payload") or ""),
        token=_ref(postback.get("referral")),
        to=account,
        at=at,
        button=str(postback.get("payload") or ""),
    )


def _reaction(reaction: Json, sender: Sender, account: str, at: Millis) -> Event:
    return Incoming(
        id=f"reaction:{reaction['mid']}:{sender.address}:{at}",
        sender=sender,
        text=str(reaction.get("emoji") or "") if reaction.get("action") == "react" else "",
        reply_to=(str(reaction["mid"]),),
        to=account,
        at=at,
        automatic=True,
        kind="reaction",
    )


def _sender(channel: str, account: str, event: Json) -> Sender:
    person = str(event["sender"]["id"])
    return Sender(person, "external", customer_value(channel, account, person), verified=True)


def _file(attachment: Json) -> IncomingFile:
    kind, url = str(attachment["type"]), _url(attachment)
    parts = urlsplit(url)
    name = (parse_qs(parts.query).get("name") or [parts.path.rpartition("/")[2]])[0]
    return IncomingFile(name if "." in name else FILES[kind], TYPES.get(kind, ""), ref=url)


def _url(attachment: Json) -> str:
    url = str((attachment.get("payload") or {}).get("url") or attachment.get("url") or "")
    return url if url.startswith(("https://", "http://")) else ""


def _ref(referral: Any) -> str | None:
    return str(referral["ref"]) if isinstance(referral, dict) and referral.get("ref") else None


def _dicts(values: Any) -> list[Json]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
