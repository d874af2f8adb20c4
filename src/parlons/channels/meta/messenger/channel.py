"""Messenger as a channel: direct messages of a page. What is shared with other accounts of the graph is in `direct`."""

from datetime import timedelta
from typing import ClassVar, Literal

from parlons.channels.meta.direct import Direct
from parlons.channels.model import ALL_MEDIA, Account, Capabilities
from parlons.channels.plugin import Tools

CAPABILITIES = Capabilities(
    buttons=13,
    media=ALL_MEDIA,
    media_bytes=10 * 1024 * 1024,
    typing=True,
    read=True,
    delivered=True,
    reply_window=timedelta(hours=24),
    starts=False,
)


class Messenger(Direct):
    """The channel, once a process."""

    name: ClassVar[str] = "messenger"
    object: ClassVar[str] = "page"
    text_max: ClassVar[int] = 2000
    text_unit: ClassVar[Literal["characters", "utf-8"]] = "characters"

    def capabilities(self, account: Account) -> Capabilities:
        """The same for every page."""
        return CAPABILITIES


def open_channel(tools: Tools) -> Messenger:
    """The channel of this process."""
    return Messenger(tools)
