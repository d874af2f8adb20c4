"""What an update of the bot service says. Pure. Source: the Bot API's objects Update, Message, CallbackQuery.

Only private chats are customers': what is written in groups and channels is counted, not kept. An edit is a message of its
own that answers the first. `/start` is the service's own word for "opened the chat": alone it is nothing yet, with a
conversation's token it brings that conversation here, and asks nobody for work.
"""

from collections.abc import Callable, Mapping
from typing import Any

from parlons.channels.model import Event, Incoming, IncomingFile, Json, Sender, Unknown
from parlons.kit.clock import Millis

NAME = "telegram"
FILES: dict[str, tuple[str, str]] = {
    "document": ("file", ""),
    "photo": ("photo.jpg", "image/jpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "sticker": ("sticker.webp", "image/webp"),
}
"""By field of a message: name and type where the service tells none."""
_ABOUT = frozenset(
    {
        *(
            "message_id",
            "message_thread_id",
            "from",
            "sender_chat",
            "chat",
            "date",
            "edit_date",
            "via_bot",
            "reply_markup",
        ),
        *("reply_to_message", "quote", "external_reply", "entities", "caption", "caption_entities", "media_group_id"),
        *("has_media_spoiler", "show_caption_above_media", "link_preview_options", "effect_id", "author_signature"),
        *("forward_origin", "forward_from", "forward_from_chat", "forward_from_message_id", "forward_signature"),
        *("forward_sender_name", "forward_date", "is_automatic_forward", "is_from_offline", "has_protected_content"),
        *("business_connection_id", "sender_boost_count"),
    }
)
"""Fields that tell about a message, not what it is."""


def read_update(update: Any) -> list[Event]:
    """The events of one update, in order; something unknown is `Unknown`."""
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        return [Unknown("malformed", "malformed")]
    unknown = Unknown(
        f"update:{update['update_id']}", next((key for key in update if key != "update_id"), "empty")[:60]
    )
    try:
        if "message" in update:
            return [_message(update["message"])]
        if "edited_message" in update:
            return [_message(update["edited_message"], edited=True)]
        if "callback_query" in update:
            return [_pressed(update["callback_query"])]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return [unknown]
    return [unknown]


def message_id(chat_id: int, number: int) -> str:
    """How a message is named outside its chat."""
    return f"{chat_id}:{number}"


def customer_value(user_id: int) -> str:
    """How a customer is known: ids of people hold for every bot."""
    return f"{NAME}:{user_id}"


def _message(message: Json, *, edited: bool = False) -> Event:
    chat, name = message["chat"], message_id(int(message["chat"]["id"]), int(message["message_id"]))
    if chat.get("type") != "private" or message["from"].get("is_bot"):
        return Unknown(name, f"{chat.get('type')}-message")
    kind, text, data = _content(message)
    opened = text.split(maxsplit=1) if text.startswith("/start") and kind == "text" and not edited else []
    started = bool(opened) and opened[0] == "/start"
    token = opened[1] if started and len(opened) > 1 else None
    if started and token is None:
        return Unknown(name, "start")
    quoted = message.get("reply_to_message")
    return Incoming(
        id=f"{name}:{message.get('edit_date', 0)}" if edited else name,
        sender=_sender(message["from"], int(chat["id"])),
        text="" if started else text,
        files=() if edited else _files(message),
        reply_to=(name,) if edited else (message_id(int(chat["id"]), int(quoted["message_id"])),) if quoted else (),
        token=token,
        at=Millis(int(message.get("edit_date") or message["date"]) * 1000),
        language=_language(message["from"]),
        automatic=started,
        kind="edit" if edited else "start" if started else kind,
        data=data,
    )


def _pressed(query: Json) -> Event:
    message, data = query.get("message") or {}, str(query.get("data") or "")
    chat = message.get("chat") or {"id": query["from"]["id"], "type": "private"}
    if chat.get("type") != "private":
        return Unknown(f"callback:{query['id']}", f"{chat.get('type')}-callback")
    return Incoming(
        id=f"callback:{query['id']}",
        sender=_sender(query["from"], int(chat["id"])),
        text=_label(message, data) or data,
        reply_to=(message_id(int(chat["id"]), int(message["message_id"])),) if "message_id" in message else (),
        language=_language(query["from"]),
        button=data,
    )


def _label(message: Json, data: str) -> str:
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", ())
    return next((str(each["text"]) for row in rows for each in row if each.get("callback_data") == data), "")


def _sender(user: Json, chat_id: int) -> Sender:
    name = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip() or str(user.get("username") or "")
    return Sender(
        address=str(chat_id),
        kind="external",
        value=customer_value(int(user["id"])),
        verified=True,
        name=name[:200],
        language=_language(user),
    )


def _language(user: Json) -> str | None:
    return str(user["language_code"])[:2].lower() if user.get("language_code") else None


def _content(message: Json) -> tuple[str, str, Json]:
    """Its kind, what a person reads of it, and the channel's own part."""
    if "text" in message:
        return "text", str(message["text"]), {}
    caption = str(message.get("caption") or "")
    if "sticker" in message:
        return "sticker", str(message["sticker"].get("emoji") or ""), {}
    if any(field in message for field in FILES):
        return "text", caption, {}
    for field, describe in _KINDS.items():
        if field in message:
            return field, describe(message[field]), {field: message[field]}
    return next((key[:60] for key in message if key not in _ABOUT), "empty"), caption, {}


def _files(message: Json) -> tuple[IncomingFile, ...]:
    field = next((name for name in FILES if name in message), None)
    if field is None:
        return ()
    value: Json = message[field][-1] if field == "photo" else message[field]  # of a photo the largest comes last
    name, kind = FILES[field]
    if field == "sticker" and (value.get("is_animated") or value.get("is_video")):
        name, kind = ("sticker.webm", "video/webm") if value.get("is_video") else ("sticker.tgs", "application/gzip")
    return (
        IncomingFile(
            name=str(value.get("file_name") or name),
            content_type=str(value.get("mime_type") or kind),
            ref=str(value["file_id"]),
            size=value.get("file_size"),
        ),
    )


def _place(value: Mapping[str, Any]) -> str:
    return f"{value['latitude']:.6f}, {value['longitude']:.6f}"


def _contact(value: Mapping[str, Any]) -> str:
    name = f"{value.get('first_name') or ''} {value.get('last_name') or ''}".strip()
    return f"{name} {value.get('phone_number') or ''}".strip()


def _venue(value: Mapping[str, Any]) -> str:
    return f"{value.get('title') or ''}\n{value.get('address') or ''}\n{_place(value['location'])}".strip()


def _poll(value: Mapping[str, Any]) -> str:
    return "\n".join([str(value.get("question") or ""), *(f"- {each['text']}" for each in value.get("options", ()))])


def _dice(value: Mapping[str, Any]) -> str:
    return f"{value.get('emoji') or ''} {value.get('value') or ''}".strip()


_KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "venue": _venue,  # before the location it also carries
    "location": _place,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
}
