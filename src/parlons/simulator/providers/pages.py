"""Pages and professional accounts of the stand-in graph: direct messages with people who write to them.

Source: the published reference of the pages' messaging platform. A page is told of deliveries and of reading up to a
watermark in milliseconds; an account only of the message read. Outside the 24 hours a message is refused with code 10,
subcode 2018278.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from parlons.simulator.providers.graph import Graph, GraphError, Json
from parlons.simulator.providers.wire import Upload

SEVEN_DAYS_MS = 7 * 24 * 3_600_000
PAGE_TEXT_MAX, ACCOUNT_TEXT_MAX, QUICK_REPLIES_MAX = 2000, 1000, 13
"""Characters of a page's message; bytes of an account's."""


@dataclass
class Page:
    """A page, or an account when `object` says so."""

    graph: Graph
    id: str = "682498302938465"
    object: Literal["page", "instagram"] = "page"
    open: set[str] = field(default_factory=set)
    """People who wrote within the last 24 hours."""
    on_time: bool = True
    """Whether deliveries are told by themselves."""
    heard: dict[str, list[Json]] = field(default_factory=dict)
    remarks: dict[str, Json] = field(default_factory=dict)
    """What people said in public, by its id (`walls`)."""

    def __post_init__(self) -> None:
        self.graph.nodes[self.id] = self

    # What people do

    def says(self, person: str, text: str, **more: Any) -> Json:
        """A person writes; returns the event. `more`: further fields of the message, such as `reply_to`."""
        return self.posts(person, {"message": {"mid": self._mid(), "text": text, **more}})

    def sends(self, person: str, kind: str, name: str, content_type: str, content: bytes) -> Json:
        """He sends a file; `kind`: image, audio, video or file."""
        number = self.graph.keep(name, content_type, content)
        url = f"{self.graph.url}/files/{number}?open=1&name={name}"
        return self.posts(person, {"message": {"mid": self._mid(), "attachments": [_file(kind, url)]}})

    def presses(self, person: str, title: str, payload: str) -> Json:
        """He presses a button of a template or of the menu."""
        return self.posts(person, {"postback": {"mid": self._mid(), "title": title, "payload": payload}})

    def chooses(self, person: str, title: str, payload: str) -> Json:
        """He taps a quick reply."""
        return self.says(person, title, quick_reply={"payload": payload})

    def reads(self, person: str, message_id: str) -> None:
        """He has read up to this message of the page."""
        read = {"watermark": _now()} if self.object == "page" else {"mid": message_id}
        self._tell(person, {"read": read})

    def delivers(self, person: str, *message_ids: str) -> None:
        """They have arrived at his telephone."""
        self._tell(person, {"delivery": {"mids": list(message_ids), "watermark": _now()}})

    def posts(self, person: str, fields: Json) -> Json:
        """An event of his with the fields as given."""
        self.open.add(person)
        return self._tell(person, fields)

    # What the page calls

    async def post_message(self, body: Json, upload: Upload | None) -> Json:
        """The `messages` edge: a message, or an action such as typing."""
        recipient = body.get("recipient", {})
        if "comment_id" in recipient:
            return self._answer_privately(str(recipient["comment_id"]), body.get("message", {}))
        person = str(recipient.get("id", ""))
        if person not in self.open and person not in self.graph.people:
            raise GraphError(100, "No matching user found", subcode=2018001)
        if "sender_action" in body:
            return {"recipient_id": person}
        message = body.get("message", {})
        self._check(message, upload)
        if person not in self.open and body.get("tag") != "HUMAN_AGENT":
            raise GraphError(10, "This message is sent outside of allowed window.", subcode=2018278)
        message_id = self._mid()
        kept = None
        if upload is not None:
            kept = self.graph.keep(upload.name, upload.content_type, upload.content)
        self.heard.setdefault(person, []).append({"id": message_id, **message, "file": kept})
        self.graph.answers.note(person)
        if self.on_time and self.object == "page":
            self.delivers(person, message_id)
        return {"recipient_id": person, "message_id": message_id}

    async def post_file(self, body: Json, upload: Upload) -> Json:
        """The `message_attachments` edge."""
        return {"attachment_id": self.graph.keep(upload.name, upload.content_type, upload.content)}

    def get(self, edge: str, fields: str) -> Json:
        """Itself."""
        return {"id": self.id, "name": "Delmas Automobiles"}

    def _answer_privately(self, remark_id: str, message: Json) -> Json:
        """Once, within seven days; the person is no more open to further messages than before."""
        remark = self.remarks.get(remark_id)
        if remark is None or remark["removed"]:
            raise GraphError(100, f"Object with ID '{remark_id}' does not exist", subcode=33)
        if remark["answered"]:
            raise GraphError(10900, "Activity already replied to")
        if _now() - remark["at"] > SEVEN_DAYS_MS:
            raise GraphError(10, "This message is sent outside of allowed window.", subcode=2018278)
        self._check(message, None)
        remark["answered"] = True
        message_id = self._mid()
        self.heard.setdefault(remark["person"], []).append({"id": message_id, **message, "file": None})
        self.graph.answers.note(remark["person"])
        return {"recipient_id": remark["person"], "message_id": message_id}

    def _check(self, message: Json, upload: Upload | None) -> None:
        text = message.get("text", "")
        size = len(text) if self.object == "page" else len(text.encode())
        most = PAGE_TEXT_MAX if self.object == "page" else ACCOUNT_TEXT_MAX
        if size > most:
            raise GraphError(100, f"Length of param message[text] must be less than or equal to {most}")
        if not text and upload is None and "attachment" not in message:
            raise GraphError(100, "Message cannot be empty, must provide valid attachment or text", subcode=2018320)
        if upload is not None and self.object == "instagram":
            raise GraphError(100, "Attachments of accounts are given by address", subcode=2018047)
        choices = message.get("quick_replies", ())
        if len(choices) > QUICK_REPLIES_MAX or any(not 0 < len(each["title"]) <= 20 for each in choices):
            raise GraphError(100, "Invalid quick replies", subcode=2018065)

    def _tell(self, person: str, fields: Json) -> Json:
        event = {"sender": {"id": person}, "recipient": {"id": self.id}, "timestamp": _now(), **fields}
        self.graph.tell({"object": self.object, "entry": [{"id": self.id, "time": _now(), "messaging": [event]}]})
        return event

    def _mid(self) -> str:
        return f"m_{self.graph.number():010d}AbCdEf-gHiJ"


def _file(kind: str, url: str) -> Json:
    return {"type": kind, "payload": {"url": url}}


def _now() -> int:
    return time.time_ns() // 1_000_000
