"""A page or an account in public: answers under a comment or post, and the one private answer the service allows to each.

Source: the Pages API (comments), the Instagram API (comment moderation, mentions), the reference of private replies: one message,
within seven days of the comment; then only when the customer answers. Shared by both channels; each says its own name and limits.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from parlons.channels.calling import Part, ask, named, no_file, size
from parlons.channels.meta import hooks
from parlons.channels.meta.direct import LARGEST
from parlons.channels.meta.events import read_entries
from parlons.channels.meta.graph import GraphSettings, get, post
from parlons.channels.meta.public import comment_of, mention_of, private_address, private_of
from parlons.channels.model import (
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Json,
    Outgoing,
    Sent,
)
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools

PRIVATELY = timedelta(days=7)


class Comments:
    """What both channels do alike."""

    name: ClassVar[str]
    object: ClassVar[str]
    replies: ClassVar[str]
    """The edge of a comment under which answers are put."""
    able: ClassVar[Capabilities]
    private_max: ClassVar[int]
    private_unit: ClassVar[str]
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

    def capabilities(self, account: Account) -> Capabilities:
        """Of a public answer."""
        return self.able

    def private(self, account: Account) -> Capabilities:
        """One text."""
        return Capabilities(text=self.private_max, once=True, reply_window=PRIVATELY, starts=False)

    def private_to(self, account: Account, said: Json) -> str | None:
        """By the comment or post last written."""
        comment, person = said.get("comment"), said.get("person")
        return private_address(str(comment), str(person)) if comment and person else None

    def is_private(self, to: str) -> bool:
        """As `private_to` writes it."""
        return private_of(to) is not None

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Nobody but where he wrote."""
        return None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """Under what was written, or once in private to who wrote it."""
        comment = private_of(message.to)
        if comment is not None:
            return Sent((await self._privately(account, comment, message),))
        if not message.text and not message.files:
            raise Failed("empty-message")
        mention = mention_of(message.to)
        if mention is not None:
            body = {"media_id": mention[0], "message": message.text} | (
                {"comment_id": mention[1]} if mention[1] else {}
            )
            told = await post(self._http, account, "mentions", body)
        else:
            root = comment_of(message.to)
            if root is None:
                raise Failed("unknown-recipient")
            told = await post(self._http, account, self.replies, self._answer(message), node=root)
        return Sent((str(told.get("id") or ""),) if told.get("id") else ())

    async def hide(self, account: Account, said: Json, *, hidden: bool) -> None:
        """What was written is seen by its author and his friends only, or by everybody again."""
        comment = said.get("comment")
        if not comment:
            raise Failed("unknown-recipient")
        await post(self._http, account, "", self._hiding(hidden), node=str(comment))

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """A picture from its address; the words of a mention from the graph."""
        mention = mention_of(str(file.ref))
        if mention is not None:
            return replace(file, body=(await self._mention(account, *mention)).encode(), content_type="text/plain")
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
        """What people said in public; their private messages go to the other channel."""
        return read_entries(self.name, hooks.entries(request, self.object))

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """Any 200 will do."""
        return hooks.ACCEPTED

    def _answer(self, message: Outgoing) -> Json | list[Part]:
        return {"message": message.text}

    def _hiding(self, hidden: bool) -> Json:
        raise NotImplementedError

    async def _privately(self, account: Account, comment: str, message: Outgoing) -> str:
        if message.files:
            raise Failed("file-refused")
        if not message.text:
            raise Failed("empty-message")
        if size(message.text, self.private_unit) > self.private_max:
            raise Failed("text-too-long")
        body = {"recipient": {"comment_id": comment}, "message": {"text": message.text}}
        return str((await post(self._http, account, "messages", body)).get("message_id") or "")

    async def _mention(self, account: Account, media: str, comment: str) -> str:
        edge = f"mentioned_comment.comment_id({comment})" if comment else f"mentioned_media.media_id({media})"
        fields = "{text,username,timestamp}" if comment else "{caption,username,permalink}"
        told: Any = await get(self._http, account, account.address, query={"fields": edge + fields})
        found = told.get(edge.partition(".")[0]) or {}
        lines = (
            f"@{found['username']}" if found.get("username") else "",
            found.get("text") or found.get("caption") or "",
        )
        return "\n".join(str(one) for one in (*lines, found.get("permalink") or "") if one)
