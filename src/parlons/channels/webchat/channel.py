"""Web chat as a channel of the registry: what its messages can carry. Its pages have a socket of their own, so nothing is
sent here.

An account of it is a widget, configured as such.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from parlons.channels.model import ALL_MEDIA, Account, Capabilities, Outgoing, Sent
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools
from parlons.channels.webchat.model import CHANNEL, TEXT_MAX
from parlons.conversations.attachments import MAX_BYTES

CAPABILITIES = Capabilities(
    text=TEXT_MAX,
    media=ALL_MEDIA,
    media_bytes=MAX_BYTES,
    typing=True,
    read=True,
    starts=False,
    repeatable=True,
    sends=False,
)


class Settings(BaseModel):
    """None: widgets have their own."""

    model_config = ConfigDict(extra="forbid")


class Webchat:
    """The chat of a firm's pages."""

    name: ClassVar[str] = CHANNEL
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = ()

    def address(self, text: str) -> str:
        """Widgets are no accounts of this list."""
        raise InvalidAccount("Web chat is configured as a widget.", field="channel")

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every widget."""
        return CAPABILITIES

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """A visitor is reached on his page, in the conversation he has there."""
        return None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """Never called: the page's socket brings it."""
        raise Failed("not-sent-here")


def open_channel(tools: Tools) -> Webchat:
    """The channel of this process."""
    return Webchat()
