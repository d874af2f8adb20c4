"""What a shop's page loads from here: the widget's script, that of calls from it, the service worker of its notifications, its
letters; the chat without its looks; and the scripts of the pages we serve ourselves.

Public, from any site, kept briefly by browsers.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route, WebSocketRoute

from parlons.channels.webchat.socket import VisitorSocket
from parlons.kit.errors import NotFound
from parlons.runtime.http import problem_of

_AT_THE_TOP = (
    "parlons-chat.js",
    "widget.js",
    "widget-call.js",
    "widget-help.js",
    "widget-leave.js",
    "widget-notify.js",
    "widget-push.js",
)
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


def routes(web: Path) -> list[Route]:
    """`/widget.js`, its parts beside it and `/widget/...`, from the folder of the built web client."""

    def file(name: str, media_type: str) -> Route:
        path = web / "widget" / name

        async def serve(_: Request) -> Response:
            if not path.is_file():
                return problem_of(NotFound("The web client is not built; run `npm run build` in web/."))
            return FileResponse(path, media_type=media_type, headers=_HEADERS)

        return Route(f"/{name}" if name in _AT_THE_TOP or name.endswith(".d.ts") else f"/widget/{name}", serve)

    scripts = (*_AT_THE_TOP, "call-page.js", "chat-page.js", "join-page.js")
    types = file("parlons-chat.d.ts", "text/plain; charset=utf-8")
    return [*(file(name, "text/javascript") for name in scripts), types, file("geist.woff2", "font/woff2")]


def socket_route(prefix: str = "/api/v1") -> WebSocketRoute:
    """The visitors' socket."""
    return WebSocketRoute(f"{prefix}/webchat/{{widget_key}}/socket", VisitorSocket())
