"""Direct messages of a page or an account: what goes out, and files that came. Shared by Messenger and Instagram.

Source: the reference of the Send API. Free text may be sent for 24 hours after the customer's last message, and there is no
template to open the window again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import orjson
from pydantic import BaseModel

from parlons.channels.calling import Part, ask, divide, each_part, named, no_file
from parlons.channels.meta import hooks
from parlons.channels.meta.events import read_entries
from parlons.channels.meta.graph import GraphSettings, post
from parlons.channels.model import (
    Account,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Outgoing,
    OutgoingFile,
    Sent,
)
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools

LABEL_MAX, PAYLOAD_MAX, LARGEST = 20, 1000, 26 * 1024 * 1024
Body = dict[str, Any]


def bodies(message: Outgoing, most: int, unit: Literal["characters", "utf-8"]) -> list[Body | list[Part]]:
    """The calls of the `messages` edge that send `message`, in order; with quick replies, which go with what comes last, files
    come first."""
    texts: list[Body] = [{"text": each} for each in divide(message.text, most, unit=unit)] if message.text else []
    if message.buttons:
        if any(
            not 0 < len(each.label) <= LABEL_MAX or not 0 < len(each.payload) <= PAYLOAD_MAX for each in message.buttons
        ):
            raise Failed("button-too-long")
        if not texts:
            raise Failed("empty-message")
        texts[-1] = {**texts[-1], "quick_replies": [_reply(each.label, each.payload) for each in message.buttons]}
    files: list[Body | list[Part]] = [_form(message.to, each) for each in message.files]
    said: list[Body | list[Part]] = [_body(message.to, each) for each in texts]
    if not files and not said:
        raise Failed("empty-message")
    return [*files, *said] if message.buttons else [*said, *files]


def _body(to: str, value: Body) -> Body:
    return {"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": value}


def _reply(label: str, payload: str) -> Body:
    return {"content_type": "text", "title": label, "payload": payload}


def _form(to: str, file: OutgoingFile) -> list[Part]:
    kind = "image" if file.content_type.startswith("image/") else "file"
    attachment = {"attachment": {"type": kind, "payload": {"is_reusable": False}}}
    return [
        ("recipient", "", "", orjson.dumps({"id": to})),
        ("messaging_type", "", "", b"RESPONSE"),
        ("message", "", "", orjson.dumps(attachment)),
        ("filedata", file.name, file.content_type, file.body),
    ]


class Direct:
    """What both channels do alike; each says its own name, words and limits."""

    name: ClassVar[str]
    object: ClassVar[str]
    text_max: ClassVar[int]
    text_unit: ClassVar[Literal["characters", "utf-8"]]
    settings: ClassVar[type[BaseModel]] = GraphSettings
    secrets: ClassVar[tuple[Secret, ...]] = hooks.SECRETS

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def address(self, text: str) -> str:
        """The id of the page or account."""
        number = text.strip()
        if not number.isascii() or not number.isdigit() or not 5 <= len(number) <= 30:
            raise InvalidAccount("The address is the id of the page or account: digits only.", field="address")
        return number

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Whoever wrote to this page or account."""
        person = value.removeprefix(f"{self.name}:{account.address}:")
        return person if kind == "external" and person.isdigit() and value != person else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """In as many messages as it needs."""

        async def one(each: Body | list[Part]) -> str:
            return str((await post(self._http, account, "messages", each))["message_id"])

        ids = await each_part(bodies(message, self.text_max, self.text_unit), one)
        return Sent(tuple(ids), parts=len(ids))

    async def show_typing(self, account: Account, to: str) -> None:
        """Shown for 20 seconds or until the message."""
        await post(self._http, account, "messages", {"recipient": {"id": to}, "sender_action": "typing_on"})

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """From the address that came with it; it holds for some days and asks for no token."""
        answer = await ask(self._http, "GET", str(file.ref), no_file, largest=LARGEST)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip() or file.content_type
        return replace(file, body=answer.content, content_type=kind, name=named(file.name, kind))

    def verify(self, account: Account, request: HookRequest) -> None:
        """The app's signature over the raw body."""
        hooks.verify(account, request)

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """The challenge of a subscription."""
        return hooks.answer(request)

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """Direct messages and what became of ours."""
        return read_entries(self.name, hooks.entries(request, self.object))

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Any 200 will do."""
        return hooks.ACCEPTED
