"""Direct messages of an account as a channel. Anybody who takes messages can be written to first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import BaseModel

from parlons.channels.calling import divide, each_part, named
from parlons.channels.model import (
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Outgoing,
    OutgoingFile,
    Sent,
)
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools
from parlons.channels.x import signing
from parlons.channels.x.calls import PICTURE_BYTES, PICTURES, Service, Settings
from parlons.channels.x.events import MESSAGES, read_call

TEXT_MAX = 10_000
CAPABILITIES = Capabilities(media=PICTURES, media_bytes=PICTURE_BYTES, read=True)


class Hooked:
    """What direct messages and posts do alike: one webhook serves both."""

    name: ClassVar[str]
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = signing.SECRETS

    def __init__(self, tools: Tools) -> None:
        self._service = Service(tools.http, tools.clock)

    def address(self, text: str) -> str:
        """The account's number."""
        number = text.strip()
        if not number.isascii() or not number.isdigit() or not 1 <= len(number) <= 20:
            raise InvalidAccount("The address is the account's number: digits only, not its name.", field="address")
        return number

    def verify(self, account: Account, request: HookRequest) -> None:
        """The app's signature over the raw body."""
        signing.verify(account, request)

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """The check that we know the secret."""
        return signing.answer(account, request)

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """Messages and posts; those of the other channel go there."""
        return read_call(self.name, request)

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Any 200 will do."""
        return HookAnswer()

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """From the address that came with it."""
        answer = await self._service.file(account, str(file.ref))
        kind = answer.headers.get("content-type", "").partition(";")[0].strip() or file.content_type
        return replace(file, body=answer.content, content_type=kind, name=named(file.name, kind))


class Messages(Hooked):
    """Direct messages, once a process."""

    name: ClassVar[str] = MESSAGES

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every account."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Everybody of whom the number is known."""
        person = value.removeprefix(f"{MESSAGES}:")
        return person if kind == "external" and person.isdigit() and value != person else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """In as many messages as it needs: one file each."""
        if not message.text and not message.files:
            raise Failed("empty-message")
        path = f"/2/dm_conversations/with/{message.to}/messages"

        async def one(each: str | OutgoingFile) -> str:
            body: dict[str, Any] = {"text": each} if isinstance(each, str) else {}
            if not isinstance(each, str):
                body = {"attachments": [{"media_id": await self._service.upload(account, each, "dm_image")}]}
            return str((await self._service.post(account, path, body)).get("dm_event_id") or "")

        texts = divide(message.text, TEXT_MAX, unit="characters") if message.text else []
        sends: list[str | OutgoingFile] = [*texts, *message.files]
        ids = await each_part(sends, one)
        return Sent(tuple(each for each in ids if each), parts=len(ids))


def open_channel(tools: Tools) -> Messages:
    """The channel of this process."""
    return Messages(tools)
