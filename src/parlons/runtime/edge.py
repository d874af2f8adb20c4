"""The outermost layer of the web server: request id, size limit, security headers, metrics, and the last catch.

A header which a route sets itself wins over the default here. Sources: OWASP Secure Headers Project; CSP Level 3. Styles
may be inline because the desk's component library writes them so; scripts may not.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parlons.kit.errors import TooLarge
from parlons.kit.ids import new_id
from parlons.runtime.http import problem
from parlons.runtime.log import log
from parlons.runtime.metrics import REQUEST_SECONDS

LARGEST_BODY = 1024 * 1024
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FRAMED = {
    "Content-Security-Policy": CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
}
"""For a page that another page of this server may show inside."""
_ID = re.compile(r"[\w.-]{8,64}")


class Edge:
    """Wraps the whole app: `app.add_middleware(Edge, limits={"/api/v1/files": 26_000_000})`."""

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int] | None = None, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._limits = dict(limits or {})
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        given = asked.get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else new_id("RQ", time.time_ns() // 1_000_000)
        scope.setdefault("state", {})["request_id"] = request_id
        api, secure = scope["path"].startswith("/api/"), scope["scheme"] == "https"
        answer = _Answer(send, request_id, scope["state"], secure=secure, api=api)
        limit = next((size for prefix, size in self._limits.items() if scope["path"].startswith(prefix)), self._largest)
        start = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                length = asked.get("content-length", "0")
                if length.isdigit() and int(length) > limit:
                    await problem(413, TooLarge.code, _too_large(limit))(scope, receive, answer)
                else:
                    await self._app(scope, _limited(receive, limit), answer)
            except Exception:
                log.exception("request.failed", method=scope["method"], route=_route(scope))
                if answer.status:
                    raise
                detail = "Something went wrong on our side; the request id names it in the logs."
                await problem(500, "internal", detail, {"request_id": request_id})(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - start
                REQUEST_SECONDS.labels(scope["method"], _route(scope), str(answer.status or 499)).observe(seconds)


def _route(scope: Scope) -> str:
    """The route's template, never the path: a path may hold ids, and each would be a time series."""
    return str(getattr(scope.get("route"), "path", "other"))


def _too_large(limit: int) -> str:
    return f"The request is larger than the {limit} bytes allowed here."


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counted


class _Answer:
    """Passes an answer on, with the headers everything shares."""

    def __init__(self, send: Send, request_id: str, state: dict[str, Any], *, secure: bool, api: bool) -> None:
        """`state`: of the request; its `headers` go with whatever is answered."""
        self._send = send
        self._state = state
        self._request_id = request_id
        self._secure = secure
        self._api = api
        self.status = 0

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("X-Request-Id", self._request_id)
            for name, value in self._state.get("headers", {}).items():
                headers[name] = value
            if self._api:
                headers.setdefault("Cache-Control", "no-store")
            if self._secure:
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        await self._send(message)
