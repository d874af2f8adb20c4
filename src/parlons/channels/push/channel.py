"""Push in the channel socket: text to a visitor of the firm's site who accepted. An account is a widget that offers it.

Without an account the widget asks nobody. Nothing comes in: who presses a notification writes in the chat it opens.
"""

import re
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from parlons.channels.model import Account, Capabilities, Outgoing, Sent
from parlons.channels.plugin import Failed, InvalidAccount, Secret, Tools
from parlons.channels.push.browsers import CHANNEL
from parlons.customers.model import EXTERNAL

TEXT_MAX = 1000
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
Hour = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]


class Settings(BaseModel):
    """Settings of an account."""

    model_config = ConfigDict(extra="forbid")

    show_text: Annotated[bool, Field(title="Show what was written",
                                     description="Otherwise a notification says only that there is an answer: others may "
                                                 "see the screen.")] = False  # fmt: skip
    quiet_begins: Annotated[Hour, Field(title="Quiet from", description="As 21:00, by the visitor's clock; empty: "
                                                                        "never quiet.")] = "21:00"  # fmt: skip
    quiet_ends: Annotated[Hour, Field(title="Quiet until", description="As 08:00.")] = "08:00"


class Push:
    """Visitors who want to be told."""

    name: ClassVar[str] = CHANNEL
    settings: ClassVar[type[BaseModel]] = Settings
    secrets: ClassVar[tuple[Secret, ...]] = ()

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def address(self, text: str) -> str:
        """The key of a widget."""
        key = text.strip()
        if not _KEY.fullmatch(key):
            raise InvalidAccount("The address is the key of the chat widget that asks its visitors.", field="address")
        return key

    def capabilities(self, account: Account) -> Capabilities:
        """Text, and the same twice shows once: notifications replace one another by their tag."""
        return Capabilities(text=TEXT_MAX, repeatable=True)

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """Who accepted on this widget's pages."""
        lead = f"{CHANNEL}:{account.address}:"
        return value.removeprefix(lead) if kind == EXTERNAL and value.startswith(lead) else None

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One notification."""
        if self._tools.browsers is None:
            raise Failed("not-sent-here")
        return await self._tools.browsers.send(account, message)


def open_channel(tools: Tools) -> Push:
    """The channel of this process."""
    return Push(tools)
