"""Telegram as a channel: messages of a bot's private chats in, answers out. What updates say is in `updates`, what is sent in
`requests`.

By long polling nothing has to reach this server from outside; by webhook the service calls us, which is quicker with many
bots. The webhook's secret derives from the bot's token, so there is nothing more to configure.
"""

import asyncio
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.calling import ask, call, each_part, form, no_file
from parlons.channels.model import (
    ALL_MEDIA,
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Outgoing,
    Sent,
)
from parlons.channels.plugin import BadHook, Failed, Inbox, InvalidAccount, NotFromProvider, Secret, Tools, TryLater
from parlons.channels.telegram.requests import Call, calls, refusal
from parlons.channels.telegram.updates import NAME, message_id, read_update

KINDS = ["message", "edited_message", "callback_query"]
"""The updates we ask for."""
DOWNLOAD_MAX = 20 * 1024 * 1024
POLL_SECONDS, LOOK_AGAIN = 15, timedelta(minutes=5)
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
CAPABILITIES = Capabilities(buttons=10, media=ALL_MEDIA, media_bytes=10 * 1024 * 1024, typing=True, starts=False)
_TOKEN = re.compile(r"\d{3,20}:[\w-]{20,100}")


class Settings(BaseModel):
    """Of one bot."""

    model_config = ConfigDict(extra="forbid")

    receive: Literal["polling", "webhook"] = Field(
        "polling",
        title="How messages arrive",
        description="Polling needs no public address; with a webhook the service calls this server's public https address.",
    )
    api_url: str = Field(
        "https://api.telegram.org",
        title="Address of the service",
        description="Another one only for a bot server of your own.",
        pattern=r"^https?://[^\s]+[^/\s]$",
    )


class Telegram:
    """The channel, once a process."""

    name: ClassVar[str] = NAME
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = (Secret("token"),)

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def address(self, text: str) -> str:
        """The bot's user name, without its @."""
        name = text.strip().removeprefix("@")
        if not re.fullmatch(r"[A-Za-z]\w{3,31}", name, re.ASCII):
            raise InvalidAccount("The address of a bot is its user name, such as DelmasBot.", field="address")
        return name

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every bot."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """The chat with a person has the person's number."""
        number = value.removeprefix(f"{NAME}:")
        return number if kind == "external" and value == f"{NAME}:{number}" and number.isdigit() else None

    # Out

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """In as many calls as it needs."""

        async def one(each: Call) -> str:
            result = await self._call(account, each)
            return message_id(int(result["chat"]["id"]), int(result["message_id"]))

        ids = await each_part(calls(message), one)
        return Sent(tuple(ids), parts=len(ids))

    async def show_typing(self, account: Account, to: str) -> None:
        """Shown for five seconds."""
        await self._call(account, Call("sendChatAction", {"chat_id": to, "action": "typing"}))

    # In

    def verify(self, account: Account, request: HookRequest) -> None:
        """The secret we gave when we set the webhook."""
        given, token = request.headers.get(SECRET_HEADER, ""), _token(account)
        if not token or not hmac.compare_digest(given.encode(), hook_secret(token).encode()):
            raise NotFromProvider

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """Nothing but updates comes."""
        return None

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """One update a call."""
        try:
            update = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise BadHook from None
        return read_update(update)

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """A pressed button is told that it was, in the same answer."""
        update = orjson.loads(request.body)
        query = update.get("callback_query") if isinstance(update, dict) else None
        if not isinstance(query, dict) or "id" not in query:
            return HookAnswer()
        told = {"method": "answerCallbackQuery", "callback_query_id": query["id"]}
        return HookAnswer(body=orjson.dumps(told), content_type="application/json")

    async def run(self, account: Account, inbox: Inbox) -> None:
        """Receive in the way the settings say."""
        if account.settings.receive == "webhook":
            await self._keep_webhook(account, inbox)
        await self._poll(account, inbox)

    async def _poll(self, account: Account, inbox: Inbox) -> None:
        await self._ask(account, inbox, "deleteWebhook", {})
        offset = int((await inbox.position()).get("offset", 0))
        inbox.connected()
        while True:
            asked = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": KINDS}
            updates = await self._ask(account, inbox, "getUpdates", asked)
            for update in updates:
                offset = int(update["update_id"]) + 1
                await inbox.take(read_update(update), position={"offset": offset})
                if query := update.get("callback_query"):
                    await self._ask(
                        account, inbox, "answerCallbackQuery", {"callback_query_id": query["id"]}, need=False
                    )
            inbox.connected()

    async def _keep_webhook(self, account: Account, inbox: Inbox) -> None:
        """One connection only, so that messages come in their order. Set again when somebody else has changed it."""
        wanted = {
            "url": account.hook_url,
            "secret_token": hook_secret(_token(account)),
            "allowed_updates": KINDS,
            "max_connections": 1,
        }
        while True:
            await self._ask(account, inbox, "setWebhook", wanted)
            inbox.connected()
            await asyncio.sleep(LOOK_AGAIN.total_seconds())

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """Ask where it lies, then fetch it."""
        try:
            answer = await ask(self._http, "POST", _url(account, "getFile"), refusal, body={"file_id": file.ref})
        except Failed as no:
            raise Failed("file-too-large" if "too big" in no.reason else no.code, no.reason) from None
        path = str(answer.json()["result"]["file_path"])
        place = f"{account.settings.api_url}/file/bot{_token(account)}/{path}"
        found = await ask(self._http, "GET", place, no_file, largest=DOWNLOAD_MAX)
        return replace(file, body=found.content)

    async def _ask(
        self, account: Account, inbox: Inbox, method: str, params: Mapping[str, Any], *, need: bool = True
    ) -> Any:
        """A call of the receiving side; what keeps it from working is shown as the account's problem."""
        try:
            answer = await ask(self._http, "POST", _url(account, method), refusal, body=dict(params))
        except (TryLater, Failed) as error:
            if not need:
                return None
            inbox.connected(problem=error.code)
            raise
        return answer.json()["result"]

    async def _call(self, account: Account, each: Call) -> Any:
        body, headers = form(each.parts()) if each.file is not None else (dict(each.params), {})
        answer = await call(self._http, "POST", _url(account, each.method), refusal, body=body, headers=headers)
        return answer.json()["result"]


def open_channel(tools: Tools) -> Telegram:
    """The channel of this process."""
    return Telegram(tools)


def hook_secret(token: str) -> str:
    """What the service must give back at each call, in letters its interface allows."""
    return hmac.new(token.encode(), b"parlons webhook", sha256).hexdigest()


def _token(account: Account) -> str:
    return account.secrets.get("token", "")


def _url(account: Account, method: str) -> str:
    if not _TOKEN.fullmatch(_token(account)):
        raise Failed("token-refused")
    return f"{account.settings.api_url}/bot{_token(account)}/{method}"
