"""Posts that name an account or answer it, as a channel: what is answered here, everybody reads."""

from typing import Any, ClassVar

from parlons.channels.model import Account, Capabilities, Outgoing, Sent
from parlons.channels.plugin import Failed, Tools
from parlons.channels.x.calls import PICTURE_BYTES, PICTURES
from parlons.channels.x.channel import Hooked
from parlons.channels.x.events import POSTS

CAPABILITIES = Capabilities(text=280, media=PICTURES, media_bytes=PICTURE_BYTES, files=4, public=True, starts=False)


class Posts(Hooked):
    """The channel, once a process."""

    name: ClassVar[str] = POSTS

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every account."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Nobody but where he wrote."""
        return None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """A post under the last one of his."""
        root = message.to.removeprefix("post:")
        if root == message.to or not root.isdigit():
            raise Failed("unknown-recipient")
        if not message.text and not message.files:
            raise Failed("empty-message")
        body: dict[str, Any] = {"reply": {"in_reply_to_tweet_id": str(message.last_in.get("post") or root)}}
        if message.text:
            body["text"] = message.text
        if message.files:
            media = [await self._service.upload(account, each, "tweet_image") for each in message.files]
            body["media"] = {"media_ids": media}
        number = str((await self._service.post(account, "/2/tweets", body)).get("id") or "")
        return Sent((number,) if number else ())


def open_channel(tools: Tools) -> Posts:
    """The channel of this process."""
    return Posts(tools)
