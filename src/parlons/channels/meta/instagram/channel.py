"""Instagram as a channel: direct messages of a professional account. What is shared with pages is in `direct`.

The service takes files only from a public address, which a private file has not: answers are text and quick replies.
"""

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from parlons.channels.meta.direct import Direct
from parlons.channels.meta.graph import GraphSettings
from parlons.channels.model import Account, Capabilities
from parlons.channels.plugin import Tools

CAPABILITIES = Capabilities(buttons=13, typing=True, read=True, reply_window=timedelta(hours=24), starts=False)


class Settings(GraphSettings):
    """Of one account."""

    api_url: str = Field(
        "https://graph.instagram.com",
        title="Address of the service",
        description="For an account linked to a page, the graph of pages.",
        pattern=r"^https?://[^\s]+[^/\s]$",
    )


class Instagram(Direct):
    """The channel, once a process."""

    name: ClassVar[str] = "instagram"
    object: ClassVar[str] = "instagram"
    settings: ClassVar[type[BaseModel]] = Settings
    text_max: ClassVar[int] = 1000
    text_unit: ClassVar[Literal["characters", "utf-8"]] = "utf-8"

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every account."""
        return CAPABILITIES


def open_channel(tools: Tools) -> Instagram:
    """The channel of this process."""
    return Instagram(tools)
