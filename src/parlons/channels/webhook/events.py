"""What the generic channel's JSON says. Pure; never raises: what cannot be understood is an unknown event."""

import base64
import binascii
from typing import Any

from parlons.channels.model import Event, Incoming, IncomingFile, Read, Receipt, Sender, Typing, Unknown

Json = dict[str, Any]
_STATES = ("sent", "delivered", "read", "failed")


def event_of(account_address: str, found: Json, fallback_id: str, *, public: bool = False) -> Event:
    """One event. `fallback_id`: for what has no id of its own; `public`: all of this account is."""
    event_id = _text(found.get("id"), 300) or fallback_id
    kind = _text(found.get("type"), 40) or "unknown"
    sender = _sender(account_address, found.get("from"))
    match kind:
        case "message" if sender is not None:
            return _message(event_id, sender, found, public=public or found.get("public") is True)
        case "receipt" if found.get("state") in _STATES and found.get("id"):
            return Receipt(event_id, found["state"], _text(found.get("code"), 60), _text(found.get("reason"), 300))
        case "typing" if sender is not None:
            return Typing(sender.address)
        case "read" if sender is not None:
            return Read(sender.address, _text(found.get("up_to"), 300) or None)
    return Unknown(event_id, kind, sender)


def _message(event_id: str, sender: Sender, found: Json, *, public: bool) -> Incoming:
    given = found.get("attributes")
    answers = found.get("reply_to")
    flat = {
        str(name)[:40]: value[:300] if isinstance(value, str) else value
        for name, value in (given.items() if isinstance(given, dict) else ())
        if isinstance(value, str | int | float | bool)
    }
    data = found["data"] if isinstance(found.get("data"), dict) else {}
    kind, thread = _text(found.get("kind"), 40) or "text", _text(found.get("thread"), 300)
    if public:
        said = _review(found)
        data |= {name: each for name, each in (("review", said), ("link", _text(found.get("link"), 500))) if each}
        flat |= {"public": True} | {f"review_{name}": each for name, each in said.items()}
        kind = "review" if said and kind == "text" else kind
        # Each post is a matter of its own, one for each person who writes there.
        thread = f"{thread or event_id}:{sender.address}"
    return Incoming(
        id=event_id,
        sender=sender,
        text=_text(found.get("text"), 100_000),
        files=tuple(_files(found.get("files"))),
        subject=_text(found.get("subject"), 500),
        reply_to=tuple(_text(one, 300) for one in answers if one) if isinstance(answers, list) else (),
        thread=thread or None,
        language=sender.language,
        automatic=found.get("automatic") is True,
        button=_text(found.get("button"), 300) or None,
        kind=kind,
        public=public,
        attributes=dict(list(flat.items())[-20:]),
        data=data,
    )


def _review(found: Json) -> Json:
    """What it says of the firm in figures."""
    rating, of = _number(found.get("rating")), _number(found.get("of", 5))
    said: Json = {}
    if rating is not None and of is not None and 0 <= rating <= of <= 100:
        said = {"rating": rating, "of": of}
    return said | ({"recommends": found["recommends"]} if isinstance(found.get("recommends"), bool) else {})


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _sender(account_address: str, found: Any) -> Sender | None:
    """By mail address or number if the other side vouches for one, else by its own id."""
    if not isinstance(found, dict) or not _text(found.get("id"), 200):
        return None
    own = _text(found["id"], 200)
    return Sender(
        address=own,
        kind="external",
        value=f"webhook:{account_address}:{own}",
        verified=found.get("verified") is not False,
        name=_text(found.get("name"), 200),
        language=_text(found.get("language"), 10) or None,
    )


def _files(found: Any) -> list[IncomingFile]:
    files = []
    for one in found if isinstance(found, list) else []:
        if not isinstance(one, dict):
            continue
        name = _text(one.get("name"), 200) or "file"
        try:
            body = base64.b64decode(_text(one.get("content"), 50_000_000), validate=True)
        except binascii.Error:
            body = b""
        files.append(IncomingFile(name, _text(one.get("content_type"), 100), body, size=len(body)))
    return files


def _text(value: Any, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).replace("\x00", "")[:longest]
