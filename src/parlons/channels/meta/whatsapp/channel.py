"""WhatsApp as a channel: what webhooks say is in `values`, what is sent in `requests`.

Free text may be sent for 24 hours after the customer's last message, later an approved template. One app has one webhook for
all its numbers: the account's address is the phone number id, and each event names the number it is for.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from pydantic import BaseModel, Field

from parlons.channels.calling import ask, each_part, named, no_file
from parlons.channels.meta import hooks
from parlons.channels.meta.graph import GraphSettings, bearer, get, post
from parlons.channels.meta.whatsapp.requests import Piece, media_form, parts, usable_templates
from parlons.channels.meta.whatsapp.values import NAME, read_entries
from parlons.channels.model import (
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Outgoing,
    Sent,
    Template,
)
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools, TryLater, Unsure

OBJECT = "whatsapp_business_account"
LARGEST = 20 * 1024 * 1024
PAGES = 10
"""Pages of templates that are read, of 100 each."""
MEDIA = frozenset(
    {
        *("image/jpeg", "image/png", "application/pdf", "text/plain"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
CAPABILITIES = Capabilities(
    buttons=3,
    media=MEDIA,
    media_bytes=5 * 1024 * 1024,
    read=True,
    delivered=True,
    reply_window=timedelta(hours=24),
    templates=True,
    paid=True,
)


class Settings(GraphSettings):
    """Of one number."""

    business_account_id: str = Field(
        "",
        title="Business account",
        description="The id of the business account; needed to list its approved templates.",
        pattern=r"^\d{0,30}$",
    )


class WhatsApp:
    """The channel, once a process."""

    name: ClassVar[str] = NAME
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = hooks.SECRETS

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def address(self, text: str) -> str:
        """The phone number id, as the service's console shows it."""
        if not re.fullmatch(r"\d{5,30}", text.strip(), re.ASCII):
            raise InvalidAccount("The address of a number is its phone number id: digits only.", field="address")
        return text.strip()

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every number."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Anybody with a telephone number, and whoever wrote without showing one."""
        if kind == "phone":
            return value.removeprefix("+")
        person = value.removeprefix(f"{NAME}:")
        return person if kind == "external" and person and value == f"{NAME}:{person}" else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """In as many messages as it needs; files are handed over before the first leaves."""
        pieces = parts(message)
        media = [await self._hand_over(account, each) for each in pieces]

        async def one(each: tuple[Piece, str]) -> str:
            piece, media_id = each
            told = await post(self._http, account, "messages", piece.body(message.to, media_id))
            return str(told["messages"][0]["id"])

        ids = await each_part(zip(pieces, media, strict=True), one)
        return Sent(tuple(ids), parts=len(ids))

    async def templates(self, account: Account) -> Sequence[Template]:
        """The approved ones which an agent can fill in."""
        number, found, after = account.settings.business_account_id, list[Template](), ""
        if not number:
            raise Failed("business-account-missing")
        for _ in range(PAGES):
            query = "message_templates?fields=name,status,language,components,parameter_format&limit=100"
            told = await get(self._http, account, number, query + (f"&after={after}" if after else ""))
            found += usable_templates(told.get("data") or [])
            paging = told.get("paging") or {}
            after = str((paging.get("cursors") or {}).get("after") or "") if "next" in paging else ""
            if not after:
                break
        return found

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """Ask where it lies, then fetch it; the address holds for five minutes."""
        told = await get(self._http, account, str(file.ref))
        answer = await ask(self._http, "GET", str(told["url"]), no_file, headers=bearer(account), largest=LARGEST)
        kind = str(told.get("mime_type") or file.content_type).partition(";")[0]
        return replace(file, body=answer.content, content_type=kind, name=named(file.name, kind))

    def verify(self, account: Account, request: HookRequest) -> None:
        """The app's signature over the raw body."""
        hooks.verify(account, request)

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """The challenge of a subscription."""
        return hooks.answer(request)

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """Messages and statuses."""
        return read_entries(hooks.entries(request, OBJECT))

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Any 200 will do."""
        return hooks.ACCEPTED

    async def _hand_over(self, account: Account, piece: Piece) -> str:
        if piece.file is None:
            return ""
        try:
            return str((await post(self._http, account, "media", media_form(piece.file)))["id"])
        except Unsure as error:  # nobody sees a file that was handed over only
            raise TryLater(error.code, error.reason) from None


def open_channel(tools: Tools) -> WhatsApp:
    """The channel of this process."""
    return WhatsApp(tools)
