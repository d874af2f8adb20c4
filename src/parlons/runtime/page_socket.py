"""A customer's page at the end of a wire: the hub speaks its protocol, the page hears and says words of its own.

A room names them: what a page may say (`may_say`), and what a frame of the hub is in its words (`turned`).
"""

from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

Json = dict[str, Any]


class PageSocket(WebSocket):
    """One page's wire, given to `Hub.serve`."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self._owed = ['{"type":"attach"}', '{"type":"register","cursor":null}']

    def may_say(self, text: str) -> bool:
        """Whether the page may say this; what it may not is passed over."""
        raise NotImplementedError

    def turned(self, frame: Json) -> Json | None:
        """A frame of the hub in the page's words; None: it is not for the page."""
        raise NotImplementedError

    async def receive_text(self) -> str:
        """The hub first hears what every page means by its hello; then only what a page may say."""
        if self._owed:
            return self._owed.pop(0)
        while True:
            text = await super().receive_text()
            if self.may_say(text):
                return text

    async def send_text(self, data: str) -> None:
        """A frame of the hub as the page gets it, or nothing."""
        frame = self.turned(orjson.loads(data))
        if frame is not None:
            await super().send_text(orjson.dumps(frame).decode())
