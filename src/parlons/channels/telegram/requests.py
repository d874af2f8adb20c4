"""What a message becomes as calls of the bot service, and what its refusals mean. Pure. Source: the Bot API's methods.

A text longer than the service takes goes in several parts; the only file of a message carries a short text as its caption.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from parlons.channels.calling import Part, divide, size
from parlons.channels.model import Outgoing, OutgoingFile
from parlons.channels.plugin import Failed, TryLater
from parlons.runtime.safe_http import Response

TEXT_MAX, CAPTION_MAX, CALLBACK_MAX = 4096, 1024, 64
"""UTF-16 units of a text and of a caption; bytes of what a button gives back."""
PHOTOS = frozenset({"image/png", "image/jpeg"})
PHOTO_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the method and its parameters; with a file it is sent as a form."""

    method: str
    params: Mapping[str, Any]
    file: OutgoingFile | None = None
    field: str = ""

    def parts(self) -> list[Part]:
        """The call as a form."""
        assert self.file is not None
        plain = [(name, "", "", _plain(value)) for name, value in self.params.items()]
        return [*plain, (self.field, self.file.name, self.file.content_type, self.file.body)]


def calls(message: Outgoing) -> list[Call]:
    """The calls that send `message`, in order; raises Failed for what the service would refuse."""
    markup = _buttons(message)
    to: dict[str, Any] = {"chat_id": message.to}
    short = message.text if len(message.files) == 1 and size(message.text, "utf-16") <= CAPTION_MAX else ""
    made = [] if short or not message.text else [
        Call("sendMessage", {**to, "text": part, "link_preview_options": {"is_disabled": True}})
        for part in divide(message.text, TEXT_MAX)
    ]  # fmt: skip
    for file in message.files:
        photo = file.content_type in PHOTOS and len(file.body) <= PHOTO_BYTES
        method, field = ("sendPhoto", "photo") if photo else ("sendDocument", "document")
        made.append(Call(method, {**to, **({"caption": short} if short else {})}, file, field))
    if not made:
        raise Failed("empty-message")
    last = made[-1]
    return [*made[:-1], Call(last.method, {**last.params, **markup}, last.file, last.field)]


def refusal(answer: Response) -> Failed | TryLater | None:
    """Why it was not done; None: it was. The service's own 5xx does not say whether it was."""
    if answer.status >= 500:
        return None
    body = answer.json()
    told = body if isinstance(body, dict) else {}
    if answer.status == 200 and told.get("ok") is True:
        return None
    why = str(told.get("description") or answer.status)
    if answer.status == 429:
        after = (told.get("parameters") or {}).get("retry_after")
        return TryLater("too-fast", why, after=float(after) if isinstance(after, int | float) else None)
    if answer.status == 409:
        return TryLater("received-elsewhere", why)
    if answer.status in (401, 404):
        return Failed("token-refused", why)
    if answer.status == 403:
        return Failed("blocked-by-customer", why)
    return Failed("unknown-recipient" if "chat not found" in why else "refused-by-provider", why)


def _buttons(message: Outgoing) -> dict[str, Any]:
    if not message.buttons:
        return {}
    if any(not 0 < len(each.payload.encode()) <= CALLBACK_MAX for each in message.buttons):
        raise Failed("button-too-long")
    rows = [[{"text": each.label, "callback_data": each.payload}] for each in message.buttons]
    return {"reply_markup": {"inline_keyboard": rows}}


def _plain(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else orjson.dumps(value)
