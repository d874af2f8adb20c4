"""What a message becomes as messages of a business number. Pure. Source: the reference of the `messages` edge.

A long text goes in several; the only file carries a short text as its caption; with buttons the last part is interactive.
"""

from dataclasses import dataclass
from typing import Any

from parlons.channels.calling import Part, divide
from parlons.channels.model import ChosenTemplate, Json, Outgoing, OutgoingFile, Template
from parlons.channels.plugin import Failed

TEXT_MAX, CAPTION_MAX, BUTTON_TEXT_MAX, LABEL_MAX, PAYLOAD_MAX = 4096, 1024, 1024, 20, 256
PICTURES = frozenset({"image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: its type and value; `file` is handed over first, and its id set into the value."""

    kind: str
    value: dict[str, Any]
    file: OutgoingFile | None = None

    def body(self, to: str, media_id: str = "") -> dict[str, Any]:
        """The body of the call."""
        value = {**self.value, "id": media_id} if self.file is not None else self.value
        head = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to}
        return {**head, "type": self.kind, self.kind: value}


def parts(message: Outgoing) -> list[Piece]:
    """The messages that make up `message`, in order; raises Failed for what the service would refuse."""
    if message.template is not None:
        return [Piece("template", _template(message.template))]
    short = len(message.files) == 1 and not message.buttons and len(message.text) <= CAPTION_MAX
    made = [_file(file, message.text if short else "") for file in message.files]
    if message.text and not short:
        most = BUTTON_TEXT_MAX if message.buttons else TEXT_MAX
        texts = [_text(each) for each in divide(message.text, most, unit="characters")]
        if message.buttons:
            texts[-1] = _interactive(message, texts[-1].value["body"])
        made = [*texts, *made]
    if not made:
        raise Failed("empty-message")
    return made


def media_form(file: OutgoingFile) -> list[Part]:
    """The form that hands over a file."""
    return [
        ("messaging_product", "", "", b"whatsapp"),
        ("type", "", "", file.content_type.encode()),
        ("file", file.name, file.content_type, file.body),
    ]


def usable_templates(told: list[Json]) -> list[Template]:
    """Approved templates whose only values are in their body: others need what an agent cannot give here."""
    found = []
    for each in told:
        if each.get("status") != "APPROVED" or each.get("parameter_format", "POSITIONAL") != "POSITIONAL":
            continue
        components = {str(one.get("type")): one for one in each.get("components", ())}
        body = str((components.pop("BODY", None) or {}).get("text") or "")
        needs_more = any("{{" in str(one) or one.get("format", "TEXT") != "TEXT" for one in components.values())
        if body and not needs_more:
            found.append(Template(str(each["name"]), str(each["language"]), body, _count(body)))
    return found


def _count(body: str) -> int:
    number = 0
    while f"{{{{{number + 1}}}}}" in body:
        number += 1
    return number


def _text(text: str) -> Piece:
    return Piece("text", {"body": text, "preview_url": False})


def _file(file: OutgoingFile, caption: str) -> Piece:
    value: dict[str, Any] = {"caption": caption} if caption else {}
    if file.content_type in PICTURES:
        return Piece("image", value, file)
    return Piece("document", {**value, "filename": file.name}, file)


def _interactive(message: Outgoing, text: str) -> Piece:
    if any(
        not 0 < len(each.label) <= LABEL_MAX or not 0 < len(each.payload) <= PAYLOAD_MAX for each in message.buttons
    ):
        raise Failed("button-too-long")
    buttons = [{"type": "reply", "reply": {"id": each.payload, "title": each.label}} for each in message.buttons]
    return Piece("interactive", {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}})


def _template(chosen: ChosenTemplate) -> dict[str, Any]:
    values = [{"type": "text", "text": value} for value in chosen.values]
    body = [{"type": "body", "parameters": values}] if values else []
    return {"name": chosen.name, "language": {"code": chosen.language}, "components": body}
