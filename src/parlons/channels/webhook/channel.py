"""A channel for anything that can call an address and be called: JSON signed by HMAC, both ways.

In, POST /hooks/webhook/{key}, one event or a list of them:

    {"type": "message", "id": "m-1", "from": {"id": "claire", "name": "Claire", "verified": true, "language": "fr"},
     "text": "...", "thread": null, "reply_to": [], "button": null, "attributes": {}, "automatic": false,
     "files": [{"name": "photo.jpg", "content_type": "image/jpeg", "content": "<base64>"}],
     "public": true, "link": "https://...", "rating": 4, "of": 5, "recommends": true}  (the last line: of posts, reviews)
    {"type": "receipt", "id": "<our key, or your id>", "state": "sent|delivered|read|failed", "code": "", "reason": ""}
    {"type": "typing", "from": {"id": "claire"}}
    {"type": "read", "from": {"id": "claire"}, "up_to": "<our key, or your id>"}

Out, POST to the configured address: `{"type": "message", "id": "<key>", "to": "claire", "text": ..., "public": false}`; the
answer may name the message: `{"id": "m-2"}`. Both ways the headers of Standard Webhooks: webhook-id, webhook-timestamp,
webhook-signature ("v1," + base64 of HMAC-SHA256 over "id.timestamp.body"). A call older than five minutes is refused.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.calling import call, waiting
from parlons.channels.model import (
    ALL_MEDIA,
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    Outgoing,
    Sent,
)
from parlons.channels.plugin import BadHook, Failed, InvalidAccount, NotFromProvider, NotSent, Secret, Tools, TryLater
from parlons.channels.webhook.events import event_of
from parlons.conversations.attachments import MAX_BYTES
from parlons.runtime.safe_http import Response

NAME = "webhook"
OLDEST_MS = 5 * 60_000


class Settings(BaseModel):
    """Settings of an account."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=320, title="Address",
                              description="Where answers are sent.")]  # fmt: skip
    text: Annotated[int, Field(ge=1, le=8000, title="Longest text")] = 8000
    files: Annotated[bool, Field(title="Takes files")] = True
    receipts: Annotated[bool, Field(title="Tells what was delivered and read")] = False
    public: Annotated[bool, Field(title="Public", description="Posts, comments, reviews: everybody reads what comes and what is "
                                  "answered.")] = False  # fmt: skip
    window_hours: Annotated[int, Field(ge=0, le=24 * 365, title="Reply window in hours",
                                       description="0: answers may be sent at any time.")] = 0  # fmt: skip


class Webhook:
    """The generic channel."""

    name: ClassVar[str] = NAME
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = (Secret("key"),)

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def address(self, text: str) -> str:
        """Any name."""
        name = text.strip()
        if not name or len(name) > 100 or not name.isprintable():
            raise InvalidAccount("An address is a name of 1 to 100 signs.", field="address")
        return name

    def capabilities(self, account: Account) -> Capabilities:
        """As configured."""
        own: Settings = account.settings
        return Capabilities(
            text=own.text,
            media=ALL_MEDIA if own.files else frozenset(),
            media_bytes=MAX_BYTES if own.files else 0,
            read=own.receipts,
            delivered=own.receipts,
            reply_window=timedelta(hours=own.window_hours) if own.window_hours else None,
            repeatable=True,
            starts=False,
            public=own.public,
        )

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Only who wrote to this account; what is public is answered where it stands only."""
        if account.settings.public:
            return None
        lead = f"{NAME}:{account.address}:"
        return value.removeprefix(lead) if kind == "external" and value.startswith(lead) else None

    def verify(self, account: Account, request: HookRequest) -> None:
        """The signature over id, time and raw body, not older than five minutes."""
        message_id, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not message_id or not stamp.isdecimal() or abs(request.at - int(stamp) * 1000) > OLDEST_MS:
            raise NotFromProvider
        right = signature(account.secrets.get("key", ""), message_id, stamp, request.body).encode()
        given = request.headers.get("webhook-signature", "").split()
        if not account.secrets.get("key") or not any(hmac.compare_digest(right, one.encode()) for one in given):
            raise NotFromProvider

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """No questions here."""
        return None

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """The events of a call."""
        try:
            found = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise BadHook("This is no JSON.") from None
        many = found if isinstance(found, list) else [found]
        if len(many) > 1000 or not all(isinstance(one, dict) for one in many):
            raise BadHook("One event, or a list of at most 1,000.")
        fallback = hashlib.sha256(request.body).hexdigest()[:32]
        public = account.settings.public
        return [event_of(account.address, one, f"{fallback}:{place}", public=public) for place, one in enumerate(many)]

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Nothing to say."""
        return HookAnswer(204)

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One signed call."""
        own: Settings = account.settings
        body = orjson.dumps(letter(message))
        stamp = str(self._tools.clock() // 1000)
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.key,
            "webhook-id": message.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(account.secrets.get("key", ""), message.key, stamp, body),
        }
        answer = await call(self._tools.http, "POST", own.url, refusal_of, body=body, headers=headers)
        told = answer.json()
        named = told.get("id") if isinstance(told, dict) else None
        return Sent((str(named)[:500] if named else message.key,))


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """One signature as Standard Webhooks write it. `secret`: any text; `whsec_` and base64 as usual there."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = secret.encode()
    mac = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def letter(message: Outgoing) -> dict[str, Any]:
    """A message as the other side reads it."""
    return {
        "type": "message",
        "id": message.key,
        "conversation_id": message.conversation_id,
        "to": message.to,
        "text": message.text,
        "language": message.language,
        "author": message.author,
        "automatic": message.automatic,
        "public": message.public,
        "thread": message.thread.removesuffix(f":{message.to}")
        if message.thread and message.public
        else message.thread,
        "reply_to": list(message.reply_to[:1]),
        "files": [
            {"name": one.name, "content_type": one.content_type, "content": base64.b64encode(one.body).decode()}
            for one in message.files
        ],
    }


def refusal_of(answer: Response) -> NotSent | None:
    """Why it was not taken; None: it was, or nobody knows."""
    if answer.status in (408, 429):
        return TryLater("provider-busy", str(answer.status), after=waiting(answer))
    if 300 <= answer.status < 500:
        return Failed("provider-refused", str(answer.status))
    return None


def open_channel(tools: Tools) -> Webhook:
    """The channel of this process."""
    return Webhook(tools)
