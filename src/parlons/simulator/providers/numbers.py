"""A business number of the stand-in graph: messages, templates, statuses, and people who write to it.

Source: the published reference of the business messaging cloud API. Outside the 24 hours after a person's last message the
number's message is accepted and then fails with 131047, as the service does; a template passes.
"""

import base64
from dataclasses import dataclass, field
from typing import Any

from parlons.simulator.providers.graph import Graph, GraphError, Json, now_seconds
from parlons.simulator.providers.wire import Upload

TEXT_MAX, BUTTONS_MAX, TITLE_MAX = 4096, 3, 20
WINDOW_CLOSED: Json = {
    "code": 131047,
    "title": "Re-engagement message",
    "message": "Re-engagement message",
    "error_data": {
        "details": "Message failed to send because more than 24 hours have passed since the customer last replied "
        "to this number."
    },
}


@dataclass
class Number:
    """A business number. `id`: its phone number id."""

    graph: Graph
    id: str = "106540352242922"
    display: str = "33939035001"
    business_id: str = "102290129340398"
    templates: list[Json] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    """People who wrote within the last 24 hours."""
    on_time: bool = True
    """Whether sent and delivered are told by themselves; else whoever plays says when, and in which order."""
    heard: dict[str, list[Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph.nodes[self.id] = self
        self.graph.nodes[self.business_id] = self

    # What people do

    def says(self, person: str, text: str, name: str = "Kerry Fisher", **more: Any) -> Json:
        """`person` (digits of his number) writes; returns the message."""
        return self.posts(person, {"type": "text", "text": {"body": text}, **more}, name)

    def posts(self, person: str, fields: Json, name: str = "Kerry Fisher") -> Json:
        """A message with the fields as given: `type` and the field it names."""
        self.open.add(person)
        message = {"from": person, "id": self._wamid(), "timestamp": str(now_seconds()), **fields}
        contact = {"profile": {"name": name}, "wa_id": person}
        self._tell({"contacts": [contact], "messages": [message]})
        return message

    def sends(
        self, person: str, kind: str, name: str, content_type: str, content: bytes, caption: str = ""
    ) -> Json:  # fmt: skip
        """He sends a file; `kind`: image, document, audio, video or sticker."""
        number = self.graph.keep(name, content_type, content)
        value: Json = {"id": number, "mime_type": content_type, "sha256": "x"}
        if caption:
            value["caption"] = caption
        if kind == "document":
            value["filename"] = name
        return self.posts(person, {"type": kind, kind: value})

    def presses(self, person: str, message_id: str, button: str, title: str) -> Json:
        """He presses a reply button."""
        reply = {"type": "button_reply", "button_reply": {"id": button, "title": title}}
        context = {"from": self.display, "id": message_id}
        return self.posts(person, {"type": "interactive", "interactive": reply, "context": context})

    def status(self, message_id: str, person: str, status: str, *errors: Json) -> None:
        """How a message of the number fares: sent, delivered, read or failed."""
        told: Json = {"id": message_id, "status": status, "timestamp": str(now_seconds()), "recipient_id": person}
        if status in ("sent", "delivered"):
            told["conversation"] = {"id": f"c{person}", "origin": {"type": "service"}}
            told["pricing"] = {"billable": True, "pricing_model": "PMP", "category": "service"}
        self._tell({"statuses": [told | ({"errors": list(errors)} if errors else {})]})

    # What the business calls

    async def post_message(self, body: Json, _: Upload | None) -> Json:
        """The `messages` edge: a message, or the news that one was read."""
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        if body.get("status") == "read":
            return {"success": True}
        person = "".join(each for each in str(body.get("to", "")) if each.isdigit())
        if not person:
            raise GraphError(100, "The parameter to is required.")
        self._check(body)
        message_id = self._wamid()
        if body["type"] != "template" and person not in self.open:
            self.status(message_id, person, "failed", WINDOW_CLOSED)
        else:
            self.heard.setdefault(person, []).append({"id": message_id, **body})
            self.graph.answers.note(person)
            if self.on_time:
                self.status(message_id, person, "sent")
                self.status(message_id, person, "delivered")
        contact = {"input": str(body["to"]), "wa_id": person}
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message_id}]}

    async def post_file(self, body: Json, upload: Upload) -> Json:
        """The `media` edge."""
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        kind = upload.content_type
        if not kind.startswith(("image/", "audio/", "video/", "application/", "text/plain")):
            raise GraphError(100, f"Param file must be a file with one of the following types; received {kind}")
        return {"id": self.graph.keep(upload.name, kind, upload.content)}

    def get(self, edge: str, fields: str) -> Json:
        """Its templates, or itself."""
        if edge == "message_templates":
            return {"data": self.templates, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}}
        return {"id": self.id, "display_phone_number": self.display, "verified_name": "Delmas"}

    def _check(self, body: Json) -> None:
        kind = body.get("type")
        if kind not in ("text", "template", "image", "document", "audio", "video", "interactive"):
            raise GraphError(100, "Param type must be one of {TEXT, TEMPLATE, ...}")
        if kind not in body:
            raise GraphError(131008, "Required parameter is missing", details=f"Parameter {kind} is missing")
        if kind == "text" and not 0 < len(body["text"].get("body", "")) <= TEXT_MAX:
            why = f"Param text['body'] must be at most {TEXT_MAX} characters long."
            raise GraphError(100, "Invalid parameter", details=why)
        if kind == "template":
            self._check_template(body["template"])
        if kind in ("image", "document", "audio", "video") and body[kind].get("id") not in self.graph.files:
            raise GraphError(131053, "Media upload error", details="Unknown media id")
        if kind == "interactive":
            buttons = body["interactive"]["action"]["buttons"]
            titles = [each["reply"]["title"] for each in buttons]
            if not 0 < len(buttons) <= BUTTONS_MAX or any(not 0 < len(each) <= TITLE_MAX for each in titles):
                raise GraphError(131009, "Parameter value is not valid", details="Invalid buttons")

    def _check_template(self, wanted: Json) -> None:
        language = wanted.get("language", {}).get("code")
        for known in self.templates:
            if (known["name"], known["language"]) == (wanted.get("name"), language):
                break
        else:
            why = f"template name ({wanted.get('name')}) does not exist in {language}"
            raise GraphError(132001, "Template name does not exist in the translation", status=404, details=why)
        body = next(each["text"] for each in known["components"] if each["type"] == "BODY")
        given = [each for each in wanted.get("components", ()) if each["type"] == "body"]
        count = len(given[0]["parameters"]) if given else 0
        if count != body.count("{{"):
            why = f"body: number of localizable_params ({count}) does not match the expected number of params"
            raise GraphError(132000, "Number of parameters does not match the expected number of params", details=why)

    def _tell(self, value: Json) -> None:
        metadata = {"display_phone_number": self.display, "phone_number_id": self.id}
        told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        entry = {"id": self.business_id, "changes": [{"value": told, "field": "messages"}]}
        self.graph.tell({"object": "whatsapp_business_account", "entry": [entry]})

    def _wamid(self) -> str:
        return "wamid." + base64.b64encode(f"HBgL{self.graph.number():020d}".encode()).decode()


def template(name: str, language: str, text: str, category: str = "UTILITY") -> Json:
    """An approved template as the graph tells of it."""
    told = {"name": name, "language": language, "status": "APPROVED", "category": category, "id": "594425479261596"}
    return told | {"parameter_format": "POSITIONAL", "components": [{"type": "BODY", "text": text}]}
