"""What a shop's page loads from here: the widget's script, that of calls from it, its letters; and the script of the call page.

Public, from any site, kept briefly by browsers.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route, WebSocketRoute

from parlons.channels.webchat.socket import VisitorSocket
from parlons.kit.errors import NotFound
from parlons.runtime.http import problem_of

_AT_THE_TOP = ("widget.js", "widget-call.js")
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


def routes(web: Path) -> list[Route]:
    """`/widget.js`, `/widget-call.js` and `/widget/...`, from the folder of the built web client."""

    def file(name: str, media_type: str) -> Route:
        path = web / "widget" / name

        async def serve(_: Request) -> Response:
            if not path.is_file():
                return problem_of(NotFound("The web client is not built; run `npm run build` in web/."))
            return FileResponse(path, media_type=media_type, headers=_HEADERS)

        return Route(f"/{name}" if name in _AT_THE_TOP else f"/widget/{name}", serve)

    scripts = (*_AT_THE_TOP, "call-page.js", "join-page.js")
    return [*(file(name, "text/javascript") for name in scripts), file("geist.woff2", "font/woff2")]


def socket_route(prefix: str = "/api/v1") -> WebSocketRoute:
    """The visitors' socket."""
    return WebSocketRoute(f"{prefix}/webchat/{{widget_key}}/socket", VisitorSocket())
