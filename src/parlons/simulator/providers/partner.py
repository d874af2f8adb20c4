"""A stand-in for a partner's program: people write there, it calls the firm and is called, by signed JSON both ways.

Source: Standard Webhooks (headers and signature), and the generic channel's own page, docs/how-to/add-a-channel.md.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import Caller, Heard


class Partner:
    """The program. `hook`: where the firm is called; `key`: the shared one."""

    def __init__(self, hook: str, key: str) -> None:
        self.heard = Heard()
        """People by their id."""
        self.caller = Caller()
        self._hook, self._key = hook, key
        self._taken: dict[str, None] = {}
        self.app = Starlette(routes=[Route("/answers", self._answer, methods=["POST"])])

    def says(self, person: str, name: str, text: str) -> None:
        """A person writes."""
        event: dict[str, Any] = {"type": "message", "id": secrets.token_hex(8), "from": {"id": person, "name": name}}
        body, stamp = orjson.dumps(event | {"text": text}), str(int(time.time()))
        signed = _signature(self._key, event["id"], stamp, body)
        headers = {"webhook-id": event["id"], "webhook-timestamp": stamp, "webhook-signature": signed}
        self.caller.tell(self._hook, body, headers)

    async def _answer(self, request: Request) -> Response:
        body, key = await request.body(), request.headers.get("webhook-id", "")
        right = _signature(self._key, key, request.headers.get("webhook-timestamp", ""), body)
        if not hmac.compare_digest(right.encode(), request.headers.get("webhook-signature", "").encode()):
            return JSONResponse({"error": "wrong signature"}, 401)
        if key not in self._taken:
            self._taken[key] = None
            self.heard.note(str(orjson.loads(body)["to"]))
            if len(self._taken) > 1000:
                del self._taken[next(iter(self._taken))]
        return JSONResponse({"id": f"market-{key}"})


def _signature(key: str, message_id: str, stamp: str, body: bytes) -> str:
    mac = hmac.new(key.encode(), f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()
