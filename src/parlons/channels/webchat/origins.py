"""Which pages may call: the widget's list of origins, answered as browsers ask (CORS). Routes of this room are `PublicRoute`s.

No cookie is ever read or set here: the visit's token travels in a header. A call without `Origin` does not come from another
site's page (browsers send it with every cross-origin and every unsafe call), and a page this server serves itself may use
any widget. Source: Fetch standard, 3.2 (CORS protocol), RFC 6455 10.2 (origin of sockets).
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from parlons.channels.webchat.errors import OriginRefused
from parlons.channels.webchat.model import Widget
from parlons.runtime import public_route

HEADERS = "Authorization, Content-Type"


def check_origin(widget: Widget, connection: HTTPConnection) -> None:
    """Raise OriginRefused when the page's origin is not the widget's; note the origin for the answer's headers."""
    origin = connection.headers.get("origin")
    if origin is None:
        return
    own = urlsplit(origin).netloc == connection.headers.get("host")
    if not own and not widget.allows(origin):
        raise OriginRefused
    connection.state.allowed_origin = origin


class PublicRoute(public_route.PublicRoute):
    """A route whose answers the widget's own pages may read."""

    @staticmethod
    def allow(request: Request, response: Response) -> Response:
        """See `runtime.public_route`; the origin is what `check_origin` let in."""
        origin = getattr(request.state, "allowed_origin", None)
        response.headers["Vary"] = "Origin"
        response.headers["Cache-Control"] = "no-store"
        if origin is not None:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return response


def preflight(request: Request) -> Response:
    """What a browser asks before a call."""
    return PublicRoute.allow(request, public_route.preflight(HEADERS))
