"""What a notification says, in the device's language. Without `name` it holds nothing personal: a channel and a queue. Pure."""

from typing import Any

Json = dict[str, Any]
_CHANNELS = {
    "en": {"voice": "Call", "webchat": "Chat", "email": "E-mail", "sms": "SMS", "": "Message"},
    "fr": {"voice": "Appel", "webchat": "Chat", "email": "E-mail", "sms": "SMS", "": "Message"},
}
_WORDS = {
    "en": {
        "new": "New contact",
        "seconds": "{seconds} seconds to take it",
        "take": "Take",
        "open": "Open",
        "answered": "A customer has written",
        "answered_by": "{name} has written",
        "colleague": "A colleague has written to you",
        "colleague_by": "{name} has written to you",
        "mention": "A colleague names you in a note",
    },
    "fr": {
        "new": "Nouveau contact",
        "seconds": "{seconds} secondes pour le prendre",
        "take": "Prendre",
        "open": "Ouvrir",
        "answered": "Un client a écrit",
        "answered_by": "{name} a écrit",
        "colleague": "Un collègue vous a écrit",
        "colleague_by": "{name} vous a écrit",
        "mention": "Un collègue vous cite dans une note",
    },
}


def offer(locale: str, *, channel: str, queue: str, seconds: int, name: str | None) -> Json:
    """`title`, `body` and the labels of the actions."""
    words = _WORDS[locale]
    what = " · ".join(filter(None, (_channel(locale, channel), queue)))
    return {
        "title": name or words["new"],
        "body": f"{what}\n{words['seconds'].format(seconds=seconds)}",
        "take": words["take"],
        "open": words["open"],
    }


def message(locale: str, *, channel: str, name: str | None) -> Json:
    """`title` and `body`; never what was written."""
    words = _WORDS[locale]
    title = words["answered_by"].format(name=name) if name else words["answered"]
    return {"title": title, "body": _channel(locale, channel)}


def colleague(locale: str, *, kind: str, name: str | None) -> Json:
    """`title` and an empty `body`: who has written, or that one is named; never what was written."""
    words = _WORDS[locale]
    return {"title": words["colleague_by"].format(name=name) if name else words[kind], "body": ""}


def _channel(locale: str, channel: str) -> str:
    known = _CHANNELS[locale]
    return known.get(channel, known[""])
