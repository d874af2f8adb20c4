"""A page in public as a channel: visitors' posts, comments, mentions and recommendations. What it shares is in `comments`."""

from typing import ClassVar

from parlons.channels.calling import Part
from parlons.channels.meta.comments import Comments
from parlons.channels.model import Capabilities, Json, Outgoing
from parlons.channels.plugin import Tools

CAPABILITIES = Capabilities(
    text=8000,
    media=frozenset({"image/jpeg", "image/png", "image/gif"}),
    media_bytes=4 * 1024 * 1024,
    files=1,
    public=True,
    starts=False,
)


class Facebook(Comments):
    """The channel, once a process."""

    name: ClassVar[str] = "facebook"
    object: ClassVar[str] = "page"
    replies: ClassVar[str] = "comments"
    able: ClassVar[Capabilities] = CAPABILITIES
    private_max: ClassVar[int] = 2000
    private_unit: ClassVar[str] = "characters"

    def _answer(self, message: Outgoing) -> Json | list[Part]:
        if not message.files:
            return {"message": message.text}
        (picture,) = message.files
        return [
            ("message", "", "", message.text.encode()),
            ("source", picture.name, picture.content_type, picture.body),
        ]

    def _hiding(self, hidden: bool) -> Json:
        return {"is_hidden": hidden}


def open_channel(tools: Tools) -> Facebook:
    """The channel of this process."""
    return Facebook(tools)
