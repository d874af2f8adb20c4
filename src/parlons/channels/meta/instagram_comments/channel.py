"""A professional account in public as a channel: comments and mentions. What it shares with pages is in `comments`.

Answers are text: the service takes no files there.
"""

from typing import ClassVar

from pydantic import BaseModel

from parlons.channels.meta.comments import Comments
from parlons.channels.meta.instagram.channel import Settings
from parlons.channels.model import Capabilities, Json
from parlons.channels.plugin import Tools

CAPABILITIES = Capabilities(text=2200, public=True, starts=False)


class InstagramComments(Comments):
    """The channel, once a process."""

    name: ClassVar[str] = "instagram_comments"
    object: ClassVar[str] = "instagram"
    replies: ClassVar[str] = "replies"
    able: ClassVar[Capabilities] = CAPABILITIES
    private_max: ClassVar[int] = 1000
    private_unit: ClassVar[str] = "utf-8"
    settings: ClassVar[type[BaseModel]] = Settings

    def _hiding(self, hidden: bool) -> Json:
        return {"hide": hidden}


def open_channel(tools: Tools) -> InstagramComments:
    """The channel of this process."""
    return InstagramComments(tools)
