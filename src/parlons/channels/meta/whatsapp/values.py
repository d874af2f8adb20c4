"""What a webhook of business numbers says. Pure. Source: the webhook reference of the business messaging cloud API.

Statuses come twice and in any order (read before delivered): each is a receipt of its own, the engine only goes on.
"""

from collections.abc import Callable, Iterator
from typing import Any

from parlons.channels.meta.graph import code_of, reason_of
from parlons.channels.model import Event, Incoming, IncomingFile, Json, Receipt, ReceiptState, Sender, Unknown
from parlons.kit.clock import Millis

NAME = "whatsapp"
FILES = {
    "image": "photo.jpg",
    "document": "document",
    "audio": "audio.ogg",
    "video": "video.mp4",
    "sticker": "sticker.webp",
}
STATES: dict[str, ReceiptState] = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}


def read_entries(entries: list[Json]) -> list[Event]:
    """The events of a call, in order; what is not understood is `Unknown`."""
    return [event for entry in entries for event in _of_entry(entry)]


def _of_entry(entry: Json) -> Iterator[Event]:
    for change in _dicts(entry.get("changes")):
        value = change.get("value")
        if change.get("field") != "messages" or not isinstance(value, dict):
            yield Unknown(f"{entry.get('id')}:{change.get('field')}", str(change.get("field"))[:60])
            continue
        metadata = value.get("metadata")
        number = str(metadata.get("phone_number_id") or "") or None if isinstance(metadata, dict) else None
        people = {str(each.get("wa_id") or each.get("user_id")): each for each in _dicts(value.get("contacts"))}
        for message in _dicts(value.get("messages")):
            yield _safely(_message, message, people, number)
        for status in _dicts(value.get("statuses")):
            yield _safely(_status, status, people, number)


def _safely(read: Callable[[Json, Json, str | None], Event], value: Json, people: Json, number: str | None) -> Event:
    try:
        return read(value, people, number)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return Unknown(str(value.get("id") or "malformed")[:200], str(value.get("type") or "malformed")[:60], to=number)


def _status(status: Json, _: Json, number: str | None) -> Event:
    state = STATES.get(status["status"])
    if state is None:
        return Unknown(f"{status['id']}:{status['status']}"[:200], f"status-{status['status']}"[:60], to=number)
    errors = [each for each in status.get("errors") or () if isinstance(each, dict)]
    if state == "failed" and errors:
        return Receipt(str(status["id"]), state, code_of(errors[0]), reason_of(errors[0]), to=number)
    return Receipt(str(status["id"]), state, "refused-by-provider" if state == "failed" else "", to=number)


def _message(message: Json, people: Json, number: str | None) -> Event:
    person = str(message.get("from") or message["from_user_id"])
    kind, text, data = _content(message)
    answered = (message.get("context") or {}).get("id")
    return Incoming(
        id=str(message["id"]),
        sender=_sender(person, people),
        text=text,
        files=_files(message),
        reply_to=(str(answered),) if answered else (),
        to=number,
        at=Millis(int(message["timestamp"]) * 1000),
        automatic=kind in ("reaction", "system"),
        button=_button(message),
        kind=kind,
        data=data,
    )


def _sender(person: str, people: Json) -> Sender:
    # The service writes some countries' numbers in two ways; with one person in the news there is no doubt whose name it is.
    known = people.get(person) or (next(iter(people.values())) if len(people) == 1 else {})
    name = str((known.get("profile") or {}).get("name") or "")
    if person.isdigit():
        return Sender(person, "phone", f"+{person}", verified=True, name=name[:200])
    return Sender(person, "external", f"{NAME}:{person}", verified=True, name=name[:200])


def _content(message: Json) -> tuple[str, str, Json]:
    """Its kind, what a person reads of it, and the channel's own part."""
    kind = str(message["type"])
    value = message.get(kind) or {}
    referral = message.get("referral")
    data = {"referral": referral} if isinstance(referral, dict) else {}
    match kind:
        case "text":
            return "text", str(value["body"]), data
        case "sticker":
            return "sticker", "", data
        case "image" | "document" | "audio" | "video":
            return "text", str(value.get("caption") or ""), data
        case "button":
            return "text", str(value.get("text") or ""), data
        case "interactive":
            reply = value.get(value.get("type")) or {}
            lines = (str(reply.get("title") or reply.get("name") or ""), str(reply.get("description") or ""))
            return "text" if lines[0] else "interactive", "\n".join(filter(None, lines)), data | {kind: value}
        case "location":
            lines = (str(value.get("name") or ""), str(value.get("address") or ""))
            place = f"{float(value['latitude']):.6f}, {float(value['longitude']):.6f}"
            return "location", "\n".join(filter(None, (*lines, place))), data | {kind: value}
        case "contacts":
            return "contact", "\n".join(_contact(each) for each in value), data
        case "reaction":
            return "reaction", str(value.get("emoji") or ""), data | {kind: value}
        case "system":
            return "system", str(value.get("body") or ""), data
    return kind[:60], "", data


def _contact(value: Json) -> str:
    phones = ", ".join(str(each.get("phone") or "") for each in value.get("phones") or ())
    return f"{(value.get('name') or {}).get('formatted_name') or ''} {phones}".strip()


def _button(message: Json) -> str | None:
    if message["type"] == "button":
        return str(message["button"].get("payload") or "")
    if message["type"] == "interactive":
        value = message["interactive"]
        return str((value.get(value.get("type")) or {}).get("id") or "") or None
    return None


def _files(message: Json) -> tuple[IncomingFile, ...]:
    kind = message["type"]
    if kind not in FILES:
        return ()
    value = message[kind]
    content_type = str(value.get("mime_type") or "").partition(";")[0].strip()
    return (IncomingFile(str(value.get("filename") or FILES[kind]), content_type, ref=str(value["id"])),)


def _dicts(values: Any) -> list[Json]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
