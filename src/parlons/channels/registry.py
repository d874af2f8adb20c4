"""The channels of a process: those that ship, named here and nowhere else, and those of third parties, by entry point.

A third party's package names a function like ours in the entry point group `parlons.channels`; the entry point's name is the
channel's. One that cannot be loaded is logged and left out: it takes no other channel with it.
"""

from collections.abc import Mapping

from parlons.channels.plugin import Channel, Tools
from parlons.channels.webchat.model import CHANNEL as WEBCHAT
from parlons.runtime.plugins import opened

GROUP = "parlons.channels"
CHANNELS = {
    WEBCHAT: "parlons.channels.webchat.channel",
    "webhook": "parlons.channels.webhook.channel",
    "email": "parlons.channels.email.channel",
    "sms": "parlons.channels.sms.channel",
    "telegram": "parlons.channels.telegram.channel",
    "whatsapp": "parlons.channels.meta.whatsapp.channel",
    "messenger": "parlons.channels.meta.messenger.channel",
    "instagram": "parlons.channels.meta.instagram.channel",
    "facebook": "parlons.channels.meta.facebook.channel",
    "instagram_comments": "parlons.channels.meta.instagram_comments.channel",
    "x": "parlons.channels.x.channel",
    "x_posts": "parlons.channels.x.posts",
    "matrix": "parlons.channels.matrix.channel",
    "push": "parlons.channels.push.channel",
}
"""By name: the module with the function `open_channel`."""


def open_channels(tools: Tools) -> Mapping[str, Channel]:
    """Every channel of this process, by name."""
    return opened(CHANNELS, "open_channel", GROUP, tools)
